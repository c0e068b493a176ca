package reaction

import (
	"slices"
	"time"

	"outcry/internal/health"
)

// Changed is a set of the kinds of things that changed of an event.
type Changed uint8

// The kinds of change.
const (
	ChangedPosts    Changed = 1 << iota // figures of posts
	ChangedTags                         // figures of hashtags
	ChangedHealth                       // samples of its services
	ChangedCoverage                     // how well its sources were heard, or how far its clock has come
	ChangedLife                         // its definition or status, or that it was deleted
	// ChangedAll says that it is not known what changed: whoever follows reads everything again. No
	// one announces it; it is what followers are told when announcements were lost.
	ChangedAll
)

// Has reports whether any of these kinds is in the set.
func (c Changed) Has(any Changed) bool { return c&any != 0 }

// Change says that something stored of an event is not what it was. It is a hint to read again,
// and holds no figures: one that comes twice does no harm.
type Change struct {
	// Event is the event; 0 where samples of real services came, which concern every event that is
	// not simulated and names one of Services.
	Event    int64    `json:"e,omitempty"`
	Services []string `json:"services,omitempty"`
	Kinds    Changed  `json:"k"`
	// Spans hold every bucket that may have changed: counts, what was heard, whether it is open.
	Spans Spans `json:"s,omitempty"`
	// Feed and Clock are the feed that brought the change and its event time after it; empty where
	// no feed moved.
	Feed  Feed      `json:"f,omitempty"`
	Clock time.Time `json:"c,omitzero"`
	// Open is the event time from which on buckets are open as far as this feed goes.
	Open time.Time `json:"o,omitzero"`
	// Seq is the envelope's sequence in the log, 0 where the change came another way.
	Seq uint64 `json:"q,omitempty"`
}

// Span is a half-open interval of event time. A zero From is the beginning of all, a zero To the
// end of all.
type Span struct {
	From time.Time `json:"f,omitzero"`
	To   time.Time `json:"t,omitzero"`
}

// Spans are intervals in order of time that neither overlap nor touch, at most MaxSpans of them.
// Where there would be more, those closest to each other become one: they may then hold more than
// was added, and never less.
type Spans []Span

// MaxSpans bounds the intervals of a Spans.
const MaxSpans = 4

// Whole spans all of time.
func Whole() Spans { return Spans{{}} }

// Add returns the spans with another interval. The receiver is not changed.
func (s Spans) Add(more ...Span) Spans {
	out := append(slices.Clone(s), more...)
	out = slices.DeleteFunc(out, func(x Span) bool { return !x.To.IsZero() && !x.From.Before(x.To) })
	slices.SortFunc(out, func(a, b Span) int { return a.From.Compare(b.From) }) // the zero time is before all others
	n := 0
	for _, x := range out {
		if n > 0 && reaches(out[n-1], x.From) {
			out[n-1] = joined(out[n-1], x)
			continue
		}
		out[n] = x
		n++
	}
	out = out[:n]
	for len(out) > MaxSpans {
		at := 1
		for i := 2; i < len(out); i++ {
			if out[i].From.Sub(out[i-1].To) < out[at].From.Sub(out[at-1].To) {
				at = i
			}
		}
		out[at-1] = joined(out[at-1], out[at])
		out = slices.Delete(out, at, at+1)
	}
	return slices.Clip(out)
}

// reaches reports whether the span goes on to t.
func reaches(s Span, t time.Time) bool { return s.To.IsZero() || !s.To.Before(t) }

// joined is the least span that holds both, of which a begins first.
func joined(a, b Span) Span {
	if b.To.IsZero() || !a.To.IsZero() && b.To.After(a.To) {
		a.To = b.To
	}
	return a
}

// Within cuts the spans to [from, to).
func (s Spans) Within(from, to time.Time) Spans {
	var out Spans
	for _, x := range s {
		if x.From.Before(from) {
			x.From = from
		}
		if x.To.IsZero() || x.To.After(to) {
			x.To = to
		}
		if x.From.Before(x.To) {
			out = append(out, x)
		}
	}
	return out
}

// Join is one change that says what both said: o is the later one.
func (c Change) Join(o Change) Change {
	c.Kinds |= o.Kinds
	c.Spans = c.Spans.Add(o.Spans...)
	c.Services = slices.Concat(c.Services, o.Services)
	slices.Sort(c.Services)
	c.Services = slices.Compact(c.Services)
	if o.Feed != "" {
		c.Feed, c.Clock, c.Open = o.Feed, o.Clock, o.Open
	}
	c.Seq = max(c.Seq, o.Seq)
	return c
}

// Concerns reports whether the change is about an event.
func (c *Change) Concerns(e *Event) bool {
	if c.Event != 0 {
		return c.Event == e.ID
	}
	return !e.Simulated && slices.ContainsFunc(e.Services, func(s health.Service) bool { return slices.Contains(c.Services, s.Name) })
}
