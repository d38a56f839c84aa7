package message

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf16"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// letter is a message of one part.
func letter(kind, encoding, content string) string {
	return "From: a@x.test\r\nSubject: Hello\r\nMIME-Version: 1.0\r\nContent-Type: " + kind +
		"\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n" + content
}

// wrapped is base64 in lines, as it is sent.
func wrapped(s string) string {
	var b strings.Builder
	for code := base64.StdEncoding.EncodeToString([]byte(s)); code != ""; {
		n := min(len(code), 76)
		b.WriteString(code[:n] + "\r\n")
		code = code[n:]
	}
	return b.String()
}

func TestDecoded(t *testing.T) {
	long := strings.Repeat("Dear customer, ", 20) + "your final notice is here. " + strings.Repeat("Pay now. ", 20)
	gb, _ := simplifiedchinese.GBK.NewEncoder().String("最后通知")
	jis, _ := japanese.ISO2022JP.NewEncoder().String("最終通知です")
	var wide bytes.Buffer
	for _, unit := range utf16.Encode([]rune("\ufeffFinal notice")) {
		wide.Write([]byte{byte(unit >> 8), byte(unit)})
	}
	tests := []struct{ name, in, find string }{
		{"plain", letter("text/plain", "7bit", "Your FINAL\r\n   notice"), "final notice"},
		{"base64", letter("text/plain; charset=utf-8", "base64", wrapped(long)), "final notice"},
		{"base64, cut off", letter("text/plain", "base64", wrapped(long)[:470]), "final notice"},
		{"base64 with a comment", letter("text/plain", "base64 (as ever)", wrapped("final notice")), "final notice"},
		{"base64 in padded pieces", letter("text/plain", "base64", "ZmluYQ==\r\nbCBub3RpY2U="), "final notice"},
		{"base64 with junk", letter("text/plain", "base64", "ZmluY!!!Wwgbm\x80\x8090aWNl"), "final notice"},
		{"base64 that is none", letter("text/plain", "base64", "The final notice."), "final notice"},
		{"soft line break in a word", letter("text/plain", "quoted-printable", "final no=\r\nti=  \nce"), "final notice"},
		{"quoted-printable", letter("text/plain", "Quoted-Printable ", "f=69n=61l n=6ftice"), "final notice"},
		{"broken quoted-printable", letter("text/plain", "quoted-printable", "a=ZZ=\x10b final =6Eotice="), "final notice"},
		{"Latin-1", letter("text/plain; charset=iso-8859-1", "8bit", "letzte M\xe4hnung"), "mähnung"},
		{"Windows-1252", letter("text/plain; charset=windows-1252", "8bit", "cheap \x80 5 \x93now\x94"), "€ 5 “now”"},
		{"Latin-1 that is UTF-8", letter("text/plain; charset=iso-8859-1", "8bit", "Mähnung"), "mähnung"},
		{"no charset, UTF-8", "Subject: a\r\n\r\nMähnung", "mähnung"},
		{"no charset, Windows-1252", "Subject: a\r\n\r\nM\xe4hnung", "mähnung"},
		{"UTF-16", letter("text/plain; charset=utf-16", "base64", wrapped(wide.String())), "final notice"},
		{"GB2312", letter("text/plain; charset=gb2312", "base64", wrapped(gb)), "最后通知"},
		{"ISO-2022-JP", letter("text/plain; charset=iso-2022-jp", "7bit", jis), "最終通知"},
		{"HTML charset of its own", letter("text/html", "8bit", "<meta charset=gbk><p>"+gb), "最后通知"},
		{"HTML", letter("text/html", "7bit", "<p>Final\n<b>no</b>tice</p>"), "final notice"},
		{"split by tags", letter("text/html", "7bit", "vi<b></b>ag<!-- x -->r<a href='http://x.test'>a</a> now"), "viagra now"},
		{"split by entities", letter("text/html", "7bit", "&#118;i&#x61;gr&shy;&zwnj;a"), "viagra"},
		{"cells are apart", letter("text/html", "7bit", "<td>final</td><td>notice</td>"), "final notice"},
		{"link", letter("text/html", "7bit", `<a href="https://bank.test/PAY">here</a>`), "https://bank.test/pay"},
		{"letters that look different", letter("text/plain; charset=utf-8", "8bit", "𝐕𝐢𝐚𝐠𝐫𝐚 ｎｏｗ vi\u200bagra"), "viagra now viagra"},
		{"encoded subject", "Subject: =?utf-8?B?RmluYWw=?=\r\n =?utf-8?Q?_notice?=\r\n\r\n", "final notice"},
		{"folded subject", "Subject: Final\r\n\tnotice\r\n\r\n", "final notice"},
		{"encoded From", "From: =?iso-8859-1?Q?M=E4hnung?= <a@x.test>\r\n\r\n", "mähnung <a@x.test>"},
		{"long To", "To: " + strings.Repeat("someone@x.test, ", 400) + "=?utf-8?Q?=4Dary?= <mary@x.test>\r\n\r\n", "mary <mary@x.test>"},
		{"alternative", mixedOf("alternative", letterPart("text/plain", "", "plain"), letterPart("text/html", "base64", wrapped("<p>Final notice"))), "final notice"},
		{"attached text", mixedOf("mixed", letterPart("text/plain", "", "see"), letterPart("text/csv; name=a.csv", "base64", wrapped("final notice"))), "final notice"},
		{"message inside", mixedOf("mixed", letterPart("message/rfc822", "", letter("text/plain", "base64", wrapped("final notice")))), "final notice"},
		{"message inside, its subject", mixedOf("digest", "\r\nSubject: =?utf-8?Q?Final?= notice\r\n\r\nx\r\n"), "final notice"},
		{"headers inside", mixedOf("report", letterPart("text/rfc822-headers", "", "Subject: final notice\r\n")), "final notice"},
		{"boundary not closed", "Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\nfinal notice", "final notice"},
		{"boundary not there", "Content-Type: multipart/mixed; boundary=A\r\n\r\n--B\r\n\r\nfinal notice\r\n", "final notice"},
		{"behind the last boundary", mixedOf("mixed", letterPart("text/plain", "", "x")) + "\r\nfinal notice", "final notice"},
		{"Content-Type that is none", letter("plain;;=", "base64", wrapped("final notice")), "final notice"},
		{"byte order mark", "\xef\xbb\xbfSubject: Final notice\r\n\r\n", "final notice"},
		{"lines that end with CR", "Subject: Final notice\rFrom: b\r\rHello", "final notice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text, err := Decoded([]byte(tt.in))
			if err != nil || !strings.Contains(text, tt.find) {
				t.Errorf("Decoded = %.300q, %v; want %q in it", text, err, tt.find)
			}
		})
	}
}

