package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
)

const (
	// What is read in the order of an index, a little at a time, must not be sorted: a planner that knows
	// nothing of a young table yet would sort all that is left each time.
	sqlInOrder    = `SELECT set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true)`
	sqlRetagPosts = `SELECT source, id, at, received_at, retimed, kind, author, lang, COALESCE(body, ''), COALESCE(url, ''), COALESCE(repeats, ''), tagger,
		complaint, sentiment, labels, hashtags, COALESCE(blamed, ''), fingerprint, tags, edited_at, late, recorded, claimed, once
		FROM posts WHERE event_id = $1 AND deleted_at IS NULL AND at >= $2 AND (at, source, id) > ($2, $3::text, $4::text)
		ORDER BY at, source, id LIMIT $5`
	// Who edits or deletes a post holds the event, as does whoever runs this.
	sqlRetagWrite = `UPDATE posts p SET lang = i.lang, tagger = i.tagger, complaint = i.complaint, sentiment = i.sentiment, labels = i.labels,
		hashtags = i.hashtags, blamed = i.blamed, fingerprint = i.fingerprint, tags = i.tags
		FROM incoming i WHERE p.event_id = $1 AND p.source = i.source AND p.id = i.id AND p.at = i.at
		AND p.deleted_at IS NULL AND p.edited_at IS NOT DISTINCT FROM i.edited_at RETURNING p.source, p.id`
	sqlRetagDirty = `INSERT INTO retag_tags (event_id, tag) SELECT $1, t FROM unnest($2::text[]) t ON CONFLICT DO NOTHING`
	// Rows that nothing is counted in any more, as if nothing ever had been.
	sqlRetagNoRollups = `DELETE FROM rollups r USING unnest($2::text[], $3::timestamptz[], $4::text[], $5::text[]) k(label, bucket, source, lang)
		WHERE r.event_id = $1 AND r.label = k.label AND r.bucket = k.bucket AND r.source = k.source AND r.lang = k.lang AND r.gross = 0 AND r.net = 0 AND r.late = 0`
	sqlRetagNoCounts = `DELETE FROM tag_counts r USING unnest($2::text[], $3::timestamptz[], $4::text[]) k(tag, bucket, source)
		WHERE r.event_id = $1 AND r.tag = k.tag AND r.bucket = k.bucket AND r.source = k.source AND r.gross = 0 AND r.net = 0`
	sqlRetagLive = `SELECT EXISTS (SELECT FROM feed_events WHERE event_id = $1 AND feed NOT LIKE 'replay/%')`
)

// RetagChunk is how many posts are tagged in one step. A post has 64 KiB at most.
const RetagChunk = 500

// RetagPost is a stored post that is to be tagged again, as its source told it.
type RetagPost struct {
	reaction.Matched
	// Alone is set where it is to be tagged with nothing but its own event in mind, as its recording was.
	Alone bool

	old   storedPost
	was   written
	older bool // stored before marks and language of the platform were kept
	fixed storedTags
}

// written is what a tagger's word was kept as.
type written struct {
	version              int32
	lang, blamed         string
	complaint, sentiment float32
	fingerprint          int64
	labels, hashtags     []string
	tags                 storedTags
}

// RetagPosts reads the next posts of a retag: none where all have been read.
func (s *Store) RetagPosts(ctx context.Context, r *Retagging) ([]RetagPost, error) {
	var live bool
	if err := s.pool.QueryRow(ctx, sqlRetagLive, r.Event).Scan(&live); err != nil {
		return nil, away(err)
	}
	var out []RetagPost
	err := s.read(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlInOrder); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, sqlRetagPosts, r.Event, r.at, r.source, r.id, RetagChunk)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (RetagPost, error) { return scanRetagPost(row, r.Event, !live) })
		return err
	})
	return out, err
}

