package postgres

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
)

const (
	// Words that end where new ones begin are among them: they may become one.
	sqlCoverTouched = `SELECT event_id, source, from_at, to_at, state, reason, own FROM coverage
		WHERE event_id = ANY($1) AND to_at >= $2 AND from_at <= $3 AND feed = $4`
	sqlCoverKnown  = `SELECT EXISTS (SELECT FROM coverage WHERE event_id = $1 AND source = $2)`
	sqlCoverDelete = `DELETE FROM coverage c USING unnest($1::int[], $2::text[], $3::text[], $4::timestamptz[]) x(event_id, source, state, from_at)
		WHERE c.event_id = x.event_id AND c.source = x.source AND c.feed = $5 AND c.state = x.state AND c.from_at = x.from_at`
	sqlCoverWrite = `INSERT INTO coverage AS c (event_id, source, state, from_at, to_at, reason, own, feed)
		SELECT x.*, $8::text FROM unnest($1::int[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::bool[]) x
		ON CONFLICT (event_id, source, feed, state, from_at) DO UPDATE SET to_at = EXCLUDED.to_at, reason = EXCLUDED.reason, own = EXCLUDED.own`
)

// hearing names what one feed says of: a source and an event.
type hearing struct {
	event  int64
	source reaction.Source
}

// writeCoverage settles what the feed says of how well it heard with what it said before, for
// every event that is concerned, and notes what is another thing than it was.
func (a *appending) writeCoverage(ctx context.Context, tx pgx.Tx) error {
	a.spans = map[int64]reaction.Spans{}
	said := map[hearing][]word{}
	var from, to time.Time
	for i := range a.told {
		for j := range a.told[i].coverage {
			c := &a.told[i].coverage[j]
			w := wordOf(c)
			if !w.from.Before(w.to) {
				continue
			}
			for _, event := range a.about(a.told[i].events, c) {
				k := hearing{event, c.Source}
				said[k] = append(said[k], w)
			}
			if from.IsZero() || w.from.Before(from) {
				from = w.from
			}
			if w.to.After(to) {
				to = w.to
			}
		}
	}
	if len(said) == 0 {
		return nil
	}
	before, err := a.touched(ctx, tx, said, from, to)
	if err != nil {
		return err
	}
	var gone, written coverRows
	for _, k := range slices.SortedFunc(maps.Keys(said), func(x, y hearing) int {
		return cmp.Or(cmp.Compare(x.event, y.event), cmp.Compare(x.source, y.source))
	}) {
		old := before[k]
		slices.SortFunc(old, compareWords)
		now := settle(old, said[k])
		if err := a.noteCoverage(ctx, tx, k, old, now); err != nil {
			return err
		}
		was, is := byRow(old), byRow(now)
		for _, w := range old {
			if _, ok := is[w.row()]; !ok {
				gone.add(k, w)
			}
		}
		for _, w := range now {
			if o, ok := was[w.row()]; !ok || !o.same(w) || !o.to.Equal(w.to) {
				written.add(k, w)
			}
		}
	}
	if len(gone.events) > 0 {
		if _, err := tx.Exec(ctx, sqlCoverDelete, gone.events, gone.sources, gone.states, gone.from, a.env.Feed); err != nil {
			return err
		}
	}
	if len(written.events) == 0 {
		return nil
	}
	_, err = tx.Exec(ctx, sqlCoverWrite, written.events, written.sources, written.states, written.from, written.to, written.reasons, written.own, a.env.Feed)
	return err
}

// about lists the events that a span is about, of those that exist. A replay says nothing of
// events other than its own.
func (a *appending) about(concerned []int64, c *reaction.Coverage) (out []int64) {
	events := concerned
	if len(c.Events) > 0 {
		events = c.Events
	}
	for _, id := range events {
		if _, ok := a.events[id]; ok && (a.env.Event == 0 || id == a.env.Event) && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// touched reads what the feed said before of the stretches that it speaks of now.
func (a *appending) touched(ctx context.Context, tx pgx.Tx, said map[hearing][]word, from, to time.Time) (map[hearing][]word, error) {
	var events []int64
	for k := range said {
		events = append(events, k.event)
	}
	slices.Sort(events)
	found, err := tx.Query(ctx, sqlCoverTouched, slices.Compact(events), from, to, a.env.Feed)
	if err != nil {
		return nil, err
	}
	out := map[hearing][]word{}
	var k hearing
	var w word
	_, err = pgx.ForEachRow(found, []any{&k.event, &k.source, &w.from, &w.to, &w.state, &w.reason, &w.own}, func() error {
		if _, ok := said[k]; ok {
			out[k] = append(out[k], w)
		}
		return nil
	})
	return out, err
}

// noteCoverage notes what is another thing than it was. A source that is heard of for the first time
// takes part from now on, and was blind in every bucket.
func (a *appending) noteCoverage(ctx context.Context, tx pgx.Tx, k hearing, before, now []word) error {
	known := len(before) > 0
	if !known {
		if err := tx.QueryRow(ctx, sqlCoverKnown, k.event, k.source).Scan(&known); err != nil {
			return err
		}
	}
	if !known {
		a.spans[k.event] = reaction.Whole()
		return nil
	}
	if spans := differing(before, now); len(spans) > 0 {
		a.spans[k.event] = a.spans[k.event].Add(spans...)
	}
	return nil
}

// coverRow is what tells the rows of one feed, event and source apart.
type coverRow struct {
	state reaction.CoverageState
	from  int64
}

func (w word) row() coverRow { return coverRow{w.state, w.from.UnixMicro()} }

func byRow(words []word) map[coverRow]word {
	out := make(map[coverRow]word, len(words))
	for _, w := range words {
		out[w.row()] = w
	}
	return out
}

// coverRows are the columns of words that are written or removed at once.
type coverRows struct {
	events   []int64
	sources  []string
	states   []string
	from, to []time.Time
	reasons  []string
	own      []bool
}

func (r *coverRows) add(k hearing, w word) {
	r.events, r.sources, r.states = append(r.events, k.event), append(r.sources, string(k.source)), append(r.states, string(w.state))
	r.from, r.to, r.reasons, r.own = append(r.from, w.from), append(r.to, w.to), append(r.reasons, w.reason), append(r.own, w.own)
}

// Coverage lists the intervals of coverage of an event that overlap [from, to).
func (s *Store) Coverage(ctx context.Context, e *reaction.Event, from, to time.Time) ([]reaction.CoverageSpan, error) {
	spans, _, err := s.CoverageAround(ctx, e, from, to)
	return spans, err
}

// CoverageAround is Coverage, and beside it the last interval of each live feed that ends before, by
// no more than trend.GoneAfter: see trend.Hearings.
func (s *Store) CoverageAround(ctx context.Context, e *reaction.Event, from, to time.Time) (spans, before []reaction.CoverageSpan, err error) {
	err = s.read(ctx, func(tx pgx.Tx) (err error) {
		spans, before, err = coverage(ctx, tx, e.ID, from, to)
		return err
	})
	return spans, before, err
}
