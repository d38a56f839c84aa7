package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// configFile is the configuration file. Its keys are the flags' names.
type configFile struct {
	Spool           string      `toml:"spool"`
	Logs            string      `toml:"logs"`
	IP              []string    `toml:"ip"`
	Resolver        string      `toml:"resolver"`
	HELO            string      `toml:"helo"`
	Service         string      `toml:"service"`
	API             string      `toml:"api"`
	Admin           string      `toml:"admin"`
	Incidents       string      `toml:"incidents"`
	Lists           string      `toml:"lists"`                 // the operator's own file of blocklists; from this file's folder on
	VerifyMinutes   wholeNumber `toml:"verify_minutes"`        // how long it has to stay quiet; 0 for the default
	BusyPerHour     wholeNumber `toml:"busy_per_hour"`         // an account that sends more is looked at; 0 for the default
	VerifySeconds   wholeNumber `toml:"verify_seconds"`        // the same in seconds
	WatchSeconds    wholeNumber `toml:"watch_restart_seconds"` // how long nothing like the spam may appear after a start; 0 for the default
	BacklogMessages wholeNumber `toml:"backlog_messages"`      // mail that nothing explains is a backlog from so many messages on; 0 for the default
	BacklogShare    float64     `toml:"backlog_share"`         // and from this share of what waits on; 0 for the default
	Failover        bool        `toml:"failover"`              // the spool is used by several servers in turn, one of which may take over
	Quarantine      struct {
		Dir         string `toml:"dir"`
		OtherVolume bool   `toml:"other_volume"` // it may be on another volume than the spool: messages are copied
	} `toml:"quarantine"`
}

// wholeNumber is a number that a fraction or a text is not taken for.
type wholeNumber int

// UnmarshalTOML implements toml.Unmarshaler.
func (n *wholeNumber) UnmarshalTOML(value any) error {
	number, ok := value.(int64)
	if !ok || int64(int(number)) != number {
		return fmt.Errorf("%v is not a whole number", value)
	}
	*n = wholeNumber(number)
	return nil
}

// maxConfig bounds a configuration file, in bytes.
const maxConfig = 1 << 20

// readConfig reads the named file, or the default one if it is there; path is empty where there is none.
func (p *program) readConfig(name string) (c configFile, path string, err error) {
	path = name
	if path == "" {
		path = p.defaultConfig()
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) && name == "" {
		return c, "", nil
	}
	if err != nil {
		return c, "", usage("the configuration file cannot be read: %w; give another with --config", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxConfig))
	if err != nil {
		return c, "", usage("the configuration file cannot be read: %w; give another with --config", err)
	}
	c, err = parseConfig(string(data))
	if err != nil {
		return c, "", usage("%s, %w", path, err)
	}
	return c, path, nil
}

// defaultConfig is where the configuration file is looked for.
func (p *program) defaultConfig() string {
	if runtime.GOOS == "windows" {
		return filepath.Join(p.programData(), "delist", "delist.toml")
	}
	return "/etc/delist.toml"
}

// parseConfig reads TOML and refuses keys it does not know, each by its line.
func parseConfig(text string) (configFile, error) {
	var c configFile
	meta, err := toml.Decode(text, &c)
	var parse toml.ParseError
	if errors.As(err, &parse) {
		return c, fmt.Errorf("line %d: %s; mend the line, or leave it out", parse.Position.Line, parse.Message)
	}
	if err != nil {
		return c, fmt.Errorf("%w; mend the line, or leave it out", err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return c, fmt.Errorf("line %d: unknown key %q; the keys are the long flags' names, and verify_minutes, verify_seconds, watch_restart_seconds, busy_per_hour, backlog_messages, backlog_share, lists, failover, quarantine.dir and quarantine.other_volume",
			lineOf(text, unknown[0][len(unknown[0])-1]), unknown[0])
	}
	return c, nil
}

// lineOf finds the line of a key that the TOML reader does not tell the place of; 1 when it cannot be found.
func lineOf(text, key string) int {
	n := 0
	for line := range strings.Lines(text) {
		n++
		name, _, _ := strings.Cut(line, "=")
		if strings.Contains(name, key) && !strings.HasPrefix(strings.TrimSpace(line), "#") {
			return n
		}
	}
	return 1
}

// options are the settings that the file holds.
func (c *configFile) options(path string) (options, error) {
	if err := c.bounds(); err != nil {
		return options{}, usage("%s: %w; leave the key out for the default", path, err)
	}
	ips, err := parseAddresses(c.IP, path+", ip")
	if err != nil {
		return options{}, err
	}
	lists := c.Lists
	if lists != "" && !filepath.IsAbs(lists) {
		lists = filepath.Join(filepath.Dir(path), lists)
	}
	return options{
		spool: c.Spool, logs: c.Logs, ips: ips, resolver: c.Resolver, helo: c.HELO, service: c.Service, api: c.API, admin: c.Admin,
		incidents: c.Incidents, quarantineDir: c.Quarantine.Dir, otherVolume: c.Quarantine.OtherVolume, failover: c.Failover, lists: lists,
		verifyWait:   max(time.Duration(c.VerifyMinutes)*time.Minute, time.Duration(c.VerifySeconds)*time.Second),
		watchRestart: time.Duration(c.WatchSeconds) * time.Second, busyPerHour: int(c.BusyPerHour),
		backlogMessages: int(c.BacklogMessages), backlogShare: c.BacklogShare,
	}, nil
}

// bounds refuses numbers that would make a wait, or a threshold, pointless.
func (c *configFile) bounds() error {
	if c.VerifyMinutes != 0 && c.VerifySeconds != 0 {
		return errors.New("verify_minutes and verify_seconds say the same: give one of them")
	}
	const day = 24 * 60 * 60
	for _, n := range []struct {
		key   string
		value wholeNumber
		max   int
	}{
		{"verify_minutes", c.VerifyMinutes, day / 60}, {"verify_seconds", c.VerifySeconds, day},
		{"watch_restart_seconds", c.WatchSeconds, day / 24}, {"busy_per_hour", c.BusyPerHour, math.MaxInt32},
		{"backlog_messages", c.BacklogMessages, math.MaxInt32},
	} {
		if n.value < 0 || int(n.value) > n.max {
			return fmt.Errorf("%s = %d is not between 1 and %d", n.key, n.value, n.max)
		}
	}
	if !(c.BacklogShare >= 0 && c.BacklogShare <= 1) { // also what is no number
		return fmt.Errorf("backlog_share = %v is not a share between 0 and 1, such as 0.1", c.BacklogShare)
	}
	return nil
}

// programData is %ProgramData% of a Windows server.
func (p *program) programData() string {
	if dir := p.env.get("ProgramData"); dir != "" {
		return dir
	}
	return `C:\ProgramData`
}
