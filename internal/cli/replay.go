package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"outcry/collectors/archive"
	"outcry/internal/play"
	"outcry/internal/reaction"
)

// replayFlags are the flags of replay.
type replayFlags struct {
	event   string
	speed   string
	format  string
	columns []string
	source  string
	zone    string
	layout  string
	rejects string
}

func newReplay(t *terminal, g *globals) *cobra.Command {
	var f replayFlags
	cmd := &cobra.Command{
		Use:   "replay FILE... --event SLUG",
		Short: "Send recorded posts and health samples through the live path",
		Long: `Replay reads recorded posts (X API v2 and twarc, X v1.1, Bluesky Jetstream, Mastodon, CSV, TSV)
and health samples (CSV or NDJSON), plain or compressed with gzip or zstd, in any order of time,
and sends them through the path that live posts take: matched with the event's terms, made durable,
tagged, stored and summed. Interrupted and run again it goes on from where it was; run twice it
adds nothing.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return replay(cmd.Context(), t, g, f, args) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.event, "event", "", "slug of the event that the posts belong to")
	fl.StringVar(&f.speed, "speed", "max", "max, or a factor of the recording's own time: 1x, 60x, ...")
	fl.StringVar(&f.format, "format", "auto", "format of the files: "+strings.Join(formatNames(), ", "))
	fl.StringArrayVar(&f.columns, "columns", nil, "ROLE=HEADER: which column of a CSV has what, or ROLE=#N by number (repeatable)")
	fl.StringVar(&f.source, "source", "", "source of the posts where the files do not say: x, bluesky, mastodon, ...")
	fl.StringVar(&f.zone, "zone", "UTC", "time zone of times that name none, e.g. America/New_York")
	fl.StringVar(&f.layout, "time-layout", "", "form of the times, as a Go layout, where guessing fails")
	fl.StringVar(&f.rejects, "rejects", "", "file that lists each row that was refused: file, line, reason")
	return cmd
}

func formatNames() []string {
	var out []string
	for _, f := range archive.Formats {
		out = append(out, string(f))
	}
	return out
}

func (f *replayFlags) options(t *terminal) (o archive.Options, err error) {
	o.Now = time.Now()
	o.TimeLayout = f.layout
	if o.Format, err = archive.ParseFormat(f.format); err != nil {
		return o, usagef("--format: %w", err)
	}
	if f.source != "" {
		if o.Source, err = reaction.ParseSource(f.source); err != nil {
			return o, usagef("--source: %w", err)
		}
	}
	if o.Zone, err = time.LoadLocation(f.zone); err != nil {
		return o, usagef("--zone %q is not the name of a time zone, like Asia/Seoul", f.zone)
	}
	for _, c := range f.columns {
		role, header, ok := strings.Cut(c, "=")
		if !ok || role == "" || header == "" {
			return o, usagef("--columns %q is not ROLE=HEADER", c)
		}
		if o.Columns == nil {
			o.Columns = map[string]string{}
		}
		o.Columns[role] = header
	}
	var bar *progress
	o.Progress = func(p archive.Progress) {
		if bar == nil {
			bar = newProgress(t.err, "reading", "bytes", p.Total)
		}
		bar.at(p.Bytes)
		if p.Bytes >= p.Total {
			bar.end()
		}
	}
	return o, nil
}

func replay(ctx context.Context, t *terminal, g *globals, f replayFlags, files []string) (err error) {
	if f.event == "" {
		return usagef("name the event with --event SLUG")
	}
	pace, err := play.ParseSpeed(f.speed)
	if err != nil {
		return usagef("--speed %w", err)
	}
	o, err := f.options(t)
	if err != nil {
		return err
	}
	if f.rejects != "" {
		w, createErr := os.Create(f.rejects)
		if createErr != nil {
			return fmt.Errorf("--rejects: %w", createErr)
		}
		defer func() { err = errors.Join(err, w.Close()) }()
		o.Rejects = w
	}
	b, err := g.open(ctx, t)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	e, err := findEvent(ctx, b, f.event)
	if err != nil {
		return err
	}
	a, err := archive.Open(ctx, files, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	describe(t.err, a)
	run := reaction.Run{Name: a.Fingerprint(), Coverage: a.Coverage(), Rejected: a.Rejected(), Records: a.Len()}
	return sendRun(ctx, t, b, e, run, a, pace)
}

func findEvent(ctx context.Context, b backend, slug string) (*reaction.Event, error) {
	e, err := b.Event(ctx, slug)
	if errors.Is(err, reaction.ErrNotFound) {
		return nil, fmt.Errorf("there is no event %q: describe it in a file and run 'outcry event apply -f FILE' first (docs/events has examples)", slug)
	}
	return e, err
}

// describe says what was found in the files.
func describe(w io.Writer, a *archive.Archive) {
	for _, f := range a.Files() {
		fmt.Fprintf(w, "%s: %s, %d of %d rows usable", f.Path, f.Format, f.Accepted, f.Rows)
		if f.Accepted > 0 {
			fmt.Fprintf(w, ", %s to %s", f.First.UTC().Format(time.RFC3339), f.Last.UTC().Format(time.RFC3339))
		}
		fmt.Fprintln(w)
		if f.Mapping != "" {
			fmt.Fprintf(w, "  columns: %s\n", f.Mapping)
		}
		for _, n := range f.Notes {
			fmt.Fprintf(w, "  %s\n", n)
		}
		for _, r := range slices.Sorted(maps.Keys(f.Rejected)) {
			fmt.Fprintf(w, "  refused %d: %s\n", f.Rejected[r], r)
		}
	}
}

// sendRun sends a run and says what came of it.
func sendRun(ctx context.Context, t *terminal, b backend, e *reaction.Event, run reaction.Run, from play.Records, pace play.Pace) error {
	began := time.Now()
	bar := newProgress(t.err, "sending", "records", run.Records)
	s := play.Sender{To: b, Event: e, Run: run, From: from, Pace: pace, Report: func(p reaction.RunProgress) { bar.at(p.Committed) }}
	did, err := s.Send(ctx)
	bar.end()
	if err != nil {
		return fmt.Errorf("after %d of %d records: %w", did.Sent, run.Records, err)
	}
	fmt.Fprintf(t.out, "event %s: %d posts stored, %d already stored, %d not about the event", e.Slug, did.Stored, did.Duplicates, did.Unmatched)
	for _, x := range []struct {
		n    int64
		what string
	}{{did.Edits, "edited"}, {did.Deletes, "deleted"}, {did.Samples, "health samples stored"}} {
		if x.n > 0 {
			fmt.Fprintf(t.out, ", %d %s", x.n, x.what)
		}
	}
	fmt.Fprintf(t.out, "; %d records in %s\n", run.Records, time.Since(began).Round(10*time.Millisecond))
	if u := b.URL(); u != "" {
		fmt.Fprintf(t.out, "see %s/v1/events/%s/trend.png\n", u, e.Slug)
	}
	return nil
}
