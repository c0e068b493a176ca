package reaction_test

import (
	"testing"
	"time"

	"outcry/internal/reaction"
)

var start = time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)

func at(d time.Duration) time.Time { return start.Add(d) }

// evening is an event of two hours.
func evening(status reaction.Status) reaction.Event {
	e := reaction.Event{Slug: "evening", Title: "An evening", StartsAt: start, EndsAt: at(2 * time.Hour), Status: status,
		Match: reaction.Match{Any: []string{"evening"}}, SaidBy: "ann"}
	e.Normalise()
	return e
}

const (
	hour   = time.Hour
	minute = time.Minute
)

func TestThePlanMovesAnEvent(t *testing.T) {
	endless := evening(reaction.Scheduled)
	endless.EndsAt = time.Time{}
	endlessLive := endless
	endlessLive.Status = reaction.Live
	drill := evening(reaction.Scheduled)
	drill.Simulated = true
	plan := func(s reaction.Status, when time.Time) reaction.Turn {
		return reaction.Turn{Status: s, At: when, By: reaction.ByPlan, SaidAt: when, StartsAt: start}
	}
	ann := func(s reaction.Status, said time.Time, starts time.Time) reaction.Turn {
		return reaction.Turn{Status: s, At: said, By: "ann", SaidAt: said, StartsAt: starts}
	}
	live := plan(reaction.Live, start)
	end := at(2 * hour)

	for _, c := range []struct {
		name  string
		event reaction.Event
		last  reaction.Turn
		open  reaction.Open
		to    reaction.Status
		at    time.Time // when it takes the status: not before it, and from then on
	}{
		{"it begins at the planned start", evening(reaction.Scheduled), ann(reaction.Scheduled, at(-9*hour), start), reaction.Open{}, reaction.Live, start},
		{"an endless one when listening begins", endless, ann(reaction.Scheduled, at(-9*hour), start), reaction.Open{}, reaction.Live, at(-hour)},
		{"an endless one never ends", endlessLive, live, reaction.Open{}, "", time.Time{}},
		{"it ends some time after the planned end", evening(reaction.Live), live, reaction.Open{}, reaction.Ended, end.Add(reaction.Linger)},
		{"complaints keep it going", evening(reaction.Live), live, reaction.Open{Wave: end.Add(5 * minute)}, reaction.Ended, end.Add(35 * minute)},
		{"old complaints do not", evening(reaction.Live), live, reaction.Open{Wave: end.Add(-25 * minute)}, reaction.Ended, end.Add(reaction.Linger)},
		{"a service that is not up keeps it going", evening(reaction.Live), live, reaction.Open{Unwell: end.Add(3 * hour)}, reaction.Ended, end.Add(3 * hour)},
		{"but not for ever", evening(reaction.Live), live, reaction.Open{Unwell: end.Add(30 * hour)}, reaction.Ended, end.Add(24 * hour)},
		{"somebody says late that it goes on", evening(reaction.Live), ann(reaction.Live, end.Add(20*hour), start), reaction.Open{}, reaction.Ended, end.Add(44 * hour)},
		{"somebody said early that it began", evening(reaction.Live), ann(reaction.Live, at(-minute), start), reaction.Open{}, reaction.Ended, end.Add(reaction.Linger)},
		{"a postponed one begins at its new start", evening(reaction.Postponed), ann(reaction.Postponed, start, at(hour)), reaction.Open{}, reaction.Live, at(hour)},
		{"or never, until further notice", evening(reaction.Postponed), ann(reaction.Postponed, start, time.Time{}), reaction.Open{}, "", time.Time{}},
		{"a cancelled one stays so", evening(reaction.Cancelled), ann(reaction.Cancelled, start, start), reaction.Open{}, "", time.Time{}},
		{"an ended one stays so", evening(reaction.Ended), ann(reaction.Ended, start, start), reaction.Open{}, "", time.Time{}},
		{"a drill does not follow the clock", drill, ann(reaction.Scheduled, start, start), reaction.Open{}, "", time.Time{}},
		{"whoever was overtaken does nothing", evening(reaction.Scheduled), ann(reaction.Cancelled, start, start), reaction.Open{}, "", time.Time{}},
	} {
		if c.to == "" {
			if got, due := c.event.Due(c.last, c.open, at(1000*hour)); due {
				t.Errorf("%s: it becomes %+v", c.name, got)
			}
			continue
		}
		if got, due := c.event.Due(c.last, c.open, c.at.Add(-time.Second)); due {
			t.Errorf("%s: a second too early it becomes %+v", c.name, got)
		}
		late := c.at.Add(10 * minute)
		got, due := c.event.Due(c.last, c.open, late)
		if !due || got.Status != c.to || !got.At.Equal(c.at) || got.By != reaction.ByPlan || !got.SaidAt.Equal(late) || !got.StartsAt.Equal(start) {
			t.Errorf("%s: %+v, %v; want %s at %s", c.name, got, due, c.to, c.at)
		}
	}
}

// Whether anything is open need only be looked up when Overdue says so.
func TestOverdueIsWhenOpenMatters(t *testing.T) {
	e := evening(reaction.Live)
	last := reaction.Turn{Status: reaction.Live, At: start, By: reaction.ByPlan, SaidAt: start}
	for d := -hour; d < 30*hour; d += 7 * minute {
		_, due := e.Due(last, reaction.Open{}, at(d))
		if due != e.Overdue(at(d)) {
			t.Errorf("%s after the start: due %v, overdue %v", d, due, e.Overdue(at(d)))
		}
	}
}

func TestListening(t *testing.T) {
	drill := evening(reaction.Live)
	drill.Simulated = true
	endless := evening(reaction.Scheduled)
	endless.EndsAt = time.Time{}
	for _, c := range []struct {
		name  string
		event reaction.Event
		from  time.Duration // after the start; -1000h: always
		to    time.Duration // 0: for ever; equal to from: never
	}{
		{"scheduled", evening(reaction.Scheduled), -hour, 26 * hour},
		{"scheduled and endless", endless, -hour, 0},
		{"live", evening(reaction.Live), -1000 * hour, 0},
		{"postponed", evening(reaction.Postponed), -hour, 26 * hour},
		{"cancelled", evening(reaction.Cancelled), hour, hour},
		{"ended", evening(reaction.Ended), hour, hour},
		{"a drill", drill, hour, hour},
	} {
		for d := -48 * hour; d < 72*hour; d += 30 * minute {
			want := d >= c.from && (d < c.to || c.to == 0)
			if got := c.event.Listening(at(d)); got != want {
				t.Errorf("%s, %s after the start: %v", c.name, d, got)
				break
			}
		}
	}
}
