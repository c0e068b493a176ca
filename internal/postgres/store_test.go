package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/testdb"
	"outcry/internal/trend"
)

var t0 = time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)

func open(t *testing.T) (*postgres.Store, string) {
	t.Helper()
	url := testdb.New(t)
	s, err := postgres.Open(t.Context(), postgres.Options{URL: url, Grace: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, url
}

func newEvent(t *testing.T, s *postgres.Store, slug string, change ...func(*reaction.Event)) *reaction.Event {
	t.Helper()
	e := &reaction.Event{Slug: slug, Title: "A test of " + slug, StartsAt: t0, EndsAt: t0.Add(2 * time.Hour),
		Match: reaction.Match{Any: []string{"stream"}}}
	for _, f := range change {
		f(e)
	}
	e.Normalise()
	if p := e.Validate(); len(p) > 0 {
		t.Fatal(p)
	}
	if err := s.CreateEvent(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	return e
}

// chain hands out commits of one feed as the log would: each with the sequence before it.
type chain struct {
	feed reaction.Feed
	last uint64
	next *uint64 // the log's counter, shared by feeds
}

func newChain(feed string) *chain { return &chain{feed: reaction.Feed(feed), next: new(uint64)} }

func (c *chain) commit(env reaction.Envelope, tags ...reaction.Tags) postgres.Commit {
	*c.next++
	env.Feed = c.feed
	out := postgres.Commit{Epoch: "e1", Seq: *c.next, Prev: c.last, Envelope: &env, Tags: tags}
	c.last = *c.next
	return out
}

func post(e *reaction.Event, id string, after time.Duration) reaction.Matched {
	return reaction.Matched{
		Post:   reaction.Post{Source: reaction.X, ID: id, At: t0.Add(after), Text: "the stream " + id, Lang: "en"},
		Events: []reaction.Membership{{Event: e.ID, Author: reaction.Person{1, byte(len(id)), id[len(id)-1]}}},
	}
}

func complaint(tags ...string) reaction.Tags {
	t := reaction.Tags{Version: 1, Lang: "en", IsComplaint: true, Complaint: 0.9, Symptoms: reaction.NoAudio,
		Reasons: []reaction.Reason{{Tag: "complaint", Match: "no audio", End: 8, Rule: "test"}}}
	for _, tag := range tags {
		t.Hashtags = append(t.Hashtags, reaction.Hashtag{Text: tag, Key: tag})
	}
	return t
}

func plain() reaction.Tags { return reaction.Tags{Version: 1, Lang: "en"} }

func covered(from, to time.Duration) []reaction.Coverage {
	return []reaction.Coverage{{Source: reaction.X, From: t0.Add(from), To: t0.Add(to), State: reaction.CoverageLive}}
}

func appendAll(t *testing.T, s *postgres.Store, c postgres.Commit) postgres.Appended {
	t.Helper()
	did, err := s.Append(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return did
}

// sum adds up one series of an event over the two hours after t0.
func sum(t *testing.T, s *postgres.Store, e *reaction.Event, name trend.Name) float64 {
	t.Helper()
	r, err := s.Trend(t.Context(), trend.Query{Event: e, Series: []trend.Name{name}, From: t0.Add(-24 * time.Hour), To: t0.Add(72 * time.Hour), Step: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	total := 0.0
	for _, p := range r.Series[0].Points {
		switch {
		case p.Value != nil:
			total += *p.Value
		case p.AtLeast != nil:
			total += *p.AtLeast
		}
	}
	return total
}

func want(t *testing.T, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
