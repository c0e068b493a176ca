package x

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"outcry/collectors"
	"outcry/internal/health"
	"outcry/internal/reaction"
)

// bank is a ledger in memory; that of the house is tested in internal/postgres.
type bank struct {
	mu    sync.Mutex
	used  map[int64]reaction.Micros
	holds map[int64]reaction.Hold
	most  reaction.Micros
	next  int64
}

func newBank() *bank {
	return &bank{used: map[int64]reaction.Micros{}, holds: map[int64]reaction.Hold{}}
}

func (b *bank) Reserve(_ context.Context, a reaction.Ask) (reaction.Hold, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := a.Want
	if n > 0 {
		if n = min(n, a.EventCap-b.used[a.Event], a.MonthCap-b.used[0]); n < a.Least {
			return reaction.Hold{}, &reaction.CapReached{Cap: a.EventCap}
		}
	}
	b.next++
	h := reaction.Hold{ID: b.next, Event: a.Event, Amount: n}
	b.holds[h.ID] = h
	b.add(a.Event, n)
	return h, nil
}

func (b *bank) add(event int64, n reaction.Micros) {
	if b.used[0] += n; event != 0 {
		b.used[event] += n
	}
	b.most = max(b.most, b.used[0])
}

func (b *bank) Settle(_ context.Context, h reaction.Hold, spent reaction.Micros) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if old, ok := b.holds[h.ID]; ok {
		delete(b.holds, h.ID)
		b.add(old.Event, spent-old.Amount)
	}
	return nil
}

func (b *bank) Account(_ context.Context, a reaction.Ask) (reaction.Account, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return reaction.Account{Used: b.used[a.Event], MonthUsed: b.used[0]}, nil
}

func (b *bank) spent() (now, most reaction.Micros, held int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used[0], b.most, len(b.holds)
}

// counter makes the fake X count, and write its bill: of counts by the request, and of Spaces once a
// day. What searches bring it is told afterwards.
type counter struct {
	x      *fakeX
	name   string // of the number: tweet_count or post_count
	mu     sync.Mutex
	counts func(at time.Time) int64 // posts of a minute
	asked  []string                 // questions for counts
	spaces map[string]func() string // JSON of the answer
	bill   reaction.Micros
	looked map[string]bool
	fails  []http.HandlerFunc // answer the next questions for counts
}

func counting(x *fakeX, counts func(at time.Time) int64) *counter {
	c := &counter{x: x, name: "tweet_count", counts: counts, spaces: map[string]func() string{}, looked: map[string]bool{}}
	x.answers["/2/tweets/counts/recent"] = c.recent
	return c
}

func (c *counter) recent(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	q := r.URL.Query()
	from, err1 := time.Parse(time.RFC3339, q.Get("start_time"))
	to, err2 := time.Parse(time.RFC3339, q.Get("end_time"))
	width := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour}[q.Get("granularity")]
	now := time.Now()
	if q.Get("query") == "" || len(q.Get("query")) > 512 || err1 != nil || err2 != nil || width == 0 || !from.Before(to) ||
		now.Sub(to) < 10*time.Second || now.Sub(from) > 7*24*time.Hour || len(q) != 4 || r.Header.Get("Authorization") != "Bearer "+rightToken {
		c.x.t.Errorf("X is asked to count by %v", q)
	}
	c.asked = append(c.asked, q.Get("query"))
	if len(c.fails) > 0 {
		fail := c.fails[0]
		if c.fails = c.fails[1:]; fail != nil {
			fail(w, r)
			return
		}
	}
	c.bill += collectors.CountsRequest
	var data []map[string]any
	for at := from; at.Before(to); {
		end := at.Truncate(width).Add(width)
		if end.After(to) {
			end = to
		}
		n := int64(0)
		for m := at.Truncate(time.Minute); m.Before(end); m = m.Add(time.Minute) {
			n += c.counts(m)
		}
		data = append(data, map[string]any{"start": at.Format(time.RFC3339), "end": end.Format(time.RFC3339), c.name: n})
		at = end
	}
	c.x.json(w, 200, map[string]any{"data": data, "meta": map[string]any{"total_" + c.name: len(data)}})
}

