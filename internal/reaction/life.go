package reaction

import (
	"cmp"
	"time"
)

// Who may have said that an event's status changed, besides people and keys.
const (
	ByPlan    = "the plan" // the clock did, by the planned times
	ByUnknown = "unknown"  // from before such things were kept
)

// Turn is one step in the life of an event: which status it took, when, and who said so.
type Turn struct {
	Seq    int64     `json:"-"`              // counts the changes of one event from 1
	Status Status    `json:"status"`         //
	At     time.Time `json:"at"`             // when it became so
	By     string    `json:"by"`             // who said so: a person, a key, or ByPlan
	SaidAt time.Time `json:"said_at"`        // when it was said, by the wall clock
	Note   string    `json:"note,omitempty"` // why, in the words of who said so
	// The planned times as they were then. StartsAt is zero for an event that was postponed until
	// further notice, EndsAt for one without a planned end.
	StartsAt time.Time `json:"starts_at,omitzero"`
	EndsAt   time.Time `json:"ends_at,omitzero"`
}

// How the plan treats an event, by the wall clock.
const (
	Linger      = 10 * time.Minute // from the planned end until the plan ends an event with nothing open
	OpenFor     = 30 * time.Minute // how long the last wave of complaints keeps an event going
	MaxOvertime = 24 * time.Hour   // how long anything but a new planned end can keep it going
	OpenWave    = 5 * time.Minute  // the width of a wave of complaints
	OpenFloor   = 5                // complaints in a wave that are more than noise
	OpenShare   = 0.05             // and their share of the wave's posts, reposts left out
)

// Open is what may keep an event going past its planned end.
type Open struct {
	// Unwell is the time until which a service of the event was last known to be degraded or down;
	// zero where none was lately.
	Unwell time.Time
	// Wave is the end of the last OpenWave with complaints above the floor; zero where there was none lately.
	Wave time.Time
}

// change is the event's present state as a change that this person makes now.
func (e *Event) change(at time.Time, by string, now time.Time) Turn {
	return Turn{Status: e.Status, At: at.UTC(), By: cmp.Or(by, ByUnknown), SaidAt: now.UTC(), StartsAt: e.StartsAt, EndsAt: e.EndsAt}
}

// Begin is the first change in the life of a new event.
func (e *Event) Begin(now time.Time) Turn { return e.change(now, e.SaidBy, now) }

// Overdue reports whether a live event would have ended by its plan if nothing is open. Whether
// anything is need not be looked up before.
func (e *Event) Overdue(now time.Time) bool {
	return e.Status == Live && !e.Endless() && !now.Before(e.EndsAt.Add(Linger))
}

// Due is what the plan makes of a real event at the wall clock's now, where the last change in its
// life was last: a scheduled event goes live at its planned start (an endless one when listening
// begins), a postponed one at the start it was postponed to, and a live one ends when its planned
// end is past and nothing is open. One that is cancelled, ended or postponed until further notice
// is moved by people only, and a simulated one never by the wall clock.
func (e *Event) Due(last Turn, open Open, now time.Time) (Turn, bool) {
	var at time.Time
	to := Live
	switch {
	case e.Simulated || last.Status != e.Status:
		return Turn{}, false
	case e.Status == Scheduled && e.Endless():
		at = e.ListenFrom
	case e.Status == Scheduled:
		at = e.StartsAt
	case e.Status == Postponed:
		at = last.StartsAt
	case e.Status == Live && !e.Endless():
		to, at = Ended, e.goesOnUntil(last, open)
	}
	if at.IsZero() || now.Before(at) {
		return Turn{}, false
	}
	moved := *e
	moved.Status = to
	return moved.change(at, ByPlan, now), true
}

// goesOnUntil is when a live event ends by its plan. What is open keeps it going, for so long that
// the end of an outage is seen, and not for ever: a probe of a page that is taken down after the
// event says "down" until somebody takes it away.
func (e *Event) goesOnUntil(last Turn, open Open) time.Time {
	end := e.EndsAt.Add(Linger)
	end = later(end, open.Unwell)
	if !open.Wave.IsZero() {
		end = later(end, open.Wave.Add(OpenFor))
	}
	if most := e.EndsAt.Add(MaxOvertime); end.After(most) {
		end = most
	}
	// Somebody who says after the planned end that it goes on knows more than the plan.
	if last.By != ByPlan && !last.SaidAt.Before(e.EndsAt) {
		end = later(end, last.SaidAt.Add(MaxOvertime))
	}
	return end
}

// Listening reports whether live sources are listened to for the event at the wall clock's now.
// Listening begins at ListenFrom and goes on while the event is live, however long that is. A
// postponed event is listened to as well, since people speak of it, until a day after its planned
// end at the latest. Of a cancelled or ended event nothing more is collected, and of a simulated
// one nothing real ever is.
func (e *Event) Listening(now time.Time) bool {
	switch {
	case e.Simulated:
		return false
	case e.Status == Scheduled || e.Status == Postponed:
		return !now.Before(e.ListenFrom) && (e.Endless() || now.Before(e.EndsAt.Add(MaxOvertime)))
	}
	return e.Status == Live
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
