package postgres_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

func deletion(ids ...string) reaction.Envelope {
	var env reaction.Envelope
	for _, id := range ids {
		env.Deletes = append(env.Deletes, reaction.Delete{Source: reaction.X, ID: id, At: t0.Add(time.Hour)})
	}
	return env
}

// A source that is followed again from an earlier cursor tells of a post once more after it told of
// its deletion.
func TestADeletedPostStaysDeletedWhenItIsToldAgain(t *testing.T) {
	for _, change := range []func(*reaction.Event){func(*reaction.Event) {}, endless} {
		s, url := open(t)
		e := newEvent(t, s, "rewind", change)
		ch := newChain("live/x/0")
		create := reaction.Envelope{Posts: []reaction.Matched{post(e, "a", 0)}}
		appendAll(t, s, ch.commit(create, complaint("x")))
		want(t, "deleted", appendAll(t, s, ch.commit(deletion("a"))).Deletes, 1)
		for range 2 {
			want(t, "stored again", appendAll(t, s, ch.commit(create, complaint("x"))).Stored, 0)
		}
		edit := post(e, "a", 0)
		edit.Edit, edit.EditedAt = true, t0.Add(2*time.Hour)
		appendAll(t, s, ch.commit(reaction.Envelope{Posts: []reaction.Matched{edit}}, plain()))
		// An envelope may hold all of it.
		all := deletion("b")
		all.Posts = []reaction.Matched{post(e, "b", 0), post(e, "b", 0)}
		did := appendAll(t, s, ch.commit(all, plain(), plain()))
		want(t, "stored and deleted at once", []int{did.Stored, did.Deletes}, []int{1, 1})
		want(t, "posts", sum(t, s, e, trend.Posts), 0)
		want(t, "texts", count(t, url, "SELECT count(*) FROM posts WHERE body IS NOT NULL"), 0)
		want(t, "gross", count(t, url, "SELECT sum(gross) FROM rollups WHERE label = 'posts'"), 2)
	}
}

// What a live source says is gone is gone from recordings of real events too, and a deletion that met
// its post in one event holds in another.
func TestALiveDeletionReachesRecordings(t *testing.T) {
	s, _ := open(t)
	e, drill, next := newEvent(t, s, "recorded"), newEvent(t, s, "drill", func(e *reaction.Event) { e.Simulated = true }), newEvent(t, s, "next")
	appendAll(t, s, newChain("replay/1/a").commit(reaction.Envelope{Event: e.ID, Posts: []reaction.Matched{post(e, "a", 0)}}, plain()))
	appendAll(t, s, newChain("replay/2/a").commit(reaction.Envelope{Event: drill.ID, Posts: []reaction.Matched{post(drill, "a", 0)}}, plain()))
	want(t, "deleted", appendAll(t, s, newChain("live/x/0").commit(deletion("a"))).Deletes, 1)
	did := appendAll(t, s, newChain("replay/3/a").commit(reaction.Envelope{Event: next.ID, Posts: []reaction.Matched{post(next, "a", 0)}}, plain()))
	want(t, "deleted in a recording that comes later", did.Deletes, 1)
	for e, n := range map[*reaction.Event]int{e: 0, next: 0, drill: 1} {
		want(t, "posts of "+e.Slug, sum(t, s, e, trend.Posts), n)
	}
}

func TestAnAccountThatIsGoneIsRememberedWhereItCanStillPost(t *testing.T) {
	s, url := open(t)
	live, over := newEvent(t, s, "live", endless), newEvent(t, s, "over")
	var who []reaction.Membership
	for _, e := range []*reaction.Event{live, over} {
		who = append(who, reaction.Membership{Event: e.ID, Author: post(e, "a", 0).Events[0].Author})
	}
	ch := newChain("live/x/0")
	appendAll(t, s, ch.commit(reaction.Envelope{Posts: []reaction.Matched{post(live, "a", 0), post(over, "a", 0)}}, plain(), plain()))
	gone := reaction.Envelope{Deletes: []reaction.Delete{{Source: reaction.X, At: t0.Add(time.Hour), Authors: who}}}
	want(t, "deleted in both", appendAll(t, s, ch.commit(gone)).Deletes, 2)
	want(t, "remembered", count(t, url, "SELECT count(*) FROM gone_authors"), 1)
}

// A clock that is ahead saves no post from going with its author: it was heard before.
func TestAnAuthorsClockThatIsAheadSavesNothing(t *testing.T) {
	s, _ := open(t)
	e := newEvent(t, s, "live", endless)
	ahead := func(id string) reaction.Matched {
		p := post(e, id, 4*time.Minute)
		p.Received, p.Events[0].Author = t0, reaction.Person{9}
		return p
	}
	ch := newChain("live/bluesky/0")
	gone := reaction.Envelope{Deletes: []reaction.Delete{{Source: reaction.X, At: t0.Add(time.Minute), Authors: ahead("a").Events}}}
	appendAll(t, s, ch.commit(reaction.Envelope{Posts: []reaction.Matched{ahead("a")}}, plain()))
	want(t, "deleted that was stored before", appendAll(t, s, ch.commit(gone)).Deletes, 1)
	gone.Posts = []reaction.Matched{ahead("b")}
	want(t, "deleted that came along", appendAll(t, s, ch.commit(gone, plain())).Deletes, 1)
	appendAll(t, s, ch.commit(reaction.Envelope{Posts: []reaction.Matched{ahead("c")}}, plain()))
	want(t, "posts", sum(t, s, e, trend.Posts), 0)
	back := ahead("d")
	back.Received = t0.Add(2 * time.Minute)
	appendAll(t, s, ch.commit(reaction.Envelope{Posts: []reaction.Matched{back}}, plain()))
	want(t, "posts of who came back", sum(t, s, e, trend.Posts), 1)
}

// A deletion and its post, told by two feeds at once, leave nothing standing, whichever is first.
func TestADeletionAndItsPostAtOnce(t *testing.T) {
	s, url := open(t)
	e := newEvent(t, s, "race", endless)
	const rounds = 40
	posts, deletes := newChain("live/x/0"), newChain("live/x/1")
	var wg sync.WaitGroup
	for _, tell := range []func(i int) error{
		func(i int) error {
			p := post(e, fmt.Sprint("p", i), 0)
			_, err := s.Append(t.Context(), posts.commit(reaction.Envelope{Posts: []reaction.Matched{p}}, complaint("x")))
			return err
		},
		func(i int) error {
			_, err := s.Append(t.Context(), deletes.commit(deletion(fmt.Sprint("p", i))))
			return err
		},
	} {
		wg.Go(func() {
			for i := range rounds {
				if err := tell(i); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	want(t, "posts", count(t, url, "SELECT count(*) FROM posts"), rounds)
	want(t, "posts left standing", count(t, url, "SELECT count(*) FROM posts WHERE deleted_at IS NULL OR body IS NOT NULL"), 0)
	want(t, "net", count(t, url, "SELECT sum(net) FROM rollups"), 0)
	want(t, "gross", count(t, url, "SELECT sum(gross) FROM rollups WHERE label = 'posts'"), rounds)
}
