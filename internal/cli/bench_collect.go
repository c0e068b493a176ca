package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"outcry/internal/app"
	"outcry/internal/platforms"
	"outcry/internal/reaction"
)

func newBenchCollect(t *terminal, g *globals) *cobra.Command {
	b := collectBench{term: t, globals: g}
	cmd := &cobra.Command{
		Use:   "collect",
		Short: "What is lost, and how soon posts are seen, with all sources at full speed",
		Long: `Collect starts Bluesky, Mastodon and X in small on this machine, and a server that collects them
all, and hangs up on it again and again. At the end it compares what the platforms said with what the
server has stored, post for post, and tells how long after it was said a post was in the figures that
a dashboard follows.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return b.run(cmd.Context()) },
	}
	f := cmd.Flags()
	f.IntVar(&b.bluesky, "bluesky", 4700, "posts a second on Bluesky")
	f.IntVar(&b.mastodon, "mastodon", 100, "posts a second on Mastodon")
	f.IntVar(&b.x, "x", 200, "posts a second on X, whose stream carries 250 at most")
	f.DurationVar(&b.length, "for", 10*time.Minute, "for how long they speak")
	f.DurationVar(&b.cut, "hang-up", time.Minute, "how often all streams are cut")
	return cmd
}

type collectBench struct {
	term                 *terminal
	globals              *globals
	bluesky, mastodon, x int
	length, cut          time.Duration

	list []*spoken
	key  string
	base string
}

// spoken is one of the platforms, and what it said and the server stored of it.
type spoken struct {
	source reaction.Source
	on     *platforms.Platform
	addr   string
}

// collectFigure is the benchmark's output.
type collectFigure struct {
	Bench   string                  `json:"bench"`
	Seconds float64                 `json:"seconds"`
	HungUp  int                     `json:"hung_up"`
	Said    map[reaction.Source]int `json:"said"`
	Stored  map[reaction.Source]int `json:"stored"`
	Rate    float64                 `json:"posts_per_second"`
	Median  float64                 `json:"seen_seconds_median"`
	P99     float64                 `json:"seen_seconds_p99"`
	Worst   float64                 `json:"seen_seconds_worst"`
	CPU     float64                 `json:"server_cpu_share"` // of one processor, without the database
	MaxRSS  int64                   `json:"server_max_rss_mib"`
	Equal   bool                    `json:"equal"`
}

const benchSlug = "rehearsal"

func (b *collectBench) run(ctx context.Context) error {
	if b.bluesky < 1 || b.mastodon < 1 || b.x < 1 || b.length < time.Second || b.cut < time.Second {
		return usagef("rates are 1 or more, and times a second or more")
	}
	dir, err := os.MkdirTemp("", "outcry-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o711); err != nil { // the database's own user must get through
		return err
	}
	b.list = []*spoken{
		{source: reaction.Bluesky, on: platforms.Bluesky(b.bluesky)},
		{source: reaction.Mastodon, on: platforms.Mastodon(b.mastodon)},
		{source: reaction.X, on: platforms.X(b.x)},
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g, ctx := errgroup.WithContext(ctx)
	ready := make(chan struct{}, len(b.list))
	for _, s := range b.list {
		g.Go(func() error { return s.on.Serve(ctx, func(addr string) { s.addr = addr; ready <- struct{}{} }) })
	}
	for range b.list {
		select {
		case <-ready:
		case <-ctx.Done():
			return g.Wait()
		}
	}
	err = b.measure(ctx, filepath.Join(dir, "data"))
	cancel()
	return errors.Join(err, g.Wait())
}

// measure runs a server in a process of its own while the platforms speak.
func (b *collectBench) measure(ctx context.Context, data string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	c := exec.Command(self, "serve", "--data", data, "--listen", "127.0.0.1:0", "--log-level", "warn")
	c.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, app.EnvPrefix) }),
		"OUTCRY_SOURCES=bluesky,mastodon,x", "OUTCRY_BLUESKY_HOSTS=ws://"+b.list[0].addr, "OUTCRY_MASTODON_SERVERS=http://"+b.list[1].addr,
		"OUTCRY_MASTODON_TOKENS="+b.list[1].addr+"=rehearsal", "OUTCRY_X_URL=http://"+b.list[2].addr, "OUTCRY_X_TOKEN=rehearsal", "OUTCRY_X_MONTH_USD=100000")
	c.Stderr = b.term.err
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := c.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	f, err := b.listen(ctx, data)
	_ = c.Process.Signal(syscall.SIGTERM)
	if end := <-ended; err == nil {
		err = end
	}
	if err != nil {
		return err
	}
	if u, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		f.CPU = (c.ProcessState.SystemTime() + c.ProcessState.UserTime()).Seconds() / f.Seconds
		f.MaxRSS = u.Maxrss >> 10
	}
	if err := json.NewEncoder(b.term.out).Encode(f); err != nil {
		return err
	}
	if !f.Equal {
		return errors.New("what was stored is not what was said")
	}
	return nil
}

// listen waits for the server, has the platforms speak, and compares.
func (b *collectBench) listen(ctx context.Context, data string) (f collectFigure, err error) {
	if err := b.connect(ctx, data); err != nil {
		return f, err
	}
	following, stop := context.WithCancel(ctx)
	defer stop()
	var seen []sighting
	followed := make(chan error, 1)
	go func() { followed <- b.follow(following, &seen) }()

	began := time.Now()
	speaking, hush := context.WithTimeout(ctx, b.length)
	defer hush()
	var g errgroup.Group
	for _, s := range b.list {
		g.Go(func() error { s.on.Talk(speaking); return nil })
	}
	tick := time.NewTicker(b.cut)
	defer tick.Stop()
	for speaking.Err() == nil {
		select {
		case <-speaking.Done():
		case <-tick.C:
			f.HungUp++
			for _, s := range b.list {
				s.on.HangUp()
			}
		}
	}
	_ = g.Wait()
	f.Bench, f.Seconds, f.Said = "collect", time.Since(began).Seconds(), map[reaction.Source]int{}
	said := 0
	for _, s := range b.list {
		f.Said[s.source] = len(s.on.Made())
		said += f.Said[s.source]
	}
	f.Rate = float64(said) / f.Seconds
	if f.Stored, err = b.stored(ctx, f.Said); err != nil {
		return f, err
	}
	stop()
	if err := <-followed; err != nil {
		return f, err
	}
	b.seen(&f, seen)
	f.Equal = true
	for s, n := range f.Said {
		f.Equal = f.Equal && f.Stored[s] == n
	}
	return f, nil
}

// connect waits until the server answers, makes the event, and waits until all sources are heard.
func (b *collectBench) connect(ctx context.Context, data string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		if h, ok, err := app.FindHolder(data); err == nil && ok && h.URL != "" {
			b.base, b.key = h.URL, h.Key
			break
		}
		if err := soon(ctx); err != nil {
			return fmt.Errorf("the server does not start: %w", err)
		}
	}
	now := time.Now().UTC()
	event := map[string]any{
		"slug": benchSlug, "title": "A rehearsal", "starts_at": now.Add(-time.Minute), "ends_at": now.Add(b.length + time.Hour), "status": "live",
		"match": map[string]any{"any": []string{"#" + platforms.Tag}}, "sources": []string{"bluesky", "mastodon", "x"},
		"spend": map[string]any{"x": map[string]any{"usd": 100000}},
	}
	body, err := json.Marshal(event)
	if err != nil {
		return err
	}
	if err := b.do(ctx, http.MethodPost, "/v1/events", body, nil); err != nil {
		return err
	}
	for {
		var a struct {
			Sources []struct {
				Source, State string
				Feeds         []struct{ Reason string }
			} `json:"sources"`
		}
		if err := b.do(ctx, http.MethodGet, "/v1/sources", nil, &a); err != nil {
			return err
		}
		live := 0
		for _, s := range a.Sources {
			if s.State == "live" {
				live++
			}
		}
		if live == len(b.list) {
			return nil
		}
		if err := soon(ctx); err != nil {
			return fmt.Errorf("of %d sources %d are heard: %+v: %w", len(b.list), live, a.Sources, err)
		}
	}
}

func soon(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(200 * time.Millisecond):
		return nil
	}
}

// stored is how many posts of each source the server has, once that is as many as were said, or
// does not become more for two minutes.
func (b *collectBench) stored(ctx context.Context, said map[reaction.Source]int) (map[reaction.Source]int, error) {
	var last map[reaction.Source]int
	for quiet := 0; ; quiet++ {
		now, missing := map[reaction.Source]int{}, false
		for s, n := range said {
			got, err := b.count(ctx, s)
			if err != nil {
				return nil, err
			}
			now[s] = got
			missing = missing || got < n
			if last == nil || got > last[s] {
				quiet = 0
			}
		}
		if last = now; !missing || quiet > 120 {
			return now, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// count sums the posts of a source over the event.
func (b *collectBench) count(ctx context.Context, s reaction.Source) (int, error) {
	var a struct {
		Series []struct {
			Points []struct {
				Value   *float64 `json:"value"`
				AtLeast *float64 `json:"at_least"`
			} `json:"points"`
		} `json:"series"`
	}
	q := url.Values{"series": {"posts"}, "step": {"1h"}, "source": {string(s)}}
	if err := b.do(ctx, http.MethodGet, "/v1/events/"+benchSlug+"/trend?"+q.Encode(), nil, &a); err != nil {
		return 0, err
	}
	n := 0.0
	for _, x := range a.Series {
		for _, p := range x.Points {
			n += known(p.Value, p.AtLeast)
		}
	}
	return int(n), nil
}

// known is what is known of a count.
func known(value, atLeast *float64) float64 {
	switch {
	case value != nil:
		return *value
	case atLeast != nil:
		return *atLeast
	}
	return 0
}

// sighting is how many posts were in the figures at one time.
type sighting struct {
	at    time.Time
	posts int
}

// follow reads the event's stream of figures as a dashboard does, until ctx ends.
func (b *collectBench) follow(ctx context.Context, seen *[]sighting) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+"/v1/events/"+benchSlug+"/stream?series=posts&step=10s", nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+b.key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	buckets := map[time.Time]float64{}
	in := bufio.NewReaderSize(res.Body, 1<<20)
	event := ""
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("the stream of figures: %w", err)
		}
		if name, ok := strings.CutPrefix(line, "event: "); ok {
			event = strings.TrimSpace(name)
		}
		data, ok := strings.CutPrefix(line, "data: ")
		if !ok || event != "figures" {
			continue
		}
		var f struct {
			Series []struct {
				Points []struct {
					Bucket  time.Time `json:"bucket"`
					Value   *float64  `json:"value"`
					AtLeast *float64  `json:"at_least"`
				} `json:"points"`
			} `json:"series"`
		}
		if err := json.Unmarshal([]byte(data), &f); err != nil {
			return fmt.Errorf("the stream of figures: %w", err)
		}
		for _, s := range f.Series {
			for _, p := range s.Points {
				buckets[p.Bucket] = known(p.Value, p.AtLeast)
			}
		}
		sum := 0.0
		for _, v := range buckets {
			sum += v
		}
		*seen = append(*seen, sighting{time.Now(), int(sum)})
	}
}

// seen works out how long after it was made each post was in the figures: the nth that was made
// counts as seen when there were n.
func (b *collectBench) seen(f *collectFigure, seen []sighting) {
	var made []time.Time
	for _, s := range b.list {
		made = append(made, s.on.Made()...)
	}
	slices.SortFunc(made, time.Time.Compare)
	var after []float64
	i := 0
	for n, at := range made {
		for i < len(seen) && seen[i].posts <= n {
			i++
		}
		if i < len(seen) {
			after = append(after, seen[i].at.Sub(at).Seconds())
		}
	}
	slices.Sort(after)
	if n := len(after); n > 0 {
		f.Median, f.P99, f.Worst = after[n/2], after[n*99/100], after[n-1]
	}
}

// do sends one request to the server and reads its JSON answer.
func (b *collectBench) do(ctx context.Context, method, path string, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, b.base+path, strings.NewReader(string(body)))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+b.key)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %s", method, path, res.Status, text)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}
