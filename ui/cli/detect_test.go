package cli

import (
	"context"
	"errors"
	"strings"
	"testing"

	"delist/steps/service"
)

func located() service.Located {
	return service.Located{
		Services: []service.Found{{Name: "MailService", Ground: "its program lies in C:\\SmarterMail"}, {Name: "Other"}},
		Spools: []service.Candidate{{Path: "/gone", Ground: "a setting names it"}, {Path: "/spool", Ground: "the log says so", Exists: true},
			{Path: "/spool2", Ground: "a default", Exists: true}},
		Logs: []service.Candidate{{Path: "/logs", Ground: "a default", Exists: true}},
	}
}

// TestDetect: a flag counts more than what is found, and what is found is never used without a yes.
func TestDetect(t *testing.T) {
	for name, c := range map[string]struct {
		given          options
		located        service.Located
		answer         string
		spool, service string
		api            bool
		used           bool
		says           string
	}{
		"all given: nobody is asked": {options{spool: "/a", service: "none"}, located(), "", "/a", "none", false, true, ""},
		"found, and used after a yes": {options{}, located(), "y\n", "/spool", "MailService", true, true,
			"the log says so"},
		"only looked at: shown, and nobody is asked": {options{readOnly: true}, located(), "", "/spool", "MailService", true, true,
			"/spool"},
		"found, and not used":           {options{}, located(), "\n", "/spool", "MailService", true, false, "Another spool: /spool2"},
		"the spool is given":            {options{spool: "/a"}, located(), "y\n", "/a", "MailService", true, true, "given"},
		"auto looks for the service":    {options{spool: "/a", service: "auto"}, located(), "y\n", "/a", "MailService", true, true, "MailService"},
		"nothing is found":              {options{}, service.Located{}, "y\n", "", "by-hand", false, true, "name it with --spool"},
		"the services cannot be looked": {options{}, service.Located{ServiceErr: errors.New("denied")}, "y\n", "", "by-hand", false, true, "denied"},
	} {
		t.Run(name, func(t *testing.T) {
			env, _, errs := inProcess()
			env.Stdin = strings.NewReader(c.answer)
			env.Locate = func(context.Context) service.Located { return c.located }
			p := &program{env: env}
			s := p.detect(t.Context(), c.given)
			if s.spool.value != c.spool || s.service.value != c.service || s.api.value != "" != c.api {
				t.Errorf("spool %q, service %q, API %q", s.spool.value, s.service.value, s.api.value)
			}
			err := p.confirm(c.given, &s)
			if (err == nil) != c.used {
				t.Errorf("confirm = %v", err)
			}
			if !strings.Contains(errs.String(), c.says) {
				t.Errorf("%q is not said: %s", c.says, errs)
			}
			if c.says == "" && errs.Len() > 0 {
				t.Errorf("asked without need: %s", errs)
			}
		})
	}
}
