package pipeline

import (
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"outcry/collectors"
	"outcry/internal/reaction"
)

// Why a record of a collector is not taken.
const (
	reasonUnfit = "bad_value" // no line could carry it
	reasonFault = collectors.RefusedFault
)

// maxSkew is how far a post's claimed time may be from its server's.
const maxSkew = 5 * time.Minute

// liveBuilder turns what a collector emits into envelopes of a live feed: it matches posts with all
// events that are listened to, and replaces authors by their hashes in each. What is listened for
// stays the same throughout an envelope. It is not safe for concurrent use.
type liveBuilder struct {
	source  reaction.Source
	feed    reaction.Feed // for people; "" where there are several
	list    *Watchlist
	listens func(event int64) bool
	recent  *Recent
	tags    Hashtags
	now     func() time.Time
	logger  *slog.Logger

	known   *listening
	wanted  *wanted
	heard   []int64 // events that the source listens for; nil for all that are wanted
	cursor  collectors.Cursor
	authors *Authors
	env     *reaction.Envelope
	strays  strays
	size    int
	since   time.Time // when something was first put in; zero for an empty one
	urgent  bool      // it holds more than clock and coverage
	ids     []int64
}

// newLiveBuilder makes a builder for a source; now is the wall clock. listens tells of which events
// the source is heard; nil for all.
func newLiveBuilder(source reaction.Source, list *Watchlist, listens func(int64) bool, recent *Recent, tags Hashtags, now func() time.Time) *liveBuilder {
	b := &liveBuilder{source: source, list: list, listens: listens, recent: recent, tags: tags, now: now, logger: list.logger, strays: newStrays()}
	b.open()
	return b
}

// resume says which feed it is, and where it stood when it was opened.
func (b *liveBuilder) resume(feed reaction.Feed, at collectors.Cursor) {
	b.feed, b.cursor, b.env.Cursor = feed, at, at
}

// open begins an envelope with what is listened for now.
func (b *liveBuilder) open() {
	if known := b.list.current(); known != b.known {
		b.known, b.wanted, b.authors = known, b.list.of(known, b.source), NewAuthors(known.keys...)
	}
	// The last envelope of a feed is where it resumes: one in which nothing was said of the cursor has
	// the one before.
	b.env, b.size, b.since, b.urgent = &reaction.Envelope{Cursor: b.cursor}, 0, time.Time{}, false
	for i := range b.wanted.events {
		b.env.Listening = append(b.env.Listening, b.wanted.events[i].ID)
	}
}

// hears takes note of which events the source listens for. It is asked when something is first put
// into an envelope, which may have stood open for long.
func (b *liveBuilder) hears() {
	b.heard = nil
	if b.listens == nil {
		return
	}
	heard := make([]int64, 0, len(b.env.Listening))
	for _, id := range b.env.Listening {
		if b.listens(id) {
			heard = append(heard, id)
		}
	}
	if len(heard) < len(b.env.Listening) {
		b.heard = heard
	}
}

// stale reports whether what is listened for is no longer what the envelope was opened with.
func (b *liveBuilder) stale() bool { return b.list.current() != b.known }

func (b *liveBuilder) full() bool {
	return len(b.env.Posts)+len(b.env.Deletes)+len(b.env.Samples) >= maxRecords || b.size+b.strays.size > maxBytes
}

// due reports whether the envelope is to be closed: soon where it holds what people wait for.
func (b *liveBuilder) due(now time.Time) bool {
	switch {
	case b.since.IsZero():
		return false
	case b.urgent:
		return now.Sub(b.since) >= liveAge
	}
	return now.Sub(b.since) >= quietAge
}

func (b *liveBuilder) add(it *collectors.Item) {
	now := b.now()
	if b.since.IsZero() {
		b.since = now
		b.hears()
	}
	if it.Refused != "" {
		b.strays.refused[refusal{b.source, it.Refused}]++
	}
	if r := &it.Record; r.Post != nil || r.Delete != nil || r.Sample != nil {
		b.safely(r, now)
	}
	for _, c := range it.Coverage {
		b.cover(c)
	}
	b.env.Counts = append(b.env.Counts, it.Counts...)
	b.urgent = b.urgent || len(it.Counts) > 0
	if it.State != nil {
		b.env.State, b.urgent = it.State, b.urgent || b.env.State == nil || it.State.State != reaction.FeedLive
	}
	if it.Clock.After(b.env.Clock) {
		b.env.Clock = it.Clock.UTC()
	}
	if it.Cursor != nil {
		b.cursor, b.env.Cursor = it.Cursor, it.Cursor
	}
}

