package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/health"
	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// The queries of a summary read rollups, coverage and samples of bounded stretches of time. Only
// those of hours may span an event, and whoever asks keeps hours that do not change.
const (
	sqlTrendStretches = `SELECT date_bin($4::interval, bucket, $3) AS b,
		COALESCE(sum(net) FILTER (WHERE label = 'posts'), 0)::bigint, COALESCE(sum(net) FILTER (WHERE label = 'reposts'), 0)::bigint,
		COALESCE(sum(net) FILTER (WHERE label = 'complaints'), 0)::bigint, COALESCE(sum(net) FILTER (WHERE label = 'recovery'), 0)::bigint,
		COALESCE(sum(gross - net) FILTER (WHERE label = 'posts'), 0)::bigint
		FROM rollups WHERE event_id = $1 AND label IN ('posts', 'reposts', 'complaints', 'recovery') AND bucket >= $2 AND bucket < $3
		GROUP BY b ORDER BY b`
	sqlTrendSymptoms = `SELECT label, sum(net)::bigint FROM rollups
		WHERE event_id = $1 AND label = ANY($2) AND bucket >= $3 AND bucket < $4 GROUP BY label`
	sqlTrendHeard = `SELECT c.source, c.feed, t.heard, t.word, t.recorded, c.state, c.reason FROM (
			SELECT source, feed, max(to_at) FILTER (WHERE state IN ('live', 'recorded', 'filled')) AS heard, max(to_at) AS word,
				bool_or(state = 'recorded') AS recorded
			FROM coverage WHERE event_id = $1 AND from_at < $2 GROUP BY source, feed) t
		JOIN LATERAL (SELECT source, feed, state, reason FROM coverage WHERE event_id = $1 AND source = t.source AND feed = t.feed AND to_at = t.word
			ORDER BY from_at DESC, state LIMIT 1) c ON true
		ORDER BY c.source, c.feed`
	sqlTrendLastSamples = `SELECT service, at, vantage, state, latency_ms, audience, detail FROM samples
		WHERE event_id = ANY($1) AND service = ANY($2) AND at >= $3 AND at <= $4
		ORDER BY at DESC, service, vantage LIMIT $5`
	sqlTrendHours = `SELECT date_bin('1 hour', minute, 'epoch'::timestamptz) AS hour, sum(posts)::bigint, sum(complaints)::bigint, sum(deleted)::bigint,
		(array_agg(minute ORDER BY complaints DESC, minute))[1], max(complaints)::bigint
		FROM (SELECT date_bin('1 minute', bucket, 'epoch'::timestamptz) AS minute,
			COALESCE(sum(net) FILTER (WHERE label = 'posts'), 0) AS posts, COALESCE(sum(net) FILTER (WHERE label = 'complaints'), 0) AS complaints,
			COALESCE(sum(gross - net) FILTER (WHERE label = 'posts'), 0) AS deleted
			FROM rollups WHERE event_id = $1 AND label IN ('posts', 'complaints') AND bucket >= $2 AND bucket < $3 GROUP BY 1) m
		GROUP BY 1 ORDER BY 1`
	sqlTrendAudience = `SELECT date_bin('1 hour', at, 'epoch'::timestamptz) AS hour, service, max(audience) FROM samples
		WHERE event_id = ANY($1) AND service = ANY($2) AND at >= $3 AND at < $4 AND audience IS NOT NULL
		GROUP BY 1, 2 ORDER BY 1, 2`
)

// maxStateSamples bounds how many samples the states of services are worked out of.
const maxStateSamples = 20_000

// Glance reads what a summary of the event is made of, as of the wall clock now.
func (s *Store) Glance(ctx context.Context, e *reaction.Event, now time.Time) (*trend.Glance, error) {
	g := &trend.Glance{Event: e, Now: now, Symptoms: map[string]int64{}}
	if err := s.read(ctx, func(tx pgx.Tx) error { return glance(ctx, tx, g) }); err != nil {
		return nil, fmt.Errorf("summary of %s: %w", e.Slug, err)
	}
	return g, nil
}

func glance(ctx context.Context, tx pgx.Tx, g *trend.Glance) error {
	e := g.Event
	feeds, err := feedClocks(ctx, tx, e.ID)
	if err != nil {
		return err
	}
	g.Standing = trend.Stand(feeds, g.Now)
	g.From, g.To = g.Lately(g.Now)
	rows, err := tx.Query(ctx, sqlTrendStretches, e.ID, g.From.Add(-trend.SummaryBefore), g.To, trend.SummaryWindow)
	if err != nil {
		return err
	}
	if g.Stretches, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (x trend.Stretch, err error) {
		err = row.Scan(&x.From, &x.Posts, &x.Reposts, &x.Complaints, &x.Recovery, &x.Deleted)
		x.From = x.From.UTC()
		return x, err
	}); err != nil {
		return err
	}
	if err := symptoms(ctx, tx, g); err != nil {
		return err
	}
	if err := heard(ctx, tx, g); err != nil {
		return err
	}
	end := g.Clock
	if end.IsZero() || g.Silent {
		end = g.Now
	}
	g.Samples, err = lastSamples(ctx, tx, e, end.Add(-trend.SummaryServices), end)
	return err
}

// lastSamples reads the newest samples of an event's services in [from, to], in order of time.
func lastSamples(ctx context.Context, tx pgx.Tx, e *reaction.Event, from, to time.Time) ([]health.Sample, error) {
	scopes, names := sampled(e)
	rows, err := tx.Query(ctx, sqlTrendLastSamples, scopes, names, from, to, maxStateSamples)
	if err != nil {
		return nil, err
	}
	out, err := pgx.CollectRows(rows, scanSample)
	slices.Reverse(out)
	return out, err
}

