package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"outcry/collectors/archive"
	"outcry/internal/app"
	"outcry/internal/drill"
	"outcry/internal/pgserver"
	"outcry/internal/play"
	"outcry/internal/reaction"
)

func newBench(t *terminal, g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use: "bench", Short: "Measure this machine: figures as ratios, one JSON object a line", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	b := ingestBench{term: t, globals: g}
	ingest := &cobra.Command{
		Use:   "ingest",
		Short: "Posts a second from a file to committed rows and figures, beside psql \\copy of the same rows",
		Long: `Ingest makes a file of simulated posts, replays it into a new private database through the whole
line (read, sort, match, log with every write synced, tag, store, sum), and then loads the finished
rows with psql's \copy into an empty table of the same kind, with the same indexes, on the same
server. The ratio compares the two; it is the figure to quote, the seconds are this machine's.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return b.run(cmd.Context()) },
	}
	ingest.Flags().Float64Var(&b.scale, "scale", 10, "size of the file: 1 is some 20,000 posts")
	ingest.Flags().IntVar(&b.rounds, "rounds", 3, "how often both are measured; the median ratio counts")
	cmd.AddCommand(ingest, newBenchFanout(t, g), newBenchCollect(t, g), newBenchTag(t))
	return cmd
}

// ingestBench measures the line against PostgreSQL's own way of loading rows.
type ingestBench struct {
	term    *terminal
	globals *globals
	scale   float64
	rounds  int
}

// ingestFigure is one line of the benchmark's output. Times are in seconds.
type ingestFigure struct {
	Bench     string  `json:"bench"`
	Round     int     `json:"round,omitempty"`
	Posts     int64   `json:"posts"`
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"posts_per_second"`
	Reference string  `json:"reference"`
	RefSecs   float64 `json:"reference_seconds"`
	Ratio     float64 `json:"ratio"` // of the posts a second
}

func (b *ingestBench) run(ctx context.Context) error {
	if b.rounds < 1 {
		return usagef("--rounds %d is less than 1", b.rounds)
	}
	dir, err := os.MkdirTemp("", "outcry-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o711); err != nil { // the database's own user must get through
		return err
	}
	file := filepath.Join(dir, "posts.ndjson")
	event, err := b.makeFile(file)
	if err != nil {
		return err
	}
	var figures []ingestFigure
	enc := json.NewEncoder(b.term.out)
	for round := range b.rounds {
		f, err := b.round(ctx, filepath.Join(dir, fmt.Sprint("data", round)), file, event)
		if err != nil {
			return err
		}
		f.Round = round + 1
		if err := enc.Encode(f); err != nil {
			return err
		}
		figures = append(figures, f)
	}
	slices.SortFunc(figures, func(x, y ingestFigure) int { return int((x.Ratio - y.Ratio) * 1e6) })
	median := figures[len(figures)/2]
	median.Bench, median.Round = "ingest median", 0
	return enc.Encode(median)
}

// makeFile writes the posts of a drill, and nothing else of it.
func (b *ingestBench) makeFile(file string) (reaction.Event, error) {
	o := drill.Defaults(drill.Launch)
	o.Scale, o.Deletes, o.Gaps = b.scale, 0, 0
	d, err := drill.New(o)
	if err != nil {
		return reaction.Event{}, usageError{err}
	}
	return d.Event(), writeFile(file, d.WriteRecords)
}

func (b *ingestBench) round(ctx context.Context, dir, file string, event reaction.Event) (f ingestFigure, err error) {
	c, err := b.globals.load(map[string]string{"data": dir})
	if err != nil {
		return f, err
	}
	c.DatabaseURL, c.NATSURL = app.Secret{}, app.Secret{}
	n, err := openLocal(ctx, *c, newLogger(b.term.err, app.LogConfig{Level: app.LogWarn}))
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	if err := n.CreateEvent(ctx, &event); err != nil {
		return f, err
	}

	began := time.Now()
	a, err := archive.Open(ctx, []string{file}, archive.Options{Now: time.Now()})
	if err != nil {
		return f, err
	}
	defer a.Close()
	s := play.Sender{
		To: n, Event: &event, From: a,
		Run: reaction.Run{Name: a.Fingerprint(), Coverage: a.Coverage(), Records: a.Len(), Simulated: true},
	}
	did, err := s.Send(ctx)
	if err != nil {
		return f, err
	}
	f = ingestFigure{Bench: "ingest", Posts: did.Stored, Seconds: time.Since(began).Seconds(), Reference: `psql \copy`}
	if f.RefSecs, err = b.reference(ctx, n.node.DatabaseURL(), event.ID, c.PostgresBin, dir); err != nil {
		return f, err
	}
	f.PerSecond = float64(f.Posts) / f.Seconds
	f.Ratio = f.RefSecs / f.Seconds
	return f, nil
}

// reference loads the finished rows into an empty table of the same kind, as psql does it.
func (b *ingestBench) reference(ctx context.Context, url string, event int64, binDir, dir string) (seconds float64, err error) {
	psql, err := findPsql(binDir)
	if err != nil {
		return 0, err
	}
	rows := filepath.Join(dir, "rows.copy")
	table := fmt.Sprintf("posts_%d", event)
	run := func(commands ...string) error {
		args := []string{"-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url}
		for _, c := range commands {
			args = append(args, "-c", c)
		}
		out, err := exec.CommandContext(ctx, psql, args...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("psql: %w: %s", err, out)
		}
		return nil
	}
	if err := run(`\copy `+table+` to '`+rows+`'`, `CREATE TABLE finished (LIKE `+table+` INCLUDING ALL)`, `CHECKPOINT`); err != nil {
		return 0, err
	}
	began := time.Now()
	if err := run(`\copy finished from '` + rows + `'`); err != nil {
		return 0, err
	}
	return time.Since(began).Seconds(), nil
}

func findPsql(binDir string) (string, error) {
	if dir, _, err := pgserver.Find(binDir); err == nil {
		if p := filepath.Join(dir, "psql"); isFile(p) {
			return p, nil
		}
	}
	p, err := exec.LookPath("psql")
	if err != nil {
		return "", fmt.Errorf("psql, which the comparison is with, is not installed: %w", err)
	}
	return p, nil
}

func isFile(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular()
}
