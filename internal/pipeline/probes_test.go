package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

// tally is a meter that remembers.
type tally struct {
	mu      sync.Mutex
	running int
	states  map[health.State]int
	dropped int
}

func (m *tally) Probes(n int) { m.mu.Lock(); defer m.mu.Unlock(); m.running = n }

func (m *tally) Probed(s health.State) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.states == nil {
		m.states = map[health.State]int{}
	}
	m.states[s]++
}

func (m *tally) SamplesDropped(n int) { m.mu.Lock(); defer m.mu.Unlock(); m.dropped += n }

// stage is a runner whose events, measurements and log a test plays.
type stage struct {
	tally
	events  []reaction.Event
	failing error // of reading the events
	measure func(ctx context.Context, def health.Probe) health.Sample
	block   chan struct{} // while it is set, the log takes nothing

	lines bytes.Buffer
	got   [][]reaction.ScopedSample
}

func (s *stage) Probe(ctx context.Context, def health.Probe) health.Sample {
	if s.measure != nil {
		return s.measure(ctx, def)
	}
	return health.Sample{At: time.Now(), State: health.Up}
}

// run starts the runner inside a synctest bubble; the returned function stops it.
func (s *stage) run(t *testing.T) (stop func() error) {
	logger := slog.New(slog.NewTextHandler(&s.lines, nil))
	publish := func(ctx context.Context, batch []reaction.ScopedSample) error {
		s.mu.Lock()
		block := s.block
		s.mu.Unlock()
		if block != nil {
			select {
			case <-block:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.got = append(s.got, batch)
		return nil
	}
	read := func(context.Context) ([]reaction.Event, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.events, s.failing
	}
	p := newProbes(read, newOutlet(publish, s, logger), s, "n1", s, logger)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	return func() error { cancel(); return <-ended }
}

// set changes what the stage plays.
func (s *stage) set(change func()) { s.mu.Lock(); defer s.mu.Unlock(); change() }

// wait lets time pass, in which everything that is due happens.
func wait(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func (s *stage) samples() (all []reaction.ScopedSample) {
	s.set(func() {
		for _, b := range s.got {
			all = append(all, b...)
		}
	})
	return all
}

func on(probes ...health.Probe) reaction.Event {
	e := night("on", probes...)
	e.StartsAt, e.EndsAt, e.ListenFrom = time.Now(), time.Now().Add(time.Hour), time.Now()
	return e
}

func web(path, every string) health.Probe {
	return health.Probe{Kind: "http", URL: "https://example.org/" + path, Every: every}
}

func TestProbesFollowTheEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{}
		stop := s.run(t)
		wait(time.Minute)
		if len(s.got) != 0 || s.running != 0 {
			t.Fatalf("%d probes run without an event", s.running)
		}
		s.set(func() { s.events = []reaction.Event{on(web("a", "10s"))} })
		wait(time.Minute)
		if n := len(s.samples()); n < 4 || n > 6 || s.running != 1 {
			t.Errorf("%d samples in a minute of one probe every 10 s, %d run", n, s.running)
		}
		for _, x := range s.samples() {
			if x.Event != 0 || x.Service != "Rooms" || !strings.HasPrefix(x.Vantage, "n1/http-") {
				t.Errorf("%+v", x)
			}
		}

		s.set(func() { s.events = []reaction.Event{on(web("a", "2s"))} })
		wait(7 * time.Second)
		s.set(func() { s.got = nil })
		wait(time.Minute)
		if n := len(s.samples()); n < 28 || n > 31 || s.running != 1 {
			t.Errorf("%d samples in a minute of one probe every 2 s, %d run", n, s.running)
		}

		s.set(func() { s.events = []reaction.Event{on(web("a", "2s")), on(web("a", "2s"), web("b", "2s"))} })
		wait(8 * time.Second)
		if s.running != 2 {
			t.Errorf("%d probes run of two, one of them shared", s.running)
		}
		s.set(func() { s.failing, s.events, s.got = errors.New("the database is away"), nil, nil })
		wait(time.Minute)
		if n := len(s.samples()); n < 55 || s.running != 2 {
			t.Errorf("while the events cannot be read %d run, with %d samples", s.running, n)
		}
		s.set(func() { s.failing = nil })
		wait(6 * time.Second)
		s.set(func() { s.got = nil })
		wait(time.Minute)
		if len(s.got) != 0 || s.running != 0 {
			t.Errorf("%d run after their events are gone", s.running)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		if n := strings.Count(s.lines.String(), "cannot be read"); n != 1 {
			t.Errorf("told %d times that the events cannot be read", n)
		}
	})
}

func TestProbesBeginAndEndWithTheEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := on(web("a", "1s"))
		from := time.Now()
		e.ListenFrom, e.StartsAt, e.EndsAt = from.Add(time.Minute), from.Add(2*time.Minute), from.Add(3*time.Minute)
		s := &stage{events: []reaction.Event{e}}
		stop := s.run(t)
		wait(4 * time.Minute) // past the planned end: it is the status that ends it, once nothing is open
		ended := time.Now()
		e.Status = reaction.Ended
		s.set(func() { s.events = []reaction.Event{e} })
		wait(time.Minute)
		all := s.samples()
		if len(all) < 170 || all[0].At.Before(e.ListenFrom) || all[len(all)-1].At.After(ended.Add(followEvery)) {
			t.Errorf("%d samples from %s to %s", len(all), all[0].At, all[len(all)-1].At)
		}
		stop()
	})
}

func TestProbesStartApartAndAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		asking, most := 0, 0
		begun := map[time.Time]int{}
		s := &stage{}
		s.measure = func(ctx context.Context, _ health.Probe) health.Sample {
			mu.Lock()
			asking++
			most = max(most, asking)
			begun[time.Now().Truncate(100*time.Millisecond)]++
			mu.Unlock()
			at := time.Now()
			pause(ctx, 8*time.Second)
			mu.Lock()
			asking--
			mu.Unlock()
			return health.Sample{At: at, State: health.Up}
		}
		for i := range 10 {
			e := on()
			e.Slug = fmt.Sprint("e", i)
			for j := range 20 {
				e.Services[0].Probes = append(e.Services[0].Probes, web(fmt.Sprint(i, "/", j), "10s"))
			}
			s.events = append(s.events, e)
		}
		stop := s.run(t)
		wait(20 * time.Second)
		if most != maxAsking {
			t.Errorf("%d probes ask at the same moment, want %d", most, maxAsking)
		}
		for at, n := range begun {
			if n > maxAsking {
				t.Errorf("%d probes begin at %s", n, at)
			}
		}
		if len(begun) < 20 {
			t.Errorf("200 probes begin at %d moments", len(begun))
		}
		stop()
		if asking != 0 {
			t.Errorf("%d probes still ask after the stop", asking)
		}
	})
}

func TestASlowMeasurementDelaysOnlyItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{}
		s.measure = func(ctx context.Context, def health.Probe) health.Sample {
			at := time.Now()
			if strings.HasSuffix(def.URL, "slow") {
				pause(ctx, 25*time.Second)
			}
			return health.Sample{At: at, State: health.Up, Detail: def.URL}
		}
		s.events = []reaction.Event{on(web("slow", "10s"), web("quick", "10s"))}
		stop := s.run(t)
		wait(2*time.Minute + 10*time.Second)
		n := map[string]int{}
		for _, x := range s.samples() {
			n[x.Detail]++
		}
		if q, w := n["https://example.org/quick"], n["https://example.org/slow"]; q < 12 || w < 4 || w > 6 {
			t.Errorf("%d quick and %d slow measurements in two minutes", q, w)
		}
		stop()
	})
}

func TestOurOwnFailureIsToldOnceAndKeptAsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{}
		broken := true
		s.measure = func(context.Context, health.Probe) health.Sample {
			s.mu.Lock()
			defer s.mu.Unlock()
			if broken {
				return health.Sample{At: time.Now(), Detail: "this machine has no route to it"}
			}
			return health.Sample{At: time.Now(), State: health.Up}
		}
		s.events = []reaction.Event{on(web("a", "1s"), health.Probe{Kind: "hls"})}
		stop := s.run(t)
		wait(2 * time.Minute)
		s.set(func() { broken = false })
		wait(2 * time.Minute)
		stop()
		for text, want := range map[string]int{"a probe cannot measure": 1, "no route to it": 1, "a probe measures again": 1, "hls probes are not built yet": 1} {
			if n := strings.Count(s.lines.String(), text); n != want {
				t.Errorf("%q is told %d times, want %d:\n%s", text, n, want, s.lines.String())
			}
		}
		if s.states[health.Unknown] < 100 || s.states[health.Up] < 100 || s.states[health.Down] != 0 {
			t.Errorf("measured %v", s.states)
		}
	})
}

func TestASampleThatCannotBeKeptDoesNotStopTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{measure: func(context.Context, health.Probe) health.Sample {
			return health.Sample{At: time.Now(), State: health.Down, Detail: "a\x00" + strings.Repeat("b", 1000)}
		}}
		s.events = []reaction.Event{on(web("a", "1s"))}
		stop := s.run(t)
		wait(10 * time.Second)
		stop()
		all := s.samples()
		if len(all) == 0 {
			t.Fatal("no samples")
		}
		for _, x := range all {
			if _, text, ok := x.Check(); !ok || x.State != health.Unknown {
				t.Fatalf("%+v: %s", x, text)
			}
		}
	})
}

