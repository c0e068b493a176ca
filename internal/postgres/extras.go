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
