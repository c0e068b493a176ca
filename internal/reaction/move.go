package reaction

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Move is what somebody says of an event: that it takes another status.
type Move struct {
	Status   Status
	At       time.Time // when it became so; zero: now
	StartsAt time.Time // a new planned start; zero: as it was
	EndsAt   time.Time // a new planned end; zero: as it was, moved along with the start
	Note     string    // why
	// UntilFurtherNotice says of a postponed event that nobody knows when it will start.
	UntilFurtherNotice bool
	By                 string    // who says so
	Now                time.Time // the wall clock
}

// Limits of a move.
const (
	MaxNoteBytes = 500
	MaxChanges   = 1000            // in the life of one event
	moveAhead    = 5 * time.Minute // how far At may be ahead of the wall clock
)

// furtherNotice is the note of a postponed event whose start nobody knows. Said in a note, it means so.
const furtherNotice = "until further notice"

// openEnded reports whether a move postpones an event without saying until when.
func (m *Move) openEnded() bool {
	note := strings.ToLower(m.Note)
	return m.Status == Postponed && m.StartsAt.IsZero() &&
		(m.UntilFurtherNotice || strings.Contains(note, furtherNotice) || strings.Contains(note, "추후 공지"))
}

// Validate lists what is wrong with a move whatever the event is.
func (m *Move) Validate() []Problem {
	var p []Problem
	bad := func(path, format string, a ...any) { p = append(p, Problem{path, fmt.Sprintf(format, a...)}) }
	if !slices.Contains(Statuses, m.Status) {
		bad("status", "%q is none of scheduled, live, postponed, cancelled, ended", m.Status)
	}
	believable(bad, "at", m.At)
	believable(bad, "starts_at", m.StartsAt)
	believable(bad, "ends_at", m.EndsAt)
	if m.At.After(m.Now.Add(moveAhead)) {
		bad("at", "%s is still to come: say it when it is so", m.At.UTC().Format(time.RFC3339))
	}
	if !m.StartsAt.IsZero() && m.Status != Scheduled && m.Status != Postponed {
		bad("starts_at", "a new start goes with scheduled or postponed")
	}
	if !m.EndsAt.IsZero() && (m.Status == Cancelled || m.Status == Ended) {
		bad("ends_at", "a new end goes with scheduled, postponed or live")
	}
	if m.UntilFurtherNotice && (m.Status != Postponed || !m.StartsAt.IsZero()) {
		bad("until_further_notice", "it goes with postponed, where there is no starts_at")
	}
	if len(m.Note) > MaxNoteBytes || !plainText(m.Note) {
		bad("note", "give at most %d bytes of text, without control characters", MaxNoteBytes)
	}
	return p
}

// Move gives the event another status, and other planned times with it, where the last change in
// its life allows it. The error wraps ErrConflict and says what to do instead; the event is then
// as it was. The move must be valid.
func (e *Event) Move(m Move, last Turn) (Turn, error) {
	next := *e
	at := m.At
	if at.IsZero() {
		at = later(m.Now, last.At) // clocks of two machines differ a little
	}
	at = at.UTC().Truncate(time.Microsecond)
	m.Note = strings.TrimSpace(m.Note)
	m.UntilFurtherNotice = m.openEnded()
	next.replan(m, at)
	if err := next.allowed(e, m, at, last); err != nil {
		return Turn{}, err
	}
	next.Status = m.Status
	c := next.change(at, m.By, m.Now)
	c.Note = m.Note
	if m.Status == Postponed && m.StartsAt.IsZero() && (m.UntilFurtherNotice || last.indefinite()) {
		c.StartsAt, c.EndsAt = time.Time{}, time.Time{}
		c.Note = cmp.Or(m.Note, furtherNotice)
	}
	if p := next.Validate(); len(p) > 0 {
		return Turn{}, fmt.Errorf("event %q: %s: %w", e.Slug, p[0], ErrConflict)
	}
	*e = next
	return c, nil
}

