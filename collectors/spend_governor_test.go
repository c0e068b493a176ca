package collectors

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"outcry/internal/reaction"
)

// books is a ledger in memory. That of the house, and what many processes do to it, is tested in
// internal/postgres.
type books struct {
	mu     sync.Mutex
	used   map[int64]reaction.Micros // by event; 0 for all
	holds  map[int64]reaction.Hold
	next   int64
	away   error
	caps   map[int64]reaction.Micros // the greatest sum seen
	grants int
}

func newBooks() *books {
	return &books{used: map[int64]reaction.Micros{}, holds: map[int64]reaction.Hold{}, caps: map[int64]reaction.Micros{}}
}

func (b *books) Reserve(_ context.Context, a reaction.Ask) (reaction.Hold, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away != nil {
		return reaction.Hold{}, b.away
	}
	n := a.Want
	if n > 0 {
		n = min(n, a.EventCap-b.used[a.Event], a.MonthCap-b.used[0])
		if n < a.Least {
			return reaction.Hold{}, &reaction.CapReached{Month: a.MonthCap-b.used[0] < a.Least, Cap: a.EventCap}
		}
	}
	b.next++
	b.grants++
	h := reaction.Hold{ID: b.next, Source: a.Source, Event: a.Event, Month: a.Month, Amount: n}
	b.holds[h.ID] = h
	b.add(a.Event, n)
	return h, nil
}

func (b *books) add(event int64, n reaction.Micros) {
	if b.used[0] += n; event != 0 {
		b.used[event] += n
	}
	for e, u := range b.used {
		b.caps[e] = max(b.caps[e], u)
	}
}

func (b *books) Settle(_ context.Context, h reaction.Hold, spent reaction.Micros) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away != nil {
		return b.away
	}
	old, ok := b.holds[h.ID]
	if !ok {
		return nil
	}
	delete(b.holds, h.ID)
	b.add(old.Event, spent-old.Amount)
	return nil
}

func (b *books) Account(_ context.Context, a reaction.Ask) (reaction.Account, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away != nil {
		return reaction.Account{}, b.away
	}
	return reaction.Account{Used: b.used[a.Event], MonthUsed: b.used[0]}, nil
}

func (b *books) state() (used map[int64]reaction.Micros, most map[int64]reaction.Micros, holds int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.used), maps.Clone(b.caps), len(b.holds)
}

func (b *books) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.away = err
}

// asked is a Wanted that a test changes.
type asked struct {
	mu      sync.Mutex
	events  []reaction.Event
	changed chan struct{}
}

func wanting(events ...reaction.Event) *asked {
	return &asked{events: events, changed: make(chan struct{})}
}

func (a *asked) Events() []reaction.Event {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.events
}

func (a *asked) Changed() <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.changed
}

func (a *asked) become(events ...reaction.Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.events = events
	close(a.changed)
	a.changed = make(chan struct{})
}

func names(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprint("n", i))
	}
	return out
}

func paidEvent(id int64, usd float64, d time.Duration) reaction.Event {
	return reaction.Event{ID: id, Slug: fmt.Sprintf("e%d", id), StartsAt: time.Now(), EndsAt: time.Now().Add(d), Status: reaction.Live,
		Sources: []reaction.Source{reaction.X}, Spend: map[reaction.Source]reaction.Cap{reaction.X: {USD: usd}}}
}

// govern runs a governor in the bubble; stop ends it and waits.
func govern(t *testing.T, b *books, w Wanted, month float64) (g *Governor, stop func()) {
	t.Helper()
	g = NewGovernor(GovernorOptions{Source: reaction.X, Ledger: b, Wanted: w, MonthCap: reaction.USD(month)})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- g.Run(ctx) }()
	synctest.Wait()
	return g, sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// count tells the governor of the last minutes.
func count(g *Governor, event int64, posts ...int64) {
	at := time.Now().Truncate(time.Minute).Add(-time.Duration(len(posts)) * time.Minute)
	var counts []reaction.PlatformCount
	for i, n := range posts {
		counts = append(counts, reaction.PlatformCount{Event: event, Source: reaction.X, From: at.Add(time.Duration(i) * time.Minute), To: at.Add(time.Duration(i+1) * time.Minute), Posts: n})
	}
	g.Counted(counts)
	synctest.Wait()
}

func streamed(g *Governor) string {
	text := ""
	for _, e := range g.Events() {
		text += e.Slug + " "
	}
	return text
}

