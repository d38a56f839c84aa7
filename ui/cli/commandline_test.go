package cli

import (
	"os"
	"runtime"
	"strings"
	"testing"
)

// TestWindowsQuote holds the quoting for PowerShell, which cmd reads the same way wherever it can.
func TestWindowsQuote(t *testing.T) {
	for word, want := range map[string]string{
		`C:\SmarterMail\Spool`:          `C:\SmarterMail\Spool`,
		`C:\Program Files (x86)\delist`: `"C:\Program Files (x86)\delist"`,
		`D:\it's here\`:                 `"D:\it's here\\"`,
		`D:\50% $HOME it's`:             `'D:\50% $HOME it''s'`,
		`D:\a` + "`" + `b`:              `'D:\a` + "`" + `b'`,
		`D:\Ann’s $5`:                   `'D:\Ann’’s $5'`,
		`D:\“quoted”`:                   `'D:\“quoted”'`,
		`a,b`:                           `"a,b"`,
		`Büro`:                          `"Büro"`,
		``:                              `""`,
	} {
		if got := windowsQuote(word); got != want {
			t.Errorf("%s is quoted as %s, want %s", word, got, want)
		}
	}
}

// TestCalledAs holds a printed command to the way in which the operator called this one.
func TestCalledAs(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("these are the ways of Unix")
	}
	here, err := os.Getwd() // a printed command works from any folder
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ program, sudo, want string }{
		{"", "", "delist report 7F3A"},
		{"./delist", "", here + "/delist report 7F3A"},
		{"/opt/my tools/delist", "", "'/opt/my tools/delist' report 7F3A"},
		{"/tmp/go-build2093/b001/exe/delist", "", "go run . report 7F3A"},
		{"/home/maria/.cache/go-build/4a/4a6b-d/delist", "", "go run . report 7F3A"},
		{"/home/maria/go-builder/delist", "", "/home/maria/go-builder/delist report 7F3A"},
		{"./delist", "/home/maria/delist --plain", "sudo " + here + "/delist report 7F3A"},
		{"./delist", "/bin/bash", here + "/delist report 7F3A"},
	} {
		p := &program{env: Environment{Program: c.program, LookupEnv: func(name string) (string, bool) { return c.sudo, name == "SUDO_COMMAND" }}}
		if got := p.commandLine("report", "7F3A"); got != c.want {
			t.Errorf("called as %q (%s) it prints %s, want %s", c.program, c.sudo, got, c.want)
		}
	}
}

// A command that goes on keeps the flags of this one, but for the count, which is that of now.
func TestAgain(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("quoted as Unix does")
	}
	for _, c := range []struct{ given, want string }{
		{"account:a@b.test --yes=8000 --service none", "delist quarantine account:a@b.test --service none --yes=41"},
		{"account:a@b.test --yes --with-doubtful", "delist quarantine account:a@b.test --with-doubtful --yes"},
		{"--all-matches --yes=3 --incidents /inc text:x", "delist quarantine text:x --all-matches --incidents /inc --yes=41"},
		{"account:a@b.test --take-over --spool /mail", "delist quarantine account:a@b.test --spool /mail"},
		{"--ip 192.0.2.1,192.0.2.2 subject:won't", `delist quarantine 'subject:won'"'"'t' --ip 192.0.2.1 --ip 192.0.2.2`},
		{"--yes=9 --spool /mail -- -subject:x", "delist quarantine --spool /mail --yes=41 -- -subject:x"},
		{"--delete 7F3A --yes=9", "delist quarantine 7F3A --delete --yes=41"},
	} {
		p := &program{env: Environment{Program: "delist", LookupEnv: func(string) (string, bool) { return "", false }}}
		cmd := p.quarantineCommand()
		p.given.register(cmd.Flags())
		if err := cmd.ParseFlags(strings.Fields(c.given)); err != nil {
			t.Fatal(err)
		}
		if got := p.again(cmd.Flags(), 41, append([]string{"quarantine"}, cmd.Flags().Args()...)...); got != c.want {
			t.Errorf("%s is followed by\n%s, want\n%s", c.given, got, c.want)
		}
	}
}
