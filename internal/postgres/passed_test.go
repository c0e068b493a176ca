package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/testdb"
	"outcry/internal/trend"
	"outcry/migrations"
)

var writer = reaction.Person{7, 7, 7}

// passedOn is a repost of a post by writer, which the event may or may not hold.
func passedOn(e *reaction.Event, id, original string, after time.Duration) reaction.Matched {
	p := post(e, id, after)
	p.Kind, p.Repeats, p.Events[0].Passed = reaction.Repost, original, writer
	return p
}

func wordsOf(t *testing.T, url, id string) int64 {
	t.Helper()
	return count(t, url, fmt.Sprintf("SELECT count(*) FROM posts WHERE id = '%s' AND (deleted_at IS NULL OR body IS NOT NULL OR url IS NOT NULL OR tags IS NOT NULL)", id))
}

// What a post says goes from its reposts too, whoever takes it back, by which way and when: with a post
// that was never stored as well, and in every event.
func TestRepostsGoWithWhatTheyPassOn(t *testing.T) {
	byPost := func(...*reaction.Event) reaction.Envelope { return deletion("o") }
	byAccount := func(events ...*reaction.Event) reaction.Envelope {
		d := reaction.Delete{Source: reaction.X, At: t0.Add(50 * time.Hour)}
		for _, e := range events {
			d.Authors = append(d.Authors, reaction.Membership{Event: e.ID, Author: writer})
		}
		return reaction.Envelope{Deletes: []reaction.Delete{d}}
	}
	for what, gone := range map[string]func(...*reaction.Event) reaction.Envelope{"post": byPost, "account": byAccount} {
		for _, order := range []string{"after", "before", "along"} {
			for _, stored := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s/%s/stored=%v", what, order, stored), func(t *testing.T) {
					s, url := open(t)
					day, over := newEvent(t, s, "day", endless), newEvent(t, s, "over", func(e *reaction.Event) { e.EndsAt, e.Status = time.Time{}, reaction.Live })
					ch := newChain("live/x/0")
					quote := passedOn(day, "q", "o", time.Minute)
					quote.Kind = reaction.Quote
					posts := []reaction.Matched{passedOn(day, "r1", "o", time.Minute), passedOn(day, "r2", "o", 30*time.Hour), passedOn(over, "r3", "o", time.Hour),
						passedOn(day, "else", "another", time.Minute), quote}
					posts[3].Events[0].Passed = reaction.Person{8}
					if stored {
						o := post(day, "o", 0)
						o.Events[0].Author = writer
						posts = append(posts, o)
					}
					create := reaction.Envelope{Posts: posts}
					tags := make([]reaction.Tags, len(posts))
					for i := range tags {
						tags[i] = complaint("x")
					}
					away := gone(day, over)
					switch order {
					case "after":
						appendAll(t, s, ch.commit(create, tags...))
						want(t, "deleted", appendAll(t, s, ch.commit(away)).Deletes, len(posts)-2)
					case "before":
						appendAll(t, s, ch.commit(away))
						want(t, "deleted", appendAll(t, s, ch.commit(create, tags...)).Deletes, len(posts)-2)
					case "along":
						away.Posts = posts
						want(t, "deleted", appendAll(t, s, ch.commit(away, tags...)).Deletes, len(posts)-2)
					}
					appendAll(t, s, ch.commit(create, tags...)) // and once more
					for _, id := range []string{"r1", "r2", "r3", "o"} {
						want(t, "words of "+id, wordsOf(t, url, id), 0)
					}
					want(t, "words of a repost of another post, and of a quote", wordsOf(t, url, "else")+wordsOf(t, url, "q"), 2)
					want(t, "posts", sum(t, s, day, trend.Posts)+sum(t, s, over, trend.Posts), 2)
					want(t, "gross", count(t, url, "SELECT sum(gross) FROM rollups WHERE label = 'posts'"), len(posts))
				})
			}
		}
	}
}

// Where nobody says whose words a repost passes on, it goes with an account whose post is stored beside
// it; what was passed on after the account had gone stays, as its own later posts do.
func TestRepostsOfNobodyKnownGoWithThePost(t *testing.T) {
	s, url := open(t)
	e := newEvent(t, s, "unnamed")
	o, early, late := post(e, "o", 0), passedOn(e, "r1", "o", time.Minute), passedOn(e, "r2", "o", 3*time.Hour)
	o.Events[0].Author, early.Events[0].Passed, late.Events[0].Passed = writer, reaction.Person{}, reaction.Person{}
	ch := newChain("live/x/0")
	appendAll(t, s, ch.commit(reaction.Envelope{Posts: []reaction.Matched{o, early, late}}, plain(), plain(), plain()))
	gone := reaction.Envelope{Deletes: []reaction.Delete{{Source: reaction.X, At: t0.Add(time.Hour), Authors: []reaction.Membership{{Event: e.ID, Author: writer}}}}}
	want(t, "deleted", appendAll(t, s, ch.commit(gone)).Deletes, 2)
	want(t, "words of the later one", wordsOf(t, url, "r2"), 1)
	want(t, "words of the others", wordsOf(t, url, "r1")+wordsOf(t, url, "o"), 0)
}

