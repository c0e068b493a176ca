package chart

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// TestNotesCollideWithNothing is the promise of the chart's annotations, on any figures: each is
// somewhere, and none lies on a line, on another text or outside its place.
func TestNotesCollideWithNothing(t *testing.T) {
	fonts := fallback(t)
	rapid.Check(t, func(t *rapid.T) {
		r, o := anyFigures(t), anyOptions(t)
		o.Fonts = fonts
		l, err := laidOut(r, o)
		bare := r
		bare.Marks = nil
		if _, without := laidOut(bare, o); (err == nil) != (without == nil) {
			t.Fatalf("with marks: %v; without: %v", err, without)
		}
		if err != nil {
			if !strings.Contains(err.Error(), "do not fit") {
				t.Fatal(err)
			}
			t.Skip("too small")
		}
		checkNotes(t, l)
		again, err := laidOut(r, o)
		if err != nil || !reflect.DeepEqual(l.shapes, again.shapes) {
			t.Fatal("the same figures gave another picture")
		}
	})
}

func laidOut(r trend.Result, o Options) (*layout, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	l, err := read(r, o)
	if err == nil {
		err = l.run()
	}
	return l, err
}

type failer interface {
	Helper()
	Errorf(format string, a ...any)
}

// checkNotes holds the notes of a chart against everything on it.
func checkNotes(t failer, l *layout) {
	t.Helper()
	texts := labels(&Chart{shapes: l.shapes})
	for i, p := range l.placed {
		b := p.box()
		for _, o := range texts {
			if !o.behind && o.box() != b && overlap(b, o.box()) {
				t.Errorf("%q lies on %q", p.text, o.text)
			}
		}
		for _, lead := range l.leaders {
			if crosses(lead[0], lead[1], b) {
				t.Errorf("a leader crosses %q", p.text)
			}
		}
		for _, o := range l.placed[:i] {
			if overlap(b, o.box()) {
				t.Errorf("%q lies on %q", p.text, o.text)
			}
		}
		if b.y+b.h > l.plot.y {
			onPlot(t, l, p.text, b)
		} else if b.x < 0 || b.x+b.w > l.w || b.y < l.plot.y-laneLow-l.lane {
			t.Errorf("%q leaves the lane above the plot: %+v", p.text, b)
		}
	}
	for i, a := range l.leaders {
		for _, b := range l.leaders[:i] {
			if meet(a[0], a[1], b[0], b[1]) {
				t.Errorf("two leaders cross: %v and %v", a, b)
			}
		}
	}
	everyNote(t, l, texts)
}

// onPlot checks a label among the lines.
func onPlot(t failer, l *layout, text string, b box) {
	t.Helper()
	if p := l.plot; b.x < p.x || b.y < p.y || b.x+b.w > p.x+p.w || b.y+b.h > p.y+p.h {
		t.Errorf("%q leaves the plot %+v: %+v", text, p, b)
	}
	for _, piece := range l.pieces {
		for i := 1; i < len(piece.path); i++ { // every segment, unlike the code
			if crosses(piece.path[i-1], piece.path[i], b) {
				t.Errorf("%q lies on the line of %s", text, piece.track.name)
				return
			}
		}
	}
	for _, n := range l.notes {
		if !n.point && n.at.x > b.x && n.at.x < b.x+b.w {
			t.Errorf("%q lies on the rule of %q", text, n.text)
		}
	}
	for _, s := range l.unheard {
		if overlap(b, l.column(s, l.plot.y, l.plot.h)) {
			t.Errorf("%q lies on what is unknown", text)
		}
	}
	for _, s := range append(l.inState(1), l.inState(2)...) {
		c := l.column(s, l.plot.y, l.plot.h)
		for _, x := range []float64{c.x, c.x + c.w} {
			if near := float64(l.frame.n) < l.plot.w; near && x > b.x && x < b.x+b.w {
				t.Errorf("%q lies on the edge of a band", text)
			}
		}
	}
}

// everyNote checks that each note is on the plot, above it or in the foot, or counted there where
// no more lines would fit.
func everyNote(t failer, l *layout, texts []label) {
	t.Helper()
	var foot strings.Builder
	for _, x := range texts {
		if x.size == noteSize && x.y > l.base() {
			foot.WriteString(strings.ReplaceAll(x.text, " ", ""))
		}
	}
	order := l.order()
	for k, i := range order {
		switch n := l.notes[i]; {
		case k < l.told && !strings.Contains(foot.String(), strings.ReplaceAll(clipped(n.text, longestNote), " ", "")):
			t.Errorf("%q is not in the foot %q", n.text, foot.String())
		case k >= l.told && l.noteRows == mostNoteRows && len(order) < 8:
			t.Errorf("%q is not told though there was room", n.text)
		}
	}
	for i, n := range l.notes {
		if l.footed[i] {
			continue
		}
		found := false
		for _, p := range l.placed {
			found = found || p.text == n.text
		}
		if !found {
			t.Errorf("%q is nowhere", n.text)
		}
	}
}

