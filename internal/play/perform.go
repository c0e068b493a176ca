package play

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"outcry/internal/reaction"
)

const (
	// noteEvery is how often the book is written while a play runs: what a killed server's next
	// one can tell of it is at most as old as this.
	noteEvery = 5 * time.Second
	// settleTime is how long after a play was stopped its last records may take to be stored, to
	// be told in its counts.
	settleTime = 3 * time.Second
)

// perform runs a play to its end. ended is told whether everything is stored, before the play is
// shown as ended.
func (t *Theatre) perform(ctx context.Context, s *staged, run reaction.Run, from Records, pace Pace, ended func(done bool)) {
	noted := t.o.Now()
	line := &following{Line: t.o.Line, events: t.o.Events, slug: s.Event}
	sender := Sender{To: line, Run: run, From: from, Pace: pace, Report: func(p reaction.RunProgress) {
		t.progress(s, p)
		if now := t.o.Now(); now.Sub(noted) >= noteEvery {
			noted = now
			t.note()
		}
	}}
	t.o.Log.Info("play started", "play", s.ID, "event", s.Event, "kind", s.Kind, "records", run.Records, "speed", s.Speed)
	_, err := sender.Send(ctx)
	state, text := t.outcome(ctx, s, err)
	if state == Stopped && errors.Is(context.Cause(ctx), errAsked) {
		t.settle(ctx, s, line, run.Name)
	}
	ended(state == Done)
	t.mu.Lock()
	s.State, s.Error, s.EndedAt = state, text, t.o.Now().UTC()
	p := s.Play
	t.mu.Unlock()
	t.o.Log.Info("play ended", "play", p.ID, "event", p.Event, "state", p.State, "sent", p.Sent, "stored", p.Stored)
}

func (t *Theatre) progress(s *staged, p reaction.RunProgress) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s.Sent, s.Committed = p.Sent, p.Committed
	s.Stored, s.Duplicates, s.Unmatched, s.Samples = p.Stored, p.Duplicates, p.Unmatched, p.Samples
}

// outcome says how a play ended, in words that anyone may see.
func (t *Theatre) outcome(ctx context.Context, s *staged, err error) (state, text string) {
	cause := context.Cause(ctx)
	switch {
	case err == nil:
		return Done, ""
	case errors.Is(cause, errAsked):
		return Stopped, ""
	case errors.Is(cause, errClosed):
		return Stopped, cutOff(s.Kind)
	case errors.Is(err, reaction.ErrNotFound):
		return Failed, fmt.Sprintf("event %q was deleted", s.Event)
	case errors.Is(err, reaction.ErrConflict):
		return Failed, strings.TrimSuffix(err.Error(), ": "+reaction.ErrConflict.Error())
	case errors.Is(err, reaction.ErrAway):
		t.o.Log.Warn("a play gave up", "play", s.ID, "error", err)
		return Failed, fmt.Sprintf("the database or the log could not be reached for %s; started again, it goes on from here", patience)
	}
	t.o.Log.Error("a play failed", "play", s.ID, "error", err)
	return Failed, fmt.Sprintf("something went wrong on our side; the server's log has it under play %s", s.ID)
}

// cutOff tells of a play that ended with its server.
func cutOff(kind string) string {
	if kind == KindRecording { // its file is gone too
		return errClosed.Error() + "; sent and started again, the recording goes on from here"
	}
	return errClosed.Error() + "; started again, it goes on from here"
}

// settle waits a moment until what was sent of a stopped play is stored, for its counts.
func (t *Theatre) settle(ctx context.Context, s *staged, line Line, run string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	for {
		p, err := line.Progress(ctx, nil, run)
		if err != nil { // interrupted while it published: it is known again when it is begun again
			return
		}
		t.progress(s, p)
		if p.Committed >= p.Sent || sleep(ctx, 50*time.Millisecond) != nil {
			return
		}
	}
}
