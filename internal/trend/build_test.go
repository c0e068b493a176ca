package trend

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

var t0 = time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)

func minute(n float64) time.Time { return t0.Add(time.Duration(n * float64(time.Minute))) }

func seen(s reaction.Source, from, to float64, state reaction.CoverageState) reaction.CoverageSpan {
	return reaction.CoverageSpan{Coverage: reaction.Coverage{Source: s, From: minute(from), To: minute(to), State: state}}
}

func query(series ...Name) *Query {
	return &Query{Event: &reaction.Event{Slug: "e", Title: "E", Sources: []reaction.Source{reaction.X, reaction.Bluesky}},
		Series: series, From: t0, To: minute(6), Step: time.Minute}
}

func inputs(coverage ...reaction.CoverageSpan) *Inputs {
	in := &Inputs{Labels: map[string][]Count{}, Tags: map[string][]Count{}, Coverage: coverage}
	for _, c := range coverage {
		if !slices.Contains(in.Listened, c.Source) {
			in.Listened = append(in.Listened, c.Source)
		}
	}
	return in
}

func (in *Inputs) posts(label string, s reaction.Source, perMinute ...int64) *Inputs {
	for i, n := range perMinute {
		if n > 0 {
			in.Labels[label] = append(in.Labels[label], Count{Bucket: minute(float64(i)), Source: s, Net: n, Gross: n})
		}
	}
	return in
}

// show writes a series as one line: the value, "?" for unknown, "3+" for at least, "~" for partly
// covered, "o" for open.
func show(s Series) string {
	var b strings.Builder
	for i, p := range s.Points {
		if i > 0 {
			b.WriteByte(' ')
		}
		switch {
		case p.Value != nil:
			fmt.Fprintf(&b, "%.3g", *p.Value)
		case p.AtLeast != nil:
			fmt.Fprintf(&b, "%.3g+", *p.AtLeast)
		default:
			b.WriteByte('?')
		}
		if p.Covered > 0 && p.Covered < 1 {
			b.WriteByte('~')
		}
		if p.Open {
			b.WriteByte('o')
		}
	}
	return b.String()
}

func one(t *testing.T, q *Query, in *Inputs) (Series, Passport) {
	t.Helper()
	if err := q.Validate(); err != nil {
		t.Fatal(err)
	}
	r, err := Build(q, in)
	if err != nil {
		t.Fatal(err)
	}
	return r.Series[0], r.Passport
}

