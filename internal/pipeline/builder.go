package pipeline

import (
	"time"

	"outcry/internal/match"
	"outcry/internal/reaction"
)

// Limits of one envelope of a run.
const (
	maxRecords = 5000
	maxBytes   = 4 << 20 // of what the posts hold
)

// builder turns the records of a run into envelopes: it matches posts with the run's event,
// replaces authors by their hashes, and counts what does not match.
type builder struct {
	event   *reaction.Event
	set     *match.Set
	authors *Authors
	recent  *Recent
	tags    Hashtags

	env     *reaction.Envelope
	clock   time.Time
	covered []time.Time // how far each span of the plan has been told
	strays  strays
	ids     []int64
}

func newBuilder(e *reaction.Event, set *match.Set, a *Authors, recent *Recent, tags Hashtags) *builder {
	return &builder{event: e, set: set, authors: a, recent: recent, tags: tags, env: &reaction.Envelope{Event: e.ID}, strays: newStrays()}
}

// take adds records until the envelope is full and says how many it took, at least one.
func (b *builder) take(records []reaction.Record) int {
	size := 0
	for i := range records {
		if i == maxRecords || size > maxBytes {
			return i
		}
		size += b.add(&records[i])
	}
	return len(records)
}

// advance moves the clock without a record, and reports whether it did.
func (b *builder) advance(clock time.Time) bool {
	if !clock.After(b.clock) {
		return false
	}
	b.clock = clock.UTC()
	return true
}

func (b *builder) add(r *reaction.Record) (bytes int) {
	if r.At.After(b.clock) {
		b.clock = r.At
	}
	switch {
	case r.Post != nil:
		b.addPost(r.Post, r.Edit, r.At)
		return weight(r.Post)
	case r.Delete != nil:
		d := *r.Delete
		if d.ID == "" {
			d.Authors = b.authors.Everywhere(d.Source, d.Author)
		}
		d.Author = reaction.Author{}
		b.env.Deletes = append(b.env.Deletes, d)
	case r.Sample != nil:
		b.env.Samples = append(b.env.Samples, reaction.ScopedSample{Event: b.event.ID, Sample: *r.Sample})
	}
	return 0
}

// weight is about how many bytes a post takes in the log.
func weight(p *reaction.Post) int {
	n := len(p.ID) + len(p.Text) + len(p.URL) + len(p.Repeats)
	for _, f := range p.Facets {
		n += len(f.Value)
	}
	return n
}

func (b *builder) addPost(p *reaction.Post, edit bool, at time.Time) {
	b.ids = b.set.Match(p, b.ids[:0])
	matched := len(b.ids) > 0
	if !matched && !edit {
		b.miss(p)
		return
	}
	m := reaction.Matched{Post: *p, Edit: edit, Events: []reaction.Membership{{
		Event: b.event.ID, Author: b.authors.Of(b.event.ID, p.At, p.Source, p.Author), Passed: b.authors.Of(b.event.ID, p.At, p.Source, p.Passed), UpdateOnly: !matched,
	}}}
	m.Author, m.Passed = reaction.Author{}, reaction.Author{}
	if edit {
		m.EditedAt = at
	}
	b.env.Posts = append(b.env.Posts, m)
}

// miss counts a post that does not match, and the hashtags it used.
func (b *builder) miss(p *reaction.Post) {
	b.strays.miss(p, b.tags)
	b.recent.Add(p, b.event.Simulated)
}

// close completes the envelope and begins the next. Coverage is recorded as far as the clock has
// come, and to its end when the run is done.
func (b *builder) close(plan []reaction.Coverage, done bool) *reaction.Envelope {
	env := b.env
	if done {
		for _, c := range plan {
			if c.To.After(b.clock) {
				b.clock = c.To
			}
		}
	}
	if b.covered == nil {
		b.covered = make([]time.Time, len(plan))
	}
	for i, c := range plan {
		if c.To.After(b.clock) {
			c.To = b.clock
		}
		if c.From.Before(c.To) && c.To.After(b.covered[i]) {
			env.Coverage, b.covered[i] = append(env.Coverage, c), c.To
		}
	}
	env.Clock = b.clock
	b.strays.tell(env)
	b.env = &reaction.Envelope{Event: b.event.ID}
	return env
}
