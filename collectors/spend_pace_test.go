package collectors

import (
	"strings"
	"testing"
	"time"

	"outcry/internal/reaction"
)

var evening = time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)

func outlook(left float64, d time.Duration) Outlook {
	return Outlook{Now: evening, Until: evening.Add(d), MonthEnds: evening.AddDate(0, 0, 30), Left: reaction.USD(left), MonthLeft: reaction.USD(1000),
		CountCost: CountsRequest, Posts: 50, Usual: 50}
}

func TestPace(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Outlook)
		mode   Mode
		count  time.Duration
		posts  int
		every  time.Duration
		reason string
	}{
		"calm and paid for":        {func(o *Outlook) {}, Streamed, time.Minute, 71, time.Minute, ""},
		"nearly too much":          {func(o *Outlook) { o.Posts, o.Usual = 60, 60 }, Sampled, time.Minute, 71, time.Minute, "some 60 posts a minute"},
		"nearly too much already":  {func(o *Outlook) { o.Posts, o.Usual, o.Streaming = 60, 60, true }, Streamed, time.Minute, 71, time.Minute, ""},
		"more than can be paid":    {func(o *Outlook) { o.Posts, o.Usual = 6000, 6000 }, Sampled, time.Minute, 71, time.Minute, "some 6000 posts a minute"},
		"not counted yet":          {func(o *Outlook) { o.Posts, o.Usual = -1, -1 }, Sampled, time.Minute, 71, time.Minute, "until the platform has counted"},
		"nobody speaks of it":      {func(o *Outlook) { o.Posts, o.Usual = 0, 0 }, Streamed, time.Minute, 71, time.Minute, ""},
		"a surge":                  {func(o *Outlook) { o.Posts = 160 }, Streamed, 30 * time.Second, 100, 29 * time.Second, ""},
		"a surge of a few":         {func(o *Outlook) { o.Posts, o.Usual = 9, 1 }, Streamed, time.Minute, 71, time.Minute, ""},
		"the event's limit":        {func(o *Outlook) { o.Left = PostRead - 1 }, Skipped, 0, 0, 0, "the limit for the event is spent"},
		"overspent":                {func(o *Outlook) { o.Left = -PostRead }, Skipped, 0, 0, 0, "the limit for the event is spent"},
		"the month's limit":        {func(o *Outlook) { o.MonthLeft = 0 }, Skipped, 0, 0, 0, "the limit for the month is spent"},
		"little money":             {func(o *Outlook) { o.Left, o.Posts, o.Usual = reaction.USD(1), 600, 600 }, Sampled, 150 * time.Second, 10, 375 * time.Second, "some 600 posts"},
		"the last cents":           {func(o *Outlook) { o.Left, o.Posts, o.Usual = 2*PostRead, 600, 600 }, Sampled, 15 * time.Minute, 10, time.Hour, "some 600 posts"},
		"far past the planned end": {func(o *Outlook) { o.Until, o.Left = evening.Add(-time.Hour), reaction.USD(5) }, Streamed, time.Minute, 99, time.Minute, ""},
		"the month's last hour": {func(o *Outlook) { o.MonthEnds, o.MonthLeft = evening.Add(time.Hour), reaction.USD(1) },
			Sampled, 90 * time.Second, 10, 225 * time.Second, "some 50 posts"},
		"endless": {func(o *Outlook) { o.Until, o.Left = time.Time{}, reaction.USD(500) }, Sampled, 130 * time.Second, 10, 324 * time.Second, "some 50 posts"},
	} {
		o := outlook(36, 100*time.Minute) // 6000 micros a second: 71 posts a minute besides counting
		c.change(&o)
		p := o.Pace()
		if p.Mode != c.mode || p.SamplePosts != c.posts || p.CountEvery != c.count || p.SampleEvery.Round(time.Second) != c.every ||
			!strings.Contains(p.Reason, c.reason) || (p.Reason == "") != (c.reason == "") {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// Whatever the crowd does, there is money left until the planned end, and the last third of the
// event gets its share: it is not spent in the first minute.
func TestMoneyLastsUntilTheEnd(t *testing.T) {
	for name, crowd := range map[string]func(minute int) float64{
		"always more":      func(int) float64 { return 100_000 },
		"a surge at once":  func(m int) float64 { return 50 + 1e6/float64(1+m*m) },
		"a surge half-way": func(m int) float64 { return map[bool]float64{true: 50_000, false: 100}[m >= 60 && m < 80] },
	} {
		left, byThird := reaction.USD(50), [3]reaction.Micros{}
		usual := -1.0
		for s := range 120 * 60 {
			o := outlook(0, 2*time.Hour)
			o.Now, o.Left = evening.Add(time.Duration(s)*time.Second), left
			o.Posts, o.Usual = crowd(s/60), usual
			if s > 600 {
				usual = 100
			}
			p := o.Pace()
			if p.Mode == Skipped {
				t.Fatalf("%s: nothing is left after %d minutes", name, s/60)
			}
			spent := reaction.Micros(min(p.Rate, o.Posts/60*float64(PostRead)) + float64(CountsRequest)/p.CountEvery.Seconds())
			left -= spent
			byThird[s/2400] += spent
		}
		if left < 0 || byThird[2] < reaction.USD(1) {
			t.Errorf("%s: %s is left, and the thirds took %s", name, left, byThird)
		}
	}
}

func TestWhatIsUsual(t *testing.T) {
	var m minutes
	at := func(i int, posts int64) reaction.PlatformCount {
		return reaction.PlatformCount{From: evening.Add(time.Duration(i) * time.Minute), To: evening.Add(time.Duration(i+1) * time.Minute), Posts: posts}
	}
	if p, u := m.now(evening, time.Hour); p >= 0 || u >= 0 {
		t.Errorf("nothing was counted, and there are %v, usually %v", p, u)
	}
	for i := range 100 {
		m = m.add([]reaction.PlatformCount{at(i, 10)})
	}
	m = m.add([]reaction.PlatformCount{at(100, 90), at(99, 30), {From: evening, To: evening.Add(time.Hour), Posts: 1 << 40}})
	if p, u := m.now(evening.Add(101*time.Minute), time.Minute); p != 60 || u != 10 || len(m) != minutesKept {
		t.Errorf("there are %v, usually %v, of %d minutes", p, u, len(m))
	}
	if p, _ := m.now(evening.Add(3*time.Hour), time.Minute); p >= 0 {
		t.Errorf("old counts say %v of now", p)
	}
}

func TestForecast(t *testing.T) {
	week := func(f func(hour int) int64) (out []reaction.PlatformCount) {
		for h := range 168 {
			out = append(out, reaction.PlatformCount{From: evening.Add(time.Duration(h-168) * time.Hour), To: evening.Add(time.Duration(h-167) * time.Hour), Posts: f(h)})
		}
		return out
	}
	p := Prospect{Hours: week(func(h int) int64 { return map[bool]int64{true: 500, false: 100}[h == 100] }),
		From: evening, To: evening.Add(4 * time.Hour), Left: reaction.USD(20), CountCost: CountsRequest}
	f, err := p.Forecast()
	if err != nil {
		t.Fatal(err)
	}
	want := reaction.Forecast{
		Low: reaction.Estimate{Posts: 400, USD: 2}, Likely: reaction.Estimate{Posts: 6000, USD: 30}, High: reaction.Estimate{Posts: 40_000, USD: 200},
		CountingUSD: 1.2, Allowed: 3760, Share: 3760.0 / 6000, Hours: 4, CountedTo: evening, Basis: f.Basis,
	}
	if f != want || !strings.Contains(f.Basis, "168 hours") {
		t.Errorf("the forecast is %+v, want %+v", f, want)
	}
	p.Hours = week(func(int) int64 { return 0 })
	if f, err = p.Forecast(); err != nil || f.Low.Posts != 0 || f.Likely.Posts != 80 || f.High.Posts != 240 || f.Share != 1 {
		t.Errorf("of what nobody speaks of: %+v, %v", f, err)
	}
	p.Left = 0
	if f, err = p.Forecast(); err != nil || f.Allowed != 0 || f.Share != 0 || f.CountingUSD != 0 {
		t.Errorf("without money: %+v, %v", f, err)
	}
	p.Hours = p.Hours[:23]
	if _, err = p.Forecast(); err == nil {
		t.Error("a day's counts are wanted")
	}
	p.Hours, p.To = week(func(int) int64 { return 1 << 50 }), evening.Add(-1)
	if _, err = p.Forecast(); err == nil {
		t.Error("an event that is over has a forecast")
	}
}
