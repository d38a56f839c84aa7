package spool_test

import (
	"fmt"
	"math/rand/v2"
	"mime"
	"slices"
	"strings"
	"testing"

	"delist/spool"
	"delist/spool/message"
	"delist/spool/spooltest"
)

// names is a To of at least so many bytes, folded as mail programs fold it.
func names(bytes int) string {
	var b strings.Builder
	b.WriteString("To: person0@company0.test")
	for i := 1; b.Len() < bytes; i++ {
		fmt.Fprintf(&b, ",\r\n person%d@company%d.test", i, i%50)
	}
	return b.String() + "\r\n"
}

// chain is an ARC chain of at least so many bytes.
func chain(bytes int) string {
	var b strings.Builder
	for i := 1; b.Len() < bytes; i++ {
		fmt.Fprintf(&b, "ARC-Seal: i=%d; a=rsa-sha256; cv=pass; d=relay%d.test;\r\n\tb=%s\r\n", i, i, strings.Repeat("Zm9v", 90))
	}
	return b.String()
}

const (
	received = "Received: from pc (host.test [198.51.100.7]) by mail.example with SMTP;\r\n   Sat, 28 Nov 2026 15:00:00 +0000\r\n"
	login    = "X-SmarterMail-Authenticated-As: mara@quay.example\r\n"
	prize    = "From: Prize <prize@bank.test>\r\nSubject: You won a needle\r\n"
	noLogin  = "Written \r\nmara@quay.example\r\na@b.test\r\n"
)

// look scans a spool of one message.
func look(t *testing.T, p spooltest.Pair) (*spool.Spool, *spool.Snapshot, spool.Message) {
	t.Helper()
	root := t.TempDir()
	p.ID = "S/500"
	spooltest.Write(t, root, p)
	s := open(t, root)
	snap := scan(t, s)
	m, ok := snap.Find(p.ID)
	if !ok {
		t.Fatalf("it is no message: %v", snap.Problems())
	}
	return s, snap, m
}

func TestLongHeaders(t *testing.T) {
	const from, subject = "Prize <prize@bank.test>", "You won a needle"
	lines := strings.NewReplacer("\r\n", "\n")
	tests := []struct {
		name, eml     string
		from, subject string
		unread        spool.Unread
	}{
		{"300 names before From", received + names(8300) + prize + "\r\nx", from, subject, 0},
		{"420 names before From", received + names(16<<10) + prize + "\r\nx", from, subject, 0},
		{"a chain of forwarding servers", received + chain(50<<10) + prize + "\r\nx", from, subject, 0},
		{"line feeds alone", lines.Replace(received + chain(50<<10) + prize + "\r\nx"), from, subject, 0},
		{"no body and no empty line", received + names(9000) + strings.TrimRight(prize, "\r\n"), from, subject, 0},
		{"names behind all that counts", received + prize + names(200<<10) + "\r\nx", from, subject, 0},
		{"web mail: no Received", login + prize + chain(30<<10) + "\r\nx", from, subject, 0},
		{"names beyond the bound", received + names(70<<10) + prize + "\r\nx", "", "", spool.UnreadFrom | spool.UnreadSubject},
		{"From before, Subject behind", received + "From: a@b.test\r\n" + chain(90<<10) + "Subject: s\r\n\r\nx", "a@b.test", "", spool.UnreadSubject},
		{"a Subject that never ends", received + "From: a@b.test\r\nSubject: " + strings.Repeat("win ", 60<<10), "a@b.test", strings.Repeat("win ", 256), spool.UnreadSubject},
		{"a Subject longer than is kept", received + "From: a@b.test\r\nSubject: " + strings.Repeat("win ", 400) + "\r\n\r\nx", "a@b.test", strings.Repeat("win ", 256), spool.UnreadSubject},
		{"nothing of the server's in reach", chain(70<<10) + received + prize + "\r\nx", "", "", spool.UnreadFrom | spool.UnreadSubject | spool.UnreadAccount | spool.UnreadClient},
		{"Received goes on beyond the bound", "Received: from [192.0.2.1]" + strings.Repeat(" x", 40<<10) + " by [198.51.100.9]\r\n" + prize + "\r\n", "", "", spool.UnreadFrom | spool.UnreadSubject | spool.UnreadClient},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, snap, m := look(t, spooltest.Pair{HDR: noLogin, EML: tt.eml})
			if m.From != tt.from || m.Subject != tt.subject || m.Unread != tt.unread {
				t.Errorf("From %q, Subject %q, unread %q;\nwant %q, %q, %q", m.From, m.Subject, m.Unread, tt.from, tt.subject, tt.unread)
			}
			if open := tt.unread&spool.UnreadClient != 0; open == m.ClientIP.IsValid() && !strings.HasPrefix(tt.eml, login) {
				t.Errorf("client %v, unread %q", m.ClientIP, m.Unread)
			}
			problems := snap.Problems()
			if tt.unread == 0 && (len(problems) != 0 || snap.Partial()) {
				t.Errorf("problems %v, partial %v; want none", problems, snap.Partial())
			}
			if tt.unread != 0 && (len(problems) != 1 || problems[0].Kind != spool.Overlong || problems[0].Detail != tt.unread.String() || !snap.Partial()) {
				t.Errorf("problems %v, partial %v; want the message named", problems, snap.Partial())
			}
		})
	}
}

