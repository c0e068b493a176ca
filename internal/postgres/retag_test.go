package postgres_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/health"
	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// drawnTagger is a pure tagger whose word depends on its version and on all that a source tells of a
// post. The fingerprint depends on the text alone, so that versions of a post can be told apart.
func drawnTagger(version int, p *reaction.Post) reaction.Tags {
	h := fnv.New64a()
	fmt.Fprint(h, p.Text)
	r := rand.New(rand.NewPCG(h.Sum64(), uint64(version)))
	t := reaction.Tags{
		Version: version, Lang: []string{"en", "ko", "und"}[r.IntN(3)], IsComplaint: r.IntN(2) == 0, FirstHand: r.IntN(2) == 0, Recovery: r.IntN(4) == 0,
		Symptoms: reaction.Symptoms(1) << r.IntN(9), Sentiment: r.Float32(), Fingerprint: h.Sum64(),
		Reasons: []reaction.Reason{{Tag: "complaint", Match: fmt.Sprint(version), Rule: "drawn"}},
	}
	if p.Lang != "" && r.IntN(2) == 0 {
		t.Lang = p.Lang
	}
	if r.IntN(2) == 0 {
		t.Services = []string{"Rooms"}
		t.Accused = t.Services[:r.IntN(2)]
	}
	for _, f := range p.Facets {
		t.Hashtags = append(t.Hashtags, reaction.Hashtag{Text: strings.ToUpper(f.Value), Key: strings.ToLower(f.Value)})
	}
	for _, k := range []string{"a", "b", "c"} {
		if r.IntN(3) == 0 {
			t.Hashtags = append(t.Hashtags, reaction.Hashtag{Text: strings.ToUpper(k), Key: k})
		}
	}
	return t
}

// drawnFeeds draws what feeds bring of two events: posts and repeats, late and early, edits, deletions of
// posts and of accounts.
func drawnFeeds(r *rand.Rand, n int, events ...*reaction.Event) []reaction.Envelope {
	out := make([]reaction.Envelope, n)
	for i := range out {
		env := &out[i]
		env.Clock = t0.Add(time.Duration(i*4) * time.Minute)
		for _, e := range events {
			env.Listening = append(env.Listening, e.ID)
		}
		for range r.IntN(25) {
			k := r.IntN(90)
			p := post(events[k%len(events)], fmt.Sprint("id", k), time.Duration(k)*97*time.Second)
			p.Text = fmt.Sprintf("post %d, version %d of %d", k, len(env.Posts), i) // no two are alike
			p.Edit, p.EditedAt = r.IntN(4) == 0, t0.Add(time.Duration(r.IntN(1000))*time.Minute)
			p.Lang = []string{"", "en", "ko"}[k%3]
			p.Source = []reaction.Source{reaction.X, reaction.Bluesky}[k%5/4]
			p.Retimed = k%11 == 0
			if k%7 == 0 {
				p.Kind = reaction.Repost
			}
			if k%6 == 0 {
				p.Facets = []reaction.Facet{{Kind: reaction.FacetHashtag, Value: fmt.Sprint("marked", k%3)}}
			}
			p.Events[0].Author = reaction.Person{1, byte(k % 13)}
			if k%13 == 0 {
				p.Events[0].Author = reaction.Person{}
			}
			env.Posts = append(env.Posts, p)
		}
		for range r.IntN(3) {
			env.Deletes = append(env.Deletes, reaction.Delete{Source: reaction.X, ID: fmt.Sprint("id", r.IntN(90)), At: t0.Add(time.Hour)})
		}
		if r.IntN(8) == 0 {
			e := events[r.IntN(len(events))]
			env.Deletes = append(env.Deletes, reaction.Delete{Source: reaction.X, At: t0.Add(time.Duration(r.IntN(90)) * time.Minute),
				Authors: []reaction.Membership{{Event: e.ID, Author: reaction.Person{1, byte(1 + r.IntN(12))}}}})
		}
	}
	return out
}

