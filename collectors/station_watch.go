package collectors

import (
	"context"
	"errors"
	"fmt"
	"time"

	"outcry/internal/reaction"
)

const (
	watchEvery = time.Second
	// muteEvery is how often another connection is tried for a part of the source that stays silent.
	muteEvery = 2 * time.Minute
	// mostBack is how far a connection goes back for a part of the source that was silent.
	mostBack = 30 * time.Minute
)

// watch lets time go by once a second, whatever comes or does not.
func (s *Station) watch(ctx context.Context) error {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		if err := s.pass(ctx, time.Now()); err != nil {
			return err
		}
	}
}

func (s *Station) pass(ctx context.Context, now time.Time) error {
	s.lock()
	defer s.unlock()
	var coverage []reaction.Coverage
	if s.connected && now.Sub(s.muted) > muteEvery {
		if reason := s.silent(now); reason != "" {
			coverage = s.mute(now, reason)
		}
	}
	if !s.idle {
		reason, _ := s.reason()
		coverage = append(coverage, s.ledger.pass(now, s.connected, reason, s.excuse())...)
	}
	if state := s.news(now); len(coverage) > 0 || state != nil {
		return s.send(ctx, Item{Coverage: coverage, Clock: s.ledger.clock(), Cursor: s.ledger.cursor(), State: state})
	}
	return nil
}

// silent says which canary is dead, "" for none. The caller holds s.turn.
func (s *Station) silent(now time.Time) string {
	for topic, limit := range s.traits.Canaries {
		if d := now.Sub(s.canaries[topic].word); d > limit {
			return fmt.Sprintf("nothing of %s came for more than %s", topic, limit)
		}
	}
	return ""
}

// mute takes note of a dead canary, and goes back to where it was alive. The caller holds s.turn.
func (s *Station) mute(now time.Time, reason string) []reaction.Coverage {
	s.muted = now
	var back canary
	for topic, limit := range s.traits.Canaries {
		if c := s.canaries[topic]; now.Sub(c.word) > limit && (back.word.IsZero() || c.heard.Before(back.heard)) {
			back = c
		}
	}
	if now.Sub(back.heard) > mostBack {
		back.heard, back.cursor = s.ledger.Heard, s.ledger.Source
	}
	taken := s.ledger.mute(reason, back.heard, back.cursor)
	s.end(&Fault{Kind: Network, Err: errors.New(reason)}) // another connection, perhaps to another host
	return taken
}

// sleep waits, or returns the context's error.
func sleep(ctx context.Context, d time.Duration) error { return sleepUntil(ctx, d, nil) }

// sleepUntil waits no longer than until a channel is closed.
func sleepUntil(ctx context.Context, d time.Duration, again <-chan struct{}) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-again:
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// untilWanted waits until an event asks for the source, where it is a source on demand.
func (s *Station) untilWanted(ctx context.Context) error {
	if !s.traits.OnDemand {
		return nil
	}
	for {
		changed := s.o.Wanted.Changed()
		if len(s.o.Wanted.Events()) > 0 {
			return nil
		}
		s.rest()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// rest takes note that nobody asks for the source: what it says meanwhile is not missed.
func (s *Station) rest() {
	s.lock()
	defer s.unlock()
	s.idle, s.connected, s.fault = true, false, nil
	s.ledger.Heard, s.ledger.told = time.Time{}, time.Time{}
}

// mended is closed when a credential is another than it is now.
func (s *Station) mended() <-chan struct{} {
	if s.o.Mended == nil {
		return nil
	}
	return s.o.Mended()
}

// untilMended waits until a credential is another than that which was refused.
func (s *Station) untilMended(ctx context.Context, mended <-chan struct{}) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-mended:
	}
	s.lock()
	defer s.unlock()
	s.stopped = false
	return nil
}
