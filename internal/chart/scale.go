package chart

import "math"

// scale is a value axis from zero to top in n equal steps. Shares are in percent on it.
type scale struct {
	unit  string
	most  float64 // the greatest value shown, in the axis's own numbers
	known bool    // at least one value is known
	step  float64
	n     int
}

// factor turns a series' values into the axis's numbers.
func (s *scale) factor() float64 {
	if s.unit == unitShare {
		return 100
	}
	return 1
}

func (s *scale) top() float64 { return s.step * float64(s.n) }

// include makes room for a value.
func (s *scale) include(v float64) {
	s.most, s.known = max(s.most, v*s.factor()), true
}

// tick is the text at step i. Only zero is sure where nothing is known.
func (s *scale) tick(i int) string {
	if i > 0 && !s.known {
		return ""
	}
	decimals := 0
	for p := s.step; decimals < 6 && math.Abs(p-math.Round(p)) > 1e-9*p; p *= 10 {
		decimals++
	}
	t := number(s.step*float64(i), decimals)
	if s.unit == unitShare {
		t += "%"
	}
	return t
}

// divide gives all axes the same number of round steps, so that they share their grid lines: the
// number that leaves the least empty space above the lines, and is near what reads well at this
// height.
func divide(axes []*scale, height float64) {
	want := min(max(math.Round(height/60), 2), 6)
	best := math.Inf(1)
	for n := 2; n <= 6; n++ {
		cost := 0.06 * math.Abs(float64(n)-want)
		for _, a := range axes {
			cost += roundStep(a.least()/float64(n), a.whole())*float64(n)/a.least() - 1
			if a.unit == unitShare && a.most <= 100 && roundStep(a.least()/float64(n), false)*float64(n) > 100+1e-9 {
				cost += 10 // there is no share above 100%
			}
		}
		if cost < best-1e-9 {
			best = cost
			for _, a := range axes {
				a.n, a.step = n, roundStep(a.least()/float64(n), a.whole())
			}
		}
	}
}

// least is the smallest top an axis may have: a flat line at zero needs a scale too.
func (s *scale) least() float64 {
	switch {
	case s.most > 0:
		return s.most
	case s.unit == unitShare:
		return 10
	}
	return 2
}

// whole reports whether the unit comes in whole numbers only.
func (s *scale) whole() bool {
	return s.unit == unitPosts || s.unit == unitPeople || s.unit == unitCounted
}

// roundStep is the smallest of 1, 2, 2.5 and 5 times a power of ten that is not below raw.
func roundStep(raw float64, whole bool) float64 {
	if whole {
		raw = max(raw, 1)
	}
	m := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, k := range []float64{1, 2, 2.5, 5} {
		if s := k * m; s >= raw*(1-1e-9) && !(whole && s != math.Round(s)) {
			return s
		}
	}
	return 10 * m
}
