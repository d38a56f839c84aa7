package traffic

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkRead reads an smtpLog of 100 MB, in the words of builds at the level Detailed.
func BenchmarkRead(b *testing.B) {
	f, size := large(b)
	b.SetBytes(size)
	for b.Loop() {
		if _, err := f.open(Options{}).Read(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTrace looks through the same for the newest conversations of one of 500 accounts.
func BenchmarkTrace(b *testing.B) {
	f, size := large(b)
	b.SetBytes(size)
	o := Options{Clock: func() time.Time { return f.now }}
	for b.Loop() {
		found, err := Trace(b.Context(), f.dir, Search{Account: "user7@example.com"}, o, 0)
		if err != nil || len(found.Conversations) != usualConversations {
			b.Fatal(found, err)
		}
	}
}

// BenchmarkSenders asks it who sent 100,000 messages.
func BenchmarkSenders(b *testing.B) {
	f, size := large(b)
	b.SetBytes(size)
	asked := make([]Spooled, 100_000)
	for i := range asked {
		asked[i] = Spooled{fmt.Sprintf("7061%08d", i+1), now.Add(-2 * time.Hour)}
	}
	for b.Loop() {
		accounts, _, err := Senders(b.Context(), f.dir, asked, Options{Clock: func() time.Time { return f.now }})
		if err != nil || accounts[1] != "user0@example.com" {
			b.Fatal(accounts[:3], err)
		}
	}
}

// large writes an smtpLog of 100 MB, and says how long it is.
func large(b *testing.B) (*folder, int64) {
	b.Helper()
	f := &folder{dir: b.TempDir(), now: now}
	file, err := os.Create(filepath.Join(f.dir, now.Format(dayForm)+"-smtpLog.log"))
	if err != nil {
		b.Fatal(err)
	}
	size := 0
	for i := 0; size < 100_000_000; i++ {
		at := now.Add(-9*time.Hour + time.Duration(i)*100*time.Millisecond)
		n, err := file.WriteString(f.session(at, fmt.Sprintf("user%d@example.com", i%500), fmt.Sprintf("192.0.%d.%d", i%50, i%200), 3))
		if err != nil {
			b.Fatal(err)
		}
		size += n
	}
	if err := file.Close(); err != nil {
		b.Fatal(err)
	}
	return f, int64(size)
}