// Wherever the first bytes of a message end, no half of an address or a Subject is taken for the whole.
func TestHeaderCutAnywhere(t *testing.T) {
	end := login + received + prize + "\r\nbody"
	for _, bound := range []int{message.ScanSize, message.ScanLimit} {
		for shift := range end {
			eml := "X-Pad: " + strings.Repeat("p", bound-len("X-Pad: \r\n")-shift) + "\r\n" + end
			h := message.Scan([]byte(eml[:bound]), false)
			if h.Unread&message.UnreadAccount == 0 && h.Authenticated != "mara@quay.example" ||
				h.Unread&message.UnreadClient == 0 && h.ClientIP.String() != "198.51.100.7" ||
				h.Unread&message.UnreadFrom == 0 && h.From != "Prize <prize@bank.test>" ||
				h.Unread&message.UnreadSubject == 0 && h.Subject != "You won a needle" {
				t.Fatalf("cut %d bytes into the header: %+v", shift, h)
			}
			if h.Unread&message.UnreadAccount != 0 && h.Authenticated != "" || h.Unread&message.UnreadClient != 0 && h.ClientIP.IsValid() {
				t.Fatalf("cut %d bytes into the header: half an account or address is taken: %+v", shift, h)
			}
		}
	}
}

// An account that the server noted above the first Received is known, however long the header is.
func TestLongHeaderAccount(t *testing.T) {
	tests := []struct {
		name, hdr, eml string
		account        string
		basis          spool.Basis
		unread         spool.Unread // of the account
	}{
		{"noted by the envelope", "", chain(100 << 10), "joe@example.com", spool.BasisAuth, 0},
		{"noted at the top of the header", noLogin, login + chain(100<<10), "mara@quay.example", spool.BasisHeader, 0},
		{"noted, then Received", noLogin, login + received + chain(100<<10), "mara@quay.example", spool.BasisHeader, 0},
		{"not noted above Received", noLogin, received + chain(100<<10), "mara@quay.example", spool.BasisEnvelope, 0},
		{"perhaps noted beyond the bound", noLogin, chain(100 << 10), "mara@quay.example", spool.BasisEnvelope, spool.UnreadAccount},
		{"perhaps no bounce", "Written \r\n<>\r\na@b.test\r\n", chain(100 << 10), "", spool.BasisNone, spool.UnreadAccount},
		{"half a name", noLogin, "X-SmarterMail-Authenticated-As: mara" + strings.Repeat("x", 100<<10), "mara@quay.example", spool.BasisEnvelope, spool.UnreadAccount},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, snap, m := look(t, spooltest.Pair{HDR: tt.hdr, EML: tt.eml})
			if m.Account != tt.account || m.Basis != tt.basis || m.Unread&spool.UnreadAccount != tt.unread {
				t.Errorf("account %q by %v, unread %q; want %q by %v, %q", m.Account, m.Basis, m.Unread, tt.account, tt.basis, tt.unread)
			}
			for _, query := range []string{"account:mara", "-account:mara", "class:bounce", "-class:bounce", "account:nobody"} {
				if res := search(t, s, snap, query); tt.unread != 0 && (len(res.Hits) != 0 || len(res.Problems) != 1) {
					t.Errorf("%s: hits %v, problems %v; want it reported", query, res.Hits, res.Problems)
				} else if tt.unread == 0 && len(res.Problems) != 0 {
					t.Errorf("%s: problems %v; the account is known", query, res.Problems)
				}
			}
		})
	}
}

