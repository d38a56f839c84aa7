package cause_test

import (
	"fmt"
	"testing"

	"delist/spool"
	"delist/steps/cause"
	"delist/steps/cause/causetest"
	"delist/steps/incident"
)

var classes = []incident.Class{incident.StolenAccount, incident.Relay, incident.Form, incident.ForwardedSpam, incident.Backscatter, incident.MailingList, incident.Newsletter}

// known is what a server knows of itself: the domains that somebody logged in from.
func known(s *causetest.Spool, snap *spool.Snapshot) cause.Known {
	k := cause.Known{Here: map[string]bool{}, Logs: s.Logs()}
	for _, domain := range causetest.Here {
		for _, sender := range snap.Senders() {
			if sender.Basis.Proven() && len(sender.Account) > len(domain) && sender.Account[len(sender.Account)-len(domain):] == domain {
				k.Here[domain] = true
			}
		}
	}
	return k
}

// named reports whether a cause was found, and wrong says what else its mail was taken for.
func named(found cause.Findings, truth causetest.Truth) (right bool, wrong string) {
	f := found.About(truth.Name)
	switch {
	case f == nil:
		return false, ""
	case f.Class != truth.Class || f.Count < truth.Mail/2:
		return false, fmt.Sprintf("%s, %d messages", f.Class, f.Count)
	}
	return true, ""
}

// Twenty spools of each class, each another: the right class stands first in eighteen, and in the others nothing is named
// rather than a wrong one.
func TestClassesAlone(t *testing.T) {
	const spools, least = 20, 18
	for i, class := range classes {
		t.Run(class.String(), func(t *testing.T) {
			t.Parallel()
			right := 0
			for n := range uint64(spools) {
				s := causetest.New(t, uint64(i)*1000+n, class)
				snap := s.Snapshot()
				found := cause.Find(snap, known(s, snap))
				truth := s.Truths[0]
				ok, wrong := named(found, truth)
				if ok && found[0].Name == truth.Name {
					right++
					continue
				}
				t.Logf("spool %d (%s) is not explained: %s %d messages", n, s.Story, truth.Name, truth.Mail)
				if wrong != "" || len(found) > 0 {
					t.Errorf("spool %d (%s): %s is taken for %s; found %+v", n, s.Story, truth.Name, wrong, found)
				}
			}
			if right < least {
				t.Errorf("%d of %d", right, spools)
			}
		})
	}
}

// Two causes at a time: both are named in seven of ten spools, and no newsletter is ever called a thief's.
func TestClassesMixed(t *testing.T) {
	each := 6
	if testing.Short() {
		each = 2
	}
	spools, both := 0, 0
	for i, one := range classes {
		for j, other := range classes[i+1:] {
			for n := range each {
				s := causetest.New(t, uint64(1_000_000+i*10_000+j*100+n), one, other)
				snap := s.Snapshot()
				found := cause.Find(snap, known(s, snap))
				spools++
				if s.Truths[0].Name == s.Truths[1].Name {
					spools--
					continue
				}
				all := true
				for _, truth := range s.Truths {
					ok, wrong := named(found, truth)
					all = all && ok
					if wrong != "" {
						t.Errorf("%s: %s is taken for %s", s.Story, truth.Name, wrong)
					}
				}
				if all {
					both++
				} else {
					t.Logf("%s %v: found %+v", s.Story, s.Truths, found)
				}
			}
		}
	}
	t.Logf("both named in %d of %d", both, spools)
	if 10*both < 7*spools {
		t.Errorf("both named in %d of %d", both, spools)
	}
}

// On a day without any of it nothing is found.
func TestNothingToFind(t *testing.T) {
	for n := range uint64(20) {
		s := causetest.New(t, 5_000_000+n)
		snap := s.Snapshot()
		if found := cause.Find(snap, known(s, snap)); len(found) > 0 {
			t.Errorf("%d: %+v", n, found)
		}
	}
}