func tagAll(env *reaction.Envelope, version func(*reaction.Post) int) (out []reaction.Tags) {
	for i := range env.Posts {
		out = append(out, drawnTagger(version(&env.Posts[i].Post), &env.Posts[i].Post))
	}
	return out
}

// retag does every retag to its end, and calls between after each step and within it.
func retag(t *testing.T, s *postgres.Store, version int, between func()) {
	t.Helper()
	for list := []postgres.Retagging{{}}; len(list) > 0; between() {
		var err error
		if list, err = s.Retags(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(list) > 0 {
			retagStep(t, s, &list[0], version, between)
		}
	}
}

func retagStep(t *testing.T, s *postgres.Store, r *postgres.Retagging, version int, between func()) {
	t.Helper()
	var err error
	switch r.Stage {
	case reaction.RetagPosts:
		var posts []postgres.RetagPost
		if posts, err = s.RetagPosts(t.Context(), r); err == nil && len(posts) == 0 {
			err = s.EndRetagPosts(t.Context(), r)
		} else if err == nil {
			posts = posts[:min(len(posts), 7)] // small steps: what comes in between has many places to come
			tags := make([]*reaction.Tags, len(posts))
			for i := range posts {
				got := drawnTagger(version, &posts[i].Post)
				tags[i] = &got
			}
			between()
			_, err = s.RetagWrite(t.Context(), r, posts, tags)
		}
	case reaction.RetagPeople:
		err = s.RetagPeople(t.Context(), r)
	case reaction.RetagTags:
		err = s.RetagTags(t.Context(), r)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// figuresOf writes down everything that is counted, and what posts are tagged with.
func figuresOf(t *testing.T, url string) []string {
	t.Helper()
	c := connect(t, url)
	var out []string
	for _, q := range []string{
		`SELECT 'rollup', event_id, label, bucket, source, lang, gross, net, late FROM rollups WHERE (gross, net, late) <> (0, 0, 0)`,
		`SELECT 'count', event_id, tag, bucket, source, gross, net FROM tag_counts WHERE (gross, net) <> (0, 0)`,
		`SELECT 'crowd', event_id, label, minute, source, unknown, sketch FROM crowds`,
		`SELECT 'tag', event_id, tag, display, first_at, first_source, first_id, unknown, sketch FROM tags`,
		`SELECT 'post', event_id, source, id, body, lang, tagger, sentiment, labels, hashtags, fingerprint, tags, once, late, claimed FROM posts`,
	} {
		rows, err := c.Query(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
			v, err := row.Values()
			for i := range v {
				if b, ok := v[i].([]byte); ok { // a sketch may be written in more than one way
					p, err := trend.ReadPeople(b)
					if err != nil {
						return "", err
					}
					v[i] = p.Count()
				}
			}
			return fmt.Sprint(v...), err
		})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, list...)
	}
	slices.Sort(out)
	return out
}

func sameFigures(t *testing.T, what string, got, want []string) {
	t.Helper()
	shown := 0
	for _, l := range got {
		if !slices.Contains(want, l) && shown < 10 {
			t.Errorf("%s: has %s", what, l)
			shown++
		}
	}
	for _, l := range want {
		if !slices.Contains(got, l) && shown < 20 {
			t.Errorf("%s: lacks %s", what, l)
			shown++
		}
	}
}

func retagEvents(t *testing.T, s *postgres.Store) []*reaction.Event {
	rooms := func(e *reaction.Event) { e.Services = []health.Service{{Name: "Rooms"}} }
	return []*reaction.Event{newEvent(t, s, "a", rooms), newEvent(t, s, "b", rooms, func(e *reaction.Event) { e.EndsAt = time.Time{} })}
}

// Whatever came, a retag with the same tagger changes nothing, and one with another tagger leaves what
// there would be if that tagger had been there from the beginning: also of what comes while it is under
// way. The words of deleted posts and of earlier versions are gone: these keep the labels they had.
func TestARetagEqualsAFreshIngest(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			s, url := open(t)
			r := rand.New(rand.NewPCG(seed, 5))
			events := retagEvents(t, s)
			all := drawnFeeds(r, 40, events...)
			feeds := func() func(int, *postgres.Store, []reaction.Tags) {
				chains := []*chain{newChain("live/x/0"), newChain("live/bluesky/0")}
				return func(i int, s *postgres.Store, tags []reaction.Tags) {
					env := all[i]
					appendAll(t, s, chains[i%2].commit(env, tags...))
				}
			}
			feed := feeds()
			before := func(*reaction.Post) int { return 1 }
			for i := range 25 {
				feed(i, s, tagAll(&all[i], before))
			}
			begin := func(version int) {
				for _, e := range events {
					if _, err := s.BeginRetag(t.Context(), e, version, t0); err != nil {
						t.Fatal(err)
					}
				}
			}
			was := figuresOf(t, url)
			begin(1)
			retag(t, s, 1, func() {})
			sameFigures(t, "the same tagger", figuresOf(t, url), was)
			for _, e := range events {
				got, err := s.Retag(t.Context(), e)
				if err != nil || !got.Done() || got.Changed != 0 || got.Posts == 0 {
					t.Errorf("the same tagger: %+v, %v", got, err)
				}
			}

			next := 25
			newer := map[int64]bool{} // versions of posts that the other tagger has seen
			c := connect(t, url)
			begin(2)
			retag(t, s, 2, func() {
				rows, err := c.Query(t.Context(), "SELECT fingerprint FROM posts WHERE tagger = 2")
				if err != nil {
					t.Fatal(err)
				}
				seen, err := pgx.CollectRows(rows, pgx.RowTo[int64])
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range seen {
					newer[f] = true
				}
				if next < len(all) {
					feed(next, s, tagAll(&all[next], func(*reaction.Post) int { return 2 }))
					next++
				}
			})
			fresh, freshURL := open(t)
			retagEvents(t, fresh)
			feed = feeds()
			for i := range all[:next] {
				feed(i, fresh, tagAll(&all[i], func(p *reaction.Post) int {
					if i >= 25 || newer[int64(drawnTagger(1, p).Fingerprint)] {
						return 2
					}
					return 1
				}))
			}
			want := figuresOf(t, freshURL)
			sameFigures(t, "another tagger", figuresOf(t, url), want)
			if slices.Equal(was, want) || len(newer) == 0 || next < 30 {
				t.Error("the taggers agree, or nothing came meanwhile: the test shows nothing")
			}
		})
	}
}

