package pipeline

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"outcry/internal/match"
	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// nothing is what is wanted of a source that no event names.
var nothing = &wanted{set: &match.Set{}}

// pushBuilder turns what was pushed into envelopes, as a live feed's: one for each source that an event
// names, and one for all others. It is used once.
type pushBuilder struct {
	pushes   *Pushes
	from     string
	at       time.Time
	first    *liveBuilder // whose list of what is listened for holds for all parts
	parts    map[reaction.Source]*pushPart
	last     reaction.Source          // whose part something was put in last, "" for that of all others
	strange  map[reaction.Source]bool // that no event names, and whether that is told
	unlisted []reaction.Source
}

// pushPart is the envelope of one feed.
type pushPart struct {
	*liveBuilder

	empty bool
}

func newPushBuilder(p *Pushes, from string, now time.Time) *pushBuilder {
	return &pushBuilder{
		first:  newLiveBuilder("", p.list, nil, p.recent, p.tags, func() time.Time { return now }),
		pushes: p, from: from, at: now, parts: map[reaction.Source]*pushPart{}, strange: map[reaction.Source]bool{},
	}
}

// take adds one thing to the envelope of its source.
func (b *pushBuilder) take(x *reaction.Pushed) reaction.Fate {
	switch {
	case x.Refused != nil:
		p, listed := b.part(x.Refused.Source)
		if !listed && !b.pushes.counts(x.Refused.Source, b.at) {
			break
		}
		p.strays.refused[refusal{x.Refused.Source, x.Refused.Reason}]++
		p.empty = false
	case x.Record.Post != nil:
		return b.takePost(&x.Record)
	case x.Record.Delete != nil: // it reaches what is stored, whoever listens now
		p, _ := b.part(x.Record.Delete.Source)
		p.delete(*x.Record.Delete, b.at)
		p.empty = false
	case x.Heard != nil:
		return b.hear(x.Heard)
	case x.Clock != nil:
		return b.takeClock(x.Clock)
	}
	return reaction.Accepted
}

func (b *pushBuilder) takePost(r *reaction.Record) reaction.Fate {
	part, listed := b.part(r.Post.Source)
	if !listed {
		b.unlist(r.Post.Source)
		if !b.pushes.counts(r.Post.Source, b.at) {
			return reaction.Unmatched
		}
	}
	again := b.pushes.again(part.known, r)
	if again && !r.Edit && len(part.wanted.set.Match(r.Post, nil)) == 0 {
		return reaction.Duplicate // and is counted as unmatched already
	}
	p := *r.Post
	if b.at.Sub(p.At).Abs() <= maxSkew { // older ones were not heard as they happened
		p.Received = b.at.Truncate(time.Microsecond)
	}
	before := len(part.env.Posts)
	part.post(&reaction.Record{At: r.At, Post: &p, Edit: r.Edit})
	kept := len(part.env.Posts) > before
	part.empty = part.empty && r.Edit && !kept
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
	part, listed := b.part(c.Source)
	if !listed {
		b.unlist(c.Source)
		return reaction.Unmatched
	}
	part.say(*c)
	if c.State.Seen() {
		b.pushes.speaks(b.from, c.Source, b.at)
	}
	return reaction.Accepted
}

// takeClock notes a sender's clock. One that is so far behind that no watermark waits for it means that
// what was said lately of its source is not all there yet.
func (b *pushBuilder) takeClock(c *reaction.SourceClock) reaction.Fate {
	part, listed := b.part(c.Source)
	if !listed {
		b.unlist(c.Source)
		return reaction.Unmatched
	}
	b.pushes.tell(b.from, c, b.at)
	part.empty = false
	if b.at.Sub(c.At) > trend.Freshness && !b.pushes.others(b.from, c.Source, b.at) {
		part.say(reaction.Coverage{Source: c.Source, From: b.at.Add(-trend.Freshness), To: b.at, State: reaction.CoverageLate,
			Reason: fmt.Sprintf("its sender's clock is more than %d minutes behind", trend.Freshness/time.Minute)})
	}
	return reaction.Accepted
}

// say adds word of coverage for the events that name the source.
func (p *pushPart) say(c reaction.Coverage) {
	for i := range p.wanted.events {
		c.Events = append(c.Events, p.wanted.events[i].ID)
	}
	p.cover(c)
	p.empty = false
}

func (b *pushBuilder) unlist(s reaction.Source) {
	if !b.strange[s] {
		b.strange[s] = true
		b.unlisted = append(b.unlisted, s)
	}
}

// part is where what is pushed of a source goes, and whether an event names it. The envelope's clock
// and coverage concern those events.
func (b *pushBuilder) part(s reaction.Source) (_ *pushPart, listed bool) {
	if p := b.parts[s]; p != nil {
		b.last = s
		return p, true
	}
	want := nothing
	if _, strange := b.strange[s]; !strange && slices.ContainsFunc(b.first.known.all, func(e reaction.Event) bool { return slices.Contains(e.Sources, s) }) {
		want = b.pushes.list.of(b.first.known, s)
	}
	if listed = len(want.events) > 0; !listed {
		if _, known := b.strange[s]; !known {
			b.strange[s] = false
		}
		s = "" // the name of none
	}
	b.last = s
	p := b.parts[s]
	if p == nil {
		l := *b.first
		l.wanted, l.env, l.strays = want, &reaction.Envelope{}, newStrays()
		for i := range want.events {
			l.env.Listening = append(l.env.Listening, want.events[i].ID)
		}
		slices.Sort(l.env.Listening)
		p = &pushPart{&l, true}
		b.parts[s] = p
	}
	return p, listed
}

// full gives the envelope that something was put in last where no more should be: a line that names an
// author holds as many hashes of them as there are events.
func (b *pushBuilder) full() (_ reaction.Source, _ *reaction.Envelope, full bool) {
	if p := b.parts[b.last]; p == nil || !p.liveBuilder.full() {
		return "", nil, false
	}
	return b.last, b.close(b.last), true
}

// rest lists whose envelopes hold anything, in their order.
func (b *pushBuilder) rest() []reaction.Source {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(b.parts)), func(s reaction.Source) bool { return b.parts[s].empty })
}

// close completes an envelope; what comes now begins another.
func (b *pushBuilder) close(s reaction.Source) *reaction.Envelope {
	p := b.parts[s]
	delete(b.parts, s)
	p.strays.tell(p.env)
	p.env.Made = b.at
	return p.env
}
