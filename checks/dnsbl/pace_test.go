package dnsbl_test

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"delist/checks/dnsbl"
	"delist/checks/dnsbl/dnsbltest"
	"delist/checks/resolver"

	"github.com/miekg/dns"
)

// network gives the 256 addresses of 203.0.113.0/24.
func network() []netip.Addr {
	ips := make([]netip.Addr, 256)
	for i := range ips {
		ips[i] = netip.AddrFrom4([4]byte{203, 0, 113, byte(i)})
	}
	return ips
}

// arrivals is an Asker that answers as healthy lists do, and keeps when each zone was asked.
type arrivals struct {
	mu   sync.Mutex
	at   map[string][]time.Time // by the zone's last two labels
	asks map[string]int         // by name
}

func (a *arrivals) Ask(_ context.Context, name string, _ uint16) (resolver.Answer, error) {
	labels := strings.Split(name, ".")
	operator := strings.Join(labels[len(labels)-2:], ".")
	a.mu.Lock()
	defer a.mu.Unlock()
	a.at[operator] = append(a.at[operator], time.Now())
	a.asks[name]++
	if strings.HasPrefix(name, "2.0.0.127.") {
		return resolver.Answer{A: []netip.Addr{netip.MustParseAddr("127.0.0.2")}}, nil
	}
	return resolver.Answer{RCode: dns.RcodeNameError}, nil
}

// A whole /24: the lists are tested once, the operators' limits hold, and the
// time is the one that was announced. The limits are a fiftieth of the real ones.
func TestNetworkTakesWhatWasAnnounced(t *testing.T) {
	t.Parallel()
	const scale = 50
	cat := catalogue(t)
	real, _ := dnsbl.New(nil, cat, dnsbl.Options{}).Least(network())
	for name, operator := range cat.Operators {
		cat.Operators[name] = dnsbl.Operator{Interval: operator.Interval / scale}
	}
	asker := &arrivals{at: make(map[string][]time.Time), asks: make(map[string]int)}
	checker := dnsbl.New(asker, cat, dnsbl.Options{})
	announced, strictest := checker.Least(network())
	began := time.Now()
	report, err := checker.Check(t.Context(), network(), nil)
	took := time.Since(began)
	if err != nil || len(report.Addresses) != 256 {
		t.Fatalf("%d addresses, %v", len(report.Addresses), err)
	}
	t.Logf("a /24 takes %v at least, because of %s; scaled to %v, and took %v", real, strictest.Name, announced, took)
	if strictest.Operator != "spameatingmonkey" || real < 50*time.Second || announced < real/scale-time.Millisecond {
		t.Errorf("%v, scaled %v, because of %s", real, announced, strictest.Name)
	}
	if took < announced {
		t.Errorf("took %v, less than the %v that the limits allow", took, announced)
	}
	for operator, interval := range map[string]time.Duration{"spameatingmonkey.net": 200 * time.Millisecond / scale, "spfbl.net": 110 * time.Millisecond / scale} {
		at := asker.at[operator]
		if least := time.Duration(len(at)-1) * interval; len(at) < 258 || at[len(at)-1].Sub(at[0]) < least*9/10 {
			t.Errorf("%s: %d questions in %v", operator, len(at), at[len(at)-1].Sub(at[0]))
		}
	}
	for name, n := range asker.asks {
		if n > 1 {
			t.Errorf("%s was asked %d times", name, n)
		}
	}
}

// A list that fails its test is not asked about the rest of a network.
func TestSilentListIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	cat, err := dnsbl.Load(strings.NewReader(hazardLists))
	if err != nil {
		t.Fatal(err)
	}
	s := dnsbltest.Start(t)
	s.Handle("closed.example", silence)
	s.Set("*.open.example", dnsbltest.Reply{A: []string{"127.255.255.254"}})
	began := time.Now()
	report, _ := check(t, s, cat, dnsbl.Options{Skip: []string{"bits", "quota", "shy"}}, network()[:64]...)
	if took := time.Since(began); took > 5*patience {
		t.Errorf("took %v", took)
	}
	for _, a := range report.Addresses {
		for _, r := range a.Results {
			want := map[string]dnsbl.Verdict{"closed": dnsbl.Unusable, "open": dnsbl.Refused}[r.List.ID]
			if r.Verdict != want || r.Note == "" || len(r.Evidence) == 0 || r.At.IsZero() {
				t.Errorf("%s at %s: %v %q, want %v", a.IP, r.List.ID, r.Verdict, r.Note, want)
			}
		}
	}
	names := make(map[string]bool)
	for _, q := range s.Asked() {
		names[q] = true
	}
	if len(names) > 6 { // of each list the two test entries and the first address
		t.Errorf("%d names were asked: %v", len(names), names)
	}
}

func TestLeast(t *testing.T) {
	t.Parallel()
	cat := catalogue(t)
	var slow []string // IDs of the lists that have a limit
	cat.Lists = slices.DeleteFunc(cat.Lists, func(l dnsbl.List) bool {
		limited := cat.Operators[l.Operator].Interval > 0
		if limited {
			slow = append(slow, l.ID)
		}
		return limited && l.ID != "spameatingmonkey" && l.ID != "spfbl" // one list of each operator
	})
	checker := dnsbl.New(nil, cat, dnsbl.Options{})
	if least, l := checker.Least([]netip.Addr{ip4}); l == nil || least != 2*200*time.Millisecond {
		t.Errorf("one address: %v, %v", least, l)
	}
	least, l := checker.Least(network())
	if l == nil || least != 257*200*time.Millisecond || checker.Rate(l) != "5 questions a second" {
		t.Errorf("a /24: %v, %v", least, l)
	}
	if rate := checker.Rate(catalogue(t).List("spfbl")); rate != "9 questions a second" {
		t.Errorf("SPFBL: %s", rate)
	}
	if rate := checker.Rate(catalogue(t).List("spamcop")); rate != "" {
		t.Errorf("SpamCop: %s", rate)
	}
	free := dnsbl.New(nil, catalogue(t), dnsbl.Options{Skip: slow})
	if least, l := free.Least(network()); least != 0 || l != nil {
		t.Errorf("without limits: %v, %v", least, l)
	}
}

func TestTooManyAddresses(t *testing.T) {
	t.Parallel()
	_, err := dnsbl.New(nil, catalogue(t), dnsbl.Options{}).Check(t.Context(), append(network(), ip6), nil)
	if err == nil || !strings.Contains(err.Error(), "257 addresses") {
		t.Errorf("got %v", err)
	}
}