// A step that fails leaves posts and figures as they were, two nodes that do the same step do it once,
// and an event that is deleted meanwhile takes its retag along.
func TestARetagGoesOnAfterEveryStep(t *testing.T) {
	s, url := open(t)
	events := retagEvents(t, s)
	all := drawnFeeds(rand.New(rand.NewPCG(9, 9)), 10, events...)
	ch := newChain("live/x/0")
	for i := range all {
		appendAll(t, s, ch.commit(all[i], tagAll(&all[i], func(*reaction.Post) int { return 1 })...))
	}
	e := events[0]
	for range 2 {
		r, err := s.BeginRetag(t.Context(), e, 2, t0)
		if err != nil || r.Number != 1 || r.Total == 0 {
			t.Fatalf("a retag: %+v, %v", r, err)
		}
	}
	list, err := s.Retags(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatalf("retags: %v, %v", list, err)
	}
	one, other := list[0], list[0]
	was := figuresOf(t, url)
	posts, err := s.RetagPosts(t.Context(), &one)
	if err != nil {
		t.Fatal(err)
	}
	tags := make([]*reaction.Tags, len(posts))
	for i := range posts {
		got := drawnTagger(2, &posts[i].Post)
		tags[i] = &got
	}
	tags[0] = nil // the tagger failed at it
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.RetagWrite(ended, &one, posts, tags); err == nil {
		t.Fatal("a step that was stopped did not fail")
	}
	sameFigures(t, "after a step that failed", figuresOf(t, url), was)
	if _, err := s.RetagWrite(t.Context(), &one, posts, tags); err != nil {
		t.Fatal(err)
	}
	once := figuresOf(t, url)
	if _, err := s.RetagWrite(t.Context(), &other, posts, tags); err != nil {
		t.Fatal(err)
	}
	sameFigures(t, "after the same step of another node", figuresOf(t, url), once)
	want(t, "where the other node stands", other, one)
	want(t, "failed", one.Failed, 1)
	if err := s.DeleteEvent(t.Context(), e.Slug); err != nil {
		t.Fatal(err)
	}
	if err := s.RetagPeople(t.Context(), &one); err != nil || !one.Done() {
		t.Errorf("of a deleted event: %+v, %v", one, err)
	}
	want(t, "rows of retags", count(t, url, "SELECT count(*) FROM retags")+count(t, url, "SELECT count(*) FROM retag_tags"), 0)
}