func TestUnknownIsNotZero(t *testing.T) {
	both := []reaction.CoverageSpan{seen(reaction.X, 1, 5, reaction.CoverageLive), seen(reaction.Bluesky, 0, 3, reaction.CoverageLive)}
	for _, c := range []struct {
		name     string
		coverage []reaction.CoverageSpan
		want     string
	}{
		{"nothing was ever heard", nil, "7+ ? 2+ ? 1+ ?"},
		{"one source all along", []reaction.CoverageSpan{seen(reaction.X, 0, 6, reaction.CoverageLive)}, "7 0 2 0 1 0"},
		{"it begins in the middle of a bucket", []reaction.CoverageSpan{seen(reaction.X, 0.75, 6, reaction.CoverageRecorded)}, "7~ 0 2 0 1 0"},
		{"a gap", []reaction.CoverageSpan{seen(reaction.X, 0, 2, reaction.CoverageLive), seen(reaction.X, 2, 4, reaction.CoverageGap),
			seen(reaction.X, 4, 6, reaction.CoverageLive)}, "7 0 2+ ? 1 0"},
		{"the gap was filled", []reaction.CoverageSpan{seen(reaction.X, 0, 2, reaction.CoverageLive), seen(reaction.X, 2, 4, reaction.CoverageGap),
			seen(reaction.X, 2, 4, reaction.CoverageFilled), seen(reaction.X, 4, 6, reaction.CoverageLive)}, "7 0 2 0 1 0"},
		{"late and capped are not heard", []reaction.CoverageSpan{seen(reaction.X, 0, 2, reaction.CoverageLate),
			seen(reaction.X, 2, 4, reaction.CoverageCapped), seen(reaction.X, 4, 6, reaction.CoverageLive)}, "7+ ? 2+ ? 1 0"},
		{"one of two is blind", both, "7+ 0 2 ? 1+ ?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := inputs(c.coverage...).posts("posts", reaction.X, 7, 0, 2, 0, 1)
			s, _ := one(t, query(Posts), in)
			if got := show(s); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	q := query(Posts)
	q.Sources = []reaction.Source{reaction.X}
	s, p := one(t, q, inputs(both...).posts("posts", reaction.X, 0, 3))
	if got := show(s); got != "? 3 0 0 0 ?" {
		t.Errorf("only X: %s", got)
	}
	if len(p.Sources) != 1 || p.Sources[0].Coverage < 0.66 || p.Sources[0].Coverage > 0.67 {
		t.Errorf("sources of the passport: %+v", p.Sources)
	}
}

func TestBlindSourcesAreNamed(t *testing.T) {
	in := inputs(seen(reaction.X, 0, 6, reaction.CoverageLive), seen(reaction.Bluesky, 0, 1.5, reaction.CoverageLive))
	s, p := one(t, query(Posts), in)
	for i, want := range [][]reaction.Source{nil, {reaction.Bluesky}, {reaction.Bluesky}} {
		if !slices.Equal(s.Points[i].Blind, want) {
			t.Errorf("bucket %d: blind %v, want %v", i, s.Points[i].Blind, want)
		}
	}
	if p.Coverage != 0.25 {
		t.Errorf("coverage %v, want 0.25: one and a half of six minutes", p.Coverage)
	}
}

func TestASourceNeverHeardIsToldAndTakesNoPart(t *testing.T) {
	s, p := one(t, query(Posts), inputs(seen(reaction.X, 0, 6, reaction.CoverageLive)).posts("posts", reaction.X, 1))
	if got := show(s); got != "1 0 0 0 0 0" {
		t.Errorf("series: %s", got)
	}
	if !slices.ContainsFunc(p.Notes, func(n string) bool { return strings.Contains(n, "Bluesky") }) {
		t.Errorf("the passport does not say that Bluesky was not listened to: %q", p.Notes)
	}
}

func TestComplaintShare(t *testing.T) {
	in := inputs(seen(reaction.X, 0, 5, reaction.CoverageLive)).
		posts("posts", reaction.X, 10, 10, 0, 4, 0, 3).posts("reposts", reaction.X, 0, 5, 0, 4).posts("complaints", reaction.X, 5, 5, 0, 0, 0, 1)
	s, _ := one(t, query(ComplaintShare), in)
	if got := show(s); got != "0.5 1 ? ? ? ?" {
		t.Errorf("got %s", got)
	}
}

func TestAuthors(t *testing.T) {
	in := inputs(seen(reaction.X, 0, 6, reaction.CoverageLive))
	crowd := func(people ...byte) *People {
		p := NewPeople()
		for _, b := range people {
			p.Add(reaction.Person{b * 31, b, 7})
		}
		return p
	}
	in.Crowds = []Crowd{{Minute: minute(0), People: crowd(1, 2)}, {Minute: minute(1), People: crowd(2, 3)},
		{Minute: minute(2), Unknown: 4}, {Minute: minute(3), People: crowd(1), Unknown: 1}}
	s, p := one(t, query(Authors), in)
	if got := show(s); got != "2 2 ? 1+ 0 0" {
		t.Errorf("by the minute: %s", got)
	}
	if !slices.ContainsFunc(p.Notes, func(n string) bool { return strings.HasPrefix(n, "5 posts") }) {
		t.Errorf("notes: %q", p.Notes)
	}
	q := query(Authors)
	q.Step = 2 * time.Minute
	if s, _ = one(t, q, in); show(s) != "3 1+ 0" {
		t.Errorf("by two minutes, where one person counts once: %s", show(s))
	}
}

func TestOpenBuckets(t *testing.T) {
	in := inputs(seen(reaction.X, 0, 4, reaction.CoverageLive)).posts("posts", reaction.X, 1, 1, 1, 1)
	w := minute(3.5)
	in.Watermark, in.Grace = &w, 30*time.Second
	s, _ := one(t, query(Posts), in)
	if got := show(s); got != "1 1 1 1o ?o ?o" {
		t.Errorf("got %s", got)
	}
}

func TestDeletedAndLateAreTold(t *testing.T) {
	in := inputs(seen(reaction.X, 0, 6, reaction.CoverageLive))
	in.Labels["posts"] = []Count{{Bucket: t0, Source: reaction.X, Net: 3, Gross: 5, Late: 1}}
	s, p := one(t, query(Complaints), in)
	if p.DeletedSince != 2 || p.Late != 1 || show(s) != "0 0 0 0 0 0" {
		t.Errorf("deleted %d, late %d, series %s", p.DeletedSince, p.Late, show(s))
	}
}

func TestHealthSeries(t *testing.T) {
	ms := func(x float64) *float64 { return &x }
	n := int64(600000)
	in := inputs(seen(reaction.X, 0, 6, reaction.CoverageLive))
	in.Samples = []health.Sample{
		{Service: "A", At: minute(0), State: health.Up, LatencyMS: ms(20)}, {Service: "A", At: minute(0.5), State: health.Up, LatencyMS: ms(90)},
		{Service: "A", At: minute(1), State: health.Down}, {Service: "A", At: minute(1.5), State: health.Up, LatencyMS: ms(10)},
		{Service: "B", At: minute(3), State: health.Degraded, Audience: &n},
	}
	for name, want := range map[Name]string{
		Health: "0 2 0 1 ? ?", "health:A": "0 2 0 ? ? ?", "health:B": "? ? ? 1 ? ?", Latency: "90 10 ? ? ? ?", "audience:B": "? ? ? 6e+05 ? ?",
	} {
		if s, _ := one(t, query(name), in); show(s) != want {
			t.Errorf("%s: got %s, want %s", name, show(s), want)
		}
	}
}

func TestQueriesThatCannotBeAnswered(t *testing.T) {
	for want, change := range map[string]func(*Query){
		"name at least one":   func(q *Query) { q.Series = nil },
		"does not divide":     func(q *Query) { q.Step = 7 * time.Second },
		"is not after":        func(q *Query) { q.To = q.From },
		"buckets, more than":  func(q *Query) { q.Step, q.To = 10*time.Second, q.From.Add(100*24*time.Hour) },
		"by the minute":       func(q *Query) { q.Series, q.Step = []Name{Authors}, 10*time.Second },
		"tags are not kept":   func(q *Query) { q.Series, q.Langs = []Name{"tag:x"}, []string{"ko"} },
		"not kept by languag": func(q *Query) { q.Series, q.Langs = []Name{Authors}, []string{"ko"} },
	} {
		q := query(Posts)
		change(q)
		if err := q.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
	for _, bad := range []string{"", "post", "tag:", "tag:#", "symptom:mood", "posts:x", "health:"} {
		if n, err := ParseName(bad, strings.ToLower); err == nil {
			t.Errorf("%q is read as %q", bad, n)
		}
	}
	if n, err := ParseName("tag:#DeSaster", strings.ToLower); n != "tag:desaster" || err != nil {
		t.Errorf("tag:#DeSaster is %q, %v", n, err)
	}
}

func TestSteps(t *testing.T) {
	for _, s := range Steps {
		if got, err := ParseStep(StepText(s)); got != s || err != nil {
			t.Errorf("%s is written %s and read %s, %v", s, StepText(s), got, err)
		}
		if 24*time.Hour%s != 0 {
			t.Errorf("%s does not divide a day", s)
		}
	}
	from, to := Grid(t0.Add(61*time.Second), t0.Add(3*time.Minute), time.Minute)
	if !from.Equal(minute(1)) || !to.Equal(minute(3)) {
		t.Errorf("grid: %s to %s", from, to)
	}
	if got := DefaultStep(8 * time.Hour); got != time.Minute {
		t.Errorf("eight hours are cut into %s", got)
	}
}

func TestWatermark(t *testing.T) {
	now := minute(60)
	feed := func(name string, clock float64, silent time.Duration, done bool) FeedClock {
		return FeedClock{Feed: reaction.Feed(name), Clock: minute(clock), Committed: now.Add(-silent), Done: done}
	}
	for _, c := range []struct {
		name  string
		feeds []FeedClock
		want  float64 // minutes; -1 for none
	}{
		{"none", nil, -1},
		{"the least of the live", []FeedClock{feed("live/x/0", 50, 0, false), feed("live/bluesky/0", 40, 0, false)}, 40},
		{"a silent source holds nothing back", []FeedClock{feed("live/x/0", 50, 0, false), feed("live/bluesky/0", 40, 6*time.Minute, false)}, 50},
		{"a replay never moves live sources", []FeedClock{feed("live/x/0", 50, 0, false), feed("replay/1/a", 10, 0, false)}, 50},
		{"a replay alone", []FeedClock{feed("replay/1/a", 10, time.Minute, false)}, 10},
		{"a replay that was broken off", []FeedClock{feed("replay/1/a", 10, time.Hour, false)}, -1},
		{"a replay that is done", []FeedClock{feed("replay/1/a", 10, 0, true)}, -1},
	} {
		w, ok := Watermark(c.feeds, now)
		if ok != (c.want >= 0) || ok && !w.Equal(minute(c.want)) {
			t.Errorf("%s: %s, %v", c.name, w, ok)
		}
	}
}
