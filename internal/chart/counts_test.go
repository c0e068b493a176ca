package chart

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"outcry/internal/trend"
)

// What a source counted is drawn on an axis of its own, and called what it is.
func TestCountsHaveAnAxisOfTheirOwn(t *testing.T) {
	r := figures(60, time.Minute).posts(func(i int) float64 { return float64(i) }).
		add("counts:x", trend.UnitCounted, "posts that X says there were", func(i int) float64 { return float64(1000 * i) }).r
	for locale, want := range map[Locale][]string{
		English: {"Posts as X counts them", "posts counted by the source"}, Korean: {"X 자체 집계 게시물", "플랫폼 집계 게시물(건)"},
	} {
		c, err := FromTrend(r, Options{Locale: locale})
		if err != nil {
			t.Fatal(err)
		}
		var svg bytes.Buffer
		if err := c.SVG(&svg); err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(svg.String(), w) {
				t.Errorf("%s: the picture does not say %q", locale, w)
			}
		}
	}
}