// While posts go on coming from several feeds, figures equal the posts at every moment, and at the end
// every post that is not gone has the new tags.
func TestARetagBesideTheLiveLine(t *testing.T) {
	s, url := open(t)
	events := retagEvents(t, s)
	all := drawnFeeds(rand.New(rand.NewPCG(3, 3)), 60, events...)
	ch := newChain("live/x/0")
	for i := range 20 {
		appendAll(t, s, ch.commit(all[i], tagAll(&all[i], func(*reaction.Post) int { return 1 })...))
	}
	for _, e := range events {
		if _, err := s.BeginRetag(t.Context(), e, 2, t0); err != nil {
			t.Fatal(err)
		}
	}
	ended := make(chan error, 1)
	go func() {
		for i := 20; i < len(all); i++ {
			if _, err := s.Append(context.Background(), ch.commit(all[i], tagAll(&all[i], func(*reaction.Post) int { return 2 })...)); err != nil {
				ended <- err
				return
			}
		}
		ended <- nil
	}()
	differ := `SELECT count(*) FROM (SELECT event_id, label, bucket, source, lang, net FROM rollups WHERE net <> 0) x
		FULL JOIN (SELECT event_id, l AS label, date_bin('10s', at, 'epoch') AS bucket, source, lang, count(*) AS net
			FROM posts, unnest(array_append(labels, 'posts')) l WHERE deleted_at IS NULL GROUP BY 1, 2, 3, 4, 5) y
		USING (event_id, label, bucket, source, lang, net) WHERE (x IS NULL) <> (y IS NULL)`
	retag(t, s, 2, func() { want(t, "net figures that differ from the posts", count(t, url, differ), 0) })
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	want(t, "net figures that differ at the end", count(t, url, differ), 0)
	want(t, "posts with old tags", count(t, url, "SELECT count(*) FROM posts WHERE tagger = 1 AND deleted_at IS NULL"), 0)
	if count(t, url, "SELECT count(*) FROM posts WHERE tagger = 2") == 0 {
		t.Error("no post was tagged again")
	}
}

// Posts from before marks and languages of platforms were kept: what they were tagged with stands for
// the marks, so that the same tagger finds the same, and it is not taken for the platform's own.
func TestARetagOfOlderPosts(t *testing.T) {
	s, url := open(t)
	e := newEvent(t, s, "older")
	p := post(e, "a", 0)
	p.Facets = []reaction.Facet{{Kind: reaction.FacetHashtag, Value: "marked"}}
	tags := drawnTagger(1, &p.Post)
	appendAll(t, s, newChain("live/x/0").commit(reaction.Envelope{Posts: []reaction.Matched{p}}, tags))
	c := connect(t, url)
	if _, err := c.Exec(t.Context(), "UPDATE posts SET late = NULL, recorded = NULL, claimed = NULL, once = NULL, tags = tags - 'facets'"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.BeginRetag(t.Context(), e, 2, t0); err != nil {
		t.Fatal(err)
	}
	retag(t, s, 2, func() {})
	want(t, "posts with the mark", count(t, url, "SELECT count(*) FROM posts WHERE 'marked' = ANY(hashtags) AND tagger = 2"), 1)
	want(t, "marks that were made up and kept", count(t, url, "SELECT count(*) FROM posts WHERE tags ? 'facets'"), 0)
	want(t, "figures of the mark", count(t, url, "SELECT sum(net) FROM tag_counts WHERE tag = 'marked'"), 1)
}
