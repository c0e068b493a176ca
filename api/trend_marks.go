package api

import (
	"slices"
	"time"

	"outcry/internal/trend"
)

// marks are the moments in the window of a query: what the event's definition says, and those that
// are known already, in order of time.
func marks(q *trend.Query, known []trend.Mark) []trend.Mark {
	out := slices.Clone(known)
	plan := func(at time.Time, kind, text string) {
		if !at.IsZero() {
			out = append(out, trend.Mark{At: at.UTC(), Kind: kind, Text: text})
		}
	}
	plan(q.Event.StartsAt, trend.MarkPlannedStart, "planned start")
	plan(q.Event.EndsAt, trend.MarkPlannedEnd, "planned end")
	out = slices.DeleteFunc(out, func(m trend.Mark) bool { return m.At.Before(q.From) || m.At.After(q.To) })
	slices.SortStableFunc(out, func(a, b trend.Mark) int { return a.At.Compare(b.At) })
	return out
}
