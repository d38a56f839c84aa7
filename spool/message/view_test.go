package message

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

const mixed = "From: a@x.test\r\nSubject: =?utf-8?Q?caf=C3=A9?=\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" +
	"<html><style>p{}</style><p>Pay\n <b>no</b>w</p><script>x()</script><div>at <a href=\"https://bank.test/x\">your bank</a></div>\r\n" +
	"--B\r\nContent-Type: application/pdf; name=i.pdf\r\nContent-Disposition: attachment; filename=i.pdf\r\n" +
	"Content-Transfer-Encoding: base64\r\n\r\nQUJDRA==\r\n--B--\r\n"

func TestReadHTMLAndAttachment(t *testing.T) {
	v, err := Read(strings.NewReader(mixed), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if want := "Pay now\nat your bank <https://bank.test/x>"; v.Text != want {
		t.Errorf("Text = %q, want %q", v.Text, want)
	}
	if len(v.Attachments) != 1 || v.Attachments[0] != (Attachment{"i.pdf", "application/pdf", 4}) {
		t.Errorf("Attachments = %+v", v.Attachments)
	}
	if len(v.Headers) != 4 || v.Headers[1] != (Field{"Subject", "café"}) {
		t.Errorf("Headers = %+v", v.Headers)
	}
	if v.Truncated {
		t.Error("Truncated, want whole")
	}
}

func TestRead(t *testing.T) {
	nested := "Content-Type: multipart/mixed; boundary=b0\r\n\r\n" +
		strings.Repeat("--b0\r\nContent-Type: multipart/mixed; boundary=b0\r\n\r\n", 1000) + "hello"
	tests := []struct {
		name, in  string
		limit     int64
		text      string // part of Text
		truncated bool
		wantErr   bool
	}{
		{"plain", "Subject: a\r\n\r\nGood morning.\r\n", 1000, "Good morning.", false, false},
		{"byte order mark", "\xef\xbb\xbfSubject: a\r\n\r\nGood morning.", 1000, "Good morning.", false, false},
		{"limit", "Subject: a\r\n\r\n" + strings.Repeat("x", 1000), 100, "xxxx", true, false},
		{"long text", "Subject: a\r\n\r\n" + strings.Repeat("x", maxText+1), 1 << 20, "xxxx", true, false},
		{"nesting is refused, raw text shown", nested, 1 << 20, "hello", false, true},
		{"Latin-1", "Subject: a\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nM\xfcller", 1000, "Müller", false, false},
		{"many headers", strings.Repeat("X: y\r\n", 300) + "\r\nhello", 10000, "hello", true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := Read(strings.NewReader(tt.in), tt.limit)
			if (err != nil) != tt.wantErr {
				t.Fatalf("err = %v, want error %v", err, tt.wantErr)
			}
			if !strings.Contains(v.Text, tt.text) {
				t.Errorf("Text = %.80q, want it to hold %q", v.Text, tt.text)
			}
			if v.BOM != (tt.name == "byte order mark") {
				t.Errorf("BOM = %v", v.BOM)
			}
			if v.Truncated != tt.truncated {
				t.Errorf("Truncated = %v, want %v", v.Truncated, tt.truncated)
			}
		})
	}
}

func TestReadFailure(t *testing.T) {
	broken := errors.New("disk on fire")
	if _, err := Read(io.MultiReader(strings.NewReader("Subject: a\r\n"), iotest.ErrReader(broken)), 1000); !errors.Is(err, broken) {
		t.Errorf("err = %v, want %v", err, broken)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(mixed))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, _ := Read(strings.NewReader(string(b)), 64<<10)
		if len(v.Text) > maxText || len(v.Headers) > maxFields || len(v.Attachments) > maxAttachments {
			t.Fatal("a bound was passed")
		}
	})
}
