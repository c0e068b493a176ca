package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/health"
	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// The queries of figures read rollups, sketches, coverage and samples: their cost does not grow
// with the number of posts. A test holds that none of their plans touches posts.
const (
	sqlTrendLabels = `SELECT label, date_bin($5::interval, bucket, 'epoch'::timestamptz) AS b, source,
		sum(net)::bigint, sum(gross)::bigint, sum(late)::bigint
		FROM rollups WHERE event_id = $1 AND label = ANY($2) AND bucket >= $3 AND bucket < $4
		AND (cardinality($6::text[]) = 0 OR source = ANY($6)) AND (cardinality($7::text[]) = 0 OR lang = ANY($7))
		GROUP BY label, b, source ORDER BY label, b, source`
	sqlTrendTags = `SELECT tag, date_bin($5::interval, bucket, 'epoch'::timestamptz) AS b, source,
		sum(net)::bigint, sum(gross)::bigint, 0::bigint
		FROM tag_counts WHERE event_id = $1 AND tag = ANY($2) AND bucket >= $3 AND bucket < $4
		AND (cardinality($6::text[]) = 0 OR source = ANY($6))
		GROUP BY tag, b, source ORDER BY tag, b, source`
	sqlTrendCrowds = `SELECT minute, source, sketch, unknown FROM crowds
		WHERE event_id = $1 AND label = 'posts' AND minute >= $2 AND minute < $3
		AND (cardinality($4::text[]) = 0 OR source = ANY($4)) ORDER BY minute, source`
	sqlCoverage = `SELECT source, from_at, to_at, state, reason, feed FROM coverage
		WHERE event_id = $1 AND to_at > $2 AND from_at < $3 ORDER BY source, from_at, feed, state`
	sqlTrendLastWords = `SELECT DISTINCT ON (source, feed) source, from_at, to_at, state, reason, feed FROM coverage
		WHERE event_id = $1 AND to_at > $2 AND to_at <= $3 AND feed LIKE 'live/%' ORDER BY source, feed, to_at DESC`
	sqlListened       = `SELECT DISTINCT source FROM coverage WHERE event_id = $1 ORDER BY source`
	sqlExtent         = `SELECT min(from_at), max(to_at), bool_or(state = 'recorded') FROM coverage WHERE event_id = $1`
	sqlServiceSamples = `SELECT service, at, vantage, state, latency_ms, audience, detail FROM samples
		WHERE event_id = ANY($1) AND service = ANY($2) AND at >= $3 AND at < $4
		ORDER BY at, service, vantage LIMIT $5`
)

// maxSamples bounds how many samples one series is made of; more are an error.
const maxSamples = 2_000_000

// Trend answers a validated query.
func (s *Store) Trend(ctx context.Context, q trend.Query) (trend.Result, error) {
	in := trend.Inputs{Labels: map[string][]trend.Count{}, Tags: map[string][]trend.Count{}, Grace: s.grace}
	err := s.read(ctx, func(tx pgx.Tx) error { return s.inputs(ctx, tx, &q, &in) })
	if err != nil {
		return trend.Result{}, fmt.Errorf("trend of %s: %w", q.Event.Slug, err)
	}
	return trend.Build(&q, &in)
}

func (s *Store) inputs(ctx context.Context, tx pgx.Tx, q *trend.Query, in *trend.Inputs) (err error) {
	sources, langs := texts(q.Sources), append([]string{}, q.Langs...)
	if err := counts(ctx, tx, in.Labels, sqlTrendLabels, q.Event.ID, q.LabelsOf(), q.From, q.To, q.Step, sources, langs); err != nil {
		return err
	}
	if tags := q.TagsOf(); len(tags) > 0 {
		if err := counts(ctx, tx, in.Tags, sqlTrendTags, q.Event.ID, tags, q.From, q.To, q.Step, sources); err != nil {
			return err
		}
	}
	ofHealth := false
	for _, n := range q.Series {
		if n == trend.Authors {
			if in.Crowds, err = crowds(ctx, tx, q, sources); err != nil {
				return err
			}
		}
		ofHealth = ofHealth || !n.OfPosts()
	}
	if in.Platform, err = platformCounts(ctx, tx, q); err != nil {
		return err
	}
	if ofHealth {
		// A sample before the window may still be in force in it.
		if in.Samples, err = serviceSamples(ctx, tx, q.Event, q.From.Add(-health.MaxHold), q.To, maxSamples+1); err != nil {
			return err
		}
		if len(in.Samples) > maxSamples {
			return fmt.Errorf("more than %d health samples lie in the window: ask for a shorter one", maxSamples)
		}
	}
	spans, before, err := coverage(ctx, tx, q.Event.ID, q.From, q.To)
	if err != nil {
		return err
	}
	in.Coverage = slices.Concat(spans, before)
	rows, err := tx.Query(ctx, sqlListened, q.Event.ID)
	if err != nil {
		return err
	}
	if in.Listened, err = pgx.CollectRows(rows, pgx.RowTo[reaction.Source]); err != nil {
		return err
	}
	last, err := lastRetag(ctx, tx, q.Event.ID)
	if err != nil {
		return err
	}
	if last.Number > 0 {
		in.Retag = &last.Retag
	}
	in.Watermark, err = watermark(ctx, tx, q.Event.ID, time.Now())
	return err
}

