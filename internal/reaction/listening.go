package reaction

import "time"

// Listening reports whether the event is listened to at now: from ListenFrom, or from when it is
// said to be live, to its planned end; an endless event without end. Not once it has ended or was
// cancelled.
func (e *Event) Listening(now time.Time) bool {
	if e.Status == Ended || e.Status == Cancelled {
		return false
	}
	return (e.Status == Live || !now.Before(e.ListenFrom)) && (e.Endless() || now.Before(e.EndsAt))
}