// pass lets time go by.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// A crowd that nobody expects, read as fast as it comes: the limit holds to the millionth, the books
// agree with what was read, and there is text from all of the event's time.
func TestTheLimitHoldsWhateverComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		g, stop := govern(t, b, wanting(paidEvent(1, 5, time.Hour), paidEvent(2, 3, time.Hour)), 7)
		defer stop()
		read, hours := 0, [4]int{}
		for s := range 3600 {
			if s%60 == 0 {
				n := int64(5)
				if s >= 1200 && s < 1800 {
					n = 15_000 // 250 a second, the most that X sends
				}
				for e := range int64(2) {
					count(g, e+1, n)
				}
			}
			crowd := 1
			if s >= 1150 && s < 1800 { // a little before it is counted
				crowd = 250
			}
			if crowd == 1 && s%12 != 0 {
				crowd = 0
			}
			for i := range crowd {
				open := g.Events()
				if len(open) == 0 {
					break
				}
				ids := make([]int64, len(open))
				for k, e := range open {
					ids[k] = e.ID
				}
				read++
				hours[s/900]++
				if !g.Bought(fmt.Sprint(s, "-", i), ids) {
					synctest.Wait()
					break // the connection is closed
				}
			}
			pass(time.Second)
		}
		stop()
		used, most, holds := b.state()
		if most[1] > reaction.USD(5) || most[2] > reaction.USD(3) || most[0] > reaction.USD(7) {
			t.Errorf("a limit was overshot: %v", most)
		}
		if holds != 0 || used[0] != reaction.Micros(read)*PostRead || used[1]+used[2] != used[0] {
			t.Errorf("%d posts were read, and the books say %v with %d holds", read, used, holds)
		}
		if hours[0] == 0 || hours[3] == 0 || read < 300 {
			t.Errorf("the quarters had %d posts", hours)
		}
	})
}

func TestAPostIsChargedOnceADayAndShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		g, stop := govern(t, b, wanting(paidEvent(1, 50, 48*time.Hour), paidEvent(2, 50, 48*time.Hour), paidEvent(3, 50, 48*time.Hour)), 100)
		defer stop()
		for e := range int64(3) {
			count(g, e+1, 1, 1)
		}
		if got := streamed(g); got != "e1 e2 e3 " {
			t.Fatalf("streamed are %s", got)
		}
		for range 3 { // comes again after a reconnect
			g.Bought("a", []int64{1, 2, 3, 3})
		}
		g.Bought("b", []int64{2})
		g.Bought("c", []int64{99}) // a rule that is not gone yet, of an event that is
		pass(24 * time.Hour)
		for e := range int64(3) {
			count(g, e+1, 1, 1)
		}
		g.Bought("a", []int64{1})
		stop()
		used, _, _ := b.state()
		want := map[int64]reaction.Micros{0: 4 * PostRead, 1: 1668 + PostRead, 2: 1666 + PostRead, 3: 1666}
		if !maps.Equal(used, want) {
			t.Errorf("the books say %v, want %v", used, want)
		}
	})
}

func TestPagesAreReadAtThePace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		g, stop := govern(t, b, wanting(paidEvent(1, 36, 100*time.Minute)), 100)
		defer stop()
		n, done, err := g.Allow(t.Context(), 1, 100)
		if n < 50 || n > 80 || err != nil {
			t.Errorf("in the first moment %d are allowed, %v", n, err)
		}
		done(nil)
		if m, done, _ := g.Allow(t.Context(), 1, n); m == n { // all of it
			done(names(n))
		}
		if n, _, err := g.Allow(t.Context(), 1, 100); n != 0 || err == nil {
			t.Errorf("in the next moment %d are allowed, %v", n, err)
		}
		if _, _, err := g.Allow(t.Context(), 7, 100); err == nil {
			t.Error("an event that nobody knows may read")
		}
		pass(time.Minute)
		before, _, _ := b.state()
		n, done, err = g.Allow(t.Context(), 1, 1000)
		if err != nil || n < 55 || n > 70 {
			t.Fatalf("after a minute %d are allowed, %v", n, err)
		}
		if used, _, _ := b.state(); used[1]-before[1] != reaction.Micros(n)*PostRead {
			t.Errorf("%s is set aside for %d posts", used[1], n)
		}
		done([]string{"a", "b", "c"})
		if used, _, holds := b.state(); used[1]-before[1] != 3*PostRead || holds != 0 {
			t.Errorf("three posts cost %s", used[1])
		}
		if again, _, _ := g.Allow(t.Context(), 1, 1000); again != n-3 {
			t.Errorf("what was not used is not there: %d", again)
		}
		pass(12 * time.Hour)
		if n, _, err := g.Allow(t.Context(), 1, 100_000); err != nil || n > 8000 {
			t.Errorf("what a long silence saved up is not bounded: %d, %v", n, err)
		}
	})
}