func TestManyRecipients(t *testing.T) {
	for _, n := range []int{1, spool.MaxRecipients, spool.MaxRecipients + 1, 5_000, 26_000, 100_000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			to := make([]string, n)
			for i := range to {
				to[i] = fmt.Sprintf("person%d@company%d.test", i, i%50)
			}
			s, snap, m := look(t, spooltest.Pair{To: to})
			if m.RecipientCount != n || m.Unread&^spool.UnreadSubject != 0 { // which stands behind all of To
				t.Errorf("%d recipients, unread %q; want %d", m.RecipientCount, m.Unread, n)
			}
			for query, want := range map[string]int{"to:" + to[n-1]: 1, "-to:" + to[n-1]: 0, "to:nobody@company0.test": 0, "-to:nobody@company0.test": 1} {
				if res := search(t, s, snap, query); len(res.Hits) != want || len(res.Problems) != 0 {
					t.Errorf("%s: hits %v, problems %v; want %d hits", query, res.Hits, res.Problems, want)
				}
			}
		})
	}
}

// An envelope beyond every bound is a message all the same, and nobody knows to whom it does not go.
func TestEnvelopeBeyondTheBound(t *testing.T) {
	if testing.Short() {
		t.Skip("reads an envelope of 16 MiB again and again")
	}
	recipients := strings.Repeat("a@x.test,", spool.MaxHDR/9)
	for name, hdr := range map[string]string{
		"cut within the recipients": "Written \r\njoe@example.com\r\n" + recipients + "last@x.test\r\nauth: joe@example.com\r\n",
		"cut within the fields":     "Written \r\njoe@example.com\r\na@x.test,b@x.test\r\nauth: joe@example.com\r\n" + strings.Repeat("notify: a@x.test=\r\n", spool.MaxHDR/19) + "helo: PC\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			s, snap, m := look(t, spooltest.Pair{HDR: hdr})
			if m.MailFrom != "joe@example.com" || m.Unread&spool.UnreadRecipients == 0 || m.RecipientCount == 0 || !snap.Partial() {
				t.Errorf("from %q, %d recipients, unread %q, partial %v", m.MailFrom, m.RecipientCount, m.Unread, snap.Partial())
			}
			for i, to := range m.Recipients {
				if !strings.HasSuffix(to, "@x.test") {
					t.Errorf("recipient %d is %q", i, to)
				}
			}
			for query, want := range map[string][2]int{ // hits and problems
				"to:a@x.test": {1, 0}, "-to:a@x.test": {0, 0}, "to:last@x.test": {0, 1}, "-to:last@x.test": {0, 1},
				"status:failed -to:last@x.test": {0, 0}, "nowhere": {0, 1}, "-nowhere": {0, 1}, "helo:PC": {0, 1},
			} {
				if res := search(t, s, snap, query); [2]int{len(res.Hits), len(res.Problems)} != want || res.Marked() != 0 {
					t.Errorf("%s: hits %v, problems %v; want %v, none marked", query, res.Hits, res.Problems, want)
				}
			}
		})
	}
}

// What a later look does not open again stays what it was: not read to its end.
func TestRescanKeepsWhatWasCut(t *testing.T) {
	s, snap, _ := look(t, spooltest.Pair{EML: received + chain(100<<10) + prize})
	for range 2 {
		var err error
		if snap, _, err = s.Rescan(t.Context(), snap, nil); err != nil {
			t.Fatal(err)
		}
		if p := snap.Problems(); len(p) != 1 || p[0].Kind != spool.Overlong || !snap.Partial() {
			t.Errorf("problems %v, partial %v; want the one message named once", p, snap.Partial())
		}
	}
}

// A message of which a part is unread may be its owner's, however much mail like a thief's lies around it.
func TestUnreadMayBeItsOwners(t *testing.T) {
	root := t.TempDir()
	thief := func(i int) spooltest.Pair {
		return spooltest.Pair{Auth: "mara@quay.example", MailFrom: "prize@bank.test", From: "Prize <prize@bank.test>",
			Subject: "You won a needle", IP: fmt.Sprintf("198.51.100.%d", i)}
	}
	queue(t, root, "S", 40, thief)
	for i, headers := range []string{chain(100 << 10), names(100 << 10), received + chain(70<<10), "X-A: " + strings.Repeat("a", 70<<10) + "\r\n",
		strings.Repeat("X-B: b\r\n", 10<<10), "Subject: " + strings.Repeat("a", 70<<10) + "\r\n"} {
		p := thief(50 + i)
		p.ID, p.Headers = spool.ID(fmt.Sprintf("T/%d", i)), headers
		spooltest.Write(t, root, p)
	}
	s := open(t, root)
	snap := scan(t, s)
	res := search(t, s, snap, "account:mara")
	for _, h := range res.Hits {
		if cut := h.ID.Dir() == "T"; h.Marked() == cut || h.Doubtful != cut {
			t.Errorf("%s: marked %v, may be its owner's %v", h.ID, h.Marked(), h.Doubtful)
		}
	}
	if len(res.Hits) != 46 || res.Marked() != 40 {
		t.Errorf("%d hits, %d marked; want 46 and 40", len(res.Hits), res.Marked())
	}
	if c := snap.Campaigns(); len(c) != 1 || c[0].Queued != 40 {
		t.Errorf("campaigns %+v; want the 40 alone", c)
	}
}

