package reaction

import (
	"testing"
	"time"
)

func TestListening(t *testing.T) {
	start := time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name    string
		status  Status
		endless bool
		want    string // at an hour and a minute before the start, an hour before, the end less a moment, the end, a year later
	}{
		{"planned", Scheduled, false, ".++.."}, {"postponed", Postponed, false, ".++.."}, {"live", Live, false, "+++.."}, {"ended", Ended, false, "....."},
		{"cancelled", Cancelled, false, "....."}, {"endless", Scheduled, true, ".++++"}, {"endless and ended", Ended, true, "....."},
	} {
		e := Event{StartsAt: start, EndsAt: start.Add(2 * time.Hour), Status: c.status}
		if c.endless {
			e.EndsAt = time.Time{}
		}
		e.Normalise()
		got := ""
		for _, at := range []time.Duration{-61 * time.Minute, -time.Hour, 2*time.Hour - 1, 2 * time.Hour, 8760 * time.Hour} {
			if e.Listening(start.Add(at)) {
				got += "+"
			} else {
				got += "."
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
