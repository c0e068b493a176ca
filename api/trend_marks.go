package api

import (
	"slices"
	"time"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// statusMarks are the moments at which an event took another status. How it began is none, nor is
// a start or end that was as planned: those are marked as what they are.
func statusMarks(life []reaction.Turn) []trend.Mark {
	var out []trend.Mark
	for i, c := range life {
		planned := c.By == reaction.ByPlan && (c.At.Equal(c.StartsAt) || c.At.Equal(c.EndsAt))
		if i > 0 && c.Status != life[i-1].Status && !planned {
			out = append(out, trend.Mark{At: c.At.UTC(), Kind: trend.MarkStatus, Text: string(c.Status)})
		}
	}
	return out
}

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
