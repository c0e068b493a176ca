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

// fill fetches what was missed, a gap at a time and each in its turn: see ledger.turn.
func (s *Station) fill(ctx context.Context, from Filler) error {
	for {
		gap, at := s.nextGap(time.Now())
		if gap == nil {
			if err := s.untilGap(ctx, at); err != nil {
				return err
			}
			continue
		}
		upto, err := s.fetch(ctx, from, *gap)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errLine):
			return errors.Unwrap(err)
		}
		if told := s.filled(ctx, *gap, upto, err); told != nil {
			return told
		}
		if err == nil {
			continue
		}
		// Whatever it was may be of the platform and not of the gap: the next one waits a little too, and
		// as long as the platform says where too much is asked of it.
		f, wait := AsFault(err), fillFirst
		if until := time.Until(f.RetryAt); f.Kind == Limited && until > wait {
			wait = until
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// fetch has the source fetch a gap, for as long as that may take.
func (s *Station) fetch(ctx context.Context, from Filler, gap Gap) (upto time.Time, err error) {
	filling, cancel := context.WithTimeout(ctx, fillTimeout)
	defer cancel()
	emit := func(filling context.Context, items ...Item) error {
		s.lock()
		defer s.unlock()
		// Also where its time is over: it may take what it has handed on for told, and not bring it again.
		if err := s.send(ctx, items...); err != nil {
			return ofLine(err)
		}
		return filling.Err() // which is no error of the line's
	}
	failed := Safely(0, func() { upto, err = from.Fill(filling, gap, emit) })
	if failed == nil {
		return upto, err
	}
	s.lock()
	defer s.unlock()
	s.failed(failed, time.Now())
	return gap.From, errFails
}

// nextGap is the gap whose turn it is, or when there is one again: zero for not before it is woken.
func (s *Station) nextGap(now time.Time) (*Gap, time.Time) {
	s.lock()
	defer s.unlock()
	if !s.connected {
		return nil, time.Time{}
	}
	return s.ledger.turn(now)
}

// untilGap waits until there may be a gap to fill.
func (s *Station) untilGap(ctx context.Context, at time.Time) error {
	if !at.IsZero() {
		return sleepUntil(ctx, time.Until(at), s.gaps)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.gaps:
		return nil
	}
}

// filled takes note of how far a gap was filled, and when it is to be tried again. Of one that is
// not, it is told that it stays unfilled, and why.
func (s *Station) filled(ctx context.Context, g Gap, upto time.Time, failed error) error {
	s.lock()
	defer s.unlock()
	now := time.Now()
	if failed == nil {
		coverage := s.ledger.filled(g, upto, now)
		return s.tell(ctx, nil, coverage, true)
	}
	f := AsFault(failed)
	again := now.Add(min(fillFirst<<min(g.Tries, 10), fillMost))
	never := f.Kind == Refused && f.Mend == "" || g.Tries+1 >= fillTries
	if f.RetryAt.After(again) {
		again = f.RetryAt
	}
	coverage := s.ledger.unfilled(g, upto, now, again, never, f.Err.Error())
	said := "a gap cannot be filled now"
	if never {
		said = "a gap stays unfilled"
	}
	s.o.Log.Warn(said, "source", s.source, "from", g.From, "to", g.To, "tries", g.Tries+1, "error", f)
	return s.tell(ctx, nil, coverage, true)
}
