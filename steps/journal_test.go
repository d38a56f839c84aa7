package steps

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"delist/spool"
	"delist/steps/incident"
	"delist/testdata"
)

// at is a clock that stands still until it is told the time.
func at(t time.Time) func() time.Time { return func() time.Time { return t } }

var nineOClock = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func beginJournal(t *testing.T) (string, *Journal) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "7F3A")
	j, err := CreateJournal(dir, "maria@mail01", at(nineOClock))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return dir, j
}

func appendAll(t *testing.T, j *Journal, facts ...incident.Fact) {
	t.Helper()
	for _, f := range facts {
		if _, err := j.Append(f); err != nil {
			t.Fatalf("append %T: %v", f, err)
		}
	}
}

func TestJournalGivesBackWhatWasWritten(t *testing.T) {
	dir, j := beginJournal(t)
	facts := []incident.Fact{incident.Noted{Text: `quotes " and \ and € and ` + "\x1b[31m"}, incident.StepChanged{Step: incident.Purge, State: incident.NotNeeded, Reason: "nothing\nqueued"}}
	for _, r := range testdata.Whole() {
		facts = append(facts, r.Fact)
	}
	appendAll(t, j, facts...)
	records, torn, err := ReadJournal(dir)
	if err != nil || torn != 0 {
		t.Fatalf("read: %v, torn %d", err, torn)
	}
	var got []incident.Fact
	for i, r := range records {
		got = append(got, r.Fact)
		if r.Seq != i+1 || r.By != "maria@mail01" || !r.At.Equal(nineOClock) {
			t.Errorf("record %d: seq %d by %s at %s", i, r.Seq, r.By, r.At)
		}
	}
	if !reflect.DeepEqual(facts, got) {
		t.Errorf("wrote %+v\nread  %+v", facts, got)
	}
}

func TestJournalNamesEveryFact(t *testing.T) {
	for name, kind := range incident.FactTypes {
		if _, ok := reflect.Zero(kind).Interface().(incident.Fact); !ok {
			t.Errorf("%s: %s is not a fact", name, kind)
		}
	}
}

