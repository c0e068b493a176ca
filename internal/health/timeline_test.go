package health

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestTimeline(t *testing.T) {
	t0 := time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)
	at := func(s int, st State) Sample {
		return Sample{Service: "A", At: t0.Add(time.Duration(s) * time.Second), State: st}
	}
	lost := func(s int) Sample { return Sample{Service: "A", At: at(s, Unknown).At, Detail: "no route to it"} }
	counted := func(s int) Sample { n := int64(7); return Sample{Service: "A", At: at(s, Unknown).At, Audience: &n} }
	for _, c := range []struct {
		name    string
		samples []Sample
		want    string
	}{
		{"nothing", nil, ""},
		{"one sample holds a minute", []Sample{at(0, Up)}, "0-60 up"},
		{"equal states join", []Sample{at(0, Up), at(10, Up), at(20, Down)}, "0-20 up, 20-80 down"},
		{"in any order", []Sample{at(20, Down), at(0, Up), at(10, Up)}, "0-20 up, 20-80 down"},
		{"silence is unknown", []Sample{at(0, Up), at(10, Up), at(300, Up)}, "0-70 up, 300-360 up"},
		{"a missing quarter of an hour", []Sample{at(0, Up), at(10, Up), at(20, Up), at(1000, Down)}, "0-80 up, 1000-1060 down"},
		{"hold follows the spacing", []Sample{at(0, Up), at(120, Up), at(240, Degraded)}, "0-240 up, 240-480 degraded"},
		{"a failed measuring ends what was known", []Sample{at(0, Up), at(10, Up), lost(20), lost(30), at(40, Down)}, "0-20 up, 40-100 down"},
		{"nothing but failed measurings", []Sample{lost(0), lost(10)}, ""},
		{"up before and after", []Sample{at(0, Up), lost(10), at(20, Up)}, "0-10 up, 20-80 up"},
		{"a count beside it says nothing of the state", []Sample{at(0, Up), counted(5), at(10, Up)}, "0-70 up"},
		{"latency alone states nothing", []Sample{at(0, Unknown), at(5, Up)}, "5-65 up"},
	} {
		var parts []string
		for _, iv := range Timeline(c.samples) {
			parts = append(parts, fmt.Sprintf("%.0f-%.0f %s", iv.From.Sub(t0).Seconds(), iv.To.Sub(t0).Seconds(), iv.State))
		}
		if got := strings.Join(parts, ", "); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestStates(t *testing.T) {
	for _, s := range []State{Unknown, Up, Degraded, Down} {
		b, _ := s.MarshalText()
		var back State
		if err := back.UnmarshalText(b); err != nil || back != s {
			t.Errorf("%s is read back as %s, %v", s, back, err)
		}
	}
	if _, err := ParseState("fine"); err == nil {
		t.Error("fine is a state")
	}
}
