package pipeline_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"outcry/internal/health"
	"outcry/internal/pgserver"
	"outcry/internal/pipeline"
	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/testdb"
)

// kept is an event that begins an hour from now, and the keeper that looks after it at a clock of
// the test's own.
type kept struct {
	*postgres.Store
	event     *reaction.Event
	clock     time.Time
	keeper    *pipeline.Keeper
	announced []int64
}

func keep(t *testing.T, url string, change ...func(*reaction.Event)) *kept {
	t.Helper()
	s, err := postgres.Open(t.Context(), postgres.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	now := time.Now().UTC().Truncate(time.Minute)
	k := &kept{Store: s, clock: now, event: &reaction.Event{Slug: "show", Title: "A show", StartsAt: now.Add(time.Hour), EndsAt: now.Add(2 * time.Hour),
		Match: reaction.Match{Any: []string{"show"}}, Services: []health.Service{{Name: "Rooms"}}, SaidBy: "ann"}}
	for _, f := range change {
		f(k.event)
	}
	k.event.Normalise()
	if err := s.CreateEvent(t.Context(), k.event); err != nil {
		t.Fatal(err)
	}
	k.keeper = pipeline.NewKeeper(s, func() time.Time { return k.clock }, slog.New(slog.DiscardHandler))
	k.keeper.Announce = func(_ context.Context, event int64) { k.announced = append(k.announced, event) }
	return k
}

// look lets the keeper look at a time, this long after the planned end, and says how the event
// stands then: "live", or "ended" and how long after the planned end.
func (k *kept) look(t *testing.T, after time.Duration) string {
	t.Helper()
	k.clock = k.event.EndsAt.Add(after)
	if err := k.keeper.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	e, err := k.Event(t.Context(), k.event.Slug)
	if err != nil {
		t.Fatal(err)
	}
	life, err := k.Life(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	last := life[len(life)-1]
	if last.Status != e.Status {
		t.Errorf("the event is %s and its life says %s", e.Status, last.Status)
	}
	if e.Status != reaction.Ended {
		return string(e.Status)
	}
	return fmt.Sprint("ended ", last.At.Sub(k.event.EndsAt))
}

func TestCollectingGoesOnWhileSomethingIsOpen(t *testing.T) {
	k := keep(t, testdb.New(t))
	seq := uint64(0)
	send := func(env reaction.Envelope, tags ...reaction.Tags) {
		t.Helper()
		seq++
		env.Feed, env.Listening = "live/x/0", []int64{k.event.ID}
		if _, err := k.Append(t.Context(), postgres.Commit{Epoch: "e", Seq: seq, Prev: seq - 1, Envelope: &env, Tags: tags}); err != nil {
			t.Fatal(err)
		}
	}
	wave := func(after time.Duration) {
		var posts []reaction.Matched
		var tags []reaction.Tags
		for i := range 2 * reaction.OpenFloor {
			posts = append(posts, reaction.Matched{Events: []reaction.Membership{{Event: k.event.ID}},
				Post: reaction.Post{Source: reaction.X, ID: fmt.Sprint(after, i), At: k.event.EndsAt.Add(after), Text: "no sound at the show"}})
			tags = append(tags, reaction.Tags{IsComplaint: true, Complaint: 1})
		}
		send(reaction.Envelope{Posts: posts}, tags...)
	}
	check := func(after time.Duration, want string) {
		t.Helper()
		if got := k.look(t, after); got != want {
			t.Errorf("%s after the planned end: %s, want %s", after, got, want)
		}
	}
	check(-time.Hour-time.Second, "scheduled")
	check(-time.Hour, "live")
	wave(2 * time.Minute)
	check(reaction.Linger, "live") // without the wave it would have ended now
	wave(31 * time.Minute)
	check(36*time.Minute, "live") // the first wave is past
	send(reaction.Envelope{Samples: []reaction.ScopedSample{{Sample: health.Sample{
		Service: "Rooms", At: k.event.EndsAt.Add(65 * time.Minute), Vantage: "a", State: health.Down}}}})
	check(65*time.Minute+30*time.Second, "live") // the second too, and a service is down
	check(67*time.Minute, "ended 1h6m0s")        // it was last known to be down a minute after its sample
	if want := []int64{k.event.ID, k.event.ID}; !slices.Equal(k.announced, want) {
		t.Errorf("announced %v", k.announced)
	}
	if e, err := k.Event(t.Context(), "show"); err != nil || e.Listening(k.clock) {
		t.Errorf("an ended event is listened to: %v", err)
	}
}

// Where nothing ran at the time, the steps are taken afterwards, each with the time it was due.
func TestAServerThatWasAwayCatchesUpWithThePlan(t *testing.T) {
	k := keep(t, testdb.New(t))
	if got := k.look(t, 9*time.Hour); got != "ended 10m0s" {
		t.Error(got)
	}
	life, err := k.Life(t.Context(), k.event)
	if err != nil || len(life) != 3 || life[1].Status != reaction.Live || !life[1].At.Equal(k.event.StartsAt) || life[1].By != reaction.ByPlan ||
		!life[1].SaidAt.Equal(k.clock) {
		t.Errorf("%+v, %v", life, err)
	}
}

func TestADrillAndARecordDoNotFollowTheClock(t *testing.T) {
	for name, change := range map[string]func(*reaction.Event){
		"a drill": func(e *reaction.Event) { e.Simulated = true },
		"a record": func(e *reaction.Event) {
			e.StartsAt, e.EndsAt = e.StartsAt.AddDate(-3, 0, 0), e.EndsAt.AddDate(-3, 0, 0)
		},
	} {
		if got := keep(t, testdb.New(t), change).look(t, 9*time.Hour); got != "scheduled" {
			t.Errorf("%s is %s", name, got)
		}
	}
}

// A status that moves is no new definition: what is being replayed into the event goes on.
func TestAMovingStatusBreaksNoRun(t *testing.T) {
	l := newLine(t, testdb.New(t))
	stop := l.commit(t)
	if _, err := l.runs.Begin(t.Context(), l.event, plan(60)); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < 60; i += 20 {
		e, err := l.store.Event(t.Context(), l.event.Slug) // as a server reads it for each request
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.runs.Send(t.Context(), e, "run", int64(i), records(i, i+20)); err != nil {
			t.Fatalf("after %d records: %v", i, err)
		}
		to := []reaction.Status{reaction.Live, reaction.Ended, reaction.Live}[i/20]
		if _, err := l.store.MoveEvent(t.Context(), e.Slug, reaction.Move{Status: to, Note: "a test", By: "ann", Now: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	if p := l.finish(t); !p.Done || p.Stored == 0 {
		t.Errorf("%+v", p)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// The keeper waits for a database that is away, says so once, and ends when it is told to.
func TestTheKeeperWaitsForItsDatabase(t *testing.T) {
	server := testdb.Server(t)
	k := keep(t, server.URL(pgserver.Database))
	var log lines
	keeper := pipeline.NewKeeper(k.Store, func() time.Time { return k.clock }, slog.New(slog.NewTextHandler(&log, nil)))
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	log.wrote = cancel // by then it has looked, and failed
	go func() { ended <- keeper.Run(ctx) }()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if got := log.String(); !strings.Contains(got, "cannot be kept to their plan") {
		t.Errorf("logged %q", got)
	}
}

// lines is what was logged.
type lines struct {
	mu    sync.Mutex
	text  strings.Builder
	wrote func()
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.wrote()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