// space makes X know a Space.
func (c *counter) space(id string, answer func() string) {
	c.spaces[id] = answer
	c.x.answers["/2/spaces/"+id] = func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if f := strings.Split(r.URL.Query().Get("space.fields"), ","); !slices.Contains(f, "participant_count") || slices.Contains(f, "title") || len(r.URL.Query()) != 1 {
			c.x.t.Errorf("X is asked for a Space by %v", r.URL.Query())
		}
		body := answer()
		if day := time.Now().UTC().Format(time.DateOnly) + id; strings.Contains(body, `"data"`) && !c.looked[day] {
			c.looked[day] = true
			c.bill += collectors.SpaceRead
		}
		c.x.answer(w, 200, body)
	}
}

// questions is how often it was asked to count.
func (c *counter) questions() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.asked)
}

func (c *counter) owed() reaction.Micros {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bill
}

// desk is a Governed at work, and what it emits.
type desk struct {
	t    *testing.T
	x    *fakeX
	c    *counter
	bank *bank
	want *list
	g    *Governed
	end  func()

	mu       sync.Mutex
	posts    map[string]time.Time // when they came
	counts   map[time.Time]int64
	hours    []reaction.PlatformCount
	coverage []reaction.Coverage
	samples  []health.Sample
	forgot   []string
}

func sit(t *testing.T, x *fakeX, c *counter, month float64, change func(*GovernedOptions), events ...reaction.Event) *desk {
	t.Helper()
	d := &desk{t: t, x: x, c: c, bank: newBank(), want: listOf(events...), posts: map[string]time.Time{}, counts: map[time.Time]int64{}}
	o := GovernedOptions{
		Client: clientOf(t, x), Wanted: d.want, Node: "n1",
		Governor: collectors.NewGovernor(collectors.GovernorOptions{Source: reaction.X, Ledger: d.bank, Wanted: d.want, MonthCap: reaction.USD(month), CountCost: CountCost}),
		Forget: func(_ context.Context, service, probe string) error {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.forgot = append(d.forgot, service+" "+probe)
			return nil
		},
	}
	if change != nil {
		change(&o)
	}
	d.g = NewGoverned(o)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.g.Collect(ctx, nil, d.emit) }()
	d.end = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("it ended with %v", err)
		}
	})
	t.Cleanup(d.end)
	return d
}

func (d *desk) emit(_ context.Context, items ...collectors.Item) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, it := range items {
		if p := it.Record.Post; p != nil {
			if d.posts[p.ID] = time.Now(); d.g.o.Stream == nil && !p.Received.IsZero() {
				d.t.Error("a post that was searched for is said to have been heard")
			}
		}
		if s := it.Record.Sample; s != nil {
			if field, text, ok := s.Check(); !ok {
				d.t.Errorf("a sample cannot be kept: %s: %s", field, text)
			}
			d.samples = append(d.samples, *s)
		}
		for _, c := range it.Counts {
			if c.To.Sub(c.From) == time.Hour {
				d.hours = append(d.hours, c)
			} else {
				d.counts[c.From] = c.Posts
			}
		}
		d.coverage = append(d.coverage, it.Coverage...)
		if d.g.o.Stream == nil && (it.Cursor != nil || !it.Clock.IsZero()) {
			d.t.Error("cursor and clock are the stream's")
		}
	}
	return nil
}

// rules is how many rules X has.
func (d *desk) rules() int {
	d.x.mu.Lock()
	defer d.x.mu.Unlock()
	return len(d.x.rules)
}

func (d *desk) pass(t time.Duration) {
	<-time.After(t)
	synctest.Wait()
}