// A deletion that met only a repost holds for long, as one that met its post.
func TestADeletionThatMetARepostIsMet(t *testing.T) {
	s, url := open(t)
	e := newEvent(t, s, "met")
	ch := newChain("live/x/0")
	appendAll(t, s, ch.commit(reaction.Envelope{Posts: []reaction.Matched{passedOn(e, "r", "o", 0)}}, plain()))
	appendAll(t, s, ch.commit(deletion("o", "never seen")))
	appendAll(t, s, ch.commit(deletion("p")))
	appendAll(t, s, ch.commit(reaction.Envelope{Posts: []reaction.Matched{passedOn(e, "r2", "p", 0)}}, plain()))
	want(t, "marks that were met", count(t, url, "SELECT count(*) FROM gone_posts WHERE met"), 2)
}

// A live deletion reaches reposts in recordings; one of a recording stays with its event.
func TestDeletionsReachRepostsOfRecordings(t *testing.T) {
	s, url := open(t)
	a, b := newEvent(t, s, "a"), newEvent(t, s, "b")
	for e, id := range map[*reaction.Event]string{a: "ra", b: "rb"} {
		appendAll(t, s, newChain("replay/"+id+"/a").commit(reaction.Envelope{Event: e.ID, Posts: []reaction.Matched{passedOn(e, id, "o", 0), passedOn(e, id+"2", "p", 0)}}, plain(), plain()))
	}
	own := deletion("o")
	own.Event = a.ID
	want(t, "deleted by the recording itself", appendAll(t, s, newChain("replay/3/a").commit(own)).Deletes, 1)
	want(t, "words left in the other", wordsOf(t, url, "rb"), 1)
	want(t, "deleted by a live source", appendAll(t, s, newChain("live/x/0").commit(deletion("o"))).Deletes, 1)
	gone := reaction.Envelope{Deletes: []reaction.Delete{{Source: reaction.X, At: t0.Add(time.Hour), Authors: []reaction.Membership{{Event: a.ID, Author: writer}, {Event: b.ID, Author: writer}}}}}
	want(t, "deleted with the account", appendAll(t, s, newChain("live/x/1").commit(gone)).Deletes, 2)
}

// A place lasts as long as the latest of what lies there, and leads to people by hashes alone.
func TestAPlaceLastsAsLongAsWhatLiesThere(t *testing.T) {
	s, url := open(t)
	e := newEvent(t, s, "days", endless)
	ch := newChain("live/x/0")
	for i := range 3 {
		p := passedOn(e, fmt.Sprint("r", i), "o", time.Duration(i)*24*time.Hour)
		p.Events[0].Author = reaction.Person{1}
		appendAll(t, s, ch.commit(reaction.Envelope{Posts: []reaction.Matched{p}}, plain()))
	}
	testdb.Exec(t, url, fmt.Sprintf("UPDATE events SET posts_from = '%s'", t0.AddDate(0, 0, 2).Format(time.DateOnly)))
	if err := s.Prune(t.Context(), postgres.Memory{Deletions: time.Hour, Met: time.Hour, Counts: time.Hour, Audit: time.Hour}, time.Now()); err != nil {
		t.Fatal(err)
	}
	want(t, "places left: a post, what it passes on, and two people", count(t, url, "SELECT count(*) FROM places"), 4)
	gone := reaction.Envelope{Deletes: []reaction.Delete{{Source: reaction.X, At: t0.Add(100 * time.Hour), Authors: []reaction.Membership{{Event: e.ID, Author: reaction.Person{1}}}}}}
	want(t, "deleted with who reposted", appendAll(t, s, ch.commit(gone)).Deletes, 3)
}

// A database from before reposts went with their originals is put right.
func TestOlderRepostsAreFound(t *testing.T) {
	s, url := open(t)
	e, daily := newEvent(t, s, "older"), newEvent(t, s, "daily", endless)
	ch := newChain("live/x/0")
	appendAll(t, s, ch.commit(deletion("gone")))
	appendAll(t, s, ch.commit(reaction.Envelope{Posts: []reaction.Matched{passedOn(e, "r1", "o", 0), passedOn(daily, "r2", "gone?", 0)}}, plain(), plain()))
	migration, err := migrations.FS.ReadFile("00008_passed.sql")
	if err != nil {
		t.Fatal(err)
	}
	testdb.Exec(t, url, "UPDATE posts SET repeats = 'gone' WHERE id = 'r2'") // what an older program stored
	testdb.Exec(t, url, "ALTER TABLE posts DROP passed; ALTER TABLE feed_ahead DROP restart; DELETE FROM places")
	testdb.Exec(t, url, string(migration))
	want(t, "words of what was gone", count(t, url, "SELECT count(*) FROM posts WHERE id = 'r2' AND body IS NOT NULL"), 0)
	want(t, "words of the others", count(t, url, "SELECT count(*) FROM posts WHERE body IS NOT NULL"), 1)
	s2, err := postgres.Open(t.Context(), postgres.Options{URL: url, Grace: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer s2.Close()
	want(t, "deleted", appendAll(t, s2, ch.commit(deletion("o"))).Deletes, 1)
	who := reaction.Delete{Source: reaction.X, At: t0.Add(time.Hour), Authors: []reaction.Membership{{Event: daily.ID, Author: passedOn(daily, "r2", "", 0).Events[0].Author}}}
	want(t, "deleted with the account", appendAll(t, s2, ch.commit(reaction.Envelope{Deletes: []reaction.Delete{who}})).Deletes, 1)
}