// However many marks there are, a chart is drawn soon, and says how many it does not tell.
func TestManyMarks(t *testing.T) {
	b := figures(180, time.Minute).complaints(burst(62, 900))
	for i := range 1000 {
		b.r.Marks = append(b.r.Marks, trend.Mark{
			At: kickoff.Add(time.Duration(i) * 10 * time.Second), Kind: trend.MarkStatus, Text: "the stage was moved once more",
		})
	}
	l, err := laidOut(b.r, Options{Fonts: fallback(t), Location: newYork()})
	if err != nil {
		t.Fatal(err)
	}
	checkNotes(t, l)
	if c := (&Chart{shapes: l.shapes}); l.untold != 167-mostMoments || !has(c, "more moments") {
		t.Errorf("%d moments are left out", l.untold)
	}
	if alt := l.alt(); !strings.Contains(alt, "and 147 more moments") || len(alt) > 2000 {
		t.Errorf("described as %q", alt)
	}
}

func anyOptions(t *rapid.T) Options {
	return Options{
		Width: rapid.IntRange(MinWidth, 1400).Draw(t, "width"), Height: rapid.IntRange(MinHeight, 900).Draw(t, "height"),
		Locale: rapid.SampledFrom([]Locale{English, Korean}).Draw(t, "locale"),
	}
}

// anyFigures makes restless series with gaps, states and marks.
func anyFigures(t *rapid.T) trend.Result {
	n := rapid.OneOf(rapid.IntRange(1, 30), rapid.IntRange(30, 400), rapid.IntRange(1000, 2500)).Draw(t, "buckets")
	step := rapid.SampledFrom([]time.Duration{10 * time.Second, time.Minute, 5 * time.Minute}).Draw(t, "step")
	b := figures(n, step)
	seed := rapid.IntRange(0, 1000).Draw(t, "seed")
	for k, name := range []trend.Name{trend.Complaints, trend.Posts, trend.FirstHand}[:rapid.IntRange(1, 3).Draw(t, "lines")] {
		top := rapid.SampledFrom([]float64{1, 7, 60, 900, 40_000}).Draw(t, "top")
		rough := rapid.SampledFrom([]float64{0.1, 0.5, 1}).Draw(t, "rough")
		b.add(name, unitPosts, "", func(i int) float64 {
			wave := 0.5 + 0.5*math.Sin(float64(i+seed*(k+1))/(3+float64(seed%40)))
			return math.Round(top * math.Abs(wave+rough*jitter(i+seed+97*k)) / 2)
		})
	}
	if rapid.Bool().Draw(t, "latency") {
		b.add(trend.Latency, unitMillis, "", func(i int) float64 { return 100 + 80*jitter(i*3+seed) })
	}
	if rapid.Bool().Draw(t, "gap") {
		from := rapid.IntRange(0, n-1).Draw(t, "from")
		b.gap(from, rapid.IntRange(from+1, n).Draw(t, "to"))
	}
	if rapid.Bool().Draw(t, "states") {
		every := rapid.IntRange(1, 60).Draw(t, "every")
		b.add("health:Evening stream", unitState, "", func(i int) float64 { return math.Floor(1.4 * (1 + jitter(i/every+seed))) })
	}
	if rapid.IntRange(0, 3).Draw(t, "open") == 0 {
		b.open(n - (n+9)/10)
	}
	if len(b.r.Series) > 2 && rapid.IntRange(0, 9).Draw(t, "states only") == 0 {
		b.r.Series = slices.DeleteFunc(b.r.Series, func(s trend.Series) bool { return s.Unit != unitState })
		if len(b.r.Series) == 0 {
			b.add(trend.Health, unitState, "", flat(1))
		}
	}
	return withMarks(t, b.r)
}

func withMarks(t *rapid.T, r trend.Result) trend.Result {
	span := r.Passport.To.Sub(r.Passport.From)
	kinds := rapid.SampledFrom([]string{trend.MarkPlannedStart, trend.MarkPlannedEnd, trend.MarkStatus})
	texts := rapid.OneOf(
		rapid.SampledFrom([]string{"postponed", "live", "ended", "연기", "moved to another room because nobody could hear a word", ""}),
		rapid.StringN(0, 30, 90),
	)
	for range rapid.IntRange(0, 7).Draw(t, "marks") {
		share := rapid.Float64Range(-0.05, 1.05).Draw(t, "at")
		if rapid.IntRange(0, 4).Draw(t, "near") == 0 && len(r.Marks) > 0 {
			share = float64(r.Marks[0].At.Sub(r.Passport.From))/float64(span) + 0.004
		}
		r.Marks = append(r.Marks, trend.Mark{
			At: r.Passport.From.Add(time.Duration(share * float64(span))), Kind: kinds.Draw(t, "kind"), Text: texts.Draw(t, "text"),
		})
	}
	r.Passport.Sources = []trend.SourceCoverage{{Source: reaction.X, Coverage: 0.9, Listened: true}}
	return r
}