func texts[S ~string](in []S) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = string(s)
	}
	return out
}

func counts(ctx context.Context, tx pgx.Tx, into map[string][]trend.Count, query string, args ...any) error {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	var name string
	var c trend.Count
	_, err = pgx.ForEachRow(rows, []any{&name, &c.Bucket, &c.Source, &c.Net, &c.Gross, &c.Late}, func() error {
		into[name] = append(into[name], c)
		return nil
	})
	return err
}

// crowds reads who posted, merged by the buckets of the query as it is read, so that a year takes
// no more room than its buckets.
func crowds(ctx context.Context, tx pgx.Tx, q *trend.Query, sources []string) ([]trend.Crowd, error) {
	rows, err := tx.Query(ctx, sqlTrendCrowds, q.Event.ID, q.From, q.To, sources)
	if err != nil {
		return nil, err
	}
	var out []trend.Crowd
	var minute time.Time
	var source reaction.Source
	var sketch []byte
	var unknown int64
	_, err = pgx.ForEachRow(rows, []any{&minute, &source, &sketch, &unknown}, func() error {
		bucket := q.From.Add(minute.Sub(q.From).Truncate(q.Step))
		if n := len(out); n == 0 || !out[n-1].Minute.Equal(bucket) {
			out = append(out, trend.Crowd{Minute: bucket})
		}
		c := &out[len(out)-1]
		c.Unknown += unknown
		if sketch == nil {
			return nil
		}
		people, err := trend.ReadPeople(sketch)
		if err != nil || c.People == nil {
			c.People = people
			return err
		}
		return c.People.Merge(people)
	})
	return out, err
}

// coverage reads what was said of a window, and the last word of each live feed before it, since a
// feed that fell silent says nothing of the window at all.
func coverage(ctx context.Context, tx pgx.Tx, event int64, from, to time.Time) (spans, before []reaction.CoverageSpan, err error) {
	rows, err := tx.Query(ctx, sqlCoverage, event, from, to)
	if err != nil {
		return nil, nil, err
	}
	if spans, err = pgx.CollectRows(rows, scanCoverage); err != nil {
		return nil, nil, err
	}
	if rows, err = tx.Query(ctx, sqlTrendLastWords, event, from.Add(-trend.GoneAfter), from); err != nil {
		return nil, nil, err
	}
	before, err = pgx.CollectRows(rows, scanCoverage)
	return spans, before, err
}

func scanCoverage(row pgx.CollectableRow) (c reaction.CoverageSpan, err error) {
	err = row.Scan(&c.Source, &c.From, &c.To, &c.State, &c.Reason, &c.Feed)
	c.From, c.To = c.From.UTC(), c.To.UTC()
	return c, err
}

// serviceSamples reads the samples of an event's services, in order of time: those of its own
// replays, and, unless it is simulated, those of the real services.
func serviceSamples(ctx context.Context, tx pgx.Tx, e *reaction.Event, from, to time.Time, limit int) ([]health.Sample, error) {
	scopes, names := sampled(e)
	rows, err := tx.Query(ctx, sqlServiceSamples, scopes, names, from, to, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanSample)
}

// Samples lists at most limit samples of the event's services in [from, to), in order of time.
func (s *Store) Samples(ctx context.Context, e *reaction.Event, from, to time.Time, limit int) ([]health.Sample, error) {
	var out []health.Sample
	err := s.read(ctx, func(tx pgx.Tx) (err error) {
		out, err = serviceSamples(ctx, tx, e, from, to, limit)
		return err
	})
	return out, err
}

// Window is the extent of what is known of an event: from the earlier of its coverage and its
// planned listening to the later of its coverage and its planned end, but not past now. recorded
// tells whether replays are among its sources.
func (s *Store) Window(ctx context.Context, e *reaction.Event) (from, to time.Time, recorded bool, err error) {
	var first, last *time.Time
	var rec *bool
	if err := s.pool.QueryRow(ctx, sqlExtent, e.ID).Scan(&first, &last, &rec); err != nil {
		return from, to, false, away(err)
	}
	now := time.Now().UTC()
	from, to = e.ListenFrom, e.EndsAt
	if e.Endless() {
		from, to = now.Add(-24*time.Hour), now
	}
	if to.After(now) {
		to = now
	}
	if first != nil && (first.Before(from) || e.Endless() && last.Before(from)) {
		from = *first
	}
	if last != nil && last.After(to) {
		to = *last
	}
	if !to.After(from) {
		to = from.Add(time.Hour)
	}
	return from.UTC(), to.UTC(), rec != nil && *rec, nil
}
