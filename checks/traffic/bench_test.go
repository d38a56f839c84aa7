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
	f := &folder{dir: b.TempDir(), now: now}
	name := filepath.Join(f.dir, now.Format(dayForm)+"-smtpLog.log")
	file, err := os.Create(name)
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
	b.SetBytes(int64(size))
	for b.Loop() {
		if _, err := f.open(Options{}).Read(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