func paid(id int64, usd float64, hours int, terms ...string) reaction.Event {
	e := event(id, terms...)
	e.Spend = map[reaction.Source]reaction.Cap{reaction.X: {USD: usd}}
	e.ListenFrom, e.StartsAt, e.EndsAt = time.Now(), time.Now(), time.Now().Add(time.Duration(hours)*time.Hour)
	e.Status, e.Sources = reaction.Live, []reaction.Source{reaction.X}
	return e
}

// Two hours of a crowd that nobody can pay for: what X bills is what the books say, and no more than
// the limit; every minute is counted; there is text from every quarter; what was left out is said.
func TestCountsFirstTextSampled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		c := counting(x, func(time.Time) int64 { return 0 })
		c.counts = func(at time.Time) int64 {
			x.mu.Lock()
			defer x.mu.Unlock()
			n := int64(0)
			for _, p := range x.posts {
				if !p.At.Before(at) && p.At.Before(at.Add(time.Minute)) {
					n++
				}
			}
			return n
		}
		begin := time.Now()
		d := sit(t, x, c, 100, nil, paid(1, 4, 2, "launch"))
		for range 120 * 6 { // 60 posts in ten seconds
			x.mu.Lock()
			for range 60 {
				x.ids++
				x.posts = append(x.posts, fakePost{ID: strconv.Itoa(x.ids), Text: "the launch", Author: "a", At: time.Now()})
			}
			x.mu.Unlock()
			d.pass(10 * time.Second)
		}
		d.end()
		quarters := [4]int{}
		for _, at := range d.posts {
			quarters[min(int(at.Sub(begin)/(30*time.Minute)), 3)]++
		}
		bill := c.owed() + reaction.Micros(len(d.posts))*collectors.PostRead
		now, most, held := d.bank.spent()
		if bill != now || most > 4*reaction.Dollar || held != 0 {
			t.Errorf("X bills %s, the books say %s and at most %s, %d holds", bill, now, most, held)
		}
		if slices.Min(quarters[:]) < 50 || now < 3*reaction.Dollar {
			t.Errorf("the quarters have %d posts, for %s", quarters, now)
		}
		missing := 0
		for m := range 117 {
			if d.counts[begin.UTC().Add(time.Duration(m)*time.Minute)] != 360 {
				missing++
			}
		}
		if missing > 0 {
			t.Errorf("%d minutes are not counted rightly", missing)
		}
		at := begin
		for _, s := range d.coverage {
			if !s.From.Equal(at) || s.State != reaction.CoverageCapped || s.Reason == "" || !slices.Equal(s.Events, []int64{1}) {
				t.Fatalf("what was left out from %s on: %+v", at, s)
			}
			at = s.To
		}
		if time.Since(at) > time.Minute {
			t.Errorf("what was left out is told up to %s before the end", time.Since(at))
		}
	})
}

// Old and renamed fields are counted alike; an event of many terms takes several questions, each
// paid for, and one whose answers do not all come is not counted.
func TestCountsOfManyTerms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		c := counting(x, func(time.Time) int64 { return 7 })
		c.name = "post_count" // before anybody asks
		var many []string
		for i := range 60 {
			many = append(many, fmt.Sprintf("a rather long term of ours %d", i))
		}
		e := paid(1, 50, 2, many...)
		n := len(countQueries(&e))
		c.fails = make([]http.HandlerFunc, n-1)
		c.fails = append(c.fails, func(w http.ResponseWriter, _ *http.Request) { x.answer(w, 503, `{}`) })
		d := sit(t, x, c, 100, nil, e)
		begin := time.Now().UTC()
		d.pass(2 * time.Minute)
		d.mu.Lock()
		first := len(d.counts)
		d.mu.Unlock()
		d.pass(5 * time.Minute)
		d.end()
		if n < 3 || d.counts[begin] != int64(7*n) || first > 2 {
			t.Errorf("%d questions gave %d, of %d minutes at first", n, d.counts[begin], first)
		}
		if now, _, _ := d.bank.spent(); now != c.owed() {
			t.Errorf("X bills %s, the books say %s", c.owed(), now)
		}
		for _, q := range c.asked {
			if len(q) > 512 {
				t.Errorf("a question of %d bytes", len(q))
			}
		}
	})
}

