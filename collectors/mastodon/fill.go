package mastodon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	gomastodon "github.com/mattn/go-mastodon"

	"outcry/collectors"
)

const (
	mostPages  = 200 // of one call: 8,000 posts; the Station asks again for the rest
	learnPages = 30  // read again for their ids alone after a start, of all timelines
	learnEach  = 3   // of one
	mostBegun  = 16  // gaps of which it is known how far they were filled
)

// leg is how far a timeline was read for a gap: upwards from an id, or where none is known
// downwards from the present.
type leg struct {
	stream stream
	id     string    // upwards: the highest id that was read
	back   string    // downwards: the lowest
	at     time.Time // all before it was read
	done   bool
}

// begun is how far a gap was filled, which is known by its end.
type begun struct {
	gap  time.Time
	legs []*leg
}

// Fill reads from the timelines what was posted in a gap.
func (s *Server) Fill(ctx context.Context, gap collectors.Gap, emit collectors.Emit) (time.Time, error) {
	legs := s.legsOf(gap)
	if len(legs) == 0 {
		return gap.From, nil
	}
	s.learn(ctx, legs)
	at, err := s.walk(ctx, gap, legs, emit)
	if f, ok := errors.AsType[*collectors.Fault](err); ok && f.Kind == collectors.Refused && !f.RetryAt.IsZero() {
		again := *f
		again.Kind, err = collectors.Server, &again // it may have us later, and the gap with us
	}
	return at, err
}

// legsOf are the timelines to read for a gap. Where the same gap was begun before it is gone on
// with. Fill runs for one gap at a time, and for others before this one is filled: what was read last
// of gaps is remembered, of mostBegun of them.
func (s *Server) legsOf(gap collectors.Gap) []*leg {
	i := slices.IndexFunc(s.begun, func(b begun) bool { return b.gap.Equal(gap.To) })
	var b begun
	if i >= 0 {
		b = s.begun[i]
		s.begun = slices.Delete(s.begun, i, i+1)
	}
	if b.legs == nil {
		b.gap = gap.To
		ids := readCursor(gap.After)
		for _, st := range timelines(s.wanted.Events(), s.policy(time.Now())) {
			b.legs = append(b.legs, &leg{stream: st, id: ids[st], at: gap.From})
		}
	}
	s.begun = append(s.begun, b)
	s.begun = s.begun[max(0, len(s.begun)-mostBegun):]
	return b.legs
}

// walk reads timelines side by side, always the one that is furthest behind, so that what was read
// is whole up to some time whatever ends it.
func (s *Server) walk(ctx context.Context, gap collectors.Gap, legs []*leg, emit collectors.Emit) (time.Time, error) {
	for range mostPages {
		l := behind(legs)
		if l == nil {
			return gap.To, nil
		}
		if err := s.step(ctx, gap, l, emit); err != nil {
			return upto(legs, gap), err
		}
	}
	if at := upto(legs, gap); at.After(gap.From) {
		return at, nil
	}
	return gap.From, &collectors.Fault{Kind: collectors.Server, Err: fmt.Errorf("timelines of %s are longer than %d pages", s.base.Host, mostPages)}
}

func behind(legs []*leg) (last *leg) {
	for _, l := range legs {
		if !l.done && (last == nil || l.at.Before(last.at)) {
			last = l
		}
	}
	return last
}

func upto(legs []*leg, gap collectors.Gap) time.Time {
	at := gap.To
	if l := behind(legs); l != nil && l.at.Before(at) {
		at = l.at
	}
	if at.Before(gap.From) {
		return gap.From
	}
	return at
}

// step reads one page.
func (s *Server) step(ctx context.Context, gap collectors.Gap, l *leg, emit collectors.Emit) error {
	if l.id == "" {
		return s.stepBack(ctx, gap, l, emit)
	}
	posts, err := s.page(ctx, l.stream, gomastodon.Pagination{MinID: gomastodon.ID(l.id), Limit: pageSize})
	if err != nil {
		return err
	}
	highest, newest := l.id, l.at
	for i := range posts {
		if higher(posts[i].local, highest) {
			highest = posts[i].local
		}
		if posts[i].at.After(newest) {
			newest = posts[i].at
		}
	}
	if err := s.emitPage(ctx, l.stream, posts, time.Time{}, emit); err != nil {
		return err
	}
	// A page that goes no further is the end, of a timeline or of what such a server can do. So is a
	// thin one past the gap: it has come to the present, which the stream brings.
	thin := len(posts) < pageSize/2 && newest.After(gap.To)
	if l.done = highest == l.id || thin || newest.After(gap.To.Add(slack)); l.done {
		l.at = gap.To
		return nil
	}
	l.id = highest
	if newest = newest.Add(-slack); newest.After(l.at) { // posts of other servers may be older than their ids' neighbours
		l.at = newest
	}
	return nil
}

// stepBack reads one page downwards: of a stream that nothing was heard from yet.
func (s *Server) stepBack(ctx context.Context, gap collectors.Gap, l *leg, emit collectors.Emit) error {
	posts, err := s.page(ctx, l.stream, gomastodon.Pagination{MaxID: gomastodon.ID(l.back), Limit: pageSize})
	if err != nil {
		return err
	}
	since := gap.From.Add(-slack)
	lowest, past := l.back, false
	for i := range posts {
		if p := &posts[i]; p.local != "" && (lowest == "" || higher(lowest, p.local)) {
			lowest = p.local
			past = !p.at.IsZero() && p.at.Before(since)
		}
	}
	if err := s.emitPage(ctx, l.stream, posts, since, emit); err != nil {
		return err
	}
	if l.done = past || lowest == l.back; l.done {
		l.at = gap.To
	}
	l.back = lowest
	return nil
}

// emitPage hands a page on, the oldest post first.
func (s *Server) emitPage(ctx context.Context, st stream, posts []status, since time.Time, emit collectors.Emit) error {
	var items []collectors.Item
	now := time.Now()
	for i := len(posts) - 1; i >= 0; i-- {
		if !posts[i].at.Before(since) {
			items = append(items, s.fetched(&posts[i], st, now)...)
		}
	}
	if len(items) == 0 {
		return nil
	}
	return emit(ctx, items...)
}

// learn reads a few pages of before the gap once after a start, so that deletions of posts that
// were heard before it can be understood. They are not handed on again.
func (s *Server) learn(ctx context.Context, legs []*leg) {
	if s.learned {
		return
	}
	s.learned = true
	pages := 0
	for _, l := range legs {
		for id, n := l.id, 0; id != "" && n < learnEach && pages < learnPages; n++ {
			pages++
			posts, err := s.page(ctx, l.stream, gomastodon.Pagination{MaxID: gomastodon.ID(id), Limit: pageSize})
			if err != nil {
				return // what is missing is a few deletions
			}
			id = s.memorise(posts)
		}
	}
}

// memorise remembers the uris of posts that belong to an event, and is the lowest id of a page.
func (s *Server) memorise(posts []status) (lowest string) {
	for i := range posts {
		s.known(&posts[i])
		if p := &posts[i]; lowest == "" || higher(lowest, p.local) {
			lowest = p.local
		}
	}
	return lowest
}