// slowHeader reads a header whole, by other means than the program: all lines unfolded, then the first of each name.
func slowHeader(eml string) map[string]string {
	head, _, _ := strings.Cut(eml, "\r\n\r\n")
	fields := map[string]string{}
	for line := range strings.SplitSeq(strings.NewReplacer("\r\n ", " ", "\r\n\t", " ").Replace(head), "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		name = strings.ToLower(name)
		if _, there := fields[name]; there {
			continue
		}
		if decoded, err := new(mime.WordDecoder).DecodeHeader(strings.TrimSpace(value)); err == nil {
			value = decoded
		}
		fields[name] = strings.ToLower(value)
	}
	return fields
}

// longHeader makes a header of about so many bytes, whose fields stand in any order.
func longHeader(r *rand.Rand, bytes int) string {
	word := func() string { return []string{"needle", "invoice", "prize", "minutes", "Ünder"}[r.IntN(5)] }
	subject := "re " + word() + " " + fmt.Sprint(r.IntN(100))
	switch r.IntN(12) {
	case 0:
		subject = strings.Repeat("long ", 100+r.IntN(500)) + word()
	case 1, 2:
		subject = strings.Repeat("fold\r\n\t", 1+r.IntN(100)) + word()
	}
	if !strings.Contains(subject, "\r\n") && len(subject) < 60 {
		subject = mime.QEncoding.Encode("utf-8", subject)
	}
	parts := []string{"From: " + word() + "@bank.test\r\n", "Subject: " + subject + "\r\n", "Date: Sat, 28 Nov 2026 15:00:00 +0000\r\n"}
	if r.IntN(4) == 0 {
		parts = append(parts, "Subject: second "+word()+"\r\n")
	}
	for left := bytes; left > 0; {
		size := min(left, 1+r.IntN(bytes))
		part := chain(size)
		if r.IntN(2) == 0 {
			part = names(size)
		}
		left -= len(part)
		parts = append(parts, part)
	}
	r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	if r.IntN(3) > 0 {
		parts = slices.Insert(parts, 0, received)
	}
	return strings.Join(parts, "") + "\r\nneedle invoice prize\r\n"
}

// Every message is a hit, no hit, or reported as unread; never silently the wrong one.
func TestSearchLongHeaders(t *testing.T) {
	messages := 1000
	if testing.Short() {
		messages = 100
	}
	root := t.TempDir()
	r := rand.New(rand.NewPCG(8, 8))
	truth := map[spool.ID]map[string]string{}
	for i := range messages {
		id := spool.ID(fmt.Sprintf("S/%d", i))
		eml := longHeader(r, 1<<10+i*199<<10/messages)
		truth[id] = slowHeader(eml)
		spooltest.Write(t, root, spooltest.Pair{ID: id, EML: eml})
	}
	s := open(t, root)
	snap := scan(t, s)
	if snap.Len() != messages {
		t.Fatalf("%d messages; want %d", snap.Len(), messages)
	}
	for _, field := range []string{"subject", "from"} {
		unread := 0
		for _, word := range []string{"needle", "invoice", "second", "fold", "ünder", "nowhere"} {
			for _, not := range []string{"", "-"} {
				query := not + field + ":" + word
				res := search(t, s, snap, query)
				found, open := map[spool.ID]bool{}, map[spool.ID]bool{}
				for _, h := range res.Hits {
					found[h.ID] = true
				}
				for _, p := range res.Problems {
					open[spool.ID(p.Path)] = true
				}
				unread = max(unread, len(open))
				for id, fields := range truth {
					want := strings.Contains(fields[field], word) != (not == "-")
					if m, _ := snap.Find(id); !open[id] && found[id] != want || open[id] && m.Unread == 0 {
						t.Fatalf("%s: %s is a hit: %v, reported: %v; want %v of %q", query, id, found[id], open[id], want, fields[field])
					}
				}
			}
		}
		if unread > messages*3/4 {
			t.Errorf("%s: %d of %d are unread: too many to be of use", field, unread, messages)
		}
	}
}

// A header that ends within the first look needs no second, however long the message is.
func TestShortHeadersAreReadOnce(t *testing.T) {
	body := strings.Repeat("x", 100<<10)
	h := message.Scan([]byte(received + prize + "\r\n" + body)[:message.ScanSize], false)
	if !h.Ended || h.Unread != 0 {
		t.Errorf("%+v; want a header that has ended", h)
	}
}
