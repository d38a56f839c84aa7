package spool_test

import (
	"testing"

	"delist/spool"
	"delist/spool/spooltest"
)

func TestReadReadsTheNamedMessagesOnly(t *testing.T) {
	tree := spooltest.Tree{Pairs: 40, Folders: 3}
	root := t.TempDir()
	if err := tree.Write(root); err != nil {
		t.Fatal(err)
	}
	sp, err := spool.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer sp.Close()
	whole, err := sp.Scan(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ids := []spool.ID{tree.ID(20), tree.ID(1), tree.ID(2), "SubSpool1/nobody", "nowhere/1"}
	some := sp.Read(t.Context(), ids)
	if some.Len() != 3 {
		t.Errorf("%d messages read, want 3", some.Len())
	}
	for _, id := range ids[:3] {
		want, _ := whole.Find(id)
		if got, ok := some.Find(id); !ok || got.Subject != want.Subject || got.RecipientCount != want.RecipientCount {
			t.Errorf("%s is %+v, want %+v", id, got, want)
		}
	}
}