func symptoms(ctx context.Context, tx pgx.Tx, g *trend.Glance) error {
	labels := reaction.SymptomNames()
	for i, n := range labels {
		labels[i] = reaction.SymptomPrefix + n
	}
	rows, err := tx.Query(ctx, sqlTrendSymptoms, g.Event.ID, labels, g.From, g.To)
	if err != nil {
		return err
	}
	var label string
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&label, &n}, func() error {
		g.Symptoms[strings.TrimPrefix(label, reaction.SymptomPrefix)] = n
		return nil
	})
	return err
}

// heard reads how each source was heard, up to the window's end.
func heard(ctx context.Context, tx pgx.Tx, g *trend.Glance) error {
	found, err := tx.Query(ctx, sqlTrendHeard, g.Event.ID, g.To)
	if err != nil {
		return err
	}
	feeds, err := pgx.CollectRows(found, func(row pgx.CollectableRow) (f trend.FeedHeard, err error) {
		var last, word *time.Time
		var recorded bool
		err = row.Scan(&f.Source, &f.Feed, &last, &word, &recorded, &f.State, &f.Reason)
		f.Last, f.Word = utc(last), utc(word)
		g.Recorded = g.Recorded || recorded
		return f, err
	})
	if err != nil {
		return err
	}
	spans, before, err := coverage(ctx, tx, g.Event.ID, g.From, g.To)
	if err != nil {
		return err
	}
	reports, err := feedReports(ctx, tx)
	if err != nil {
		return err
	}
	g.Heard = trend.Hear(feeds, slices.Concat(spans, before), reports, g.From, g.To, g.Now)
	return nil
}

// Hours reads the hours of an event that overlap the spans, in order of time; those in which
// nothing was counted are not among them.
func (s *Store) Hours(ctx context.Context, e *reaction.Event, spans reaction.Spans) ([]trend.Hour, error) {
	hours := map[int64]*trend.Hour{}
	err := s.read(ctx, func(tx pgx.Tx) error {
		for _, x := range spans {
			if err := addHours(ctx, tx, e, x, hours); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("hours of %s: %w", e.Slug, err)
	}
	out := make([]trend.Hour, 0, len(hours))
	for _, h := range hours {
		out = append(out, *h)
	}
	slices.SortFunc(out, func(a, b trend.Hour) int { return cmp.Compare(a.From.Unix(), b.From.Unix()) })
	return out, nil
}

// The ends of a span that has none, within what PostgreSQL and the figures know.
var (
	beginning = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	end       = time.Date(2201, 1, 1, 0, 0, 0, 0, time.UTC)
)

func addHours(ctx context.Context, tx pgx.Tx, e *reaction.Event, x reaction.Span, hours map[int64]*trend.Hour) error {
	from, to := beginning, end
	if !x.From.IsZero() {
		from = x.From.UTC().Truncate(time.Hour)
	}
	if !x.To.IsZero() {
		to = x.To.UTC().Add(time.Hour - time.Nanosecond).Truncate(time.Hour)
	}
	of := func(hour time.Time) *trend.Hour {
		h := hours[hour.Unix()]
		if h == nil {
			h = &trend.Hour{From: hour.UTC()}
			hours[hour.Unix()] = h
		}
		return h
	}
	rows, err := tx.Query(ctx, sqlTrendHours, e.ID, from, to)
	if err != nil {
		return err
	}
	var got trend.Hour
	if _, err := pgx.ForEachRow(rows, []any{&got.From, &got.Posts, &got.Complaints, &got.Deleted, &got.Peak, &got.PeakComplaints}, func() error {
		h := of(got.From)
		h.Posts, h.Complaints, h.Deleted, h.Peak, h.PeakComplaints = got.Posts, got.Complaints, got.Deleted, got.Peak.UTC(), got.PeakComplaints
		return nil
	}); err != nil {
		return err
	}
	if len(e.Services) == 0 {
		return nil
	}
	// Samples of a real service from long before the event are not the event's.
	if !e.Endless() && from.Before(e.ListenFrom.Add(-24*time.Hour)) && !e.Simulated {
		from = e.ListenFrom.Add(-24 * time.Hour).Truncate(time.Hour)
	}
	if !from.Before(to) {
		return nil
	}
	scopes, names := sampled(e)
	if rows, err = tx.Query(ctx, sqlTrendAudience, scopes, names, from, to); err != nil {
		return err
	}
	var hour time.Time
	var service string
	var most int64
	_, err = pgx.ForEachRow(rows, []any{&hour, &service, &most}, func() error {
		h := of(hour)
		if h.Audience == nil {
			h.Audience = map[string]int64{}
		}
		h.Audience[service] = most
		return nil
	})
	return err
}

// sampled is where the samples of an event's services are: those of its own replays, and, unless
// it is simulated, those of the real services.
func sampled(e *reaction.Event) (scopes []int64, names []string) {
	scopes = []int64{e.ID}
	if !e.Simulated {
		scopes = append(scopes, 0)
	}
	names = make([]string, len(e.Services))
	for i, s := range e.Services {
		names[i] = s.Name
	}
	return scopes, names
}

func scanSample(row pgx.CollectableRow) (x health.Sample, err error) {
	var state int16
	err = row.Scan(&x.Service, &x.At, &x.Vantage, &state, &x.LatencyMS, &x.Audience, &x.Detail)
	x.State, x.At = health.State(state), x.At.UTC()
	return x, err
}
