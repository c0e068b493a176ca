package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
)

const sqlPosts = `SELECT source, id, at, received_at, retimed, kind, lang, body, url, repeats, tagger, complaint, sentiment,
		labels, blamed, fingerprint, tags, deleted_at
	FROM posts WHERE event_id = $1
	AND (cardinality($2::text[]) = 0 OR labels @> $2) AND ($3 = '' OR $3 = ANY(hashtags))
	AND (cardinality($4::text[]) = 0 OR body ILIKE ALL ($4)) AND ($5 = '' OR source = $5) AND ($6 = '' OR lang = $6)
	AND ($7::timestamptz IS NULL OR at >= $7) AND ($8::timestamptz IS NULL OR at < $8)
	AND ($9::timestamptz IS NULL OR (at, source, id) < ($9, $10::text, $11::text))
	ORDER BY at DESC, source DESC, id DESC LIMIT $12`

// Posts lists the posts of an event that pass the query's filters, newest first. Posts deleted at
// their source are listed without their text.
func (s *Store) Posts(ctx context.Context, q reaction.PostQuery) ([]reaction.StoredPost, error) {
	var labels []string
	if q.Label != "" && q.Label != reaction.LabelPosts {
		labels = append(labels, q.Label)
	}
	if q.Symptom != "" {
		labels = append(labels, reaction.SymptomPrefix+q.Symptom)
	}
	words := []string{}
	for w := range strings.FieldsSeq(q.Text) {
		words = append(words, "%"+likeEscaper.Replace(w)+"%")
	}
	var from, to, after *time.Time
	var source, id string
	if !q.From.IsZero() {
		from = &q.From
	}
	if !q.To.IsZero() {
		to = &q.To
	}
	if q.After != nil {
		after, source, id = &q.After.At, string(q.After.Source), q.After.ID
	}
	rows, err := s.pool.Query(ctx, sqlPosts, q.Event.ID, append([]string{}, labels...), q.Tag, words, string(q.Source), q.Lang,
		from, to, after, source, id, q.Limit)
	if err != nil {
		return nil, away(err)
	}
	out, err := pgx.CollectRows(rows, scanPost)
	if err != nil {
		return nil, away(fmt.Errorf("posts of %s: %w", q.Event.Slug, err))
	}
	return out, nil
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func scanPost(row pgx.CollectableRow) (p reaction.StoredPost, err error) {
	var received *time.Time
	var kind int16
	var body, url, repeats, blamed *string
	var labels []string
	var fingerprint int64
	var tags []byte
	t := &p.Tags
	if err := row.Scan(&p.Source, &p.ID, &p.At, &received, &p.Retimed, &kind, &t.Lang, &body, &url, &repeats, &t.Version,
		&t.Complaint, &t.Sentiment, &labels, &blamed, &fingerprint, &tags, &p.DeletedAt); err != nil {
		return p, err
	}
	p.At, p.Kind, p.Lang, t.Fingerprint = p.At.UTC(), reaction.Kind(kind), t.Lang, uint64(fingerprint)
	if received != nil {
		p.Received = received.UTC()
	}
	p.Text, p.URL, p.Repeats, t.Blamed = text(body), text(url), text(repeats), text(blamed)
	t.IsComplaint = slices.Contains(labels, reaction.LabelComplaint) || slices.Contains(labels, reaction.LabelElsewhere)
	t.FirstHand = slices.Contains(labels, reaction.LabelFirstHand)
	t.Recovery = slices.Contains(labels, reaction.LabelRecovery)
	for _, l := range labels {
		if name, ok := strings.CutPrefix(l, reaction.SymptomPrefix); ok {
			if sym, err := reaction.ParseSymptom(name); err == nil {
				t.Symptoms |= sym
			}
		}
	}
	for _, l := range labels {
		if name, ok := strings.CutPrefix(l, reaction.ServicePrefix); ok {
			t.Services = append(t.Services, name)
		}
	}
	if len(tags) == 0 {
		return p, nil
	}
	var st storedTags
	if err := json.Unmarshal(tags, &st); err != nil {
		return p, fmt.Errorf("tags of %s %s: %w", p.Source, p.ID, err)
	}
	t.Hashtags, t.Mentions, t.URLs, t.Reasons = st.Hashtags, st.Mentions, st.URLs, st.Reasons
	t.Cashtags, t.Emoji, t.Anger = st.Cashtags, st.Emoji, st.Anger
	return p, nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
