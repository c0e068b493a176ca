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
	// An edit that brings in a post which was never seen is told of now, whenever the post was made.
	if !r.post.Edit && trend.Closed(bucket.Add(reaction.BucketWidth), s.clock, s.grace) {
		one.late = 1
	}
	minute := r.post.At.UTC().Truncate(time.Minute).Unix()
	for _, l := range r.labels {
		s.count(rollupKey{r.key.event, l, bucket.Unix(), r.key.source, r.tags.Lang}, one)
		if ofService(l) {
			continue // sketches of each would cost more than all the rest, and nobody asks for them
		}
		k := crowdKey{r.key.event, l, minute, r.key.source}
		if s.crowds[k] == nil {
			s.crowds[k] = &crowd{}
		}
		s.crowds[k].add(r.author)
	}
	for _, t := range r.tagKeys {
		s.countTag(tagCountKey{r.key.event, t, bucket.Unix(), r.key.source}, one)
		s.meetTag(r, t)
	}
	return nil
}

func (s *sums) count(k rollupKey, by rollup)      { s.rollups[k] = s.rollups[k].plus(by) }
func (s *sums) countTag(k tagCountKey, by rollup) { s.counts[k] = s.counts[k].plus(by) }

// meetTag notes who used a tag, and keeps the earliest use.
func (s *sums) meetTag(r *postRow, tag string) {
	k := tagKey{r.key.event, tag}
	t := s.tags[k]
	if t == nil {
		t = &tagSum{}
		s.tags[k] = t
	}
	t.crowd.add(r.author)
	if t.id != "" && cmp.Or(t.at.Compare(r.post.At), cmp.Compare(t.source, r.key.source), cmp.Compare(t.id, r.key.id)) <= 0 {
		return
	}
	t.at, t.source, t.id = r.post.At, r.key.source, r.key.id
	for _, h := range r.tags.Hashtags {
		if h.Key == tag {
			t.display = h.Text
			break
		}
	}
}

// storedPost is what the figures need to know of a post that is stored.
type storedPost struct {
	key      postKey
	at       time.Time
	lang     string
	labels   []string // without LabelPosts
	hashtags []string
}

// change moves the figures of a stored post by d, under all its labels and tags.
func (s *sums) change(p *storedPost, d rollup) {
	bucket := reaction.Bucket(p.at).Unix()
	s.count(rollupKey{p.key.event, reaction.LabelPosts, bucket, p.key.source, p.lang}, d)
	for _, l := range p.labels {
		s.count(rollupKey{p.key.event, l, bucket, p.key.source, p.lang}, d)
	}
	for _, t := range p.hashtags {
		s.countTag(tagCountKey{p.key.event, t, bucket, p.key.source}, d)
	}
}

// edit moves the figures of a post from what it was to what it is. Gross figures go on counting it
// under every label and tag it ever carried.
func (s *sums) edit(old, now *storedPost, r *postRow) {
	s.change(old, rollup{gross: -1, net: -1})
	s.change(now, rollup{gross: 1, net: 1})
	bucket := reaction.Bucket(old.at).Unix()
	for _, l := range old.labels {
		if !slices.Contains(now.labels, l) {
			s.count(rollupKey{old.key.event, l, bucket, old.key.source, old.lang}, rollup{gross: 1})
		}
	}
	for _, t := range old.hashtags {
		if !slices.Contains(now.hashtags, t) {
			s.countTag(tagCountKey{old.key.event, t, bucket, old.key.source}, rollup{gross: 1})
		}
	}
	for _, t := range now.hashtags {
		if !slices.Contains(old.hashtags, t) {
			s.meetTag(r, t)
		}
	}
}

func sortedKeys[V any](m map[int64]V) []int64 { return slices.Sorted(maps.Keys(m)) }
