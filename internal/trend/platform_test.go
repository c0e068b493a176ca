package trend

import (
	"strings"
	"testing"
	"time"

	"outcry/internal/reaction"
)

func TestCountsOfASourceAreASeriesOfTheirOwn(t *testing.T) {
	from := time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)
	minute := func(m int, posts int64) reaction.PlatformCount {
		at := from.Add(time.Duration(m) * time.Minute)
		return reaction.PlatformCount{Event: 1, Source: reaction.X, From: at, To: at.Add(time.Minute), Posts: posts}
	}
	q := Query{Event: &reaction.Event{Slug: "e", Sources: []reaction.Source{reaction.X}}, Series: []Name{Posts, "counts:x"},
		From: from, To: from.Add(8 * time.Minute), Step: 2 * time.Minute}
	in := Inputs{
		Labels:   map[string][]Count{reaction.LabelPosts: {{Bucket: from, Source: reaction.X, Net: 7, Gross: 7}}},
		Coverage: []reaction.CoverageSpan{{Coverage: reaction.Coverage{Source: reaction.X, From: from, To: q.To, State: reaction.CoverageCapped}}},
		Listened: []reaction.Source{reaction.X},
		Platform: []reaction.PlatformCount{minute(0, 600), minute(1, 400), minute(2, 0), minute(3, 0), minute(4, 5),
			{Source: reaction.Bluesky, From: from, To: from.Add(time.Minute), Posts: 1_000_000}, // of another source
			{Source: reaction.X, From: from.Add(7*time.Minute + 30*time.Second), To: from.Add(8*time.Minute + 30*time.Second), Posts: 9}},
	}
	r, err := Build(&q, &in)
	if err != nil {
		t.Fatal(err)
	}
	posts, counts := r.Series[0], r.Series[1]
	if p := posts.Points[0]; p.Value != nil || p.AtLeast == nil || *p.AtLeast != 7 {
		t.Errorf("posts that were read are %v, at least %v: counts must not be among them", p.Value, p.AtLeast)
	}
	if counts.Unit != UnitCounted || counts.Unit == posts.Unit || !strings.Contains(counts.Counts, "X itself says") {
		t.Errorf("the series is of %q: %q", counts.Unit, counts.Counts)
	}
	for i, want := range []struct {
		value, atLeast float64 // -1: none
		covered        float64
	}{{1000, -1, 1}, {0, -1, 1}, {-1, 5, 0.5}, {-1, -1, 0}} {
		p := counts.Points[i]
		got := func(x *float64) float64 {
			if x == nil {
				return -1
			}
			return *x
		}
		if got(p.Value) != want.value || got(p.AtLeast) != want.atLeast || p.Covered != want.covered || (len(p.Blind) == 0) != (want.value >= 0) {
			t.Errorf("bucket %d: value %v, at least %v, covered %v, blind %v; want %+v", i, got(p.Value), got(p.AtLeast), p.Covered, p.Blind, want)
		}
	}
	if !strings.Contains(strings.Join(r.Passport.Notes, "\n"), "counts:x is what X says it counted") {
		t.Errorf("the passport does not say what the counts are: %q", r.Passport.Notes)
	}
}

func TestNamesOfCounts(t *testing.T) {
	fold := func(s string) string { return s }
	for _, bad := range []string{"counts", "counts:", "counts:X", "counts:a b", "counts:x:y"} {
		if n, err := ParseName(bad, fold); err == nil {
			t.Errorf("%q is taken for the series %q", bad, n)
		}
	}
	n, err := ParseName("counts:x", fold)
	if err != nil || n != "counts:x" || !n.OfPosts() {
		t.Errorf("counts:x is %q, of posts %v, %v", n, n.OfPosts(), err)
	}
	q := Query{Series: []Name{n}, From: time.Unix(0, 0), To: time.Unix(3600, 0), Step: 10 * time.Second}
	if err := q.Validate(); err == nil || !strings.HasPrefix(err.Error(), "step: ") {
		t.Errorf("ten seconds of counts by the minute: %v", err)
	}
	q.Step, q.Langs = time.Minute, []string{"ko"}
	if err := q.Validate(); err == nil || !strings.HasPrefix(err.Error(), "lang: ") {
		t.Errorf("counts by language: %v", err)
	}
	if got := q.LabelsOf(); len(got) != 1 || got[0] != reaction.LabelPosts {
		t.Errorf("counts ask for the labels %q", got)
	}
}
