package postgres

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// sums are the figures of one Append, summed in Go and written at the end: changes of rollups and
// tag counts, and the crowds of each minute and tag.
type sums struct {
	clock   time.Time // of the feed, before this envelope
	grace   time.Duration
	rollups map[rollupKey]rollup
	counts  map[tagCountKey]rollup
	crowds  map[crowdKey]*crowd
	tags    map[tagKey]*tagSum
}

type rollupKey struct {
	event  int64
	label  string
	bucket int64 // Unix seconds
	source string
	lang   string
}

type tagCountKey struct {
	event  int64
	tag    string
	bucket int64
	source string
}

type crowdKey struct {
	event  int64
	label  string
	minute int64
	source string
}

type tagKey struct {
	event int64
	tag   string
}

type rollup struct{ gross, net, late int32 }

func (r rollup) plus(o rollup) rollup {
	return rollup{r.gross + o.gross, r.net + o.net, r.late + o.late}
}

// crowd is who wrote: known people, and posts of unknown authors.
type crowd struct {
	people  *trend.People
	unknown int32
}

func (c *crowd) add(who reaction.Person) {
	if !who.Known() {
		c.unknown++
		return
	}
	if c.people == nil {
		c.people = trend.NewPeople()
	}
	c.people.Add(who)
}

// tagSum is what an Append learnt of a tag: its crowd, and the earliest of its posts.
type tagSum struct {
	crowd
	display string
	at      time.Time
	source  string
	id      string
}

func newSums(clock time.Time, grace time.Duration) sums {
	return sums{
		clock: clock, grace: grace, rollups: map[rollupKey]rollup{}, counts: map[tagCountKey]rollup{},
		crowds: map[crowdKey]*crowd{}, tags: map[tagKey]*tagSum{},
	}
}

// add counts a post that was just stored.
func (s *sums) add(r *postRow) error {
	one := rollup{gross: 1, net: 1}
	if r.deleted != nil {
		one.net = 0
	}
	bucket := reaction.Bucket(r.post.At)
	if r.late {
		one.late = 1
	}
	for _, l := range r.labels {
		s.count(rollupKey{r.key.event, l, bucket.Unix(), r.key.source, r.tags.Lang}, one)
		s.meet(r.key, l, r.post.At, r.author)
	}
	for _, t := range r.tagKeys {
		s.countTag(tagCountKey{r.key.event, t, bucket.Unix(), r.key.source}, one)
		s.meetTag(r, t, r.post.At, r.author)
	}
	return nil
}

// meet notes who wrote a post under a label. Sketches of each service would cost more than all the
// rest, and nobody asks for them.
func (s *sums) meet(post postKey, label string, at time.Time, who reaction.Person) {
	if ofService(label) {
		return
	}
	k := crowdKey{post.event, label, at.UTC().Truncate(time.Minute).Unix(), post.source}
	if s.crowds[k] == nil {
		s.crowds[k] = &crowd{}
	}
	s.crowds[k].add(who)
}

func (s *sums) count(k rollupKey, by rollup)      { s.rollups[k] = s.rollups[k].plus(by) }
func (s *sums) countTag(k tagCountKey, by rollup) { s.counts[k] = s.counts[k].plus(by) }

// meetTag notes who used a tag, and keeps the earliest use.
func (s *sums) meetTag(r *postRow, tag string, at time.Time, who reaction.Person) {
	k := tagKey{r.key.event, tag}
	t := s.tags[k]
	if t == nil {
		t = &tagSum{}
		s.tags[k] = t
	}
	t.crowd.add(who)
	if !t.earlier(at, r.key.source, r.key.id) {
		return
	}
	t.at, t.source, t.id = at, r.key.source, r.key.id
	for _, h := range r.tags.Hashtags {
		if h.Key == tag {
			t.display = h.Text
			break
		}
	}
}

// earlier reports whether a post came before all that were met so far.
func (t *tagSum) earlier(at time.Time, source, id string) bool {
	return t.id == "" || cmp.Or(t.at.Compare(at), cmp.Compare(t.source, source), cmp.Compare(t.id, id)) > 0
}

func sortedKeys[V any](m map[int64]V) []int64 { return slices.Sorted(maps.Keys(m)) }
