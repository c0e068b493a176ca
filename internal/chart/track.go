package chart

import (
	"fmt"
	"math"
	"slices"
	"time"

	"outcry/internal/health"
	"outcry/internal/trend"
)

// track is a series on its way to the canvas.
type track struct {
	name  trend.Name
	label string
	unit  string
	pen   pen
	axis  *scale // nil for states
	pts   []trend.Point
	// hold is, for values that are measured now and then, how long one stays in force; 0 for
	// figures that every bucket has.
	hold time.Duration
}

// frame is the window of a chart, cut into n buckets.
type frame struct {
	from, to time.Time // in the zone that is shown
	step     time.Duration
	n        int
}

func (f frame) at(i int) time.Time { return f.from.Add(time.Duration(i) * f.step) }

// readFrame checks that the series fit each other and the passport's step.
func readFrame(r trend.Result, zone *time.Location) (frame, error) {
	step, err := trend.ParseStep(r.Passport.Step)
	if err != nil || step <= 0 {
		return frame{}, fmt.Errorf("the step %q of the figures cannot be drawn", r.Passport.Step)
	}
	if len(r.Series) == 0 || len(r.Series[0].Points) == 0 {
		return frame{}, fmt.Errorf("there is no series with a bucket to draw")
	}
	f := frame{step: step, n: len(r.Series[0].Points), from: r.Series[0].Points[0].Bucket.In(zone)}
	f.to = f.at(f.n)
	for _, s := range r.Series {
		if len(s.Points) != f.n {
			return frame{}, fmt.Errorf("series %s has %d buckets where %s has %d", s.Name, len(s.Points), r.Series[0].Name, f.n)
		}
		for i, p := range s.Points {
			if !p.Bucket.Equal(f.at(i)) {
				return frame{}, fmt.Errorf("bucket %d of series %s begins at %s, not at %s", i, s.Name,
					p.Bucket.Format(time.RFC3339), f.at(i).UTC().Format(time.RFC3339))
			}
			if p.Value != nil && !(*p.Value >= 0 && !math.IsInf(*p.Value, 0)) {
				return frame{}, fmt.Errorf("series %s has the value %v, which has no place on an axis from zero", s.Name, *p.Value)
			}
		}
	}
	return f, nil
}

// readTracks sorts the series into lines on a left and a right axis, and states.
func readTracks(r trend.Result, f frame, w *words, hue *palette) (lines, states []*track, axes []*scale) {
	for _, s := range r.Series {
		t := &track{name: s.Name, label: w.called(s.Name), unit: s.Unit, pts: s.Points}
		if s.Unit == unitState {
			states = append(states, t)
			continue
		}
		t.pen = hue.pen(len(lines))
		if !s.Name.OfPosts() {
			t.hold = holdOf(s.Points, f.step)
		}
		i := slices.IndexFunc(axes, func(a *scale) bool { return a.unit == s.Unit })
		if i < 0 {
			i = len(axes)
			axes = append(axes, &scale{unit: s.Unit})
		}
		t.axis = axes[i]
		for _, p := range s.Points {
			if p.Value != nil {
				t.axis.include(*p.Value)
			}
		}
		lines = append(lines, t)
	}
	if len(axes) == 2 && axes[1].unit == unitPosts {
		slices.Reverse(axes) // counts of posts are always read on the left
	}
	return lines, states, axes
}

// twoUnits reports more units than a chart has axes.
func twoUnits(axes []*scale) error {
	if len(axes) <= 2 {
		return nil
	}
	units := make([]string, len(axes))
	for i, a := range axes {
		units[i] = a.unit
	}
	return fmt.Errorf("a chart has room for two units, and these series have %d: %s", len(axes), listed(units))
}

// holdOf is how long a measured value stays in force, by the rule of health.Timeline.
func holdOf(pts []trend.Point, step time.Duration) time.Duration {
	var gaps []time.Duration
	last := -1
	for i, p := range pts {
		if p.Value == nil {
			continue
		}
		if last >= 0 {
			gaps = append(gaps, time.Duration(i-last)*step)
		}
		last = i
	}
	if len(gaps) == 0 {
		return max(health.MinHold, step)
	}
	slices.Sort(gaps)
	return max(min(max(2*gaps[len(gaps)/2], health.MinHold), health.MaxHold), step)
}

// unheard reports whether nothing is known of a point because somebody was not listened to. A
// value that cannot be worked out (a share of no posts) is missing for another reason.
func unheard(p trend.Point) bool { return p.Value == nil && (len(p.Blind) > 0 || p.Covered == 0) }

// lack is why nothing is known of a point.
type lack uint8

const (
	lackGap    lack = iota // some source was not heard
	lackLate               // what is missing is still to be heard
	lackCapped             // what is missing was left out on purpose
)

func lackOf(p trend.Point) lack {
	switch n := len(p.Blind); {
	case n == 0 || n > len(p.Late)+len(p.Capped):
		return lackGap
	case len(p.Late) > 0:
		return lackLate
	}
	return lackCapped
}

// partly reports whether a known value misses part of its bucket.
func partly(p trend.Point) bool { return p.Value != nil && p.Covered < 1 }

// summit is the greatest known value of a track, and how sure it is.
type summit struct {
	ok          bool // some value is known
	at          int  // the first bucket that has it
	value       float64
	first, last float64 // the first and the last known value
	peaks       int     // stretches that have it
	flat        bool    // every known value is the same
	kind        peakKind
}

func (t *track) summit() summit {
	var s summit
	least, on := math.Inf(1), false
	for i, p := range t.pts {
		s.kind.soFar = s.kind.soFar || p.Open
		s.kind.known = s.kind.known || t.hold == 0 && unheard(p)
		if p.Value == nil {
			on = false
			continue
		}
		v := *p.Value
		if !s.ok {
			s.first = v
		}
		switch {
		case !s.ok || v > s.value:
			s.ok, s.at, s.value, s.peaks, on = true, i, v, 1, true
		case v == s.value && !on:
			s.peaks, on = s.peaks+1, true
		case v < s.value:
			on = false
		}
		s.last, least = v, min(least, v)
	}
	s.flat, s.kind.often = s.ok && least == s.value, s.peaks > 1
	return s
}

// span is a stretch of buckets [a, b).
type span struct{ a, b int }

// spans lists the stretches of n buckets for which is holds.
func spans(n int, is func(int) bool) []span {
	var out []span
	for i := range n {
		switch last := len(out) - 1; {
		case !is(i):
		case last >= 0 && out[last].b == i:
			out[last].b = i + 1
		default:
			out = append(out, span{i, i + 1})
		}
	}
	return out
}
