package trend_test

import (
	"testing"
	"time"

	"outcry/internal/trend"
)

func TestPeaksAreApart(t *testing.T) {
	at := time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)
	var points []trend.Point
	for i, v := range []float64{1, 8, 30, 28, 29, 9, 10, 9, 3, 12, 0, 0, 12, -1} {
		p := trend.Point{Bucket: at.Add(time.Duration(i) * time.Minute), Value: &v}
		switch {
		case i == 9: // not known, and heard in part
			p.Value, p.AtLeast = nil, &v
		case v < 0:
			p.Value = nil
		}
		points = append(points, p)
	}
	minutes := func(most int) (out []int) {
		for _, p := range trend.Peaks(points, most) {
			out = append(out, p.Bucket.Minute())
		}
		return out
	}
	for most, want := range map[int][]int{1: {2}, 2: {2, 9}, 9: {2, 9, 12}} {
		if got := minutes(most); len(got) != len(want) || got[len(got)-1] != want[len(want)-1] {
			t.Errorf("the %d highest peaks are in minutes %v, want %v", most, got, want)
		}
	}
	if got := trend.Peaks(nil, 3); len(got) > 0 {
		t.Errorf("nothing has peaks: %v", got)
	}
}
