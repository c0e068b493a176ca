package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/testdb"
)

// BenchmarkLiveDeletions is what a live source's deletions cost a well-filled store: 200 events that
// are over, one without an end that has 60 days of posts, a fourth of all reposts, and envelopes of 1,000 deleted posts and 50
// accounts that are gone, of which nearly all were never stored.
func BenchmarkLiveDeletions(b *testing.B) {
	s, events := manyEvents(b, 200, 60, 200)
	for _, c := range []struct{ posts, accounts int }{{1000, 0}, {0, 50}, {1000, 50}, {50, 1}} {
		b.Run(fmt.Sprintf("posts=%d/accounts=%d", c.posts, c.accounts), func(b *testing.B) {
			ch := newChain(fmt.Sprintf("live/bluesky/%d-%d-%d", c.posts, c.accounts, b.N))
			var round int
			for b.Loop() {
				env := reaction.Envelope{Listening: []int64{events[len(events)-1].ID}}
				for i := range c.posts {
					env.Deletes = append(env.Deletes, reaction.Delete{Source: reaction.Bluesky, At: time.Now(),
						ID: fmt.Sprintf("at://did:plc:%024d/app.bsky.feed.post/%013d", b.N*100000+round, i)})
				}
				for i := range c.accounts {
					d := reaction.Delete{Source: reaction.Bluesky, At: time.Now()}
					for _, e := range events {
						d.Authors = append(d.Authors, reaction.Membership{Event: e.ID, Author: reaction.Person{9, byte(i), byte(round), byte(round >> 8), byte(b.N), byte(e.ID)}})
					}
					env.Deletes = append(env.Deletes, d)
				}
				round++
				if _, err := s.Append(b.Context(), ch.commit(env)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// manyEvents makes finite events with posts each, and after them an endless one with days of them.
func manyEvents(b *testing.B, finite, days, posts int) (*postgres.Store, []*reaction.Event) {
	s, err := postgres.Open(b.Context(), postgres.Options{URL: testdb.New(b), Grace: 30 * time.Second})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	var events []*reaction.Event
	ch := newChain("live/bluesky/0")
	add := func(slug string, endless bool, at func(i int) time.Duration, n int) {
		e := &reaction.Event{Slug: slug, Title: slug, StartsAt: t0, EndsAt: t0.Add(time.Hour), Match: reaction.Match{Any: []string{"x"}}}
		if endless {
			e.EndsAt = time.Time{}
		}
		e.Normalise()
		if err := s.CreateEvent(b.Context(), e); err != nil {
			b.Fatal(err)
		}
		events = append(events, e)
		var env reaction.Envelope
		var tags []reaction.Tags
		for i := range n {
			p := post(e, fmt.Sprintf("at://did:plc:%024d/app.bsky.feed.post/%s%d", i, slug, i), at(i))
			p.Source = reaction.Bluesky
			if i%4 == 3 {
				p.Kind, p.Repeats, p.Events[0].Passed = reaction.Repost, fmt.Sprintf("at://did:plc:%024d/app.bsky.feed.post/%s%d", i-3, slug, i-3), reaction.Person{2, byte(i)}
			}
			env.Posts, tags = append(env.Posts, p), append(tags, plain())
		}
		if _, err := s.Append(b.Context(), ch.commit(env, tags...)); err != nil {
			b.Fatal(err)
		}
	}
	for i := range finite {
		add(fmt.Sprint("over-", i), false, func(i int) time.Duration { return time.Duration(i) * time.Second }, posts)
	}
	add("endless", true, func(i int) time.Duration { return time.Duration(i%days) * 24 * time.Hour }, posts*days)
	return s, events
}

// BenchmarkLiveAppend is what a live feed's envelopes of 1,000 posts cost, a third of them reposts of
// twenty posts, by 600 people: into an event without an end.
func BenchmarkLiveAppend(b *testing.B) {
	s, events := manyEvents(b, 1, 2, 10)
	e := events[len(events)-1]
	ch := newChain("live/bluesky/append")
	tags := make([]reaction.Tags, 1000)
	for i := range tags {
		tags[i] = plain()
	}
	var n int
	for b.Loop() {
		env := reaction.Envelope{Listening: []int64{e.ID}}
		for i := range tags {
			n++
			p := post(e, fmt.Sprintf("at://did:plc:%024d/app.bsky.feed.post/%d", n%600, n), time.Duration(n%86400)*time.Second)
			p.Source, p.Events[0].Author = reaction.Bluesky, reaction.Person{1, byte(n % 600), byte(n % 600 >> 8)}
			if i%3 == 0 {
				p.Kind, p.Repeats = reaction.Repost, fmt.Sprintf("at://did:plc:%024d/app.bsky.feed.post/%d", n%20, n%20)
				p.Events[0].Passed = reaction.Person{1, byte(n % 20)}
			}
			env.Posts = append(env.Posts, p)
		}
		if _, err := s.Append(b.Context(), ch.commit(env, tags...)); err != nil {
			b.Fatal(err)
		}
	}
}
