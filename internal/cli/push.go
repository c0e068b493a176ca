package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/spf13/cobra"

	"outcry/internal/reaction"
)

// Pieces in which posts are pushed: by size, by number, and by age where they come slowly.
const (
	pieceBytes = 2 << 20
	pieceLines = 10_000
	pieceAge   = time.Second

	pushTries   = 10
	pushPause   = 2 * time.Second // before the second try; twice as long before each other
	longPause   = 30 * time.Second
	toldRefused = 50 // lines that are told of
)

func newPush(t *terminal, g *globals) *cobra.Command {
	return &cobra.Command{
		Use: "push FILE|-", Short: "Push posts of any source, one JSON object a line (docs/new-source.md)", Args: cobra.ExactArgs(1),
		Long: `Push sends posts, edits, deletions, words of how well a source was heard and the sender's clock, in the
form that docs/new-source.md explains, into every event that is listened to and names their source.
From - it sends what comes within a second, for as long as something comes. A server that is away is
waited for. Pushing the same again is always safe.`,
		RunE: g.withServer(t, func(ctx context.Context, c *client, args []string) error {
			in := t.in
			if args[0] != "-" {
				f, err := os.Open(args[0])
				if err != nil {
					return err
				}
				defer f.Close()
				in = f
			}
			p := &pusher{t: t, client: c}
			err := p.run(ctx, in)
			p.conclude()
			if err == nil && p.sum.Refused > 0 {
				err = fmt.Errorf("%d of %d lines were refused", p.sum.Refused, p.sum.Lines)
			}
			return err
		}),
	}
}

// pushReport is what the server says became of a piece.
type pushReport struct {
	Lines, Accepted, Duplicates, Unmatched, Refused int64
	Refusals                                        []struct {
		Line       int64
		Path, Text string
	}
	Notes []string
}

// pusher sends lines in pieces, and sums up what became of them.
type pusher struct {
	t      *terminal
	client *client
	sum    pushReport
	told   int64
}

// piece is a run of lines.
type piece struct {
	before int64 // lines before it
	lines  int64
	text   bytes.Buffer
}

func (p *pusher) run(ctx context.Context, in io.Reader) error {
	lines, broke := make(chan []byte), make(chan error, 1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		defer close(lines)
		broke <- readLines(ctx, in, lines)
	}()
	x := &piece{}
	var due <-chan time.Time
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				return errors.Join(p.push(ctx, x), <-broke)
			}
			if x.lines == 0 {
				due = time.After(pieceAge)
			}
			x.lines++
			x.text.Write(append(line, '\n'))
			if x.lines < pieceLines && x.text.Len() < pieceBytes {
				continue
			}
		case <-due:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := p.push(ctx, x); err != nil {
			return err
		}
		x, due = &piece{before: x.before + x.lines}, nil
	}
}

// readLines sends each line on. What breaks off is told after the lines before it.
func readLines(ctx context.Context, in io.Reader, out chan<- []byte) error {
	sc := bufio.NewScanner(in)
	sc.Buffer(nil, 2*maxLine) // the server says of a line that is too long that it is
	n := 0
	for ; sc.Scan(); n++ {
		select {
		case out <- bytes.Clone(sc.Bytes()):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("line %d: %w", n+1, err)
	}
	return nil
}

// push sends a piece until it is taken: sent again it counts once.
func (p *pusher) push(ctx context.Context, x *piece) error {
	if len(bytes.TrimSpace(x.text.Bytes())) == 0 {
		return nil
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	if err != nil {
		return err
	}
	if _, err := x.text.WriteTo(z); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	pause := pushPause
	for try := 1; ; try++ {
		r, wait, err := p.client.pushPosts(ctx, packed.Bytes())
		if err == nil {
			p.took(x, r)
			return nil
		}
		if !errors.Is(err, reaction.ErrAway) || try == pushTries {
			return fmt.Errorf("lines %d to %d may not be in: %w", x.before+1, x.before+x.lines, err)
		}
		wait = min(max(wait, pause), longPause)
		fmt.Fprintf(p.t.err, "%v; trying again in %s\n", err, wait)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
		pause *= 2
	}
}

// pushPosts sends one packed piece; wait is how long the server asks to be left alone.
func (c *client) pushPosts(ctx context.Context, packed []byte) (r pushReport, wait time.Duration, err error) {
	h := http.Header{"Content-Type": {"application/x-ndjson"}, "Content-Encoding": {"gzip"}}
	a, err := c.send(ctx, http.MethodPost, "/v1/ingest/posts", h, packed)
	if err != nil {
		return r, 0, err
	}
	var refused struct{ Push *pushReport }
	switch {
	case a.code == http.StatusUnprocessableEntity && json.Unmarshal(a.body, &refused) == nil && refused.Push != nil:
		return *refused.Push, 0, nil // every line was
	case a.code >= 300:
		seconds, _ := strconv.Atoi(a.header.Get("Retry-After"))
		return r, time.Duration(seconds) * time.Second, c.problem(a)
	}
	if err := json.Unmarshal(a.body, &r); err != nil {
		return r, 0, fmt.Errorf("server %s: an answer that cannot be read: %w", c.base, err)
	}
	return r, 0, nil
}

// took adds what became of a piece, and tells of lines that were refused.
func (p *pusher) took(x *piece, r pushReport) {
	s := &p.sum
	s.Lines, s.Accepted, s.Duplicates = s.Lines+r.Lines, s.Accepted+r.Accepted, s.Duplicates+r.Duplicates
	s.Unmatched, s.Refused = s.Unmatched+r.Unmatched, s.Refused+r.Refused
	for _, f := range r.Refusals {
		if p.told == toldRefused {
			break
		}
		p.told++
		where := ""
		if f.Path != "" {
			where = f.Path + ": "
		}
		fmt.Fprintf(p.t.err, "line %d: %s%s\n", x.before+f.Line, where, f.Text)
	}
	for _, n := range r.Notes {
		if len(s.Notes) < toldRefused && !slices.Contains(s.Notes, n) {
			s.Notes = append(s.Notes, n)
			fmt.Fprintln(p.t.err, n)
		}
	}
}

func (p *pusher) conclude() {
	s := &p.sum
	if more := s.Refused - p.told; more > 0 {
		fmt.Fprintf(p.t.err, "and %d more lines were refused\n", more)
	}
	fmt.Fprintf(p.t.out, "%d lines: %d accepted, %d duplicates, %d unmatched, %d refused\n", s.Lines, s.Accepted, s.Duplicates, s.Unmatched, s.Refused)
}
