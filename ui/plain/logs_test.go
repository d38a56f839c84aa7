package plain

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"delist/checks/traffic"
)

func TestTheLinesBehindASuspicionInLineMode(t *testing.T) {
	var out bytes.Buffer
	s := New(newFake(t), &out, Options{Lines: func(_ context.Context, search traffic.Search) (*traffic.Found, error) {
		switch search.String() {
		case "account:sales@harbourlight.example":
			return &traffic.Found{From: time.Now(), More: 2, Conversations: []traffic.Conversation{{Account: search.Account, Session: "7",
				Lines: []traffic.Line{{File: "2026.11.24-smtpLog.log", Number: 12, Text: "08:31:04 [198.51.100.6][7] Authenticated"}}}}}, nil
		case "client:192.0.2.1":
			return &traffic.Found{From: time.Now(), Unread: []string{"2026.11.24-smtpLog.log: none of its 3 lines is understood"}}, nil
		}
		return nil, errors.New("permission denied")
	}})
	for query, want := range map[string]string{
		"logs sales@harbourlight.example": "  2026.11.24-smtpLog.log:12  08:31:04 [198.51.100.6][7] Authenticated\n",
		"logs 192.0.2.1":                  "Not known: 2026.11.24-smtpLog.log: none of its 3 lines is understood.\n",
		"LOGS 67518204":                   "The logs cannot be looked through: permission denied.\n",
		"logs":                            "Say what to look for, such as account:name@domain",
	} {
		out.Reset()
		if err := s.word(t.Context(), query); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%s: %v\n%s", query, err, out.String())
		}
	}
	out.Reset()
	none := New(newFake(t), &out, Options{})
	if err := none.word(t.Context(), "logs x@y.test"); err != nil || !strings.Contains(out.String(), "no logs here") {
		t.Errorf("%v %q", err, out.String())
	}
}
