package postgres_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"outcry/internal/health"
	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/testdb"
	"outcry/migrations"
)

// lifeOf writes an event's life as "status by" with commas.
func lifeOf(t *testing.T, s *postgres.Store, e *reaction.Event) string {
	t.Helper()
	life, err := s.Life(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	for i, c := range life {
		if c.Seq != int64(i)+1 {
			t.Errorf("change %d is numbered %d", i, c.Seq)
		}
		parts = append(parts, fmt.Sprint(c.Status, " ", c.By))
	}
	return strings.Join(parts, ", ")
}

// tonight is an event that begins an hour from now.
func tonight(now time.Time) func(*reaction.Event) {
	return func(e *reaction.Event) {
		e.StartsAt, e.EndsAt, e.SaidBy = now.Add(time.Hour), now.Add(3*time.Hour), "ann"
	}
}

func TestALifeKeepsWhoSaidWhatAndWhatWasPlanned(t *testing.T) {
	s, url := open(t)
	now := time.Now().UTC().Truncate(time.Second)
	e := newEvent(t, s, "tonight", tonight(now))
	move := func(m reaction.Move) {
		t.Helper()
		m.Now = now
		moved, err := s.MoveEvent(t.Context(), "tonight", m)
		if err != nil {
			t.Fatal(err)
		}
		stored, err := s.Event(t.Context(), "tonight")
		if err != nil || stored.Status != m.Status || moved.Status != m.Status || !stored.StartsAt.Equal(moved.StartsAt) {
			t.Errorf("stored as %s, answered as %s (%v)", stored.Status, moved.Status, err)
		}
		if stored.Revision != e.Revision {
			t.Errorf("the revision went from %d to %d", e.Revision, stored.Revision)
		}
	}
	move(reaction.Move{Status: reaction.Postponed, StartsAt: now.Add(5 * time.Hour), Note: "fog", By: "bob"})
	move(reaction.Move{Status: reaction.Postponed, UntilFurtherNotice: true, By: "key:newsroom"})
	move(reaction.Move{Status: reaction.Cancelled, By: "bob"})
	_, err := s.MoveEvent(t.Context(), "tonight", reaction.Move{Status: reaction.Ended, By: "bob", Now: now})
	if !errors.Is(err, reaction.ErrConflict) {
		t.Errorf("a cancelled event ends: %v", err)
	}
	if _, err := s.MoveEvent(t.Context(), "none", reaction.Move{Status: reaction.Live, Now: now}); !errors.Is(err, reaction.ErrNotFound) {
		t.Errorf("no event: %v", err)
	}
	want(t, "life", lifeOf(t, s, e), "scheduled ann, postponed bob, postponed key:newsroom, cancelled bob")

	life, err := s.Life(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	if !life[0].StartsAt.Equal(e.StartsAt) || !life[1].StartsAt.Equal(now.Add(5*time.Hour)) || !life[1].EndsAt.Equal(now.Add(7*time.Hour)) || !life[2].StartsAt.IsZero() {
		t.Errorf("planned times: %+v", life)
	}
	if life[1].Note != "fog" || life[1].At.Before(life[0].At) || !life[1].SaidAt.Equal(now) || life[1].At.Location() != time.UTC {
		t.Errorf("%+v", life[1])
	}

	if err := s.DeleteEvent(t.Context(), "tonight"); err != nil {
		t.Fatal(err)
	}
	want(t, "rows left of a deleted event's life", count(t, url, "SELECT count(*) FROM life"), 0)
}

// A new definition and what it changes in the event's life are stored together, or not at all.
func TestANewDefinitionIsSetDownInTheLife(t *testing.T) {
	s, _ := open(t)
	now := time.Now().UTC()
	e := newEvent(t, s, "tonight", tonight(now))
	replace := func(change func(*reaction.Event)) error {
		next := *e
		next.SaidBy = "bob"
		change(&next)
		err := s.ReplaceEvent(t.Context(), &next)
		if err == nil && next.Revision <= e.Revision {
			t.Error("a new definition has no revision of its own")
		}
		return err
	}
	if err := replace(func(e *reaction.Event) { e.Title = "Another title" }); err != nil {
		t.Fatal(err)
	}
	want(t, "after a new title", lifeOf(t, s, e), "scheduled ann")
	if err := replace(func(e *reaction.Event) { e.EndsAt = e.EndsAt.Add(time.Hour) }); err != nil {
		t.Fatal(err)
	}
	want(t, "after a longer plan", lifeOf(t, s, e), "scheduled ann, scheduled bob")
	if err := replace(func(e *reaction.Event) { e.Status = reaction.Live }); err != nil {
		t.Fatal(err)
	}
	if err := replace(func(e *reaction.Event) { e.Title = "By a file that knows nothing of it" }); err != nil {
		t.Fatal(err)
	}
	stored, err := s.Event(t.Context(), "tonight")
	if err != nil || stored.Status != reaction.Live {
		t.Errorf("a file that says scheduled made a live event %s (%v)", stored.Status, err)
	}
	if err := replace(func(e *reaction.Event) { e.Title = "Refused"; e.Status = reaction.Postponed }); !errors.Is(err, reaction.ErrConflict) {
		t.Errorf("postponed without a time: %v", err)
	}
	if again, err := s.Event(t.Context(), "tonight"); err != nil || again.Title != stored.Title || again.Revision != stored.Revision {
		t.Errorf("a refused definition changed something: %+v", again)
	}
	// The last two definitions had the first planned end again.
	want(t, "at the end", lifeOf(t, s, e), "scheduled ann, scheduled bob, live bob")
}

func TestThePlanIsDoneOnce(t *testing.T) {
	url := testdb.New(t)
	var nodes []*postgres.Store
	for range 4 {
		s, err := postgres.Open(t.Context(), postgres.Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		nodes = append(nodes, s)
	}
	now := time.Now()
	e := newEvent(t, nodes[0], "tonight", tonight(now))
	for _, at := range []time.Time{e.StartsAt.Add(time.Second), e.EndsAt.Add(reaction.Linger)} {
		var wg sync.WaitGroup
		done := make(chan bool, len(nodes))
		for _, s := range nodes {
			wg.Go(func() {
				changed, err := s.Due(t.Context(), e.ID, reaction.Open{}, at)
				if err != nil {
					t.Error(err)
				}
				done <- changed
			})
		}
		wg.Wait()
		close(done)
		times := 0
		for changed := range done {
			if changed {
				times++
			}
		}
		want(t, "nodes that moved it", times, 1)
	}
	want(t, "life", lifeOf(t, nodes[0], e), "scheduled ann, live the plan, ended the plan")
	if changed, err := nodes[0].Due(t.Context(), 4711, reaction.Open{}, now); changed || err != nil {
		t.Errorf("an event that is gone: %v, %v", changed, err)
	}
}

func TestWhatThePlanLooksAfter(t *testing.T) {
	s, _ := open(t)
	now := time.Now()
	newEvent(t, s, "tonight", tonight(now))
	newEvent(t, s, "last-year") // over before it was written down
	newEvent(t, s, "said-to-be-live", func(e *reaction.Event) { e.Status = reaction.Live })
	newEvent(t, s, "drill", tonight(now), func(e *reaction.Event) { e.Simulated = true })
	newEvent(t, s, "over", tonight(now), func(e *reaction.Event) { e.Status = reaction.Ended })
	newEvent(t, s, "endless", func(e *reaction.Event) { e.EndsAt = time.Time{} })
	events, err := s.Planned(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var slugs []string
	for _, e := range events {
		slugs = append(slugs, e.Slug)
	}
	want(t, "looked after", slugs, []string{"tonight", "said-to-be-live", "endless"})
}

// What is open is what was heard and measured within the last hour.
func TestOpenIsComplaintsAboveTheFloorAndServicesThatAreNotUp(t *testing.T) {
	s, _ := open(t)
	e := newEvent(t, s, "night", func(e *reaction.Event) { e.Services = []health.Service{{Name: "Rooms"}} })
	feed := newChain("live/x/0")
	send := func(from time.Duration, complaints, others int) {
		var posts []reaction.Matched
		var tags []reaction.Tags
		for i := range complaints + others {
			posts = append(posts, post(e, fmt.Sprint("p", from, "-", i), from+time.Duration(i)*time.Second))
			tags = append(tags, plain())
			if i < complaints {
				tags[i] = complaint()
			}
		}
		appendAll(t, s, feed.commit(reaction.Envelope{Listening: []int64{e.ID}, Posts: posts}, tags...))
	}
	send(5*time.Minute, 5, 10)    // a wave
	send(15*time.Minute, 4, 0)    // too few
	send(25*time.Minute, 10, 250) // too small a share

	now := t0.Add(50 * time.Minute)
	o, err := s.Open(t.Context(), e, now)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "end of the last wave", o.Wave, t0.Add(10*time.Minute))
	want(t, "services known to be unwell until", o.Unwell, time.Time{})
	if o, err = s.Open(t.Context(), e, t0.Add(70*time.Minute)); err != nil || !o.Wave.IsZero() {
		t.Errorf("an hour later: %+v, %v", o, err)
	}

	sample := func(after time.Duration, st health.State) reaction.ScopedSample {
		return reaction.ScopedSample{Sample: health.Sample{Service: "Rooms", At: t0.Add(after), Vantage: "a", State: st}}
	}
	appendAll(t, s, feed.commit(reaction.Envelope{Listening: []int64{e.ID}, Samples: []reaction.ScopedSample{
		sample(40*time.Minute, health.Up), sample(41*time.Minute, health.Down), sample(42*time.Minute, health.Degraded), sample(43*time.Minute, health.Up)}}))
	if o, err = s.Open(t.Context(), e, now); err != nil {
		t.Fatal(err)
	}
	want(t, "services known to be unwell until", o.Unwell, t0.Add(43*time.Minute))
}

// A service that is measured very often is as it was measured last.
func TestOpenLooksAtTheLastOfVeryManySamples(t *testing.T) {
	s, url := open(t)
	e := newEvent(t, s, "night", func(e *reaction.Event) { e.Services = []health.Service{{Name: "Rooms"}} })
	testdb.Exec(t, url, fmt.Sprintf(`INSERT INTO samples (event_id, service, at, vantage, state, latency_ms, audience, detail)
		SELECT %d, 'Rooms', '%s'::timestamptz + n * interval '50 milliseconds', 'a', %d, NULL, NULL, '' FROM generate_series(1, 25000) n`,
		e.ID, t0.Format(time.RFC3339), health.Up))
	feed := newChain("live/x/0")
	down := t0.Add(30 * time.Minute)
	appendAll(t, s, feed.commit(reaction.Envelope{Listening: []int64{e.ID}, Samples: []reaction.ScopedSample{
		{Event: e.ID, Sample: health.Sample{Service: "Rooms", At: down, Vantage: "a", State: health.Down}}}}))
	o, err := s.Open(t.Context(), e, down.Add(10*time.Second))
	if err != nil || !o.Unwell.After(down) {
		t.Errorf("unwell until %s, %v", o.Unwell, err)
	}
}

// Events from before there was a life have one that begins with how they stood.
func TestOlderEventsGetALife(t *testing.T) {
	s, url := open(t)
	e := newEvent(t, s, "older", func(e *reaction.Event) { e.Status = reaction.Live })
	endless := newEvent(t, s, "endless", func(e *reaction.Event) { e.EndsAt = time.Time{} })
	migration, err := migrations.FS.ReadFile("00003_life.sql")
	if err != nil {
		t.Fatal(err)
	}
	testdb.Exec(t, url, "DROP TABLE life")
	testdb.Exec(t, url, string(migration))
	want(t, "life", lifeOf(t, s, e), "live unknown")
	life, err := s.Life(t.Context(), e)
	if err != nil || !life[0].StartsAt.Equal(e.StartsAt) || !life[0].EndsAt.Equal(e.EndsAt) {
		t.Errorf("%+v, %v", life, err)
	}
	if life, err = s.Life(t.Context(), endless); err != nil || !life[0].EndsAt.IsZero() {
		t.Errorf("%+v, %v", life, err)
	}
	if _, err := s.MoveEvent(t.Context(), "older", reaction.Move{Status: reaction.Ended, By: "ann", Now: time.Now()}); err != nil {
		t.Errorf("it does not go on: %v", err)
	}
}
