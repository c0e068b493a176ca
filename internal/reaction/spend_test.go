package reaction_test

import (
	"math"
	"testing"
	"time"

	"outcry/internal/reaction"
)

func TestMoneyIsExact(t *testing.T) {
	for _, c := range []struct {
		usd  float64
		want reaction.Micros
		text string
	}{
		{0, 0, "$0.00"}, {50, 50_000_000, "$50.00"}, {0.005, 5000, "$0.005"}, {0.29, 290_000, "$0.29"}, {0.1 + 0.2, 300_000, "$0.30"},
		{1.0000019, 1_000_001, "$1.000001"}, {-3, 0, "$0.00"}, {math.NaN(), 0, "$0.00"}, {math.Inf(1), reaction.MostMicros, "$1000000000.00"},
		{math.Inf(-1), 0, "$0.00"}, {1e300, reaction.MostMicros, "$1000000000.00"},
	} {
		if got := reaction.USD(c.usd); got != c.want || got.String() != c.text {
			t.Errorf("%v dollars are %d, %s; want %d, %s", c.usd, got, got, c.want, c.text)
		}
	}
	if got := reaction.Micros(-1_250_000).String(); got != "-$1.25" {
		t.Errorf("a debt is written %s", got)
	}
}

func TestAMonthIsThatOfUTC(t *testing.T) {
	seoul := time.FixedZone("KST", 9*3600)
	got := reaction.Month(time.Date(2026, 3, 1, 8, 59, 0, 0, seoul)) // still February in UTC
	if want := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("the month begins at %s, want %s", got, want)
	}
}

func TestALimitIsANumberOfDollars(t *testing.T) {
	for usd, ok := range map[float64]bool{0: true, 0.01: true, 1e6: true, 1e6 + 1: false, -0.01: false, math.Inf(1): false, math.NaN(): false} {
		e := reaction.Event{Slug: "e", Title: "E", StartsAt: time.Unix(1e9, 0), Match: reaction.Match{Any: []string{"a"}}, Spend: map[reaction.Source]reaction.Cap{reaction.X: {USD: usd}}}
		e.Normalise()
		if p := e.Validate(); (len(p) == 0) != ok {
			t.Errorf("a limit of %v: %v", usd, p)
		}
	}
}