// scanRetagPost reads a post. Of one that is older than what is kept for this, alone is guessed.
func scanRetagPost(row pgx.CollectableRow, event int64, alone bool) (p RetagPost, err error) {
	var author, tags []byte
	var edited *time.Time
	var late, recorded *bool
	var claimed *string
	var kind int16
	w := &p.was
	if err := row.Scan(&p.Source, &p.ID, &p.At, (*maybeTime)(&p.Received), &p.Retimed, &kind, &author, &w.lang, &p.Text, &p.URL, &p.Repeats, &w.version,
		&w.complaint, &w.sentiment, &w.labels, &w.hashtags, &w.blamed, &w.fingerprint, &tags, &edited, &late, &recorded, &claimed, &p.old.once); err != nil {
		return p, err
	}
	if len(tags) > 0 {
		if err := json.Unmarshal(tags, &w.tags); err != nil {
			return p, fmt.Errorf("tags of %s %s: %w", p.Source, p.ID, err)
		}
	}
	p.At, p.Kind = p.At.UTC(), reaction.Kind(kind)
	m := reaction.Membership{Event: event}
	copy(m.Author[:], author)
	p.Events = []reaction.Membership{m}
	if edited != nil {
		p.Edit, p.EditedAt = true, edited.UTC()
	}
	p.old = storedPost{
		key: postKey{event, string(p.Source), p.ID}, at: p.At, lang: w.lang, labels: w.labels, hashtags: w.hashtags,
		once: p.old.once, late: late != nil && *late, author: m.Author,
	}
	if p.Alone = alone; recorded != nil {
		p.Alone = *recorded
	}
	p.fixed.Facets = w.tags.Facets
	p.Facets = w.tags.Facets
	if p.older = claimed == nil; p.older {
		p.Facets, p.Lang = marksOf(&w.tags), w.lang
		if p.Lang == "und" {
			p.Lang = ""
		}
		return p, nil
	}
	p.Lang = *claimed
	return p, nil
}

// marksOf makes marks of what an older post was tagged with: the marks of its platform were not kept,
// and scanning would lose hashtags and addresses that are not in the text as they are meant.
func marksOf(t *storedTags) (out []reaction.Facet) {
	if len(t.Facets) > 0 {
		return t.Facets
	}
	for _, h := range t.Hashtags {
		out = append(out, reaction.Facet{Kind: reaction.FacetHashtag, Value: h.Text})
	}
	for _, m := range t.Mentions {
		out = append(out, reaction.Facet{Kind: reaction.FacetMention, Value: m})
	}
	for _, u := range t.URLs {
		out = append(out, reaction.Facet{Kind: reaction.FacetURL, Value: u})
	}
	return out
}

// RetagWrite stores the new tags of posts that RetagPosts read, with their figures. A post without tags,
// for the tagger failed at it, stays as it is; so does one that was edited or deleted meanwhile, which the
// line has tagged itself. The change says which buckets are not as they were.
func (s *Store) RetagWrite(ctx context.Context, r *Retagging, posts []RetagPost, tags []*reaction.Tags) (reaction.Change, error) {
	change := reaction.Change{Event: r.Event}
	err := s.step(ctx, r, func(tx pgx.Tx, next *Retagging) error {
		w := retagWriting{event: r.Event, sums: newSums(time.Time{}, s.grace), dirty: map[string]bool{}}
		if err := w.rows(ctx, tx, s, posts, tags); err != nil {
			return err
		}
		if err := w.write(ctx, tx); err != nil {
			return err
		}
		last := &posts[len(posts)-1]
		next.at, next.source, next.id = last.At, string(last.Source), last.ID
		next.Posts, next.Changed, next.Failed = r.Posts+int64(len(posts)), r.Changed+w.changed, r.Failed+w.failed
		change.Kinds, change.Spans = w.told()
		return nil
	})
	return change, err
}

// EndRetagPosts says that every post was read: what is made of posts comes next.
func (s *Store) EndRetagPosts(ctx context.Context, r *Retagging) error {
	return s.step(ctx, r, func(_ pgx.Tx, next *Retagging) error {
		next.Stage, next.at, next.source, next.id = reaction.RetagPeople, time.Time{}, "", ""
		return nil
	})
}

// retagWriting is one chunk of posts under way.
type retagWriting struct {
	event           int64
	sums            sums
	fresh           map[postKey]*postRow
	old             map[postKey]*storedPost
	dirty           map[string]bool // hashtags that posts gained or lost
	changed, failed int64
}

// rows makes the rows of posts whose tags are not what is stored, by the code that stores new ones.
func (w *retagWriting) rows(ctx context.Context, tx pgx.Tx, s *Store, posts []RetagPost, tags []*reaction.Tags) error {
	env := &reaction.Envelope{}
	a := &appending{store: s, env: env, commit: Commit{Envelope: env}, sums: w.sums}
	var of []*RetagPost
	for i := range posts {
		if tags[i] == nil {
			w.failed++
			continue
		}
		m := posts[i].Matched
		m.Facets = posts[i].fixed.Facets // not those that were guessed
		env.Posts, a.commit.Tags, of = append(env.Posts, m), append(a.commit.Tags, *tags[i]), append(of, &posts[i])
	}
	if err := a.lockEvents(ctx, tx); err != nil {
		return err
	}
	w.fresh, w.old = map[postKey]*postRow{}, map[postKey]*storedPost{}
	for i, p := range of {
		row := a.newRow(p.Events[0], &env.Posts[i], &a.commit.Tags[i])
		if !p.was.same(row) {
			w.fresh[row.key], w.old[row.key] = row, &p.old
		}
	}
	return nil
}

