package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/dustin/go-humanize"

	"delist/checks/traffic"
	"delist/steps/words"
)

// Bounds of the look at the logs: what is read of them, in bytes, enough to see whether they tell of mail; and how many
// files that cannot be read are named.
const (
	shallowLogs = 32 << 20
	namedLogs   = 5
)

// logsSigns look at the names of the logs, at the end of the newest ones, and whether all can be unpacked that the wizard
// would read.
func (p *program) logsSigns(ctx context.Context, logs finding) []sign {
	if logs.value == "" {
		return []sign{{hint, "logs", "none were found; name their folder with --logs"}}
	}
	files, err := traffic.Files(logs.value, time.Local)
	if err != nil {
		return []sign{{fails, "logs", sentence(err) + "; name the right folder with --logs"}}
	}
	days := map[traffic.Kind]int{}
	newest := ""
	for _, f := range files {
		days[f.Kind]++
		if f.Kind == traffic.SMTP {
			newest = filepath.Base(f.Path)
		}
	}
	if newest == "" {
		return []sign{{hint, "logs", logs.value + " holds no smtpLog (a file named like 2026.11.24-smtpLog.log): switch on the SMTP log, level Detailed, in SmarterMail"}}
	}
	text := fmt.Sprintf("%s (%s): %s of smtpLog, the newest %s; %s of delivery, %s of administrative", logs.value, logs.ground,
		daysOf(days[traffic.SMTP]), newest, daysOf(days[traffic.Delivery]), daysOf(days[traffic.Administrative]))
	ctx, cancel := context.WithTimeout(ctx, doctorLimit)
	defer cancel()
	report, err := traffic.Open(logs.value, traffic.Options{MaxBytes: shallowLogs, Clock: p.env.Clock}).Read(ctx)
	if err != nil {
		return []sign{{unsure, "logs", text + "; they could not be read: " + sentence(err)}}
	}
	signs := []sign{{works, "logs", text + "; they say who sends"}}
	broken := report.Broken()
	switch silence := report.Silence(); {
	case silence == "":
	case len(broken) > 0:
		signs[0] = sign{unsure, "logs", text + "; they do not say who sends"}
	default:
		signs[0] = sign{hint, "logs", text + "; " + silence}
	}
	if stale := report.Stale(); stale != "" {
		signs[0] = sign{unsure, "logs", text + "; " + stale}
	}
	for _, why := range broken[:min(len(broken), namedLogs)] {
		signs = append(signs, sign{unsure, "logs", why})
	}
	if more := len(broken) - namedLogs; more > 0 {
		signs = append(signs, sign{unsure, "logs", words.Count(more, "more file cannot be read or understood", "more files cannot be read or understood")})
	}
	return signs
}

func daysOf(n int) string {
	if n == 1 {
		return "1 day"
	}
	return humanize.Comma(int64(n)) + " days"
}