func TestJournalDropsATornTail(t *testing.T) {
	dir, j := beginJournal(t)
	appendAll(t, j, incident.Opened{ID: "7F3A"}, incident.Noted{Text: "kept"}, incident.Noted{Text: "torn"})
	path := filepath.Join(dir, journalName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lastLine := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	for cut := lastLine; cut < len(whole); cut++ {
		if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		again, records, torn, err := OpenJournal(dir, "maria@mail01", at(nineOClock))
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if len(records) != 2 || torn != cut-lastLine {
			t.Fatalf("cut at %d: %d records, torn %d", cut, len(records), torn)
		}
		appendAll(t, again, incident.Started{}, incident.Noted{Text: "after"})
		_ = again.Close()
		after, torn, err := ReadJournal(dir)
		if err != nil || torn != 0 || len(after) != 4 {
			t.Fatalf("cut at %d, written on: %d records, torn %d, %v", cut, len(after), torn, err)
		}
	}
}

func TestJournalNamesADamagedLine(t *testing.T) {
	dir, j := beginJournal(t)
	appendAll(t, j, incident.Opened{ID: "7F3A"}, incident.Noted{Text: "two"})
	path := filepath.Join(dir, journalName)
	data, _ := os.ReadFile(path)
	lines := bytes.SplitAfter(data, []byte("\n"))
	lines[0] = []byte("{\"seq\":1,\n")
	if err := os.WriteFile(path, bytes.Join(lines, nil), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := ReadJournal(dir)
	var damaged *incident.DamagedError
	if !errors.As(err, &damaged) || damaged.Line != 1 {
		t.Fatalf("got %v, want line 1 named", err)
	}
}

func TestJournalSkipsWhatANewerDelistWrote(t *testing.T) {
	records, torn, err := incident.ParseJournal("j", []byte(`{"seq":1,"kind":"from-the-future","data":{}}`+"\n"+`{"seq":2,"kind":"note","data":{"text":"x"}}`+"\n"))
	if err != nil || torn != 0 || len(records) != 1 {
		t.Fatalf("got %v records, torn %d, %v", records, torn, err)
	}
}

func TestSecondStartTakesTheIncidentOver(t *testing.T) {
	dir, first := beginJournal(t)
	appendAll(t, first, incident.Opened{ID: "7F3A"}, incident.Started{})
	second, _, _, err := OpenJournal(dir, "omar@mail01", at(nineOClock.Add(time.Minute)))
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if err := first.Owned(); err != nil {
		t.Fatalf("before the second start: %v", err)
	}
	appendAll(t, second, incident.Started{})
	if _, err := first.Append(incident.Noted{Text: "too late"}); !errors.Is(err, ErrTakenOver) || !strings.Contains(err.Error(), "omar@mail01") {
		t.Fatalf("first append after the take-over: %v", err)
	}
	if err := second.Owned(); err != nil {
		t.Fatalf("the second owns it: %v", err)
	}
	records, _, err := ReadJournal(dir)
	if err != nil {
		t.Fatal(err)
	}
	if inc := incident.Fold(records); inc.Operator != "omar@mail01" || inc.Epoch != 2 || len(inc.Notes) != 0 {
		t.Errorf("operator %s, epoch %d, %d notes", inc.Operator, inc.Epoch, len(inc.Notes))
	}
}

func TestAFullDiskLeavesTheRecordWhole(t *testing.T) {
	dir, j := beginJournal(t)
	appendAll(t, j, incident.Opened{ID: "7F3A"})
	_ = j.file.Close() // every later write fails, as on a disk that is gone
	if _, err := j.Append(incident.Noted{Text: "lost"}); err == nil {
		t.Fatal("a failed write was not reported")
	}
	if _, err := j.Append(incident.Noted{Text: "lost"}); err == nil {
		t.Fatal("writing went on after a failed write")
	}
	records, torn, err := ReadJournal(dir)
	if err != nil || torn != 0 || len(records) != 1 {
		t.Fatalf("%d records, torn %d, %v", len(records), torn, err)
	}
}

// A fact counts once it is on disk: it is synced before Append says so, and what could not be synced is taken back.
func TestAFactIsOnDiskBeforeItCounts(t *testing.T) {
	dir, j := beginJournal(t)
	var synced []int64 // how long the journal was each time
	j.sync = func(f *os.File) error {
		info, err := f.Stat()
		if err == nil {
			synced = append(synced, info.Size())
		}
		return errors.Join(err, f.Sync())
	}
	for n := 1; n <= 3; n++ {
		appendAll(t, j, incident.Noted{Text: "a fact"})
		info, err := os.Stat(filepath.Join(dir, journalName))
		if err != nil {
			t.Fatal(err)
		}
		if len(synced) != n || synced[n-1] != info.Size() {
			t.Fatalf("after %d facts, %d bytes: synced at %v", n, info.Size(), synced)
		}
	}
	j.sync = func(*os.File) error { return errors.New("the disk is gone") }
	if _, err := j.Append(incident.Noted{Text: "lost"}); err == nil {
		t.Fatal("what is not on disk was called written")
	}
	if records, torn, err := ReadJournal(dir); err != nil || torn != 0 || len(records) != 3 {
		t.Fatalf("%d records, torn %d, %v", len(records), torn, err)
	}
}

func FuzzJournal(f *testing.F) {
	f.Add([]byte(`{"seq":1,"at":"2026-11-23T09:00:00Z","epoch":1,"by":"m@h","kind":"opened","data":{"id":"7F3A"}}` + "\n"))
	f.Add([]byte(`{"seq":2,"kind":"step","data":{"step":"Purge","state":"done"}}` + "\n" + `{"seq":3,"kind":"moved"`))
	f.Add([]byte(`{"seq":2,"kind":"lists","data":{"listings":[{"ip":"203.0.113.25","list":"ZEN","state":"to do"}]}}` + "\n"))
	f.Add([]byte(`{"kind":"mailbox","data":{"mailbox":{"Account":"a"}}}` + "\n\n" + `{"kind":"relapse","data":{}}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		records, torn, err := incident.ParseJournal("j", data)
		if torn > len(data) || torn < 0 {
			t.Fatalf("torn %d of %d bytes", torn, len(data))
		}
		if err != nil {
			return
		}
		inc := incident.Fold(records)
		inc.Worklist()
		if again := incident.Fold(records); !reflect.DeepEqual(inc, again) {
			t.Fatal("the same records gave two incidents")
		}
		for _, r := range records {
			_ = r.Fact.Say()
			line, err := incident.EncodeRecord(r)
			if err != nil {
				t.Fatalf("a record that was read cannot be written: %v", err)
			}
			if _, err := incident.DecodeRecord(line); err != nil {
				t.Fatalf("a record that was written cannot be read: %v", err)
			}
		}
	})
}

// What could not be read back is refused before it is written, and does no harm.
func TestJournalRefusesWhatIsTooLong(t *testing.T) {
	dir, j := beginJournal(t)
	if _, err := j.Append(incident.Noted{Text: strings.Repeat("x", maxRecord)}); !errors.Is(err, errTooLong) {
		t.Fatalf("append: %v", err)
	}
	if _, err := j.Append(incident.Noted{Text: "short"}); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if records, torn, err := ReadJournal(dir); err != nil || torn != 0 || len(records) != 1 {
		t.Errorf("%d records, %d torn, %v", len(records), torn, err)
	}
}

// A spool may hold a million messages; what is asked for one by one has its list elsewhere.
func TestIntentsAreShort(t *testing.T) {
	ids := make([]spool.ID, 1_000_000)
	for _, in := range []Intent{PlanPurge{Query: "account:a@b.test", IDs: ids}, Restore{IDs: ids}} {
		if b, err := json.Marshal(in); err != nil || len(b) > 200 || !strings.Contains(string(b), "1000000") {
			t.Errorf("%T: %d bytes, %v", in, len(b), err)
		}
	}
}
