package postgres

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
)

const (
	sqlRetagFirst  = `SELECT at FROM posts WHERE event_id = $1 AND at >= $2 ORDER BY at LIMIT 1`
	sqlRetagNth    = `SELECT at FROM posts WHERE event_id = $1 AND at >= $2 ORDER BY at LIMIT 1 OFFSET $3`
	sqlRetagCrowds = `SELECT source, at, author, labels, once FROM posts WHERE event_id = $1 AND at >= $2 AND at < $3`
	sqlRetagBefore = `SELECT label, extract(epoch FROM minute)::bigint, source, sketch, unknown FROM crowds WHERE event_id = $1 AND minute >= $2 AND minute < $3`
	sqlRetagGone   = `DELETE FROM crowds c USING unnest($2::text[], $3::timestamptz[], $4::text[]) k(label, minute, source)
		WHERE c.event_id = $1 AND c.label = k.label AND c.minute = k.minute AND c.source = k.source`
	sqlRetagCrowd = `INSERT INTO crowds (event_id, label, minute, source, sketch, unknown)
		SELECT $1, * FROM unnest($2::text[], $3::timestamptz[], $4::text[], $5::bytea[], $6::int[])
		ON CONFLICT (event_id, label, minute, source) DO UPDATE SET sketch = EXCLUDED.sketch, unknown = EXCLUDED.unknown`

	sqlRetagTags = `SELECT tag FROM retag_tags WHERE event_id = $1 ORDER BY tag LIMIT $2`
	// A hashtag is looked for in the buckets that it is counted in.
	sqlRetagUses = `SELECT t.tag, p.source, p.id, p.at, p.author, p.tags->'hashtags' FROM
		(SELECT DISTINCT bucket FROM tag_counts WHERE event_id = $1 AND tag = ANY($2) AND gross > 0) b
		JOIN posts p ON p.event_id = $1 AND p.at >= b.bucket AND p.at < b.bucket + '10 seconds'::interval
		CROSS JOIN LATERAL (SELECT h AS tag FROM unnest(p.hashtags) h WHERE h = ANY($2)
			UNION SELECT substr(o, 2) FROM unnest(p.once) o WHERE left(o, 1) = '#' AND substr(o, 2) = ANY($2)) t`
	sqlRetagShown   = `SELECT tag, display FROM tags WHERE event_id = $1 AND tag = ANY($2)`
	sqlRetagTagGone = `DELETE FROM tags WHERE event_id = $1 AND tag = ANY($2)`
	sqlRetagTag     = `INSERT INTO tags (event_id, tag, display, first_at, first_source, first_id, sketch, unknown) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	sqlRetagClean   = `DELETE FROM retag_tags WHERE event_id = $1 AND tag = ANY($2)`
)

// How many posts one step looks at for sketches, and how many hashtags it makes again. A minute is not
// taken apart.
const (
	retagMinutePosts = 20_000
	retagTagsAtOnce  = 100
)

// RetagPeople makes the sketches of some minutes again from their posts: whoever wrote a post that
// carries a label, or carried it before it was edited, also where it is deleted now.
func (s *Store) RetagPeople(ctx context.Context, r *Retagging) error {
	return s.step(ctx, r, func(tx pgx.Tx, next *Retagging) error {
		if _, err := tx.Exec(ctx, sqlInOrder); err != nil {
			return err
		}
		from, to, err := retagMinutes(ctx, tx, r)
		if err != nil || from.IsZero() {
			if err == nil {
				next.Stage, next.at = reaction.RetagTags, time.Time{}
			}
			return err
		}
		now, err := crowdsOf(ctx, tx, r.Event, from, to)
		if err != nil {
			return err
		}
		if err := putCrowds(ctx, tx, r.Event, from, to, now); err != nil {
			return err
		}
		next.at = to
		return nil
	})
}

// retagMinutes are the next whole minutes to be made again; from is zero where no post is left.
func retagMinutes(ctx context.Context, tx pgx.Tx, r *Retagging) (from, to time.Time, err error) {
	if err = tx.QueryRow(ctx, sqlRetagFirst, r.Event, r.at).Scan(&from); errors.Is(err, pgx.ErrNoRows) {
		return time.Time{}, to, nil
	}
	if err != nil {
		return from, to, err
	}
	from = from.UTC().Truncate(time.Minute)
	err = tx.QueryRow(ctx, sqlRetagNth, r.Event, from, retagMinutePosts).Scan(&to)
	if errors.Is(err, pgx.ErrNoRows) { // what comes later came with the labels it has
		return from, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), nil
	}
	if to = to.UTC().Truncate(time.Minute); !to.After(from) {
		to = from.Add(time.Minute)
	}
	return from, to, err
}

func crowdsOf(ctx context.Context, tx pgx.Tx, event int64, from, to time.Time) (map[crowdKey]*crowd, error) {
	rows, err := tx.Query(ctx, sqlRetagCrowds, event, from, to)
	if err != nil {
		return nil, err
	}
	sums := newSums(time.Time{}, 0)
	key := postKey{event: event}
	var at time.Time
	var author []byte
	var labels, once []string
	_, err = pgx.ForEachRow(rows, []any{&key.source, &at, &author, &labels, &once}, func() error {
		var who reaction.Person
		copy(who[:], author)
		p := storedPost{labels: labels, once: once}
		sums.meet(key, reaction.LabelPosts, at, who)
		for _, l := range labels {
			sums.meet(key, l, at, who)
		}
		for _, o := range once {
			if _, l, ok := strings.Cut(o, " "); ok && o[0] != '#' && !slices.Contains(p.labels, l) {
				sums.meet(key, l, at, who)
			}
		}
		return nil
	})
	return sums.crowds, err
}

// putCrowds puts sketches in the place of those that are stored of these minutes, where they differ.
func putCrowds(ctx context.Context, tx pgx.Tx, event int64, from, to time.Time, now map[crowdKey]*crowd) error {
	rows, err := tx.Query(ctx, sqlRetagBefore, event, from, to)
	if err != nil {
		return err
	}
	var gone []crowdKey
	k := crowdKey{event: event}
	var sketch []byte
	var unknown int32
	if _, err := pgx.ForEachRow(rows, []any{&k.label, &k.minute, &k.source, &sketch, &unknown}, func() error {
		c := now[k]
		if c == nil {
			gone = append(gone, k)
			return nil
		}
		b, err := c.bytes()
		if err == nil && bytes.Equal(b, sketch) && c.unknown == unknown {
			delete(now, k)
		}
		return err
	}); err != nil {
		return err
	}
	columns := func(keys []crowdKey) (labels []string, minutes []time.Time, sources []string) {
		for _, k := range keys {
			labels, minutes, sources = append(labels, k.label), append(minutes, at(k.minute)), append(sources, k.source)
		}
		return labels, minutes, sources
	}
	labels, minutes, sources := columns(gone)
	if _, err := tx.Exec(ctx, sqlRetagGone, event, labels, minutes, sources); err != nil {
		return err
	}
	var keys []crowdKey
	var sketches [][]byte
	var unknowns []int32
	for k, c := range now {
		b, err := c.bytes()
		if err != nil {
			return err
		}
		keys, sketches, unknowns = append(keys, k), append(sketches, b), append(unknowns, c.unknown)
	}
	labels, minutes, sources = columns(keys)
	_, err = tx.Exec(ctx, sqlRetagCrowd, event, labels, minutes, sources, sketches, unknowns)
	return err
}

// RetagTags makes some of the hashtags again that posts gained or lost: who used them, and who first.
func (s *Store) RetagTags(ctx context.Context, r *Retagging) error {
	return s.step(ctx, r, func(tx pgx.Tx, next *Retagging) error {
		rows, err := tx.Query(ctx, sqlRetagTags, r.Event, retagTagsAtOnce)
		if err != nil {
			return err
		}
		tags, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		if len(tags) == 0 {
			next.Stage = reaction.RetagDone
			return nil
		}
		if err := remakeTags(ctx, tx, r.Event, tags); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, sqlRetagClean, r.Event, tags)
		return err
	})
}

func remakeTags(ctx context.Context, tx pgx.Tx, event int64, tags []string) error {
	shown, err := shownTags(ctx, tx, event, tags)
	if err != nil {
		return err
	}
	rows, err := tx.Query(ctx, sqlRetagUses, event, tags)
	if err != nil {
		return err
	}
	found := map[string]*tagSum{}
	var tag, source, id string
	var at time.Time
	var author, hashtags []byte
	if _, err := pgx.ForEachRow(rows, []any{&tag, &source, &id, &at, &author, &hashtags}, func() error {
		t := found[tag]
		if t == nil {
			t = &tagSum{}
			found[tag] = t
		}
		var who reaction.Person
		copy(who[:], author)
		t.crowd.add(who)
		if !t.earlier(at, source, id) {
			return nil
		}
		t.at, t.source, t.id = at, source, id
		t.display, err = displayOf(hashtags, tag)
		return err
	}); err != nil {
		return err
	}
	b := &pgx.Batch{}
	b.Queue(sqlRetagTagGone, event, tags)
	for _, tag := range tags {
		t := found[tag]
		if t == nil {
			continue
		}
		sketch, err := t.bytes()
		if err != nil {
			return err
		}
		b.Queue(sqlRetagTag, event, tag, cmp.Or(t.display, shown[tag], tag), t.at, t.source, t.id, sketch, t.unknown)
	}
	return tx.SendBatch(ctx, b).Close()
}

// shownTags are the forms in which tags are shown now: of posts that are deleted there is no other.
func shownTags(ctx context.Context, tx pgx.Tx, event int64, tags []string) (map[string]string, error) {
	rows, err := tx.Query(ctx, sqlRetagShown, event, tags)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	var tag, display string
	_, err = pgx.ForEachRow(rows, []any{&tag, &display}, func() error {
		out[tag] = display
		return nil
	})
	return out, err
}

// displayOf finds the form in which a post wrote a tag, "" where it is not known any more.
func displayOf(hashtags []byte, tag string) (string, error) {
	if len(hashtags) == 0 {
		return "", nil
	}
	var list []reaction.Hashtag
	if err := json.Unmarshal(hashtags, &list); err != nil {
		return "", err
	}
	for _, h := range list {
		if h.Key == tag {
			return h.Text, nil
		}
	}
	return "", nil
}
