package traffic

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Two forms of what builds write of a session: with the envelope's path, or with the message's name alone.
func wroteHDR(at time.Time, ip, session, name string) string {
	return fmt.Sprintf("%s [%s][%s] Successfully wrote to the HDR file. (C:/SmarterMail/Domains/Spool/SubSpool3/%s.hdr)\r\n", at.Format("15:04:05.000"), ip, session, name)
}

func wroteEML(at time.Time, ip, session, name string) string {
	return fmt.Sprintf("%s [%s] [%s] Data transfer succeeded, writing mail to %s.eml (MessageID: <20260424070547@example.com>)\r\n", at.Format("15:04:05.000"), ip, session, name)
}

func says(at time.Time, ip, session, text string) string {
	return fmt.Sprintf("%s [%s] [%s] %s\r\n", at.Format("15:04:05.000"), ip, session, text)
}

func TestSendersOfMessages(t *testing.T) {
	const thiefs, desk = "198.51.100.7", "192.0.2.8"
	at := now.Add(-time.Hour)
	yesterday := now.AddDate(0, 0, -1)
	in := func(at time.Time, ip, session, account string) string {
		return says(at, ip, session, "Authenticated as "+account)
	}
	for _, tt := range []struct {
		name  string
		logs  map[time.Time][]string // by day
		asked []Spooled
		want  []string
	}{
		{"by the envelope's path", map[time.Time][]string{at: {in(at, thiefs, "1001", sales), wroteHDR(at, thiefs, "1001", "706173251002")}},
			[]Spooled{{"706173251002", at}}, []string{sales}},
		{"by the message's name", map[time.Time][]string{at: {in(at, thiefs, "1001", sales), wroteEML(at, thiefs, "1001", "67518204")}},
			[]Spooled{{"67518204", at}}, []string{sales}},
		{"by both", map[time.Time][]string{at: {in(at, thiefs, "1001", sales), wroteHDR(at, thiefs, "1001", "67518204"), wroteEML(at, thiefs, "1001", "67518204")}},
			[]Spooled{{"67518204", at}}, []string{sales}},
		{"a name of letters, in another case", map[time.Time][]string{at: {in(at, thiefs, "1001", sales), wroteHDR(at, thiefs, "1001", "Ab7c-19")}},
			[]Spooled{{"aB7C-19", at}}, []string{sales}},
		{"several of one session, some of none", map[time.Time][]string{at: {in(at, thiefs, "1001", sales), wroteEML(at, thiefs, "1001", "1"), in(at, desk, "1002", info), wroteEML(at, desk, "1002", "2"), wroteEML(at, thiefs, "1001", "3")}},
			[]Spooled{{"2", at}, {"3", at}, {"4", at}, {"1", at}}, []string{info, sales, "", sales}},
		{"the same end of a longer name", map[time.Time][]string{at: {in(at, thiefs, "1001", sales), wroteHDR(at, thiefs, "1001", "706173251002")}},
			[]Spooled{{"73251002", at}, {"906173251002", at}}, []string{"", ""}},
		{"nobody logged in", map[time.Time][]string{at: {wroteEML(at, thiefs, "1001", "67518204")}},
			[]Spooled{{"67518204", at}}, []string{""}},
		{"two accounts wrote it", map[time.Time][]string{at: {in(at, thiefs, "1001", sales), wroteEML(at, thiefs, "1001", "5"), in(at, desk, "1002", info), wroteEML(at, desk, "1002", "5")}},
			[]Spooled{{"5", at}}, []string{""}},
		{"an account and somebody", map[time.Time][]string{at: {wroteEML(at, desk, "1002", "5"), in(at, thiefs, "1001", sales), wroteEML(at, thiefs, "1001", "5")}},
			[]Spooled{{"5", at}}, []string{""}},
		{"one account in two sessions", map[time.Time][]string{at: {in(at, thiefs, "1001", sales), wroteEML(at, thiefs, "1001", "5"), in(at, desk, "1002", sales), wroteEML(at, desk, "1002", "5")}},
			[]Spooled{{"5", at}}, []string{sales}},
		{"two messages of the name", map[time.Time][]string{at: {in(at, thiefs, "1001", sales), wroteEML(at, thiefs, "1001", "5"), wroteEML(at, thiefs, "1001", "6")}},
			[]Spooled{{"5", at}, {"6", at}, {"5", at.Add(time.Hour)}}, []string{"", sales, ""}},
		{"the name of two days", map[time.Time][]string{
			at.AddDate(0, 0, -2): {in(at, desk, "1002", info), wroteEML(at, desk, "1002", "5")},
			at:                   {in(at, thiefs, "1001", sales), wroteEML(at, thiefs, "1001", "5")}},
			[]Spooled{{"5", at}, {"5", at.AddDate(0, 0, -2)}}, []string{sales, info}},
		{"more than a day apart", map[time.Time][]string{at: {in(at, thiefs, "1001", sales), wroteEML(at, thiefs, "1001", "5")}},
			[]Spooled{{"5", at.Add(-25 * time.Hour)}, {"6", time.Time{}}}, []string{"", ""}},
		{"a clock of another zone", map[time.Time][]string{at: {in(at, thiefs, "1001", sales), wroteEML(at, thiefs, "1001", "5")}},
			[]Spooled{{"5", at.Add(-7 * time.Hour)}}, []string{sales}},
		{"over midnight", map[time.Time][]string{
			yesterday: {in(onDay(yesterday, 86399*time.Second), thiefs, "1001", sales)},
			now:       {wroteEML(onDay(now, time.Second), thiefs, "1001", "5")}},
			[]Spooled{{"5", onDay(now, 2*time.Second)}}, []string{sales}},
		{"a number used again, without a log-in", map[time.Time][]string{at: {in(at, thiefs, "1001", sales), says(at, thiefs, "1001", "rsp: 220 mail01.example"), wroteEML(at, thiefs, "1001", "5")}},
			[]Spooled{{"5", at}}, []string{""}},
		{"a name that the client said", map[time.Time][]string{at: {says(at, thiefs, "1001", "cmd: Authenticated as "+info), says(at, thiefs, "1001", "cmd: writing mail to 5.eml"), wroteEML(at, thiefs, "1001", "6")}},
			[]Spooled{{"5", at}, {"6", at}}, []string{"", ""}},
		{"a log-in without its domain", map[time.Time][]string{at: {in(at, desk, "1002", sales), in(at, thiefs, "1001", "sales"), wroteEML(at, thiefs, "1001", "5")}},
			[]Spooled{{"5", at}}, []string{sales}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFolder(t)
			for day, lines := range tt.logs {
				f.write(day, SMTP, strings.Join(lines, ""))
			}
			got, _, err := Senders(t.Context(), f.dir, tt.asked, Options{Clock: func() time.Time { return now }})
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("%q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestSendersSayWhatIsNotKnown(t *testing.T) {
	f := newFolder(t)
	at := now.Add(-time.Hour)
	lines := says(at, "192.0.2.8", "7", "Authenticated as "+sales) + wroteEML(at, "192.0.2.8", "7", "5")
	f.write(at, SMTP, lines)
	if err := os.WriteFile(filepath.Join(f.dir, "2026.11.23-smtpLog.log.zip"), []byte("PK\x03\x04 torn"), 0o600); err != nil {
		t.Fatal(err)
	}
	f.write(now.AddDate(0, 0, -5), SMTP, "of a day that is not asked for\n")
	o := Options{Clock: func() time.Time { return now }}
	got, unknown, err := Senders(t.Context(), f.dir, []Spooled{{"5", at}, {"6", at.AddDate(0, 0, -1)}, {"7", at.AddDate(0, 0, -3)}}, o)
	want := []string{"2026.11.23-smtpLog.log.zip: it is no whole zip: torn, or still being written", "there is no smtpLog of 21 Nov 2026"}
	if err != nil || !slices.Equal(got, []string{sales, "", ""}) || !slices.Equal(unknown, want) {
		t.Errorf("%q, %q, %v", got, unknown, err)
	}

	o.MaxBytes = int64(len(lines)) - 1
	got, unknown, err = Senders(t.Context(), f.dir, []Spooled{{"5", at}}, o)
	if err != nil || got[0] != "" || len(unknown) != 2 || !strings.Contains(unknown[0], "more than is read at once") {
		t.Errorf("bounded: %q, %q, %v", got, unknown, err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, _, err := Senders(ctx, f.dir, []Spooled{{"5", at}}, Options{}); !errors.Is(err, context.Canceled) || got != nil {
		t.Errorf("cancelled: %q, %v", got, err)
	}
	if _, _, err := Senders(t.Context(), filepath.Join(f.dir, "none"), nil, o); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}