// cover adds a span, which goes on from the last one where it can.
func (b *liveBuilder) cover(c reaction.Coverage) {
	c.Own = len(c.Events) > 0
	if c.Events == nil && b.heard != nil {
		if len(b.heard) == 0 {
			return
		}
		c.Events = slices.Clone(b.heard)
	}
	if n := len(b.env.Coverage); n > 0 {
		last := &b.env.Coverage[n-1]
		if last.State == c.State && last.Source == c.Source && last.Reason == c.Reason && last.Own == c.Own && last.To.Equal(c.From) && slices.Equal(last.Events, c.Events) {
			last.To = c.To
			return
		}
	}
	b.env.Coverage = append(b.env.Coverage, c)
}

// safely takes a record. One at which matching fails is a fault of ours, and loud; it is left out,
// since otherwise it would come again after each restart and nothing behind it ever would.
func (b *liveBuilder) safely(r *reaction.Record, now time.Time) {
	defer func() {
		if fault := recover(); fault != nil {
			b.strays.refused[refusal{b.source, reasonFault}]++
			size := 0
			if r.Post != nil {
				size = len(r.Post.Text)
			}
			b.logger.Error("a post could not be matched and is left out: please report it",
				"source", b.source, "feed", b.feed, "bytes", size, "fault", collectors.Blame(fault), "stack", string(debug.Stack()))
		}
	}()
	b.record(r, now)
}

func (b *liveBuilder) record(r *reaction.Record, now time.Time) {
	if r.Post != nil {
		p := *r.Post
		r = &reaction.Record{At: r.At, Post: &p, Edit: r.Edit}
		if r.Edit { // it may bring the post in, and what is stored keeps its own time
			notAhead(&p, now)
		} else {
			settle(&p, now)
			r.At = p.At
		}
	}
	if r.At.IsZero() || r.At.After(now.Add(maxSkew)) {
		r.At = now
	}
	if r.Check() != nil {
		b.strays.refused[refusal{b.source, reasonUnfit}]++
		return
	}
	switch {
	case r.Post != nil:
		b.post(r)
	case r.Delete != nil:
		b.delete(*r.Delete, now)
	case r.Sample != nil:
		b.env.Samples, b.urgent = append(b.env.Samples, reaction.ScopedSample{Sample: *r.Sample}), true
	}
}

// settle replaces a claimed time that is not to be believed by the server's: when the post came to
// the server where that is known, or to us.
func settle(p *reaction.Post, now time.Time) {
	server := p.Received
	switch {
	case server.IsZero() && p.At.After(now.Add(maxSkew)):
		server = now
	case server.IsZero() || p.At.Sub(server).Abs() <= maxSkew:
		return
	}
	p.At, p.Retimed = server.UTC().Truncate(time.Microsecond), true
}

// notAhead replaces a time that has not come yet.
func notAhead(p *reaction.Post, now time.Time) {
	if p.At.After(now.Add(maxSkew)) {
		p.At, p.Retimed = now.UTC().Truncate(time.Microsecond), true
	}
}

func (b *liveBuilder) post(r *reaction.Record) {
	p := r.Post
	b.ids = b.wanted.set.Match(p, b.ids[:0])
	if len(b.ids) == 0 && !r.Edit {
		b.strays.miss(p, b.tags)
		b.recent.Add(p, false)
		return
	}
	m := reaction.Matched{Post: *p, Edit: r.Edit, Events: make([]reaction.Membership, 0, len(b.ids))}
	for _, id := range b.ids {
		m.Events = append(m.Events, reaction.Membership{Event: id, Author: b.authors.Of(id, p.At, p.Source, p.Author), Passed: b.authors.Of(id, p.At, p.Source, p.Passed)})
	}
	if r.Edit { // where it does not belong any more, its new words stand all the same
		for i := range b.wanted.events {
			if id := b.wanted.events[i].ID; !slices.Contains(b.ids, id) {
				m.Events = append(m.Events, reaction.Membership{Event: id, Author: b.authors.Of(id, p.At, p.Source, p.Author), UpdateOnly: true})
			}
		}
		m.EditedAt = r.At
	}
	if len(m.Events) == 0 {
		return
	}
	m.Author, m.Passed = reaction.Author{}, reaction.Author{}
	b.env.Posts, b.urgent = append(b.env.Posts, m), true
	b.size += weight(p)
}

// delete takes a deletion, which reaches every event: also those that are over.
func (b *liveBuilder) delete(d reaction.Delete, now time.Time) {
	if d.At.After(now) {
		d.At = now
	}
	if d.ID == "" {
		d.Authors = b.authors.Everywhere(d.Source, d.Author)
	}
	d.Author = reaction.Author{}
	b.env.Deletes, b.urgent = append(b.env.Deletes, d), true
	b.size += len(d.ID) + 64*len(d.Authors)
}

// close completes the envelope and begins the next.
func (b *liveBuilder) close(feed reaction.Feed) *reaction.Envelope {
	env := b.env
	b.strays.tell(env)
	env.Feed, env.Made = feed, b.now().UTC()
	b.open()
	return env
}
