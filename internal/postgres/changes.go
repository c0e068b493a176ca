package postgres

import (
	"maps"
	"slices"
	"time"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

// changes lists what an Append changed of each event, once everything is written.
func (a *appending) changes() []reaction.Change {
	t := newTelling(&a.commit)
	posts, tags := map[int64]map[int64]bool{}, map[int64]map[int64]bool{}
	note := func(in map[int64]map[int64]bool, event, bucket int64) {
		if in[event] == nil {
			in[event] = map[int64]bool{}
		}
		in[event][bucket] = true
	}
	for k := range a.sums.rollups {
		note(posts, k.event, k.bucket)
	}
	for k := range a.sums.counts {
		note(tags, k.event, k.bucket)
	}
	for event, buckets := range posts {
		t.of(event, reaction.ChangedPosts, bucketSpans(buckets))
	}
	for event, buckets := range tags {
		t.of(event, reaction.ChangedTags, bucketSpans(buckets))
	}
	for event, spans := range a.spans {
		t.of(event, reaction.ChangedCoverage, spans)
	}
	for _, event := range a.concerns() {
		if a.turned { // no bucket is another, but what is said of the event is
			t.of(event, reaction.ChangedCoverage, nil)
		}
		if s := a.clockSpans(); len(s) > 0 {
			t.of(event, reaction.ChangedCoverage, s)
		}
		if c := t.events[event]; c != nil && !a.feed.clock.IsZero() {
			c.Clock, c.Open = a.feed.clock, a.open(a.feed.clock)
		}
	}
	exists := func(event int64) bool { _, ok := a.events[event]; return ok }
	t.counts(a.env.Counts, exists)
	t.samples(a.env.Samples, exists)
	return t.list()
}

// open is the event time from which on buckets are open while a feed's clock stands there.
func (a *appending) open(clock time.Time) time.Time {
	return reaction.Bucket(clock.Add(-a.store.grace - reaction.BucketWidth))
}

// clockSpans hold the buckets that the move of the feed's clock may have closed. A feed that
// begins or ends to hold the watermark may open or close any bucket from its clock on.
func (a *appending) clockSpans() reaction.Spans {
	switch now := a.feed.clock; {
	case now.IsZero():
		return nil
	case a.fresh:
		return reaction.Spans{{From: a.open(now)}}
	case a.feed.done:
		return reaction.Spans{{From: a.open(a.was.clock)}}
	case now.After(a.was.clock):
		return reaction.Spans{{From: a.open(a.was.clock), To: reaction.Bucket(now).Add(reaction.BucketWidth)}}
	}
	return nil
}

// guessChanges lists what an envelope that had been committed before may have changed then: no
// less, and often more. doomed are the events in which something may have been deleted.
func guessChanges(c *Commit, doomed map[int64][]doomedPost) []reaction.Change {
	t := newTelling(c)
	const all = reaction.ChangedPosts | reaction.ChangedTags | reaction.ChangedCoverage
	for _, event := range c.Envelope.Concerns() {
		t.of(event, all, reaction.Whole())
	}
	for i := range c.Envelope.Posts {
		for _, m := range c.Envelope.Posts[i].Events {
			t.of(m.Event, all, reaction.Whole())
		}
	}
	for event := range doomed {
		t.of(event, all, reaction.Whole())
	}
	for _, d := range c.Envelope.Deletes {
		for _, m := range d.Authors {
			t.of(m.Event, all, reaction.Whole())
		}
	}
	t.counts(c.Envelope.Counts, func(int64) bool { return true })
	t.samples(c.Envelope.Samples, func(int64) bool { return true })
	return t.list()
}

// telling collects changes by event.
type telling struct {
	seq    uint64
	feed   reaction.Feed
	events map[int64]*reaction.Change
}

func newTelling(c *Commit) *telling {
	return &telling{seq: c.Seq, feed: c.Envelope.Feed, events: map[int64]*reaction.Change{}}
}

func (t *telling) of(event int64, kinds reaction.Changed, spans reaction.Spans) {
	c := t.events[event]
	if c == nil {
		c = &reaction.Change{Event: event, Feed: t.feed, Seq: t.seq}
		t.events[event] = c
	}
	c.Kinds |= kinds
	c.Spans = c.Spans.Add(spans...)
}

// counts notes what sources counted themselves.
func (t *telling) counts(counts []reaction.PlatformCount, exists func(int64) bool) {
	for i := range counts {
		if c := &counts[i]; exists(c.Event) {
			t.of(c.Event, reaction.ChangedPosts, reaction.Spans{{From: c.From.UTC(), To: c.To.UTC()}})
		}
	}
}

// samples notes health samples: each may be in force for as long as health allows.
func (t *telling) samples(samples []reaction.ScopedSample, exists func(int64) bool) {
	type extent struct{ first, last time.Time }
	extents := map[int64]extent{}
	var services []string
	for _, x := range samples {
		if x.Event == 0 {
			services = append(services, x.Service)
		} else if !exists(x.Event) {
			continue
		}
		e, ok := extents[x.Event]
		if !ok || x.At.Before(e.first) {
			e.first = x.At
		}
		if x.At.After(e.last) {
			e.last = x.At
		}
		extents[x.Event] = e
	}
	for event, e := range extents {
		t.of(event, reaction.ChangedHealth, reaction.Spans{{From: reaction.Bucket(e.first), To: e.last.Add(health.MaxHold).UTC()}})
	}
	if c := t.events[0]; c != nil {
		slices.Sort(services)
		c.Services = slices.Compact(services)
	}
}

// list gives the changes in order of their events.
func (t *telling) list() []reaction.Change {
	var out []reaction.Change
	for _, event := range slices.Sorted(maps.Keys(t.events)) {
		out = append(out, *t.events[event])
	}
	return out
}

// bucketSpans joins stored buckets, given as Unix seconds.
func bucketSpans(buckets map[int64]bool) reaction.Spans {
	spans := make([]reaction.Span, 0, len(buckets))
	for b := range buckets {
		spans = append(spans, reaction.Span{From: at(b), To: at(b).Add(reaction.BucketWidth)})
	}
	return reaction.Spans(nil).Add(spans...)
}
