package play

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"outcry/internal/reaction"
)

// Line is where records go: the line of a server, or of this process. A line that does not know a
// run answers reaction.ErrNotFound; one that cannot be reached now, reaction.ErrAway.
type Line interface {
	Begin(ctx context.Context, e *reaction.Event, run reaction.Run) (reaction.RunProgress, error)
	Send(ctx context.Context, e *reaction.Event, run string, after int64, records []reaction.Record) (reaction.RunProgress, error)
	Finish(ctx context.Context, e *reaction.Event, run string) (reaction.RunProgress, error)
	Progress(ctx context.Context, e *reaction.Event, run string) (reaction.RunProgress, error)
}

// advancer is a line that can also be told how far the time of a run has come in which nothing
// happens, so that its last buckets close.
type advancer interface {
	// Advance says that no record before clock follows.
	Advance(ctx context.Context, e *reaction.Event, run string, clock time.Time) (reaction.RunProgress, error)
}

// Records is what can be sent: records in order of time, from any place on.
type Records interface {
	Records(after int64) iter.Seq2[reaction.Record, error]
}

// Limits of one sending.
const (
	sendRecords = 5000
	sendBytes   = 4 << 20
	// patience is how long a sender waits for a line that went away before it gives up. What was
	// sent is kept; sent again, the run goes on from there.
	patience = 2 * time.Minute
	// lookEvery is how often a sender that waits for the next record to be due asks how far the
	// line has come.
	lookEvery = time.Second
)

// Sender sends one run, survives a line that goes away and comes back, and waits until all of it
// is stored.
type Sender struct {
	To     Line
	Event  *reaction.Event
	Run    reaction.Run
	From   Records
	Pace   Pace
	Report func(reaction.RunProgress) // told now and then how far the run has come; nil for nobody

	finished bool
}

// Send sends everything that is not in the log yet and returns when all of it is stored.
func (s *Sender) Send(ctx context.Context) (reaction.RunProgress, error) {
	p, err := s.begin(ctx)
	for err == nil && !p.Done {
		switch {
		case p.Sent < s.Run.Records:
			// Also after the run was told to a restarted server that begins a new pass of it.
			p, err = s.sendFrom(ctx, p.Sent)
		case !s.finished:
			err = s.patiently(ctx, func() (err error) {
				p, err = s.To.Finish(ctx, s.Event, s.Run.Name)
				return err
			})
			if s.finished = err == nil; errors.Is(err, errForgotten) {
				p, err = s.again(ctx)
			}
		default:
			if err = sleep(ctx, 50*time.Millisecond); err == nil {
				p, err = s.progress(ctx)
			}
			if errors.Is(err, errForgotten) {
				p, err = s.again(ctx)
			}
		}
		s.report(p)
	}
	return p, err
}

func (s *Sender) progress(ctx context.Context) (p reaction.RunProgress, err error) {
	err = s.patiently(ctx, func() (err error) {
		p, err = s.To.Progress(ctx, s.Event, s.Run.Name)
		return err
	})
	return p, err
}

func (s *Sender) begin(ctx context.Context) (p reaction.RunProgress, err error) {
	var gone error // the event itself is not there
	err = s.patiently(ctx, func() (err error) {
		if p, err = s.To.Begin(ctx, s.Event, s.Run); errors.Is(err, reaction.ErrNotFound) {
			gone = err
			return nil
		}
		return err
	})
	if gone != nil {
		return p, gone
	}
	return p, err
}

