package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
)

const (
	sqlSamples = `INSERT INTO samples (event_id, service, at, vantage, state, latency_ms, audience, detail)
		SELECT * FROM unnest($1::int[], $2::text[], $3::timestamptz[], $4::text[], $5::smallint[], $6::float8[], $7::bigint[], $8::text[])
		ON CONFLICT DO NOTHING`
	sqlCoverExtend = `UPDATE coverage c SET to_at = GREATEST(c.to_at, $6) FROM (
		SELECT from_at, to_at FROM coverage WHERE event_id = $1 AND source = $2 AND feed = $3 AND state = $4
			AND from_at <= $5 AND to_at >= $5 FOR UPDATE) o
		WHERE c.event_id = $1 AND c.source = $2 AND c.feed = $3 AND c.state = $4 AND c.from_at = o.from_at
		RETURNING o.to_at`
	sqlCoverKnown  = `SELECT EXISTS (SELECT FROM coverage WHERE event_id = $1 AND source = $2)`
	sqlCoverInsert = `INSERT INTO coverage AS c (event_id, source, feed, state, from_at, to_at, reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (event_id, source, feed, state, from_at) DO UPDATE SET to_at = GREATEST(c.to_at, EXCLUDED.to_at)`
	sqlUnmatched = `INSERT INTO unmatched AS u (feed, source, minute, posts) VALUES ($1, $2, $3, $4)
		ON CONFLICT (feed, minute, source) DO UPDATE SET posts = u.posts + EXCLUDED.posts`
	sqlBaseline = `INSERT INTO baseline AS b (tag, hour, source, feed, uses)
		SELECT t.tag, t.hour, t.source, $1, t.uses FROM unnest($2::text[], $3::timestamptz[], $4::text[], $5::int[]) t(tag, hour, source, uses)
		ON CONFLICT (tag, hour, source, feed) DO UPDATE SET uses = b.uses + EXCLUDED.uses`
	sqlRejected = `INSERT INTO rejected AS r (feed, source, reason, posts) VALUES ($1, $2, $3, $4)
		ON CONFLICT (feed, source, reason) DO UPDATE SET posts = r.posts + EXCLUDED.posts`
)

func (a *appending) writeSamples(ctx context.Context, tx pgx.Tx) error {
	n := len(a.env.Samples)
	if n == 0 {
		return nil
	}
	events, services, ats, vantages := make([]int64, 0, n), make([]string, 0, n), make([]time.Time, 0, n), make([]string, 0, n)
	states, latencies, audiences, details := make([]int16, 0, n), make([]*float64, 0, n), make([]*int64, 0, n), make([]string, 0, n)
	for _, x := range a.env.Samples {
		if _, ok := a.events[x.Event]; !ok && x.Event != 0 {
			continue
		}
		events, services, ats = append(events, x.Event), append(services, x.Service), append(ats, x.At)
		vantages, states = append(vantages, x.Vantage), append(states, int16(x.State))
		latencies, audiences, details = append(latencies, x.LatencyMS), append(audiences, x.Audience), append(details, x.Detail)
	}
	tag, err := tx.Exec(ctx, sqlSamples, events, services, ats, vantages, states, latencies, audiences, details)
	a.did.Samples = int(tag.RowsAffected())
	return err
}

// writeCoverage lengthens the interval that each span continues, or begins one.
func (a *appending) writeCoverage(ctx context.Context, tx pgx.Tx) error {
	a.spans = map[int64]reaction.Spans{}
	for _, event := range a.concerns() {
		for _, c := range a.env.Coverage {
			if !c.From.Before(c.To) {
				continue
			}
			if err := a.cover(ctx, tx, event, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// cover stores one span, and notes what of it is new.
func (a *appending) cover(ctx context.Context, tx pgx.Tx, event int64, c reaction.Coverage) error {
	rows, err := tx.Query(ctx, sqlCoverExtend, event, c.Source, a.env.Feed, c.State, c.From, c.To)
	if err != nil {
		return err
	}
	ends, err := pgx.CollectRows(rows, pgx.RowTo[time.Time])
	if err != nil {
		return err
	}
	for _, end := range ends {
		a.spans[event] = a.spans[event].Add(reaction.Span{From: end.UTC(), To: c.To})
	}
	if len(ends) > 0 {
		return nil
	}
	var known bool
	if err := tx.QueryRow(ctx, sqlCoverKnown, event, c.Source).Scan(&known); err != nil {
		return err
	}
	if a.spans[event] = a.spans[event].Add(reaction.Span{From: c.From, To: c.To}); !known {
		a.spans[event] = reaction.Whole() // in every bucket the source now takes part, and was blind
	}
	_, err = tx.Exec(ctx, sqlCoverInsert, event, c.Source, a.env.Feed, c.State, c.From, c.To, c.Reason)
	return err
}

// writeCounts stores what belongs to no event, the baseline of hashtags, and what was refused.
func (a *appending) writeCounts(ctx context.Context, tx pgx.Tx) error {
	if _, ok := a.events[a.env.Event]; !ok && a.env.Event != 0 {
		return nil // of an event that was deleted nothing is kept
	}
	b := &pgx.Batch{}
	for _, u := range a.env.Unmatched {
		b.Queue(sqlUnmatched, a.env.Feed, u.Source, u.Minute, u.Posts)
	}
	for _, r := range a.env.Rejected {
		b.Queue(sqlRejected, a.env.Feed, r.Source, r.Reason, r.Posts)
	}
	for source, n := range a.expired {
		b.Queue(sqlRejected, a.env.Feed, source, reaction.RejectExpired, n)
	}
	if n := len(a.env.Baseline); n > 0 {
		tags, hours, sources, uses := make([]string, n), make([]time.Time, n), make([]string, n), make([]int, n)
		for i, t := range a.env.Baseline {
			tags[i], hours[i], sources[i], uses[i] = t.Tag, t.Hour, string(t.Source), t.Uses
		}
		b.Queue(sqlBaseline, a.env.Feed, tags, hours, sources, uses)
	}
	if b.Len() == 0 {
		return nil
	}
	return tx.SendBatch(ctx, b).Close()
}

// Coverage lists the intervals of coverage of an event that overlap [from, to).
func (s *Store) Coverage(ctx context.Context, e *reaction.Event, from, to time.Time) ([]reaction.CoverageSpan, error) {
	var out []reaction.CoverageSpan
	err := s.read(ctx, func(tx pgx.Tx) (err error) {
		out, err = coverage(ctx, tx, e.ID, from, to)
		return err
	})
	return out, err
}