func TestBatchesAreClosedByAgeAndSize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{}
		out := newOutlet(func(_ context.Context, b []reaction.ScopedSample) error {
			s.set(func() { s.got = append(s.got, b) })
			return nil
		}, s, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- out.run(ctx) }()
		out.add(health.Sample{})
		wait(maxAge / 2)
		out.add(health.Sample{})
		wait(maxAge/2 - 1)
		s.sizes(t, "before its time")
		wait(1)
		s.sizes(t, "after a second", 2)
		for range 2*maxBatch + 7 {
			out.add(health.Sample{})
		}
		wait(0)
		s.sizes(t, "when there are many", 2, maxBatch, maxBatch)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		s.sizes(t, "at the end", 2, maxBatch, maxBatch, 7)
	})
}

// What waits when the process is stopped has a moment more.
func TestSamplesWaitForTheLogAtTheStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{block: make(chan struct{}), events: []reaction.Event{on(web("a", "1s"))}}
		stop := s.run(t)
		wait(10 * time.Second)
		back := time.AfterFunc(lastWait/2, func() { close(s.block) })
		defer back.Stop()
		if err := stop(); err != nil {
			t.Error(err)
		}
		if n := len(s.samples()); n != s.states[health.Up] || n < 9 || s.dropped != 0 {
			t.Errorf("%d samples of %d became durable, %d are told to be lost", n, s.states[health.Up], s.dropped)
		}
	})
}

// sizes checks how many samples the envelopes have.
func (s *stage) sizes(t *testing.T, when string, want ...int) {
	t.Helper()
	var got []int
	s.set(func() {
		for _, b := range s.got {
			got = append(got, len(b))
		}
	})
	if !slices.Equal(got, want) {
		t.Errorf("%s: envelopes of %v samples, want %v", when, got, want)
	}
}

// With the log away for hours, memory stays bounded, probes go on, and the newest samples are kept.
func TestALogThatIsAwayCostsTheOldestSamples(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{block: make(chan struct{})}
		var probes []health.Probe
		for i := range 10 {
			probes = append(probes, web(fmt.Sprint(i), "1s"))
		}
		e := on(probes...)
		e.EndsAt = time.Now().Add(5 * time.Hour)
		s.events = []reaction.Event{e}
		stop := s.run(t)
		wait(time.Hour)
		away := time.Now()
		if n := s.states[health.Up]; n < 35_000 {
			t.Errorf("%d measurements in an hour: the log holds probes up", n)
		}
		s.set(func() { close(s.block); s.block = nil })
		wait(time.Second)
		if n := len(s.samples()); n > maxWaiting+maxBatch+50 || n < maxWaiting-maxBatch || n+s.dropped < 35_000 {
			t.Errorf("%d samples were kept, %d dropped", n, s.dropped)
		}
		for i, x := range s.samples()[maxBatch:] {
			if x.At.Before(away.Add(-20 * time.Minute)) {
				t.Fatalf("sample %d is of %s before the log came back", i, away.Sub(x.At))
			}
		}
		if n := strings.Count(s.lines.String(), "oldest that wait are dropped"); n != 1 {
			t.Errorf("told %d times", n)
		}
		if n := strings.Count(s.lines.String(), "takes health samples again"); n != 1 {
			t.Errorf("told %d times that it is back", n)
		}
		s.set(func() { s.block = make(chan struct{}) })
		wait(10 * time.Second)
		before := time.Now()
		if err := stop(); err != nil || time.Since(before) > 2*lastWait {
			t.Errorf("stopping took %s, %v", time.Since(before), err)
		}
		if !strings.Contains(s.lines.String(), "before the stop") {
			t.Error("what was lost at the stop is not told")
		}
	})
}

func TestALostLogEndsTheProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lost := errors.New("the log was deleted")
		s := &stage{events: []reaction.Event{on(web("a", "1s"))}}
		logger := slog.New(slog.DiscardHandler)
		out := newOutlet(func(context.Context, []reaction.ScopedSample) error { return lost }, s, logger)
		p := newProbes(func(context.Context) ([]reaction.Event, error) { return s.events, nil }, out, s, "n1", s, logger)
		if err := p.Run(t.Context()); !errors.Is(err, lost) {
			t.Errorf("%v", err)
		}
	})
}
