package app

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"outcry/api"
	"outcry/internal/chart"
	"outcry/internal/trend"
)

func TestDraw(t *testing.T) {
	latin, err := chart.LoadFonts(nil)
	if err != nil {
		t.Fatal(err)
	}
	one := 1.0
	begin := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	r := trend.Result{
		Series:   []trend.Series{{Name: trend.Posts, Unit: "posts", Points: []trend.Point{{Bucket: begin, Value: &one, Covered: 1}}}},
		Passport: trend.Passport{Title: "A show", Step: "1m"},
	}
	for _, tc := range []struct {
		format, locale, theme string
		begins                string
		fault                 bool // of the request
	}{
		{"svg", "en", "light", "<svg", false},
		{"svg", "ko", "dark", "<svg", false},
		{"png", "en", "dark", "\x89PNG", false},
		{"txt", "en", "", "A show. Posts per minute", false},
		{"txt", "ko", "", "A show. 분당 게시물 수", false},
		{"png", "ko", "light", "", true}, // these fonts have no Hangul
		{"svg", "fr", "light", "", true},
	} {
		var b bytes.Buffer
		q := api.ChartRequest{Format: tc.format, Locale: tc.locale, Theme: tc.theme, Location: time.UTC}
		err := draw(r, q, latin, &b)
		if errors.Is(err, api.ErrUndrawable) != tc.fault || !tc.fault && err != nil || !strings.HasPrefix(b.String(), tc.begins) {
			t.Errorf("%+v: %.40q with error %v", tc, b.String(), err)
		}
	}
}
