package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"outcry/internal/app"
	"outcry/internal/drill"
	"outcry/internal/reaction"
)

func newBenchFanout(t *terminal, g *globals) *cobra.Command {
	b := fanoutBench{term: t, globals: g}
	cmd := &cobra.Command{
		Use:   "fanout",
		Short: "What a change costs with many readers of one event, beside one reader",
		Long: `Fanout serves one event to readers that follow it over HTTP on this machine, and changes it again and
again: a batch of simulated posts goes through the whole line, and every reader is waited for. The
ratio compares the processor time of a change, that of the readers included, with what it is for one
reader; it is the figure to quote.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return b.run(cmd.Context()) },
	}
	cmd.Flags().IntVar(&b.readers, "readers", 500, "how many follow the event, at most 1900")
	cmd.Flags().IntVar(&b.changes, "changes", 20, "how often it changes")
	cmd.Flags().IntVar(&b.rounds, "rounds", 3, "how often both are measured; the median ratio counts")
	return cmd
}

type fanoutBench struct {
	term    *terminal
	globals *globals
	readers int
	changes int
	rounds  int
}

// fanoutFigure is one line of the benchmark's output. Times are in milliseconds.
type fanoutFigure struct {
	Bench     string  `json:"bench"`
	Round     int     `json:"round,omitempty"`
	Readers   int     `json:"readers"`
	Changes   int     `json:"changes"`
	CPU       float64 `json:"cpu_ms_per_change"`
	Reference string  `json:"reference"`
	RefCPU    float64 `json:"reference_cpu_ms_per_change"`
	Ratio     float64 `json:"ratio"` // of the processor time
	PerReader float64 `json:"cpu_us_per_reader_and_change"`
	Median    float64 `json:"latency_ms_median"` // from the commit to the last reader
	Worst     float64 `json:"latency_ms_worst"`
}

func (b *fanoutBench) run(ctx context.Context) (err error) {
	switch {
	case b.readers < 1 || b.readers > 1900:
		return usagef("--readers %d is not between 1 and 1900", b.readers)
	case b.changes < 1 || b.rounds < 1:
		return usagef("--changes and --rounds are 1 or more")
	}
	dir, err := os.MkdirTemp("", "outcry-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o711); err != nil { // the database's own user must get through
		return err
	}
	c, err := b.globals.load(map[string]string{"data": filepath.Join(dir, "data")})
	if err != nil {
		return err
	}
	c.DatabaseURL, c.NATSURL = app.Secret{}, app.Secret{}
	n, err := openLocal(ctx, *c, newLogger(b.term.err, app.LogConfig{Level: app.LogWarn}))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	serving, stop := context.WithCancel(ctx)
	url, stopped, err := n.node.ServeLocally(serving, "bench")
	if err != nil {
		stop()
		return err
	}
	defer func() { stop(); err = errors.Join(err, <-stopped) }()
	return b.measure(ctx, n, url)
}

func (b *fanoutBench) measure(ctx context.Context, n *local, url string) error {
	var figures []fanoutFigure
	enc := json.NewEncoder(b.term.out)
	for round := range b.rounds {
		e, err := openEvening(ctx, n, fmt.Sprint("fanout-", round+1))
		if err != nil {
			return err
		}
		one, err := b.follow(ctx, n, url, e, 1)
		if err != nil {
			return err
		}
		many, err := b.follow(ctx, n, url, e, b.readers)
		if err != nil {
			return err
		}
		many.Round, many.Reference, many.RefCPU, many.Ratio = round+1, "one reader", one.CPU, many.CPU/one.CPU
		if err := enc.Encode(many); err != nil {
			return err
		}
		figures = append(figures, many)
	}
	slices.SortFunc(figures, func(x, y fanoutFigure) int { return int((x.Ratio - y.Ratio) * 1e6) })
	median := figures[len(figures)/2]
	median.Bench, median.Round = "fanout median", 0
	return enc.Encode(median)
}

// evening is a simulated event under way, whose records are sent bit by bit.
type evening struct {
	event *reaction.Event
	run   reaction.Run
	list  []reaction.Record
	sent  int
}

// openEvening begins a drill and sends its first hour, which nobody follows.
func openEvening(ctx context.Context, n *local, slug string) (*evening, error) {
	o := drill.Defaults(drill.Launch)
	o.Slug = slug
	d, err := drill.New(o)
	if err != nil {
		return nil, err
	}
	e := d.Event()
	if err := n.CreateEvent(ctx, &e); err != nil {
		return nil, err
	}
	v := &evening{event: &e, run: d.Run()}
	for r, err := range d.Records(0) {
		if err != nil {
			return nil, err
		}
		v.list = append(v.list, r)
	}
	if _, err := n.Begin(ctx, v.event, v.run); err != nil {
		return nil, err
	}
	_, err = v.send(ctx, n, len(v.list)/5)
	return v, err
}

// send sends some records and waits until followers were told of them: the position after it.
func (v *evening) send(ctx context.Context, n *local, records int) (uint64, error) {
	told := make(chan string, 64)
	stop := n.node.Notices.Watch(v.event.ID, func(at string, _ reaction.Change) {
		select {
		case told <- at:
		default:
		}
	})
	defer stop()
	var at uint64
	for records = min(records, len(v.list)-v.sent); records > 0; {
		k := min(records, sendAtOnce)
		if _, err := n.Send(ctx, v.event, v.run.Name, int64(v.sent), v.list[v.sent:v.sent+k]); err != nil {
			return 0, err
		}
		v.sent, records = v.sent+k, records-k
		select {
		case s := <-told:
			at = sequenceOf(s)
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(time.Minute):
			return 0, errors.New("a change was not told within a minute")
		}
	}
	return at, nil
}

// sendAtOnce is how many records go in one batch, and so in one envelope.
const sendAtOnce = 2000

func sequenceOf(position string) uint64 {
	_, s, _ := strings.Cut(position, ".")
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// follow measures changes of an event that so many follow.
func (b *fanoutBench) follow(ctx context.Context, n *local, url string, v *evening, readers int) (fanoutFigure, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	crowd := &fanoutCrowd{at: make([]uint64, readers)}
	crowd.moved = sync.NewCond(&crowd.mu)
	var work sync.WaitGroup
	defer work.Wait()
	defer cancel()
	for i := range readers {
		work.Go(func() { crowd.read(ctx, i, url+"/v1/events/"+v.event.Slug+"/stream?step=10s", n.node.Door.LocalKey()) })
	}
	defer context.AfterFunc(ctx, crowd.wake)()
	start, err := v.send(ctx, n, 1)
	if err != nil {
		return fanoutFigure{}, err
	}
	if err := crowd.wait(ctx, start); err != nil {
		return fanoutFigure{}, err
	}
	f := fanoutFigure{Bench: "fanout", Readers: readers, Changes: b.changes}
	var late []time.Duration
	before := processorTime()
	for range b.changes {
		at, err := v.send(ctx, n, 50)
		if err != nil {
			return f, err
		}
		told := time.Now()
		if err := crowd.wait(ctx, at); err != nil {
			return f, err
		}
		late = append(late, time.Since(told))
	}
	used := processorTime() - before
	f.CPU = used.Seconds() * 1000 / float64(b.changes)
	f.PerReader = 1000 * f.CPU / float64(readers)
	slices.Sort(late)
	f.Median, f.Worst = late[len(late)/2].Seconds()*1000, late[len(late)-1].Seconds()*1000
	return f, nil
}

// fanoutCrowd is where each reader stands.
type fanoutCrowd struct {
	mu    sync.Mutex
	moved *sync.Cond
	at    []uint64
	err   error
}

func (c *fanoutCrowd) wake() { c.moved.Broadcast() }

// wait waits until every reader has come as far.
func (c *fanoutCrowd) wait(ctx context.Context, at uint64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case c.err != nil:
			return c.err
		case slices.Min(c.at) >= at:
			return nil
		}
		c.moved.Wait()
	}
}

// read follows a stream until ctx ends.
func (c *fanoutCrowd) read(ctx context.Context, i int, url, key string) {
	err := c.follow(ctx, i, url, key)
	c.mu.Lock()
	defer c.mu.Unlock()
	if ctx.Err() == nil && c.err == nil {
		c.err = fmt.Errorf("reader %d: the stream ended: %w", i+1, err)
	}
	c.moved.Broadcast()
}

func (c *fanoutCrowd) follow(ctx context.Context, i int, url, key string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+key)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("answered with %s", resp.Status)
	}
	in := bufio.NewReaderSize(resp.Body, 32<<10)
	var at uint64
	for {
		line, err := in.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull): // a long line of figures
			continue
		case err != nil:
			return err
		}
		if id, ok := strings.CutPrefix(string(line), "id: "); ok {
			at = sequenceOf(strings.TrimSpace(id))
		}
		if len(line) > 1 {
			continue
		}
		c.mu.Lock()
		c.at[i] = at
		c.mu.Unlock()
		c.moved.Broadcast()
	}
}

// processorTime is what this process has used of the processor. The database is another process.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