// sendFrom sends records from one place on, until the end or until the server wants to go on
// elsewhere, which the progress says.
func (s *Sender) sendFrom(ctx context.Context, after int64) (p reaction.RunProgress, err error) {
	p.Sent = after
	var batch []reaction.Record
	size := 0
	flush := func() (more bool) {
		if len(batch) == 0 {
			return true
		}
		want := p.Sent + int64(len(batch))
		p, err = s.sendBatch(ctx, p.Sent, batch)
		batch, size = batch[:0], 0
		return err == nil && p.Sent == want
	}
	for r, readErr := range s.From.Records(after) {
		if readErr != nil {
			return p, readErr
		}
		if wait := s.Pace.wait(r.At, time.Now()); wait > 0 {
			if !flush() {
				return p, err
			}
			if err = s.pause(ctx, wait); errors.Is(err, errForgotten) {
				return s.again(ctx)
			}
			if err != nil {
				return p, err
			}
		}
		batch = append(batch, r)
		size += weight(&r)
		if len(batch) == sendRecords || size > sendBytes {
			if !flush() {
				return p, err
			}
		}
	}
	flush()
	return p, err
}

// pause waits until the next record is due, and looks meanwhile how far the run has come. A line
// that does not answer then is no fault: the next records will meet it.
func (s *Sender) pause(ctx context.Context, wait time.Duration) error {
	for due := time.Now().Add(wait); ; {
		left := time.Until(due)
		if left <= lookEvery {
			return sleep(ctx, left)
		}
		if err := sleep(ctx, lookEvery); err != nil {
			return err
		}
		switch p, err := s.look(ctx); {
		case err == nil:
			s.report(p)
		case errors.Is(err, reaction.ErrNotFound):
			return errForgotten
		}
	}
}

// look asks how far the run has come, and tells the line how far its time has, where it listens.
func (s *Sender) look(ctx context.Context) (reaction.RunProgress, error) {
	if to, ok := s.To.(advancer); ok {
		return to.Advance(ctx, s.Event, s.Run.Name, s.Pace.clock(time.Now()))
	}
	return s.To.Progress(ctx, s.Event, s.Run.Name)
}

func (s *Sender) report(p reaction.RunProgress) {
	if s.Report != nil {
		s.Report(p)
	}
}

// again tells a server that was started again of the run that it has forgotten. Its progress says
// where to go on; a run that had been finished stays finished.
func (s *Sender) again(ctx context.Context) (p reaction.RunProgress, err error) {
	s.Run.Resume, s.finished = true, false
	if err = sleep(ctx, 200*time.Millisecond); err != nil {
		return p, err
	}
	if p, err = s.begin(ctx); err == nil && p.Sent == s.Run.Records {
		s.finished = p.Done
	}
	return p, err
}

func (s *Sender) sendBatch(ctx context.Context, after int64, batch []reaction.Record) (p reaction.RunProgress, err error) {
	err = s.patiently(ctx, func() (err error) {
		p, err = s.To.Send(ctx, s.Event, s.Run.Name, after, batch)
		return err
	})
	if errors.Is(err, errForgotten) {
		return s.again(ctx)
	}
	if err != nil {
		return reaction.RunProgress{Sent: after}, err
	}
	s.report(p)
	return p, nil
}

// errForgotten means that a server does not know the run: it was started again.
var errForgotten = errors.New("the server has forgotten the run")

// patiently tries until it goes through, waiting for a server that is away. It fails with
// errForgotten where the run is not known.
func (s *Sender) patiently(ctx context.Context, try func() error) error {
	until := time.Now().Add(patience)
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 3*time.Second) {
		err := try()
		switch {
		case err == nil:
			return nil
		case errors.Is(err, reaction.ErrNotFound):
			return fmt.Errorf("%w: %w", errForgotten, err)
		}
		if !errors.Is(err, reaction.ErrAway) {
			return err
		}
		if time.Now().After(until) {
			return fmt.Errorf("gave up after %s; sent again, it goes on from here: %w", patience, err)
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// weight is about how many bytes a record takes on its way, without what all records have.
func weight(r *reaction.Record) int {
	if r.Post == nil {
		return 0
	}
	n := len(r.Post.Text) + len(r.Post.URL)
	for _, f := range r.Post.Facets {
		n += len(f.Value) + 50
	}
	return n
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
