package x

import (
	"context"
	"errors"
	"fmt"
	"time"

	"outcry/collectors"
	"outcry/internal/reaction"
)

// sampleDue reads a page of the newest posts of each event that is sampled and due. Of an event with
// several queries each page is of the next one.
func (g *Governed) sampleDue(ctx context.Context, s *schedule, emit collectors.Emit, now time.Time) (first error) {
	for _, e := range g.o.Wanted.Events() {
		pace := g.o.Governor.Pace(e.ID)
		if pace.Mode != collectors.Sampled || !s.due(e.ID, now) {
			continue
		}
		err := g.sample(ctx, &e, pace.SamplePosts, emit, now)
		if ofLine(err) {
			return err
		}
		if err := s.did(e.ID, now, pace.SampleEvery, err); err != nil && first == nil {
			first = err
		}
	}
	return first
}

func (g *Governed) sample(ctx context.Context, e *reaction.Event, n int, emit collectors.Emit, now time.Time) error {
	queries, _ := pack(e, maxSearch, asItIs)
	if len(queries) == 0 {
		return errors.New("X can look for none of its terms")
	}
	allowed, done, err := g.o.Governor.Allow(ctx, e.ID, n)
	switch {
	case err != nil:
		return notNow(err)
	case allowed < pageLeast:
		done(nil)
		return nil
	}
	q := queries[g.sampledBy[e.ID]%len(queries)]
	g.sampledBy[e.ID]++
	from := later(e.ListenFrom, now.Add(-countsMost))
	if last := g.sampledTo[e.ID]; !last.IsZero() && len(queries) == 1 {
		from = later(from, last)
	}
	to := now.Add(-searchDelay)
	if !from.Before(to) {
		done(nil)
		return nil
	}
	p, err := g.o.Client.search(ctx, q.value, from, to, min(allowed, pageMost), "")
	if err != nil {
		if collectors.AsFault(err).Kind == collectors.Network { // perhaps it came, and was charged
			done(unknown(allowed, now))
		} else {
			done(nil)
		}
		return err
	}
	done(p.ids)
	g.sampledTo[e.ID] = to
	signed(p.found, q.author)
	items := make([]collectors.Item, 0, len(p.found))
	for _, f := range p.found {
		items = append(items, collectors.Item{Record: f.Record, Refused: f.Refused})
	}
	for _, it := range p.broken { // no Station stands between this and the line
		it.Broken.Log(g.o.Log, reaction.X, 1)
		items = append(items, collectors.Item{Refused: it.Refused})
	}
	if len(items) == 0 {
		return nil
	}
	return emit(ctx, items...)
}

// notNow is why nothing may be read, where that is not said by the coverage.
func notNow(err error) error {
	if errors.Is(err, reaction.ErrAway) {
		return err
	}
	return nil
}

// unknown are names for posts that may have come: none that X would give.
func unknown(n int, now time.Time) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprint("?", now.UnixNano(), "/", i)
	}
	return ids
}
