package service

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rootDisk shows a folder of this machine as the disk of another: C:\SmarterMail\Spool lies at <root>/C/SmarterMail/Spool.
type rootDisk struct{ root string }

func (d rootDisk) real(path string) string {
	return filepath.Join(d.root, strings.NewReplacer(":", "", `\`, "/").Replace(path))
}

func (d rootDisk) IsDir(path string) bool                 { return localDisk{}.IsDir(d.real(path)) }
func (d rootDisk) Names(path string) ([]string, error)    { return localDisk{}.Names(d.real(path)) }
func (d rootDisk) Head(p string, n int64) ([]byte, error) { return localDisk{}.Head(d.real(p), n) }
func (d rootDisk) Tail(p string, n int64) ([]byte, error) { return localDisk{}.Tail(d.real(p), n) }

// lay puts files on the disk; a name that ends in a separator is a folder.
func (d rootDisk) lay(t *testing.T, files map[string]string) {
	t.Helper()
	for name, text := range files {
		real := d.real(name)
		if strings.HasSuffix(name, `\`) || strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(real, 0o755); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(real), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(real, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

const installed = `C:\Program Files (x86)\SmarterTools\SmarterMail`

func windowsMachine(t *testing.T, files map[string]string) (machine, []Found) {
	d := rootDisk{t.TempDir()}
	d.lay(t, files)
	return machine{windows: true, drives: []string{"C:", "D:"}, disk: d}, []Found{{Name: "MailService", Folder: installed}}
}

func paths(list []Candidate) string {
	var p []string
	for _, c := range list {
		mark := ""
		if !c.Exists {
			mark = " (missing)"
		}
		p = append(p, c.Path+mark)
	}
	return strings.Join(p, "|")
}

func TestLocateOnWindows(t *testing.T) {
	const json = installed + `\Service\Settings\settings.json`
	const xml = installed + `\Service\mailConfig.xml`
	const wrote = "08:01:53.039 [192.0.2.10][29742033] Successfully wrote to the HDR file. (%)\r\n"
	cases := map[string]struct {
		files  map[string]string
		spools string
		logs   string
		ground string // in the first spool's
	}{
		"nothing there": {nil, "", "", ""},
		"the vendor's default": {
			map[string]string{`C:\SmarterMail\Spool\SubSpool0\`: "", `C:\SmarterMail\Logs\`: ""},
			`C:\SmarterMail\Spool`, `C:\SmarterMail\Logs`, "where the vendor puts the spool"},
		"settings.json names it": {
			map[string]string{json: "\ufeff" + `{"a":{"x":["y"],"mailPath":"D:\\Mail\\sPoOl\\"},"logs":"D:/Mail/Logs","title":"Spool"}`, `D:\Mail\sPoOl\`: "", `D:\Mail\Logs\`: ""},
			`D:\Mail\sPoOl`, `D:\Mail\Logs`, "(mailPath)"},
		"mailConfig.xml names it": {
			map[string]string{xml: `<?xml version="1.0" encoding="utf-16"?><m><spoolFolder>D:\Mail\Spool</spoolFolder><p v="D:\Mail\Logs"/></m>`, `D:\Mail\Spool\`: ""},
			`D:\Mail\Spool`, `D:\Mail\Logs (missing)`, "(spoolFolder)"},
		"named first, then where it lies by habit": {
			map[string]string{json: `{"k":"D:\\Mail\\Spool"}`, `D:\Mail\Spool\`: "", `C:\SmarterMail\Spool\`: ""},
			`D:\Mail\Spool|C:\SmarterMail\Spool`, "", "settings.json names it (k)"},
		"what exists before what is only named": {
			map[string]string{json: `{"k":"D:\\Old\\Spool"}`, `C:\SmarterMail\Spool\`: ""},
			`C:\SmarterMail\Spool|D:\Old\Spool (missing)`, "", "vendor"},
		"a share is named, not looked at": {
			map[string]string{json: `{"k":"\\\\nas\\mail\\Spool"}`}, `\\nas\mail\Spool (missing)`, "", "on a share"},
		"smtpLog says it": {
			map[string]string{
				`C:\SmarterMail\Logs\2026.11.22-smtpLog.log`: strings.Replace(wrote, "%", `C:\Old\Spool\SubSpool1\1.hdr`, 1),
				`C:\SmarterMail\Logs\2026.11.23-smtpLog.log`: strings.Replace(wrote, "%", "C:/SmarterMail/Domains/Spool/SubSpool3/706173251002.hdr", 1),
				`C:\SmarterMail\Domains\Spool\`:              ""},
			`C:\SmarterMail\Domains\Spool`, `C:\SmarterMail\Logs`, "2026.11.23-smtpLog.log says that mail is written there; it is where"},
		"what a client says is not believed": {
			map[string]string{`C:\SmarterMail\Logs\2026.11.23-smtpLog.log`: "08:01:53.039 [192.0.2.10][2] cmd: EHLO " + strings.Replace(wrote, "%", `C:\Windows\Spool\1.hdr`, 1)},
			"", `C:\SmarterMail\Logs`, ""},
		"a settings file that breaks off": {
			map[string]string{json: `{"k":"D:\\Mail\\Spool","z":[{"q`, `D:\Mail\Spool\`: ""}, `D:\Mail\Spool`, "", "(k)"},
		"escape codes in a path": {
			map[string]string{json: `{"k":"D:\\\u001b[2J\\Spool"}`}, "", "", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			m, found := windowsMachine(t, c.files)
			l := m.locate(t.Context(), found)
			if got := paths(l.Spools); got != c.spools {
				t.Errorf("spools %s, want %s", got, c.spools)
			}
			if got := paths(l.Logs); got != c.logs {
				t.Errorf("logs %s, want %s", got, c.logs)
			}
			if c.ground != "" && (len(l.Spools) == 0 || !strings.Contains(l.Spools[0].Ground, c.ground)) {
				t.Errorf("spools %+v, want the ground %q", l.Spools, c.ground)
			}
		})
	}
}

func TestLocateOnLinux(t *testing.T) {
	d := rootDisk{t.TempDir()}
	d.lay(t, map[string]string{
		"/etc/smartermail/settings.json":                   `{"spool":"/srv/mail/Spool","other":"relative/Spool"}`,
		"/srv/mail/Spool/":                                 "",
		"/var/lib/smartermail/Spool/":                      "",
		"/var/lib/smartermail/Logs/2026.11.23-smtpLog.log": "00:05:47.504 [203.0.113.55] [10059869] Successfully wrote to the HDR file. (/var/lib/smartermail/Spool/proc/work/67518204.hdr)\n",
	})
	l := machine{disk: d}.locate(t.Context(), nil)
	if got := paths(l.Spools); got != "/srv/mail/Spool|/var/lib/smartermail/Spool" {
		t.Errorf("spools %s", got)
	}
	if got := paths(l.Configs); got != "/etc/smartermail/settings.json" {
		t.Errorf("configs %s", got)
	}
}

func TestSpoolRoot(t *testing.T) {
	m := machine{windows: true}
	for hdr, want := range map[string]string{
		`C:\SmarterMail\Spool\SubSpool10\1.hdr`: `C:\SmarterMail\Spool`,
		`C:\SmarterMail\Spool\1.hdr`:            `C:\SmarterMail\Spool`,
		`C:/SmarterMail/Spool/proc/1.hdr`:       `C:\SmarterMail\Spool`,
		`C:\SmarterMail\Spool\proc\work\1.hdr`:  `C:\SmarterMail\Spool`,
		`C:\SmarterMail\Spool\SubSpoolX\1.hdr`:  `C:\SmarterMail\Spool\SubSpoolX`,
		`\\nas\mail\Spool\SubSpool1\1.hdr`:      `\\nas\mail\Spool`,
		`1.hdr`:                                 "",
		`C:1.hdr`:                               "",
		"C:\\\x1b[2J\\1.hdr":                    "",
	} {
		if got := m.spoolRoot(hdr); got != want {
			t.Errorf("%s: %q, want %q", hdr, got, want)
		}
	}
}

func TestImagePath(t *testing.T) {
	for command, want := range map[string]string{
		`"C:\Program Files (x86)\SmarterTools\SmarterMail\Service\MailService.exe"`: `C:\Program Files (x86)\SmarterTools\SmarterMail\Service\MailService.exe`,
		`"C:\a b\MailService.exe" -k x`:                                             `C:\a b\MailService.exe`,
		`C:\a b\MailService.EXE -k x`:                                               `C:\a b\MailService.EXE`,
		`C:\a.exe.old\b.exe`:                                                        `C:\a.exe.old\b.exe`,
		`\??\C:\a\b.exe`:                                                            `C:\a\b.exe`,
		`C:\Windows\svchost -k netsvcs`:                                             `C:\Windows\svchost -k netsvcs`,
		`"C:\no end`:                                                                `C:\no end`,
		``:                                                                          ``,
	} {
		if got := imagePath(command); got != want {
			t.Errorf("%s: %q, want %q", command, got, want)
		}
	}
}

func TestTheServiceNameAloneIsNotSmarterMail(t *testing.T) {
	for image, want := range map[string]string{
		installed + `\Service\MailService.exe`:       installed,
		`D:\smartermail16\Service\mailservice.EXE`:   `D:\smartermail16`,
		`C:\Program Files\OtherMail\MailService.exe`: "",
		installed + `\Service\Other.exe`:             "",
		`C:\SmarterMail\MailService.exe\other.exe`:   "",
		`C:\NotSmarterMail\MailService.exe`:          "",
		`MailService.exe`:                            "",
		``:                                           "",
	} {
		if got, ok := smarterMailFolder(image); got != want || ok != (want != "") {
			t.Errorf("%s: %q, %v, want %q", image, got, ok, want)
		}
	}
}

func TestFindUnits(t *testing.T) {
	call := func(_ context.Context, args ...string) (string, error) {
		switch {
		case args[0] == "list-unit-files":
			return "smartermail-web.service enabled enabled\nsmartermail.service enabled enabled\nsmartermail@.service static -\nevil\x1b.service enabled\n", nil
		case slices.Contains(args, "smartermail.service"):
			return "ExecStart={ path=/opt/smartermail/MailService ; argv[]=/opt/smartermail/MailService --x ; ignore_errors=no }\nWorkingDirectory=!/opt/smartermail\n", nil
		}
		return "", errors.New("no answer")
	}
	found, err := findUnits(t.Context(), call)
	if err != nil || len(found) != 2 {
		t.Fatalf("%+v, %v", found, err)
	}
	want := Found{Name: "smartermail", Image: "/opt/smartermail/MailService", Folder: "/opt/smartermail",
		Ground: "systemd has a unit smartermail.service that runs /opt/smartermail/MailService"}
	if found[0] != want {
		t.Errorf("%+v", found[0])
	}
	if found[1].Name != "smartermail-web" || found[1].Image != "" {
		t.Errorf("%+v", found[1])
	}
}

func TestFindUnitsWithoutSystemd(t *testing.T) {
	if found, err := findUnits(t.Context(), said("", ErrNoManager)); err != nil || found != nil {
		t.Errorf("%v, %v", found, err)
	}
	none := &systemctlError{status: 1, text: "System has not been booted with systemd as init system (PID 1). Can't operate."}
	if found, err := findUnits(t.Context(), said("", none)); err != nil || found != nil {
		t.Errorf("in a container: %v, %v", found, err)
	}
	if _, err := findUnits(t.Context(), said("", errors.New("broken"))); err == nil {
		t.Error("a search that failed found nothing, and said so to nobody")
	}
}

func FuzzConfigTexts(f *testing.F) {
	f.Add([]byte(`{"a":[{"b":"C:\\x\\Spool"}]}`))
	f.Add([]byte(`<a b="C:\x\Spool">C:\y\Logs</a>`))
	f.Add([]byte(`[[[[`))
	f.Fuzz(func(t *testing.T, b []byte) {
		keep := func(_, _ string) {}
		jsonTexts(b, keep)
		xmlTexts(b, keep)
	})
}

func FuzzLastSpool(f *testing.F) {
	f.Add([]byte("08:01:53.039 [192.0.2.10][2] Successfully wrote to the HDR file. (C:/S/Spool/SubSpool3/7.hdr)\r\n"))
	f.Fuzz(func(t *testing.T, log []byte) {
		m := machine{windows: true}
		if root := m.lastSpool(log); root != "" && m.clean(root) != root {
			t.Errorf("root %q is not clean", root)
		}
	})
}
