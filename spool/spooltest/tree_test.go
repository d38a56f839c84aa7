package spooltest_test

import (
	"os"
	"strconv"
	"testing"

	"delist/spool/spooltest"
)

// TestWriteTree leaves a large spool in the folder $DELIST_TREE, of $DELIST_PAIRS messages in $DELIST_FOLDERS folders, for
// trials by hand. Without the variables it makes a small one and throws it away.
func TestWriteTree(t *testing.T) {
	number := func(name string, otherwise int) int {
		if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
			return n
		}
		return otherwise
	}
	root := os.Getenv("DELIST_TREE")
	if root == "" {
		root = t.TempDir()
	}
	tree := spooltest.Tree{Pairs: number("DELIST_PAIRS", 100), Folders: number("DELIST_FOLDERS", 10)}
	if err := tree.Write(root); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(root)
	if err != nil || len(entries) != tree.Folders {
		t.Errorf("%d folders, error %v; want %d", len(entries), err, tree.Folders)
	}
}
