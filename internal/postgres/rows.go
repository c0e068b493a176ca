package postgres

import (
	"encoding/json"
	"fmt"
	"time"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// postColumns are the columns that a post is written with, in the order of postRow.values.
var postColumns = []string{"event_id", "source", "id", "at", "received_at", "retimed", "kind", "author", "lang", "body", "url",
	"repeats", "tagger", "complaint", "sentiment", "labels", "hashtags", "blamed", "fingerprint", "tags", "deleted_at", "edited_at", "passed",
	"late", "recorded", "claimed"}

// postRow is a post of one event, ready to be written.
type postRow struct {
	key     postKey
	post    *reaction.Matched
	tags    *reaction.Tags
	author  reaction.Person
	passed  reaction.Person // who wrote what a repost passes on
	labels  []string        // all of them, LabelPosts first
	tagKeys []string
	deleted *time.Time // a tombstone was waiting
	edited  *time.Time
	late    bool // it came after its bucket had closed
	alone   bool // it was tagged with nothing but its own event in mind
}

func (a *appending) newRow(m reaction.Membership, p *reaction.Matched, t *reaction.Tags) *postRow {
	r := &postRow{
		key:  postKey{m.Event, string(p.Source), p.ID},
		post: p, tags: t, author: m.Author,
		labels:  append(t.Labels(p.Kind, p.Retimed, a.followed[m.Event]), t.ServiceLabels(p.Kind, a.followed[m.Event])...),
		tagKeys: tagKeys(t),
	}
	if p.Kind == reaction.Repost {
		r.passed = m.Passed
	}
	r.alone = a.env.Event != 0
	// An edit that brings in a post which was never seen is told of now, whenever the post was made.
	r.late = !p.Edit && trend.Closed(reaction.Bucket(p.At).Add(reaction.BucketWidth), a.sums.clock, a.sums.grace)
	if p.Edit {
		r.edited = &p.EditedAt
	}
	return r
}

// gone marks a post as deleted at its source, at the earliest time that was told.
func (r *postRow) gone(at time.Time) {
	if r.deleted == nil || at.Before(*r.deleted) {
		r.deleted = &at
	}
}

// tagKeys lists a post's hashtags, folded and each once. What is too long to be a hashtag, and
// for an index, is left out.
func tagKeys(t *reaction.Tags) []string {
	keys := make([]string, 0, len(t.Hashtags))
next:
	for _, h := range t.Hashtags {
		if len(h.Key) > reaction.MaxTagBytes {
			continue
		}
		for _, k := range keys {
			if k == h.Key {
				continue next
			}
		}
		keys = append(keys, h.Key)
	}
	return keys
}

// storedTags is what the column tags holds: what the tagger said that has no column of its own.
type storedTags struct {
	Hashtags []reaction.Hashtag `json:"hashtags,omitempty"`
	Mentions []string           `json:"mentions,omitempty"`
	URLs     []string           `json:"urls,omitempty"`
	Cashtags []string           `json:"cashtags,omitempty"`
	Emoji    []string           `json:"emoji,omitempty"`
	Anger    float32            `json:"anger,omitempty"`
	Reasons  []reaction.Reason  `json:"reasons,omitempty"`
	// Facets are the platform's own marks, which a tagger trusts over scanning: kept for the next one.
	Facets []reaction.Facet `json:"facets,omitempty"`
}

func (t *storedTags) empty() bool {
	return len(t.Hashtags) == 0 && len(t.Mentions) == 0 && len(t.URLs) == 0 && len(t.Cashtags) == 0 && len(t.Emoji) == 0 && t.Anger == 0 &&
		len(t.Reasons) == 0 && len(t.Facets) == 0
}

// kept is what the column tags is to hold.
func (r *postRow) kept() storedTags {
	t := r.tags
	return storedTags{t.Hashtags, t.Mentions, t.URLs, t.Cashtags, t.Emoji, t.Anger, t.Reasons, r.post.Facets}
}

func (r *postRow) values() ([]any, error) {
	p, t := r.post, r.tags
	v := []any{
		r.key.event, r.key.source, r.key.id, p.At, nil, p.Retimed, int16(p.Kind), nil, t.Lang, nil, nil,
		nil, int32(t.Version), t.Complaint, t.Sentiment, r.labels[1:], r.tagKeys, nil, int64(t.Fingerprint), nil, r.deleted, r.edited, nil,
		r.late, r.alone, p.Lang,
	}
	if !p.Received.IsZero() {
		v[4] = p.Received
	}
	if r.author.Known() {
		v[7] = r.author[:]
	}
	if p.Repeats != "" {
		v[11] = p.Repeats
	}
	if r.passed.Known() {
		v[22] = r.passed[:]
	}
	if t.Blamed != "" {
		v[17] = t.Blamed
	}
	if r.deleted != nil {
		return v, nil // its words are gone at the source and are not kept
	}
	v[9] = p.Text
	if p.URL != "" {
		v[10] = p.URL
	}
	if st := r.kept(); !st.empty() {
		b, err := json.Marshal(st)
		if err != nil {
			return nil, fmt.Errorf("tags of %s %s: %w", p.Source, p.ID, err)
		}
		v[19] = b
	}
	return v, nil
}