// X is not asked again before it says, nor more often than it allows.
func TestCountsWaitAsX(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		c := counting(x, func(time.Time) int64 { return 1 })
		c.fails = []http.HandlerFunc{func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("x-rate-limit-limit", "300")
			w.Header().Set("x-rate-limit-remaining", "14")
			w.Header().Set("x-rate-limit-reset", strconv.FormatInt(time.Now().Add(10*time.Minute).Unix(), 10))
			x.answer(w, 429, `{"detail":"Too Many Requests","status":429,"title":"Too Many Requests","type":"about:blank"}`)
		}}
		d := sit(t, x, c, 100, nil, paid(1, 50, 2, "launch"))
		d.pass(9*time.Minute + 50*time.Second)
		if c.questions() != 1 || c.owed() != 0 {
			t.Errorf("X was asked %d times, and bills %s", c.questions(), c.owed())
		}
		if now, _, _ := d.bank.spent(); now != 0 {
			t.Errorf("a refusal cost %s", now)
		}
		d.pass(3 * time.Minute)
		if c.questions() < 2 {
			t.Error("X is not asked again")
		}
	})
}

// A quiet event is streamed, whole; when a crowd comes that cannot be paid for the stream gives way
// to samples, and the other way round.
func TestTheStreamIsForThoseWhoCanPay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		crowd := int64(3)
		c := counting(x, func(time.Time) int64 { return crowd })
		d := sit(t, x, c, 100, func(o *GovernedOptions) {
			source := NewSource(SourceOptions{Client: o.Client, Wanted: o.Wanted, Purse: o.Governor})
			o.Stream = collectors.NewStation(reaction.X, source, collectors.StationOptions{Wanted: o.Wanted})
		}, paid(1, 20, 2, "launch"))
		d.pass(3 * time.Minute)
		if !d.g.Listens(1) {
			t.Fatal("a quiet event is not streamed")
		}
		if _, delivered := x.post("the launch begins"); !delivered {
			t.Error("nobody is connected")
		}
		c.mu.Lock()
		crowd = 5000
		c.mu.Unlock()
		d.pass(3 * time.Minute)
		if d.g.Listens(1) && d.rules() > 0 {
			t.Error("a crowd that cannot be paid for is streamed")
		}
		x.mu.Lock()
		sampled := len(x.queries)
		x.mu.Unlock()
		if sampled == 0 {
			t.Error("no sample is read")
		}
		c.mu.Lock()
		crowd = 3
		c.mu.Unlock()
		d.pass(5 * time.Minute)
		if _, delivered := x.post("the launch is over"); !delivered {
			t.Error("a quiet event is not streamed again")
		}
		d.pass(time.Minute)
	})
}

func TestTheWeekBeforeIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		c := counting(x, func(time.Time) int64 { return 2 })
		soon, late, unpaid, drill := paid(1, 5, 2, "launch"), paid(2, 5, 2, "b"), paid(3, 0, 2, "c"), paid(4, 5, 2, "d")
		for _, e := range []*reaction.Event{&soon, &late, &unpaid, &drill} {
			e.Status, e.ListenFrom = reaction.Scheduled, time.Now().Add(48*time.Hour)
		}
		late.ListenFrom, drill.Simulated = time.Now().Add(8*24*time.Hour), true
		d := sit(t, x, c, 100, func(o *GovernedOptions) {
			o.Events = func(context.Context) ([]reaction.Event, error) {
				return []reaction.Event{soon, late, unpaid, drill}, nil
			}
		})
		d.pass(time.Hour)
		d.mu.Lock()
		if c.questions() != 1 || len(d.hours) != 166 || d.hours[0].Posts != 120 || d.hours[0].Event != 1 {
			t.Errorf("%d questions, %d hours", c.questions(), len(d.hours))
		}
		d.mu.Unlock()
		d.pass(23 * time.Hour)
		d.end()
		if now, _, _ := d.bank.spent(); now != c.owed() || c.questions() > 4 {
			t.Errorf("a day's forecasts cost %s, X bills %s", now, c.owed())
		}
	})
}

