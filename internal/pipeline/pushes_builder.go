package pipeline

import (
	"slices"
	"time"

	"outcry/internal/match"
	"outcry/internal/reaction"
)

// nothing is what is wanted of a source that no event names.
var nothing = &wanted{set: &match.Set{}}

// pushBuilder turns what was pushed into an envelope: as a live feed's, but of any sources. It is
// used once.
type pushBuilder struct {
	*liveBuilder
	pushes   *Pushes
	from     string
	at       time.Time
	bySource map[reaction.Source]*wanted
	unlisted []reaction.Source
	empty    bool
}

func newPushBuilder(p *Pushes, from string, now time.Time) *pushBuilder {
	return &pushBuilder{
		liveBuilder: newLiveBuilder("", p.list, nil, p.recent, p.tags, func() time.Time { return now }),
		pushes:      p, from: from, at: now, bySource: map[reaction.Source]*wanted{}, empty: true,
	}
}

// take adds one thing to the envelope.
func (b *pushBuilder) take(x *reaction.Pushed) reaction.Fate {
	switch {
	case x.Refused != nil:
		b.strays.refused[refusal{x.Refused.Source, x.Refused.Reason}]++
		b.empty = false
	case x.Record.Post != nil:
		return b.takePost(&x.Record)
	case x.Record.Delete != nil: // it reaches what is stored, whoever listens now
		b.delete(*x.Record.Delete, b.at)
		b.empty = false
	case x.Heard != nil:
		return b.hear(x.Heard)
	case x.Clock != nil:
		if len(b.wants(x.Clock.Source).events) == 0 {
			return reaction.Unmatched
		}
		b.pushes.tell(b.from, x.Clock, b.at)
		b.empty = false
	}
	return reaction.Accepted
}

func (b *pushBuilder) takePost(r *reaction.Record) reaction.Fate {
	b.wanted = b.wants(r.Post.Source)
	again := b.pushes.again(b.known, r)
	if again && !r.Edit && len(b.wanted.set.Match(r.Post, nil)) == 0 {
		return reaction.Duplicate // and is counted as unmatched already
	}
	p := *r.Post
	if b.at.Sub(p.At).Abs() <= maxSkew { // older ones were not heard as they happened
		p.Received = b.at.Truncate(time.Microsecond)
	}
	before := len(b.env.Posts)
	b.post(&reaction.Record{At: r.At, Post: &p, Edit: r.Edit})
	kept := len(b.env.Posts) > before
	b.empty = b.empty && r.Edit && !kept
	switch {
	case again:
		return reaction.Duplicate
	case kept:
		return reaction.Accepted
	}
	return reaction.Unmatched
}

// hear adds word of how well a source was heard, for the events that name it.
func (b *pushBuilder) hear(c *reaction.Coverage) reaction.Fate {
	span := *c
	for _, e := range b.wants(c.Source).events {
		span.Events = append(span.Events, e.ID)
	}
	if len(span.Events) == 0 {
		return reaction.Unmatched
	}
	b.cover(span)
	b.empty = false
	return reaction.Accepted
}

// wants is what is wanted of a source. The envelope's clock and coverage concern the events that
// name one of its sources.
func (b *pushBuilder) wants(s reaction.Source) *wanted {
	if w := b.bySource[s]; w != nil {
		return w
	}
	w := nothing
	if slices.ContainsFunc(b.known.all, func(e reaction.Event) bool { return slices.Contains(e.Sources, s) }) {
		w = b.list.of(b.known, s)
	}
	b.bySource[s] = w
	if len(w.events) == 0 {
		b.unlisted = append(b.unlisted, s)
	}
	for i := range w.events {
		b.env.Listening = append(b.env.Listening, w.events[i].ID)
	}
	return w
}

// close completes the envelope.
func (b *pushBuilder) close(now time.Time) *reaction.Envelope {
	env := b.env
	slices.Sort(env.Listening)
	env.Listening = slices.Compact(env.Listening)
	b.strays.tell(env)
	env.Made = now
	return env
}
