package collectors

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// errSilent ends a connection on which nothing comes.
var errSilent = errors.New("nothing came for too long")

// listen keeps a connection until ctx ends.
func (s *Station) listen(ctx context.Context) error {
	patience := newPatience(s.traits.Backoff)
	for ctx.Err() == nil {
		if err := s.untilWanted(ctx); err != nil {
			return err
		}
		mended := s.mended() // as it is dialled with, or a newer one: a change meanwhile is not missed
		s.start(time.Now())
		err := s.connection(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errLine):
			return errors.Unwrap(err)
		case err == nil: // nobody asks for it any more, or did for a moment
			s.left()
			continue
		}
		f := AsFault(err)
		if f.Kind == Ours {
			return f
		}
		patience.held(s.lasted(time.Now()))
		if s.o.Meter != nil {
			s.o.Meter.Failed(s.source, f.Kind)
		}
		s.lost(f)
		if f.Kind == Refused && f.RetryAt.IsZero() {
			if err := s.untilMended(ctx, mended); err != nil {
				return err
			}
			continue
		}
		if err := sleepUntil(ctx, patience.wait(f, time.Now()), f.Again); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// errLine marks an error of the line, which is returned as it is.
var errLine = errors.New("the line")

type lineError struct{ err error }

func (e lineError) Error() string        { return e.err.Error() }
func (e lineError) Unwrap() error        { return e.err }
func (e lineError) Is(target error) bool { return target == errLine }

func ofLine(err error) error {
	if err == nil {
		return nil
	}
	return lineError{err}
}

// connection dials and reads until the connection ends, and says why it did; nil where nobody asks
// for the source any more.
func (s *Station) connection(ctx context.Context) error {
	s.lock()
	after := slices.Clone(s.ledger.Source) // which hear writes over
	s.unlock()
	dialling, cancel := context.WithTimeout(ctx, s.traits.DialTimeout)
	conn, err := s.dial(dialling, after)
	cancel()
	if err != nil {
		return err
	}
	defer conn.Close()
	line := ctx
	ctx, end := context.WithCancelCause(line)
	defer end(nil)
	if err := s.begin(line, end); err != nil {
		return ofLine(err)
	}
	dog := time.AfterFunc(s.traits.Silence, func() { end(errSilent) })
	defer dog.Stop()
	context.AfterFunc(ctx, conn.Close) // whatever Next waits for
	for {
		h, err := s.next(ctx, conn)
		if err != nil {
			if cause := context.Cause(ctx); cause != nil {
				err = cause
			}
			return s.why(err)
		}
		dog.Stop() // the line may be full for long, which is no silence of the source's
		switch err := s.hear(line, ctx, &h); {
		case errors.Is(err, errLine):
			return err
		case err != nil:
			return s.why(err)
		}
		dog.Reset(s.traits.Silence)
		if s.traits.OnDemand && len(s.o.Wanted.Events()) == 0 {
			return nil
		}
	}
}

// why puts the end of a connection in words.
func (s *Station) why(err error) error {
	switch {
	case errors.Is(err, errSilent):
		return &Fault{Kind: Network, Err: fmt.Errorf("nothing came for %s", s.traits.Silence)}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &Fault{Kind: Network, Err: errors.New("the other side closed the connection")}
	}
	return err
}

// begin takes note of a new connection, and how to end it.
func (s *Station) begin(ctx context.Context, end context.CancelCauseFunc) error {
	s.lock()
	defer s.unlock()
	now := time.Now()
	reason, _ := s.reason()
	coverage := s.ledger.connected(now, reason, s.excuse())
	s.end, s.connected, s.stopped, s.idle, s.fault, s.made = end, true, false, false, nil, now
	for topic := range s.traits.Canaries {
		c := s.canaries[topic]
		if c.word.IsZero() {
			c.heard, c.cursor = s.ledger.Heard, slices.Clone(s.ledger.Source)
		}
		if c.word.IsZero() || s.ledger.deaf == "" {
			c.word = now // it has its time from here on
		}
		s.canaries[topic] = c
	}
	s.toFill()
	return s.tell(ctx, nil, coverage, true)
}

// start takes note that a connection is wanted from now on.
func (s *Station) start(now time.Time) {
	s.lock()
	defer s.unlock()
	s.idle, s.made = false, time.Time{}
	s.ledger.start(now)
}

// left takes note that a connection was closed which nobody asked for any more. Whether somebody
// does again is seen next; until there is another it is not connected.
func (s *Station) left() {
	s.lock()
	defer s.unlock()
	s.connected, s.fault = false, nil
}

// lasted is how long the last connection held; 0 where there was none, however long it was dialled.
func (s *Station) lasted(now time.Time) time.Duration {
	s.lock()
	defer s.unlock()
	if s.made.IsZero() {
		return 0
	}
	return now.Sub(s.made)
}

// lost takes note that there is no connection.
func (s *Station) lost(f *Fault) {
	s.lock()
	defer s.unlock()
	s.connected, s.fault, s.stopped = false, f, f.Kind == Refused && f.RetryAt.IsZero()
}

// hear takes in one message. Once it is noted that it was heard it is emitted, whatever becomes of
// the connection meanwhile: ctx is the line's. Of a connection that was ended nothing more is heard
// where it comes again on the next one.
func (s *Station) hear(ctx, connection context.Context, h *Heard) error {
	s.lock()
	defer s.unlock()
	if connection.Err() != nil && s.traits.Replays {
		return context.Cause(connection)
	}
	now := time.Now()
	if h.Beat && s.traits.Words {
		if len(h.Items) == 0 {
			return nil
		}
		return ofLine(s.tell(ctx, h.Items, nil, false))
	}
	if s.o.Meter != nil {
		behind := time.Duration(0)
		if !h.Upto.IsZero() {
			behind = max(now.Sub(h.Upto), 0)
		}
		s.o.Meter.Heard(s.source, behind)
	}
	_, isCanary := s.traits.Canaries[h.Topic]
	if s.ledger.deaf != "" {
		if isCanary {
			c := s.canaries[h.Topic]
			c.word = now
			s.canaries[h.Topic] = c
		}
		if s.silent(now) != "" {
			s.ledger.word = now
			return ofLine(s.tell(ctx, h.Items, nil, false))
		}
		s.ledger.unmute()
	}
	coverage := s.ledger.hear(h.Upto, h.Cursor, now)
	if isCanary {
		s.canaries[h.Topic] = canary{word: now, heard: s.ledger.Heard, cursor: append(Cursor(nil), s.ledger.Source...)}
	}
	return ofLine(s.tell(ctx, h.Items, coverage, true))
}