func TestReadCounts(t *testing.T) {
	from := time.Date(2026, 11, 15, 10, 0, 0, 0, time.UTC)
	for body, want := range map[string]string{
		`{"data":[{"end":"2026-11-15T11:00:00Z","start":"2026-11-15T10:00:00Z","tweet_count":0},{"end":"2026-11-15T12:00:00.000Z","start":"2026-11-15T11:00:00.000Z","tweet_count":12}]}`: "0 12",
		`{"data":[{"end":"2026-11-15T11:00:00Z","start":"2026-11-15T10:00:00Z","post_count":5},{"end":"2026-11-15T12:00:00Z","start":"2026-11-15T11:00:00Z","post_count":6}]}`:            "5 6",
		`{"data":[{"end":"2026-11-15T11:00:00Z","start":"2026-11-15T10:12:00Z","tweet_count":9},{"end":"2026-11-15T11:30:00Z","start":"2026-11-15T11:00:00Z","tweet_count":9}]}`:          "- -", // parts of hours
		`{"data":[{"end":"2026-11-15T10:00:00Z","start":"2026-11-15T09:00:00Z","tweet_count":9},{"end":"2026-11-15T13:00:00Z","start":"2026-11-15T12:00:00Z","tweet_count":9}]}`:          "- -", // not asked for
		`{"meta":{"total_tweet_count":0}}`:                                                                          "- -",
		`{"data":[{"end":"2026-11-15T11:00:00Z","start":"2026-11-15T10:00:00Z"}]}`:                                  "error",
		`{"data":[{"end":"2026-11-15T11:00:00Z","start":"2026-11-15T10:00:00Z","tweet_count":-1}]}`:                 "error",
		`{"data":[{"end":"2026-11-15T11:00:00Z","start":"2026-11-15T10:00:00Z","tweet_count":"12"}]}`:               "error",
		`{"data":[{"end":"2026-11-15T11:00:00Z","start":"2026-11-15T10:00:00Z","tweet_count":0},{"end":"2026-11-16`: "error", // cut short
		``: "error",
	} {
		got := "error"
		if counts, err := readCounts([]byte(body), from, from.Add(2*time.Hour), time.Hour); err == nil {
			var parts []string
			for h := range 2 {
				n, ok := counts[from.Add(time.Duration(h)*time.Hour)]
				if parts = append(parts, strconv.FormatInt(n, 10)); !ok {
					parts[h] = "-"
				}
			}
			got = strings.Join(parts, " ")
		}
		if got != want {
			t.Errorf("%s gives %s, want %s", body, got, want)
		}
	}
}

func FuzzReadCounts(f *testing.F) {
	from := time.Date(2026, 11, 15, 10, 0, 0, 0, time.UTC)
	for _, s := range []string{`{"data":[{"end":"2026-11-15T10:01:00Z","start":"2026-11-15T10:00:00Z","tweet_count":3}]}`,
		`{"data":[{"start":"2026-11-15T10:00:00+23:59","end":"2026-11-15T10:01:00+23:59","post_count":9223372036854775807}]}`, `{"data":null}`, `[]`, "\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		counts, err := readCounts(body, from, from.Add(time.Hour), time.Minute)
		for at, n := range counts {
			if err != nil || n < 0 || at.Before(from) || at.Add(time.Minute).After(from.Add(time.Hour)) || !json.Valid(body) {
				t.Errorf("%s: %d", at, n)
			}
		}
	})
}