// What is written in a way that nobody here knows is found as it stands, and its absence is not known.
func TestDecodedSaysWhatItDoesNotKnow(t *testing.T) {
	for name, tt := range map[string]struct{ in, find string }{
		"unknown encoding":   {letter("text/plain", "x-uu", "final notice"), "final notice"},
		"uuencode":           {letter("text/plain", "x-uuencode", "begin 644 x\r\n,9FEN86P@;F]T:6-E\r\n`\r\nend"), ""},
		"unknown charset":    {letter("text/plain; charset=x-none", "8bit", "Mähnung"), "mähnung"},
		"UTF-7":              {letter("text/plain; charset=utf-7", "7bit", "+AGYAaQBuAGEAbA-"), ""},
		"ISO-2022-KR":        {letter("text/plain; charset=iso-2022-kr", "7bit", "\x1b$)C\x0eGQ19\x0f"), ""},
		"HZ":                 {letter("text/plain; charset=hz-gb-2312", "7bit", "~{WnTO~}"), ""},
		"EBCDIC":             {letter("text/plain; charset=cp037", "base64", wrapped("\x86\x89\x95\x81\x93")), ""},
		"boundary not named": {"Content-Type: multipart/mixed\r\n\r\n--B\r\n\r\nfinal notice\r\n", "final notice"},
		"subject in UTF-7":   {"Subject: =?utf-7?Q?+AGYAaQBuAGEAbA-?=\r\n\r\nx", "x"},
		"subject, unpadded":  {"Subject: =?utf-8?B?bmVlZGxlIQ?=\r\n\r\nx", "x"},
	} {
		if text, err := Decoded([]byte(tt.in)); err == nil || !strings.Contains(text, tt.find) {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
}

// mixedOf is a message of several parts.
func mixedOf(kind string, parts ...string) string {
	return "Subject: Hello\r\nMIME-Version: 1.0\r\nContent-Type: multipart/" + kind + "; boundary=\"=_b\"\r\n\r\n--=_b\r\n" +
		strings.Join(parts, "\r\n--=_b\r\n") + "\r\n--=_b--\r\n"
}

func letterPart(kind, encoding, content string) string {
	return "Content-Type: " + kind + "\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n" + content
}

// What is not text, and what belongs to different places, is not found.
func TestDecodedKeepsApart(t *testing.T) {
	in := mixedOf("mixed", letterPart("text/plain", "", "final"), letterPart("text/plain", "", "notice"),
		letterPart("application/pdf", "base64", wrapped("sealed")), letterPart("text/html", "", "<style>hidden{}</style>shown"))
	text, err := Decoded([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	for _, absent := range []string{"final notice", "sealed", "hidden", "boundary", "hello final"} {
		if strings.Contains(text, absent) {
			t.Errorf("%q was found in %q", absent, text)
		}
	}
}

// A message made to cost too much is read as far as the bounds allow, and says so.
func TestDecodedBounds(t *testing.T) {
	deep := func(header string, times int) string {
		var b strings.Builder
		for i := range times {
			fmt.Fprintf(&b, header+"\r\n\r\n--b%d\r\n", i, i)
		}
		return b.String() + "\r\nfinal notice"
	}
	inside := "Subject: final notice\r\n\r\n"
	for range maxInside + 1 {
		inside = "Content-Type: message/rfc822\r\n\r\n" + inside
	}
	tests := []struct {
		name, in string
		want     error
		found    bool
	}{
		{"parts in parts", deep("Content-Type: multipart/mixed; boundary=b%d", 1000), errNested, true},
		{"boundaries in pieces", deep("Content-Type: multipart/mixed; boundary*0=b; boundary*1=%d", 2000), errNested, true},
		{"messages in messages", inside, errLetters, true},
		{"text", letter("text/plain", "7bit", strings.Repeat("x ", maxDecoded)) + "final notice", errTooLong, false},
		{"header", "X: " + strings.Repeat("y", maxHeader) + "\r\nSubject: final notice\r\n\r\n", errHeader, false},
		{"header of CR", strings.Repeat("y\r", 1<<20) + "\nSubject: final notice\r\n\r\n", errHeader, true},
		{"encoded words", "Subject: " + strings.Repeat("=?a?B?", 1<<17) + "?=\r\n\r\nfinal notice", errHeader, true},
		{"boundary behind a long Content-Type", strings.Replace(mixedOf("mixed", letterPart("text/plain", "base64", wrapped("final notice"))),
			"multipart/mixed;", "multipart/mixed; x="+strings.Repeat("y", maxMediaType)+";", 1), errMediaType, false},
		{"charset behind a long Content-Type", letter("text/plain; x="+strings.Repeat("y", maxMediaType)+"; charset=utf-16be", "7bit",
			"\x00f\x00i\x00n\x00a\x00l\x00 \x00n\x00o\x00t\x00i\x00c\x00e"), errMediaType, false},
		{"long name of a file", strings.Replace(mixedOf("mixed", letterPart("application/pdf", "base64", wrapped("x"))+"\r\n--=_b\r\n"+letterPart("text/plain", "", "final notice")),
			"Content-Transfer", "Content-Disposition: attachment; filename="+strings.Repeat("y", 2*maxMediaType)+"\r\nContent-Transfer", 1), nil, true},
		{"bare base64 junk", letter("text/plain", "base64", strings.Repeat("!", 4<<20)+wrapped("final notice")), nil, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			text, err := Decoded([]byte(tt.in))
			if !errors.Is(err, tt.want) || strings.Contains(text, "final notice") != tt.found {
				t.Errorf("Decoded = %d bytes, %v; want %v, found %v", len(text), err, tt.want, tt.found)
			}
			if spent := time.Since(start); spent > 2*maxParsing {
				t.Errorf("it took %v", spent)
			}
		})
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"": "", " \r\n\t": "", "\u200b\u00ad": "", " Final \r\n  Notice ": "final notice", "ÜBER\u00a0ALL": "über all", "ﬁnal": "final",
		"u\u0308ber": "über", "\xff": "\ufffd",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

// encoders hide a word as mail and spam do.
var encoders = []func(word string) string{
	func(word string) string {
		return letterPart("text/plain; charset=utf-8", "base64", wrapped("See "+word+"."))
	},
	func(word string) string {
		var b strings.Builder
		w := quotedprintable.NewWriter(&b)
		_, _ = w.Write([]byte("See " + word + "."))
		_ = w.Close()
		return letterPart("text/plain; charset=utf-8", "quoted-printable", b.String())
	},
	func(word string) string {
		var b strings.Builder
		for _, c := range []byte(word) {
			fmt.Fprintf(&b, "=%02X=\r\n", c)
		}
		return letterPart("text/plain; charset=utf-8", "quoted-printable", b.String())
	},
	func(word string) string {
		var b strings.Builder
		for _, r := range word {
			fmt.Fprintf(&b, "&#%d;<b></b>", r)
		}
		return letterPart("text/html; charset=utf-8", "base64", wrapped("<p>See "+b.String()+".</p>"))
	},
	func(word string) string {
		return letterPart("message/rfc822", "", "Subject: "+mime.BEncoding.Encode("utf-8", "See "+word+".")+"\r\n\r\nHello\r\n")
	},
}

// Whatever stands beside it in a message, a word that was encoded is found, or it is said that there may be more.
func FuzzDecoded(f *testing.F) {
	f.Add([]byte(mixed), "Viagra", byte(0))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\n--a--\r\nx"), "über", byte(3))
	f.Add([]byte("Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny"), "通知", byte(4))
	f.Add([]byte("Content-Transfer-Encoding: base64\r\n\r\n====!"), "x", byte(1))
	f.Fuzz(func(t *testing.T, junk []byte, word string, how byte) {
		bounded := func(in []byte) (string, error) {
			text, err := Decoded(in)
			if len(text) > 12*maxDecoded {
				t.Fatalf("%d bytes of text", len(text))
			}
			return text, err
		}
		_, _ = bounded(junk)
		word = strings.Map(func(r rune) rune {
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
				return -1
			}
			return r
		}, word[:min(len(word), 1000)])
		if word == "" || strings.Contains(string(junk), "=_b") {
			return
		}
		message := mixedOf("mixed", string(junk), encoders[int(how)%len(encoders)](word))
		if text, err := bounded([]byte(message)); err == nil && !strings.Contains(text, Fold(word)) {
			t.Errorf("%q was not found in %q, which gave %q", word, message, text)
		}
	})
}

func BenchmarkDecoded(b *testing.B) {
	for name, in := range map[string]string{
		"small": mixedOf("alternative", letterPart("text/plain", "quoted-printable", strings.Repeat("Pay now=2E ", 100)),
			letterPart("text/html", "base64", wrapped(strings.Repeat("<p>Pay now.</p>", 100)))),
		"30 MB": mixedOf("mixed", letterPart("text/plain", "", "Hello"), letterPart("application/pdf", "base64", wrapped(strings.Repeat("x", 22<<20)))),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				_, _ = Decoded([]byte(in))
			}
		})
	}
}
