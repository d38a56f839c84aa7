package spool

import (
	"cmp"
	"slices"
	"strings"
)

// editDistance counts the letters to change, add, leave out or swap with their neighbour to make b of a (the optimal
// string alignment distance).
func editDistance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			change := 1
			if x[i-1] == y[j-1] {
				change = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}

// Nearby is something that a search did not select but that is likely wanted.
type Nearby struct {
	Account string
	Bounces bool   // bounces that came back to Account; else Account is what was meant by a misspelt one
	Count   int    // messages
	Query   string // what would select them
}

// maxNear bounds how much of each kind is offered.
const maxNear = 3

func compareNearby(a, b Nearby) int {
	return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Account, b.Account))
}

// misspelt returns the accounts nearest to what an account: term names and no message has.
func misspelt(s *Snapshot, q Query) []Nearby {
	if !slices.ContainsFunc(q.terms, func(t term) bool { return t.field == fieldAccount && !t.negate }) {
		return nil
	}
	queued := map[string]int{}
	perRef := map[ref]int{}
	for e := range s.entries() {
		perRef[e.account]++
	}
	for r, n := range perRef {
		if r != 0 {
			queued[s.texts.at(r)] = n
		}
	}
	var out []Nearby
	for _, t := range q.terms {
		if t.field != fieldAccount || t.negate || named(queued, t) {
			continue
		}
		type candidate struct {
			account  string
			distance int
		}
		var found []candidate
		for account := range queued {
			compared := account
			if !strings.Contains(t.lower, "@") {
				compared = localPart(account)
			}
			if d := editDistance(t.lower, compared); d <= max(2, len(t.lower)/5) {
				found = append(found, candidate{account, d})
			}
		}
		slices.SortFunc(found, func(a, b candidate) int {
			return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(queued[b.account], queued[a.account]), cmp.Compare(a.account, b.account))
		})
		for _, c := range found[:min(len(found), maxNear)] {
			out = append(out, Nearby{Account: c.account, Count: queued[c.account],
				Query: term{field: fieldAccount, value: c.account}.String()})
		}
	}
	return out
}

func named(accounts map[string]int, t term) bool {
	for account := range accounts {
		if t.account(account) {
			return true
		}
	}
	return false
}

func localPart(address string) string {
	if i := strings.LastIndexByte(address, '@'); i >= 0 {
		return address[:i]
	}
	return address
}
