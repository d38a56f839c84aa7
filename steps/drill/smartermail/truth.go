package smartermail

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
)

// Written is one good message that the practice server has taken in for the world outside.
type Written struct {
	ID        string // its name in the spool
	MessageID string // the same wherever a copy of it goes
}

// goodFile keeps one line a message. It lies beside the spool, not in it: delist is not to see it.
func goodFile(dir string) string { return filepath.Join(dir, "good.txt") }

// noteGood remembers the good ones among the letters, so that a loss shows.
func noteGood(dir string, letters ...letter) error {
	var lines bytes.Buffer
	for _, l := range letters {
		if l.env.kind() == KindGood {
			fmt.Fprintf(&lines, "%s %s\n", l.id, MessageID(l.text))
		}
	}
	if lines.Len() == 0 {
		return nil
	}
	f, err := os.OpenFile(goodFile(dir), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("note good mail: %w", err)
	}
	_, err = f.Write(lines.Bytes())
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("note good mail: %w", err)
	}
	return nil
}

// Good are the good messages that the server in dir was given for the world outside, delivered or not. Mail that only
// came to a mailbox of the server itself is not among them.
func Good(dir string) ([]Written, error) {
	b, err := os.ReadFile(goodFile(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the good mail: %w", err)
	}
	var all []Written
	for line := range strings.Lines(string(b)) {
		if id, messageID, whole := strings.Cut(strings.TrimSuffix(line, "\n"), " "); whole && strings.HasSuffix(line, "\n") {
			all = append(all, Written{id, messageID})
		}
	}
	return all, nil
}

// MessageID is the Message-ID of a message, empty where it has none.
func MessageID(text []byte) string {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	m, err := mail.ReadMessage(bufio.NewReader(bytes.NewReader(text)))
	if err != nil {
		return ""
	}
	return m.Header.Get("Message-Id")
}