// same reports whether a row says what is stored already.
func (w *written) same(r *postRow) bool {
	t := r.tags
	return w.version == int32(t.Version) && w.lang == t.Lang && w.blamed == t.Blamed && w.complaint == t.Complaint &&
		w.sentiment == t.Sentiment && w.fingerprint == int64(t.Fingerprint) && slices.Equal(w.labels, r.labels[1:]) &&
		slices.Equal(w.hashtags, r.tagKeys) && sameTags(w.tags, r.kept())
}

// sameTags compares as they are written: an empty list and none are one.
func sameTags(a, b storedTags) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && reflect.DeepEqual(x, y)
}

// write stores the rows, and moves the figures of those that were still as they had been read.
func (w *retagWriting) write(ctx context.Context, tx pgx.Tx) error {
	if len(w.fresh) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, sqlIncoming); err != nil {
		return err
	}
	if err := copyRows(ctx, tx, "incoming", slices.Collect(maps.Values(w.fresh))); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, sqlRetagWrite, w.event)
	if err != nil {
		return err
	}
	k := postKey{event: w.event}
	if _, err := pgx.ForEachRow(rows, []any{&k.source, &k.id}, func() error {
		w.count(w.old[k], w.fresh[k])
		return nil
	}); err != nil {
		return err
	}
	w.prune()
	if err := w.sums.writeRollups(ctx, tx); err != nil {
		return err
	}
	if err := w.sums.writeTagCounts(ctx, tx); err != nil {
		return err
	}
	return w.tidy(ctx, tx)
}

// count carries a post's old figures away and its new ones in, as if it had come with these.
func (w *retagWriting) count(old *storedPost, r *postRow) {
	now := *old
	now.lang, now.labels, now.hashtags = r.tags.Lang, r.labels[1:], r.tagKeys
	w.sums.carry(old, -1)
	w.sums.carry(&now, 1)
	if !sameSet(old.labels, now.labels) {
		w.changed++
	}
	for _, t := range slices.Concat(old.hashtags, now.hashtags) {
		if !slices.Contains(old.hashtags, t) || !slices.Contains(now.hashtags, t) {
			w.dirty[t] = true
		}
	}
}

func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

// prune leaves figures alone that come out as they were.
func (w *retagWriting) prune() {
	maps.DeleteFunc(w.sums.rollups, func(_ rollupKey, v rollup) bool { return v == rollup{} })
	maps.DeleteFunc(w.sums.counts, func(_ tagCountKey, v rollup) bool { return v == rollup{} })
}

// tidy removes rows that are empty now, and notes the hashtags that are to be made again.
func (w *retagWriting) tidy(ctx context.Context, tx pgx.Tx) error {
	var labels, sources, langs, tags, tagSources []string
	var buckets, tagBuckets []time.Time
	for k, v := range w.sums.rollups {
		if v.gross < 0 || v.net < 0 || v.late < 0 {
			labels, buckets, sources, langs = append(labels, k.label), append(buckets, at(k.bucket)), append(sources, k.source), append(langs, k.lang)
		}
	}
	for k, v := range w.sums.counts {
		if v.gross < 0 || v.net < 0 {
			tags, tagBuckets, tagSources = append(tags, k.tag), append(tagBuckets, at(k.bucket)), append(tagSources, k.source)
		}
	}
	if _, err := tx.Exec(ctx, sqlRetagNoRollups, w.event, labels, buckets, sources, langs); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, sqlRetagNoCounts, w.event, tags, tagBuckets, tagSources); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, sqlRetagDirty, w.event, slices.Sorted(maps.Keys(w.dirty)))
	return err
}

// told says what changed, for those who follow.
func (w *retagWriting) told() (kinds reaction.Changed, spans reaction.Spans) {
	buckets := map[int64]bool{}
	for k := range w.sums.rollups {
		kinds |= reaction.ChangedPosts
		buckets[k.bucket] = true
	}
	for k := range w.sums.counts {
		kinds |= reaction.ChangedTags
		buckets[k.bucket] = true
	}
	return kinds, bucketSpans(buckets)
}
