package collectors

import (
	"context"
	"errors"
	"time"
)

const (
	fillTries   = 10
	fillFirst   = 5 * time.Second
	fillMost    = 10 * time.Minute
	fillTimeout = 15 * time.Minute
)

// toFill wakes fill. The caller holds s.turn.
func (s *Station) toFill() {
	if len(s.ledger.Gaps) == 0 {
		return
	}
	select {
	case s.gaps <- struct{}{}:
	default:
	}
}

// fill fetches what was missed, one gap after another, the newest first: it is what people look at.
func (s *Station) fill(ctx context.Context, from Filler) error {
	emit := func(filling context.Context, items ...Item) error {
		s.lock()
		defer s.unlock()
		if err := filling.Err(); err != nil { // its time is over, which is no error of the line's
			return err
		}
		return ofLine(s.emit(ctx, items...))
	}
	for {
		gap, ok := s.nextGap()
		if !ok {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-s.gaps:
			}
			continue
		}
		filling, cancel := context.WithTimeout(ctx, fillTimeout)
		upto, err := from.Fill(filling, gap, emit)
		cancel()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errLine):
			return errors.Unwrap(err)
		}
		if err := s.filled(ctx, gap, upto, err); err != nil {
			return err
		}
		if err == nil {
			continue
		}
		f := AsFault(err)
		s.o.Log.Warn("a gap cannot be filled now", "source", s.source, "from", gap.From, "to", gap.To, "tries", gap.Tries+1, "error", f)
		wait := min(fillFirst<<min(gap.Tries, 10), fillMost)
		if until := time.Until(f.RetryAt); until > wait {
			wait = until
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

func (s *Station) nextGap() (Gap, bool) {
	s.lock()
	defer s.unlock()
	if n := len(s.ledger.Gaps); n > 0 && s.connected {
		return s.ledger.Gaps[n-1], true
	}
	return Gap{}, false
}

// filled takes note of how far a gap was filled.
func (s *Station) filled(ctx context.Context, g Gap, upto time.Time, failed error) error {
	s.lock()
	defer s.unlock()
	never := failed != nil && (AsFault(failed).Kind == Refused || g.Tries+1 >= fillTries)
	coverage := s.ledger.filled(g, upto, failed != nil, never)
	if failed == nil && upto.Before(g.To) && !upto.After(g.From) { // it says that there is nothing to be had
		s.ledger.filled(g, upto, true, true)
	}
	return s.tell(ctx, nil, coverage, true)
}
