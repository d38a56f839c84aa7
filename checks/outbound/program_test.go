package outbound

import (
	"net/netip"
	"testing"
)

func TestIsMail(t *testing.T) {
	for path, is := range map[string]bool{
		`C:\Program Files (x86)\SmarterTools\SmarterMail\Service\MailService.exe`: true,
		`D:\SmarterMail16\Service\MailService.exe`:                                true,
		`C:\Program Files (x86)\SmarterTools\SmarterMail\Service\SmarterMail.exe`: true,
		`c:\smartermail\service\MAILSERVICE.EXE`:                                  true,
		"/opt/smartermail/MailService":                                            true,
		"/opt/smartermail/SmarterMail":                                            true,
		`C:\Windows\Temp\MailService.exe`:                                         false,
		`C:\Users\Public\MailService.exe`:                                         false,
		"MailService.exe":                                                         false,
		`C:\inetpub\wwwroot\smartermail.exe`:                                      false,
		`C:\SmarterMail\Service\powershell.exe`:                                   false,
		`C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`:               false,
		"/opt/smartermail/MailService (deleted)":                                  false,
		"/usr/sbin/exim4":                                                         false,
		"/tmp/.x/smartermail":                                                     false,
		"":                                                                        false,
	} {
		if got := (Program{Path: path}).IsMail(); got != is {
			t.Errorf("%q: %v", path, got)
		}
	}
}

func TestScriptOf(t *testing.T) {
	for _, c := range []struct{ exe, folder, command, script string }{
		{"/usr/bin/php8.2", "/var/www/shop", "php\x00/var/www/shop/up.php\x00key=secret\x00", "/var/www/shop/up.php"},
		{"/usr/bin/perl", "/tmp/.x", "perl\x00s.pl\x00--pass=x\x00", "/tmp/.x/s.pl"},
		{"/usr/bin/python3.11", "/home/a", "python3\x00-u\x00/opt/send.py\x00", "/opt/send.py"},
		{"/usr/bin/python3.11", "/home/a", "python3\x00-W\x00ignore\x00send.py\x00", "/home/a/send.py"},
		{"/usr/bin/php-cgi8.2", "/var/www", "php-cgi\x00", ""},
		{"/usr/bin/bash", "/root", "bash\x00-c\x00curl -u me:secret x\x00", ""},
		{"/usr/bin/perl", "/", "perl\x00-e\x00print\x00", ""},
		{"/usr/bin/php8.2 (deleted)", "/srv", "/usr/sbin/apache2\x00x.php\x00", "/srv/x.php"},
		{"/usr/sbin/exim4", "/", "exim4\x00-bd\x00/etc/passwd\x00", ""},
		{"/usr/bin/ruby3.1", "/app", "ruby\x00\x00mail.rb\x00", "/app/mail.rb"},
		{"", "", "", ""},
	} {
		if got := scriptOf(c.exe, c.folder, c.command); got != c.script {
			t.Errorf("%s %q: %q", c.exe, c.command, got)
		}
	}
}

func TestMergeAndKey(t *testing.T) {
	a, b := netip.MustParseAddrPort("203.0.113.9:25"), netip.MustParseAddrPort("203.0.113.10:25")
	all := merge([]Program{{PID: 7, Path: "/x", Remote: a}, {PID: 9, Path: "/y", Owner: "root", Remote: a}, {PID: 9, Path: "/y", Owner: "root", Remote: b},
		{Owner: "www-data", Remote: a}, {Owner: "mail", Remote: a}})
	if len(all) != 4 || all[0].PID != 9 || all[0].Connections != 2 || all[0].Key() != "/y of root" || all[2].Key() != "unknown program of www-data" || all[2].Known() {
		t.Errorf("%+v", all)
	}
	if got := (Program{PID: 1, Path: "/usr/bin/php", Script: "/var/www/up.php", Owner: "www-data"}).Key(); got != "/var/www/up.php of www-data" {
		t.Error(got)
	}
	if merge(nil) == nil {
		t.Error("nobody is an empty list")
	}
}
