package postgres_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"outcry/collectors"
	"outcry/internal/health"
	"outcry/internal/pgserver"
	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/testdb"
)

// The store is what those who spend, and those who look, need.
var (
	_ collectors.Ledger = (*postgres.Store)(nil)
	_ collectors.Books  = (*postgres.Store)(nil)
)

func asking(event int64, want, least reaction.Micros) reaction.Ask {
	return reaction.Ask{Source: reaction.X, Event: event, Month: reaction.Month(t0), Want: want, Least: least,
		EventCap: 3 * reaction.Dollar, MonthCap: 5 * reaction.Dollar}
}

func account(t *testing.T, s *postgres.Store, event int64) reaction.Account {
	t.Helper()
	a, err := s.Account(t.Context(), asking(event, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Many who spend at once, in several processes, some of which die with money in their hands: no
// limit is overshot by one millionth, and nothing that could be spent is left lying.
func TestNoLimitIsOvershotByConcurrency(t *testing.T) {
	s, url := open(t)
	a, b := newEvent(t, s, "a"), newEvent(t, s, "b")
	stores := []*postgres.Store{s}
	for range 3 {
		more, err := postgres.Open(t.Context(), postgres.Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(more.Close)
		stores = append(stores, more)
	}
	var held, refused, lost atomic.Int64 // micros
	most := map[int64]*atomic.Int64{a.ID: new(atomic.Int64), b.ID: new(atomic.Int64)}
	watching, watched := make(chan struct{}), make(chan error, 1)
	go func() { // the sums themselves, while it goes on
		for {
			for _, e := range []int64{a.ID, b.ID} {
				now, err := s.Account(t.Context(), asking(e, 0, 0))
				if err != nil || now.Used > 3*reaction.Dollar || now.MonthUsed > 5*reaction.Dollar {
					watched <- errors.Join(err, errors.New("used "+now.Used.String()+", in the month "+now.MonthUsed.String()))
					return
				}
			}
			select {
			case <-watching:
				watched <- nil
				return
			default:
			}
		}
	}()
	var all sync.WaitGroup
	for g := range 32 {
		all.Go(func() {
			rnd := rand.New(rand.NewPCG(7, uint64(g)))
			event := []int64{a.ID, b.ID}[g%2]
			for range 40 {
				h, err := stores[g%len(stores)].Reserve(t.Context(), asking(event, reaction.Micros(1+rnd.IntN(60_000)), 1))
				if _, capped := reaction.IsCapReached(err); capped {
					refused.Add(1)
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if rnd.IntN(8) == 0 { // dies
					lost.Add(int64(h.Amount))
					most[event].Add(int64(h.Amount))
					continue
				}
				spent := reaction.Micros(rnd.Int64N(int64(h.Amount) + 1))
				if rnd.IntN(2) == 0 {
					spent = h.Amount
				}
				for range 1 + rnd.IntN(2) { // an answer may be lost: settled again
					if err := stores[rnd.IntN(len(stores))].Settle(t.Context(), h, spent); err != nil {
						t.Error(err)
					}
				}
				held.Add(int64(spent))
				most[event].Add(int64(spent))
			}
		})
	}
	all.Wait()
	close(watching)
	if err := <-watched; err != nil {
		t.Error(err)
	}
	total := reaction.Micros(held.Load() + lost.Load())
	for _, e := range []int64{a.ID, b.ID} {
		if now := account(t, s, e); int64(now.Used) != most[e].Load() || now.MonthUsed != total {
			t.Errorf("event %d: the books say %s and %s in the month, we spent %s and %s", e, now.Used, now.MonthUsed, reaction.Micros(most[e].Load()), total)
		}
	}
	if refused.Load() == 0 || total != 5*reaction.Dollar {
		t.Errorf("%s of $5.00 were spent, and %d were refused: the limit was never met", total, refused.Load())
	}
}

// What was held by a process that died stays spent, also when the server was stopped meanwhile.
func TestWhatADeadProcessHeldStaysSpent(t *testing.T) {
	server := testdb.Server(t)
	openNow := func() *postgres.Store {
		s, err := postgres.Open(t.Context(), postgres.Options{URL: server.URL(pgserver.Database)})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := openNow()
	e := newEvent(t, s, "killed")
	var last reaction.Hold
	for range 5 {
		h, err := s.Reserve(t.Context(), asking(e.ID, 500_000, 500_000))
		if err != nil {
			t.Fatal(err)
		}
		last = h
	}
	s.Close()
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	server = testdb.Restart(t, server)
	s = openNow()
	defer s.Close()
	want(t, "what is used", account(t, s, e.ID).Used, reaction.Micros(2_500_000))
	if _, err := s.Reserve(t.Context(), asking(e.ID, 600_000, 600_000)); err == nil {
		t.Error("the limit was forgotten with the process")
	}
	h, err := s.Reserve(t.Context(), asking(e.ID, reaction.Dollar, 1))
	if err != nil || h.Amount != 500_000 {
		t.Errorf("what is left is %s, %v", h.Amount, err)
	}
	// Somebody else settles what was left behind, once.
	for range 2 {
		if err := s.Settle(t.Context(), last, 100_000); err != nil {
			t.Fatal(err)
		}
	}
	want(t, "what is used then", account(t, s, e.ID).Used, reaction.Micros(2_600_000))
}

func TestWhichLimitIsReachedIsSaid(t *testing.T) {
	s, _ := open(t)
	a, b := newEvent(t, s, "a"), newEvent(t, s, "b")
	if _, err := s.Reserve(t.Context(), asking(a.ID, 3*reaction.Dollar, 1)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		event       int64
		want, least reaction.Micros
		month       bool
		left        reaction.Micros
	}{{a.ID, 5000, 5000, false, 0}, {b.ID, 3 * reaction.Dollar, 3 * reaction.Dollar, true, 2 * reaction.Dollar}, {0, 3 * reaction.Dollar, 3 * reaction.Dollar, true, 2 * reaction.Dollar}} {
		_, err := s.Reserve(t.Context(), asking(c.event, c.want, c.least))
		if got, ok := reaction.IsCapReached(err); !ok || got.Month != c.month || got.Left != c.left {
			t.Errorf("event %d: %v", c.event, err)
		}
	}
	// A month begins anew; what an event may take does not.
	next := asking(b.ID, 3*reaction.Dollar, 3*reaction.Dollar)
	next.Month = reaction.Month(t0.AddDate(0, 1, 0))
	if _, err := s.Reserve(t.Context(), next); err != nil {
		t.Errorf("in the next month: %v", err)
	}
	next.Event = a.ID
	if _, err := s.Reserve(t.Context(), next); err == nil {
		t.Error("an event's limit began anew with the month")
	}
	if _, err := s.Reserve(t.Context(), asking(99_999, 1, 1)); !errors.Is(err, reaction.ErrNotFound) {
		t.Errorf("of an event that is not there: %v", err)
	}
	if _, err := s.Reserve(t.Context(), asking(a.ID, 1, -1)); err == nil {
		t.Error("less than nothing was set aside")
	}
}

// More than was held is the truth all the same: it is written down, and leaves nothing to spend.
func TestADebtIsWrittenDown(t *testing.T) {
	s, _ := open(t)
	e := newEvent(t, s, "debt")
	h, err := s.Reserve(t.Context(), asking(e.ID, reaction.Dollar, 1))
	if err != nil {
		t.Fatal(err)
	}
	want(t, "what is reserved", account(t, s, e.ID).Reserved, reaction.Dollar)
	if err := s.Settle(t.Context(), h, 4*reaction.Dollar); err != nil {
		t.Fatal(err)
	}
	now := account(t, s, e.ID)
	if now.Used != 4*reaction.Dollar || now.MonthUsed != 4*reaction.Dollar || now.Reserved != 0 {
		t.Errorf("the books say %+v", now)
	}
	if _, err := s.Reserve(t.Context(), asking(e.ID, 1, 1)); err == nil {
		t.Error("something was left beyond the limit")
	}
}

func TestADeletedEventLeavesItsMonthAlone(t *testing.T) {
	s, url := open(t)
	e := newEvent(t, s, "gone")
	h, err := s.Reserve(t.Context(), asking(e.ID, reaction.Dollar, 1))
	if err != nil {
		t.Fatal(err)
	}
	appendAll(t, s, newChain("live/x/1").commit(reaction.Envelope{Counts: []reaction.PlatformCount{
		{Event: e.ID, Source: reaction.X, From: t0, To: t0.Add(time.Minute), Posts: 3}}}))
	if err := s.DeleteEvent(t.Context(), e.Slug); err != nil {
		t.Fatal(err)
	}
	if err := s.Settle(t.Context(), h, 0); err != nil {
		t.Fatal(err)
	}
	want(t, "the month", account(t, s, 0).MonthUsed, reaction.Dollar)
	want(t, "rows of the event", count(t, url, `SELECT (SELECT count(*) FROM spend_events) + (SELECT count(*) FROM spend_holds) + (SELECT count(*) FROM platform_counts)`), 0)
}

// What an event costs, from the ledger to the sentence: it is made of what is stored, and spends
// nothing.
func TestWhatAnEventCosts(t *testing.T) {
	s, _ := open(t)
	e := newEvent(t, s, "paid", func(e *reaction.Event) { e.Spend = map[reaction.Source]reaction.Cap{reaction.X: {USD: 3}} })
	now := t0.Add(-2 * time.Hour)
	tell := func(off string, month reaction.Micros) reaction.Spending {
		t.Helper()
		x, err := collectors.Spending(t.Context(), s, e, reaction.X, month, off, now)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	if x := tell("no token", 5*reaction.Dollar); x.Idle != "no token" || x.Forecast != nil || x.None != "nothing was counted: no token" {
		t.Errorf("without a token: %+v", x)
	}
	if x := tell("", 0); !strings.Contains(x.Idle, "x_month_usd") {
		t.Errorf("without a month: %+v", x)
	}
	if x := tell("", 5*reaction.Dollar); x.Idle != "" || !strings.Contains(x.None, "nothing was counted yet") || x.Capped != nil {
		t.Errorf("before it is counted: %+v", x)
	}
	var hours []reaction.PlatformCount
	for h := range 30 {
		at := now.Truncate(time.Hour).Add(time.Duration(h-30) * time.Hour)
		hours = append(hours, reaction.PlatformCount{Event: e.ID, Source: reaction.X, From: at, To: at.Add(time.Hour), Posts: 100})
	}
	feed := newChain("live/x/0")
	appendAll(t, s, feed.commit(reaction.Envelope{Counts: hours}))
	appendAll(t, s, feed.commit(reaction.Envelope{Listening: []int64{e.ID}, Coverage: []reaction.Coverage{
		{Source: reaction.X, From: now.Add(-time.Hour), To: now.Add(-time.Second), State: reaction.CoverageCapped, Reason: "a sample is read"}}}))
	if _, err := s.Reserve(t.Context(), asking(e.ID, reaction.Dollar, 1)); err != nil {
		t.Fatal(err)
	}
	x := tell("", 5*reaction.Dollar)
	if x.Account.Used != reaction.Dollar || x.Cap != 3*reaction.Dollar || x.Capped == nil || !x.Capped.Since.Equal(now.Add(-time.Hour)) || x.Capped.Reason != "a sample is read" {
		t.Errorf("what it costs: %+v", x)
	}
	// From an hour before the start to ten minutes after the end, of 100 posts an hour.
	if f := x.Forecast; f == nil || f.Low.Posts != 317 || f.Likely.Posts != 950 || f.Allowed != 320 {
		t.Errorf("the forecast: %+v, %s", x.Forecast, x.None)
	}
	now = now.Add(time.Hour)
	if x := tell("", 5*reaction.Dollar); x.Capped != nil {
		t.Errorf("long after, it is capped since %s", x.Capped.Since)
	}
}

func TestASpaceThatIsGoneIsForgotten(t *testing.T) {
	s, url := open(t)
	e := newEvent(t, s, "space", func(e *reaction.Event) { e.Services = []health.Service{{Name: "Spaces"}, {Name: "Other"}} })
	n := int64(5)
	sample := func(event int64, service, vantage string) reaction.ScopedSample {
		return reaction.ScopedSample{Event: event, Sample: health.Sample{Service: service, At: t0, Vantage: vantage, State: health.Up, Audience: &n}}
	}
	appendAll(t, s, newChain("live/x/0").commit(reaction.Envelope{Listening: []int64{e.ID}, Samples: []reaction.ScopedSample{
		sample(0, "Spaces", "n1/audience-abc"), sample(0, "Spaces", "n2/audience-abc"), sample(0, "Spaces", "n2/xaudience-abc"),
		sample(0, "Spaces", "n1/http-abc"), sample(0, "Other", "n1/audience-abc"), sample(e.ID, "Spaces", "n1/audience-abc")}}))
	if err := s.ForgetAudience(t.Context(), "Spaces", "audience-abc"); err != nil {
		t.Fatal(err)
	}
	want(t, "samples left", count(t, url, "SELECT count(*) FROM samples"), 4)
	if err := s.ForgetAudience(t.Context(), "Spaces", ""); err == nil {
		want(t, "samples left", count(t, url, "SELECT count(*) FROM samples"), 4)
	}
}
