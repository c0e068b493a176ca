package play

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"outcry/internal/drill"
	"outcry/internal/reaction"
)

// Drill plays a drill into its event, which is made where it is missing. by is who asked for it.
// reaction.ErrUnusable where the options are wrong, reaction.ErrConflict where the event is real
// or this very drill is running in it, reaction.ErrBusy where too many plays run; the texts of
// these are for people.
func (t *Theatre) Drill(ctx context.Context, o drill.Options, pace Pace, by string) (Play, error) {
	if err := t.check(); err != nil { // before work goes into it
		return Play{}, err
	}
	d, err := drill.New(o)
	if err != nil {
		return Play{}, fmt.Errorf("%w: %w", err, reaction.ErrUnusable)
	}
	made := d.Event()
	made.SaidBy = by
	e, err := DrillEvent(ctx, t.o.Events, made)
	if errors.Is(err, ErrReal) {
		return Play{}, fmt.Errorf("%w: %w", err, reaction.ErrConflict)
	}
	if err != nil {
		return Play{}, err
	}
	o = d.Options()
	p := Play{Event: e.Slug, Kind: KindDrill, Name: string(o.Scenario), Start: o.Start, Seed: o.Seed, By: by}
	return t.start(p, e, d.Run(), d, pace, func(bool) {})
}

// Recording plays a recording from the shelf into an event. reaction.ErrNotFound where the
// recording is not there or no longer; the event's mistakes are as Drill's.
func (t *Theatre) Recording(ctx context.Context, id, slug string, pace Pace, by string) (Play, error) {
	if err := t.check(); err != nil {
		return Play{}, err
	}
	e, err := t.o.Events.Event(ctx, slug)
	if errors.Is(err, reaction.ErrNotFound) {
		return Play{}, fmt.Errorf("there is no event %q: make it before a recording is played into it: %w", slug, reaction.ErrUnusable)
	}
	if err != nil {
		return Play{}, err
	}
	if e.Simulated {
		return Play{}, fmt.Errorf("event %q is simulated and the recording is real: the two are never mixed: %w", slug, reaction.ErrConflict)
	}
	k, err := t.shelf.borrow(id)
	if err != nil {
		return Play{}, err
	}
	back := func(done bool) { t.shelf.giveBack(k, done) }
	a := k.archive
	run := reaction.Run{Name: a.Fingerprint(), Coverage: a.Coverage(), Rejected: a.Rejected(), Records: a.Len()}
	p := Play{Event: e.Slug, Kind: KindRecording, Name: k.Name, Recording: k.ID, By: by}
	p, err = t.start(p, e, run, a, pace, back)
	if err != nil {
		back(false)
	}
	return p, err
}

func (t *Theatre) check() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.room()
}

// start begins a play. ended is called once when it has ended, and not where start fails.
func (t *Theatre) start(p Play, e *reaction.Event, run reaction.Run, from Records, pace Pace, ended func(done bool)) (Play, error) {
	p.ID, p.Speed, p.State, p.Records = newID(), pace.String(), Running, run.Records
	p.StartedAt = t.o.Now().UTC()
	s := &staged{Play: p, run: fmt.Sprint(e.ID, "/", run.Name), ended: make(chan struct{})}
	ctx, stop := context.WithCancelCause(context.Background()) // it outlives the request, and ends with the theatre
	s.stop = stop

	if err := t.enter(s); err != nil {
		stop(err)
		return Play{}, err
	}
	t.note() // before anybody is told that it runs
	go func() {
		defer t.group.Done()
		defer stop(nil)
		t.perform(ctx, s, run, from, pace, ended)
		t.note()
		close(s.ended)
	}()
	return p, nil
}

// enter adds a play to the list, and to the group, if there is room for it and nobody plays the
// same.
func (t *Theatre) enter(s *staged) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.room(); err != nil {
		return err
	}
	for _, other := range t.plays {
		if other.State == Running && other.run == s.run {
			return fmt.Errorf("play %s brings the same records into event %q already: %w", other.ID, s.Event, reaction.ErrConflict)
		}
	}
	t.plays = append(t.plays, s)
	t.trim()
	t.group.Add(1)
	return nil
}

// newID makes an id that nobody guesses.
func newID() string { return strings.ToLower(rand.Text()[:16]) }
