package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"outcry/api"
	"outcry/internal/auth"
	"outcry/internal/reaction"
)

// till tells what was spent, as a test has it.
type till struct {
	s   reaction.Spending
	err error
}

func (c *till) Spending(_ context.Context, e *reaction.Event) (reaction.Spending, error) {
	c.s.Cap = e.CapOf(reaction.X)
	return c.s, c.err
}

func TestWhatAnEventCostsIsTold(t *testing.T) {
	c := &till{s: reaction.Spending{Source: reaction.X, MonthCap: 100 * reaction.Dollar, Month: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		Account: reaction.Account{Used: 12_500_000, Reserved: 500_000, MonthUsed: 99_995_000}, None: "nothing was counted"}}
	h := start(t, func(o *api.Options) { o.Spending = c })
	e := h.launch(t)
	e.Public, e.Spend = true, map[reaction.Source]reaction.Cap{reaction.X: {USD: 50}}
	if err := h.ReplaceEvent(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	get := func() map[string]any {
		t.Helper()
		return read[map[string]any](t, h.get(t, "/v1/events/launch/spend").want(t, http.StatusOK))
	}
	m := get()
	if got := fmt.Sprint(m["event"]); got != "map[cap_usd:50 left_usd:37.5 reserved_usd:0.5 spent_usd:12]" {
		t.Errorf("of the event is told %s", got)
	}
	if got := fmt.Sprint(m["month"]); got != "map[cap_usd:100 left_usd:0.005 month:2026-03 reserved_usd:0 spent_usd:99.995]" {
		t.Errorf("of the month is told %s", got)
	}
	if m["forecast"] != nil || m["capped"] != nil || m["no_forecast"] != "nothing was counted" {
		t.Errorf("without a forecast: %v", m)
	}
	c.s.None, c.s.Forecast, c.s.Capped = "", &reaction.Forecast{Likely: reaction.Estimate{Posts: 10, USD: 0.05}, Share: 1, Basis: "b", CountedTo: noon}, &reaction.Capped{Since: noon, Reason: "spent"}
	m = get()
	if got := fmt.Sprint(m["capped"], m["forecast"].(map[string]any)["likely"]); got != "map[reason:spent since:2026-03-01T12:00:00Z] map[posts:10 usd:0.05]" {
		t.Errorf("with one: %s", got)
	}

	// What things cost is for members, also of a public event.
	h.as("").get(t, "/v1/events/launch/spend").problem(t, http.StatusUnauthorized)
	_, ingest := h.makeKey(t, time.Time{}, auth.Ingest)
	h.as(ingest).get(t, "/v1/events/launch/spend").problem(t, http.StatusForbidden)
	h.get(t, "/v1/events/none/spend").problem(t, http.StatusNotFound)
	c.err = fmt.Errorf("the till: %w", reaction.ErrAway)
	if r := h.get(t, "/v1/events/launch/spend").want(t, http.StatusServiceUnavailable); strings.Contains(string(r.body), "till") {
		t.Errorf("books that are away: %s", r.body)
	}
}

// What a source counted itself is asked for like any series, in steps of a minute or more.
func TestCountsOfASourceAreASeries(t *testing.T) {
	h := start(t)
	h.launch(t)
	const from = "from=2026-03-01T10:00:00Z&to=2026-03-01T10:05:00Z"
	if csv := string(h.get(t, "/v1/events/launch/trend.csv?series=posts,counts:x&"+from).want(t, 200).body); !strings.HasPrefix(csv, "bucket,posts,counts:x,covered,blind,late,capped,filled,open\n2026-03-01T10:00:00Z,") ||
		strings.Count(csv, "\n") != 6 || !strings.HasSuffix(csv, ",,0,bluesky x,,,,false\n") {
		t.Errorf("the table is %s", csv)
	}
	m := read[map[string]any](t, h.get(t, "/v1/events/launch/trend?series=counts:x&"+from).want(t, 200))
	s := m["series"].([]any)[0].(map[string]any)
	if p := s["points"].([]any)[0].(map[string]any); s["unit"] != "posts counted by the source" || p["value"] != nil || fmt.Sprint(p["blind"]) != "[x]" {
		t.Errorf("the series is %v", s)
	}
	if notes := fmt.Sprint(m["passport"].(map[string]any)["notes"]); !strings.Contains(notes, "counts:x is what X says it counted") {
		t.Errorf("the passport says %s", notes)
	}
	h.get(t, "/v1/events/launch/trend?series=counts:x&step=10s&"+from).problem(t, 422, "1m or more")
	h.get(t, "/v1/events/launch/trend?series=counts:x&lang=ko&"+from).problem(t, 422, "by language")
	h.get(t, "/v1/events/launch/trend?series=counts&"+from).problem(t, 422, "counts:SOURCE")
}
