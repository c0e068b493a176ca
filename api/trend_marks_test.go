package api_test

import (
	"strings"
	"testing"
	"time"
)

func TestTrendMarks(t *testing.T) {
	h := start(t)
	h.launch(t) // planned from ten to twelve
	for query, want := range map[string]string{
		"from=2026-03-01T09:00:00Z&to=2026-03-01T13:00:00Z": "10:00 planned_start planned start, 12:00 planned_end planned end",
		"from=2026-03-01T10:00:00Z&to=2026-03-01T11:00:00Z": "10:00 planned_start planned start",
		"from=2026-03-01T11:00:00Z&to=2026-03-01T12:00:00Z": "12:00 planned_end planned end",
		"from=2026-03-01T10:30:00Z&to=2026-03-01T11:00:00Z": "",
	} {
		a := h.get(t, "/v1/events/launch/trend?step=1m&"+query).want(t, 200)
		var got []string
		for _, m := range read[trendBody](t, a).Marks {
			got = append(got, m.At.Format("15:04")+" "+m.Kind+" "+m.Text)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
		if want == "" && !strings.Contains(string(a.body), `"marks":[]`) {
			t.Error("no marks are not an empty list")
		}
	}
	e, err := h.Event(t.Context(), "launch")
	if err != nil {
		t.Fatal(err)
	}
	e.EndsAt = time.Time{}
	if err := h.ReplaceEvent(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if m := read[trendBody](t, h.get(t, "/v1/events/launch/trend?step=1h&to=2026-03-02T10:00:00Z").want(t, 200)).Marks; len(m) != 1 {
		t.Errorf("an endless event has the marks %v", m)
	}
}