// Without the books nothing is bought: what is held is read, and then nothing.
func TestNothingIsBoughtWhileTheBooksAreAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		g, stop := govern(t, b, wanting(paidEvent(1, 36, 100*time.Minute)), 100)
		defer stop()
		count(g, 1, 10, 10)
		if streamed(g) != "e1 " {
			t.Fatal("it is not streamed")
		}
		b.fail(reaction.ErrAway)
		n := 0
		for ; n < 10_000 && len(g.Events()) > 0; n++ {
			if !g.Bought(fmt.Sprint(n), []int64{1}) {
				break
			}
			pass(time.Second)
			if n%60 == 0 {
				count(g, 1, 10, 10)
			}
		}
		used, _, _ := b.state()
		if reaction.Micros(n)*PostRead > used[1] || n > 500 {
			t.Errorf("%d posts were read of %s", n, used[1])
		}
		if n, _, err := g.Allow(t.Context(), 1, 10); n != 0 || err == nil {
			t.Error("a page was allowed without the books")
		}
		b.fail(nil)
		for range 30 {
			count(g, 1, 10, 10)
			pass(10 * time.Second)
		}
		if streamed(g) != "e1 " {
			t.Error("it is not streamed again")
		}
		var text string
		for _, c := range g.Skipped(time.Now()) {
			text += c.Reason + "; "
		}
		if text == "" {
			t.Error("what was skipped is not told")
		}
	})
}

func TestWhatIsSkippedIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		free := paidEvent(2, 0, time.Hour)
		w := wanting(paidEvent(1, 5, time.Hour), free)
		g, stop := govern(t, b, w, 100)
		defer stop()
		begin := time.Now()
		pass(20 * time.Second)
		count(g, 1, 2, 2)
		opened := time.Now()
		for range 5 {
			pass(time.Minute)
			count(g, 1, 2, 2)
		}
		count(g, 1, 5000, 5000)
		shut := time.Now()
		pass(30 * time.Second)
		spans := g.Skipped(time.Now())
		if len(spans) != 2 || !spans[0].From.Equal(begin) || !spans[0].To.Equal(opened) || !spans[1].From.Equal(shut) || !spans[1].To.Equal(time.Now()) {
			t.Fatalf("begun at %s, opened %s, shut %s; skipped %+v", begin, opened, shut, spans)
		}
		for _, c := range spans {
			if c.State != reaction.CoverageCapped || c.Reason == "" || len(c.Events) != 1 || c.Events[0] != 1 || c.Source != reaction.X {
				t.Errorf("a span is %+v", c)
			}
		}
		pass(10 * time.Second)
		if more := g.Skipped(time.Now()); len(more) != 1 || !more[0].From.Equal(spans[1].To) {
			t.Errorf("it goes on with %+v", more)
		}
		w.become(free)
		synctest.Wait()
		g.Skipped(time.Now())
		pass(time.Minute)
		if more := g.Skipped(time.Now()); len(more) != 0 {
			t.Errorf("of events that nobody pays for, or that are over, %+v is told", more)
		}
		if _, _, holds := b.state(); holds != 0 {
			t.Errorf("%d holds of an event that is over", holds)
		}
	})
}

// What one process held when it ended is given back, and the next one goes on with what is left.
func TestTheNextProcessGoesOnWithWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		e := paidEvent(1, 1, time.Hour)
		read := 0
		for life := range 50 {
			g, stop := govern(t, b, wanting(e), 100)
			count(g, 1, 3, 3)
			for len(g.Events()) > 0 {
				read++
				if !g.Bought(fmt.Sprint(life, read), []int64{1}) {
					break
				}
			}
			if life%3 == 2 { // killed: what it held is lost
				b.fail(context.Canceled)
			}
			stop()
			b.fail(nil)
			pass(time.Minute)
		}
		used, most, _ := b.state()
		if most[1] > reaction.USD(1) || reaction.Micros(read)*PostRead > used[1] || read == 0 {
			t.Errorf("%d posts were read, the books say %s", read, used[1])
		}
	})
}

func TestPaying(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		e := paidEvent(1, 0.012, time.Hour)
		g, stop := govern(t, b, wanting(e), 100)
		defer stop()
		does, charged := 0, true
		do := func() (bool, error) { does++; return charged, nil }
		for _, c := range []struct {
			once    string
			charged bool
			used    reaction.Micros
			does    int
			fails   bool
		}{
			{"", false, 0, 1, false},                                             // a refusal costs nothing
			{"space/a", true, 5000, 2, false}, {"space/a", true, 5000, 3, false}, // once a day
			{"", true, 10_000, 4, false}, {"", true, 10_000, 4, true}, // nothing is left for another
			{"space/a", true, 10_000, 5, false},
			{"space/b", true, 10_000, 5, true}, {"space/b", true, 10_000, 5, true},
		} {
			charged = c.charged
			err := g.Pay(t.Context(), &e, CountsRequest, c.once, do)
			if used, _, holds := b.state(); used[1] != c.used || does != c.does || (err != nil) != c.fails || holds > 0 {
				t.Errorf("%+v: used %s, done %d times, %v", c, used[1], does, err)
			}
		}
	})
}
