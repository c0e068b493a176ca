package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows how far long work has come: a bar with its rate and the time left on a terminal,
// a plain line now and then elsewhere.
type progress struct {
	what  string
	unit  string
	total int64
	out   io.Writer
	bar   *progressbar.ProgressBar // nil where out is no terminal
	began time.Time
	last  time.Time
}

// plainEvery is how often a line is printed where there is no terminal.
const plainEvery = 5 * time.Second

func newProgress(out io.Writer, what, unit string, total int64) *progress {
	p := &progress{what: what, unit: unit, total: total, out: out, began: time.Now()}
	p.last = p.began
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		options := []progressbar.Option{
			progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(what), progressbar.OptionShowCount(),
			progressbar.OptionShowIts(), progressbar.OptionSetItsString(unit), progressbar.OptionSetPredictTime(true),
			progressbar.OptionThrottle(100 * time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(24),
		}
		if unit == "bytes" {
			options = append(options, progressbar.OptionShowBytes(true))
		}
		p.bar = progressbar.NewOptions64(total, options...)
	}
	return p
}

// at says that n of the total are done.
func (p *progress) at(n int64) {
	if p.bar != nil {
		_ = p.bar.Set64(min(n, p.total)) // a bar that cannot be drawn is no reason to stop
		return
	}
	now := time.Now()
	if now.Sub(p.last) < plainEvery || p.total == 0 {
		return
	}
	p.last = now
	rate := float64(n) / now.Sub(p.began).Seconds()
	left := "unknown"
	if rate > 0 {
		left = time.Duration(float64(p.total-n) / rate * float64(time.Second)).Round(time.Second).String()
	}
	fmt.Fprintf(p.out, "%s: %d of %d %s (%.0f%%), %.0f %s a second, about %s left\n",
		p.what, n, p.total, p.unit, 100*float64(n)/float64(p.total), rate, p.unit, left)
}

// end removes the bar.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