// replan takes over new planned times. What is not given moves along with the start, except that
// listening which has begun goes on.
func (e *Event) replan(m Move, at time.Time) {
	if start := utc(m.StartsAt); !start.IsZero() {
		by := start.Sub(e.StartsAt)
		if begun := !at.Before(e.ListenFrom); !begun || e.ListenFrom.After(start) {
			e.ListenFrom = e.ListenFrom.Add(by)
		}
		if !e.Endless() {
			e.EndsAt = e.EndsAt.Add(by)
		}
		e.StartsAt = start
	}
	if !m.EndsAt.IsZero() {
		e.EndsAt = utc(m.EndsAt)
	}
}

// allowed says whether the event old may take this status, with e's planned times. What only the
// clock said, a person may put right.
func (e *Event) allowed(old *Event, m Move, at time.Time, last Turn) error {
	no := func(format string, a ...any) error {
		return fmt.Errorf("event %q %s: %w", e.Slug, fmt.Sprintf(format, a...), ErrConflict)
	}
	from, byPlan := old.Status, last.By == ByPlan
	newStart := !m.StartsAt.IsZero() && (!m.StartsAt.Equal(old.StartsAt) || last.indefinite())
	switch {
	case last.Seq >= MaxChanges:
		return no("has changed %d times: make another event", last.Seq)
	case !byPlan && at.Before(last.At):
		return no("became %s at %s: what is said now cannot have been so before", last.Status, last.At.Format(time.RFC3339))
	case from == m.Status && !newStart && e.EndsAt.Equal(old.EndsAt) && m.Note == "" && m.UntilFurtherNotice == last.indefinite():
		return no("is %s already", from)
	}
	switch m.Status {
	case Scheduled:
		if from != Scheduled && !newStart {
			return no("is %s: give the new planned start with starts_at", from)
		}
		if from != Scheduled && !e.StartsAt.After(at) {
			return no("cannot be scheduled for %s, which is past", e.StartsAt.Format(time.RFC3339))
		}
	case Live:
		if (from == Ended || from == Cancelled) && m.Note == "" {
			return no("is %s: say in a note why it goes on", from)
		}
	case Postponed:
		switch {
		case from == Ended && !byPlan:
			return no("has ended: schedule it anew with starts_at")
		case !newStart && !m.UntilFurtherNotice && from != Postponed:
			return no(`is postponed until when? Give starts_at, or write "until further notice" in the note`)
		case newStart && !e.StartsAt.After(at):
			return no("cannot be postponed to %s, which is past", e.StartsAt.Format(time.RFC3339))
		}
	case Cancelled:
		if from == Ended && !byPlan {
			return no("has ended: it took place, and cannot be cancelled")
		}
	case Ended:
		if from == Cancelled {
			return no("was cancelled: it did not take place, and cannot end")
		}
		if (from == Scheduled || from == Postponed) && at.Before(old.StartsAt) {
			return no("has not begun: cancel it, or start it first")
		}
	}
	return nil
}

// indefinite reports whether the change postponed the event until further notice.
func (c Turn) indefinite() bool { return c.Status == Postponed && c.StartsAt.IsZero() }

// Succeed makes e, a new definition that somebody gives at now, follow the stored one, old, and
// says what changes in the event's life by it, if anything does. "Scheduled" is what a definition
// says by default: an event that has gone on since stays where it is, unless the new definition
// moves its start to a time that is still to come. Any other status must be one that e could be
// moved to. The error wraps ErrConflict.
func (e *Event) Succeed(old *Event, last Turn, now time.Time) (Turn, bool, error) {
	newStart := !e.StartsAt.Equal(old.StartsAt)
	if e.Status == Scheduled && old.Status != Scheduled && (!newStart || !e.StartsAt.After(now)) {
		e.Status = old.Status
	}
	if e.Status != old.Status {
		m := Move{Status: e.Status, By: e.SaidBy, Now: now}
		now = later(now, last.At)
		if newStart {
			m.StartsAt = e.StartsAt
		}
		if err := e.allowed(old, m, now, last); err != nil {
			return Turn{}, false, err
		}
	} else if !newStart && e.EndsAt.Equal(old.EndsAt) {
		return Turn{}, false, nil
	}
	c := e.change(now, e.SaidBy, now)
	if last.indefinite() && e.Status == Postponed && !newStart {
		c.StartsAt, c.EndsAt = time.Time{}, time.Time{}
	}
	return c, true, nil
}
