package postgres_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// The histories that are always drawn: by one committer in the order of the log, by one that is given
// envelopes late and again, and by two at once.
func TestFiguresEqualARecount(t *testing.T) {
	for seed := range uint64(4) {
		for how := range uint8(3) {
			t.Run(fmt.Sprintf("seed %d/%s", seed, [...]string{"in order", "late and again", "by two"}[how]), func(t *testing.T) {
				if h := checkHistory(t, seed, how); h.deletions == 0 || h.reposts == 0 || h.edits == 0 {
					t.Errorf("%d deletions, %d of them of reposts, and %d edits: the history shows nothing", h.deletions, h.reposts, h.edits)
				}
			})
		}
	}
}

// FuzzFiguresEqualARecount draws histories without end.
func FuzzFiguresEqualARecount(f *testing.F) {
	f.Add(uint64(100), uint8(1))
	f.Add(uint64(101), uint8(2))
	f.Fuzz(func(t *testing.T, seed uint64, how uint8) { checkHistory(t, seed, how%3) })
}

// checkHistory plays a history and holds all that it left against a recount of the posts, and what is
// deleted against what the history says must be.
func checkHistory(t *testing.T, seed uint64, how uint8) *history {
	s, url := open(t)
	live := func(e *reaction.Event) { e.Status = reaction.Live }
	h := &history{r: rand.New(rand.NewPCG(seed, 1)), events: []*reaction.Event{
		newEvent(t, s, "a", live), newEvent(t, s, "b", live, endless), newEvent(t, s, "recorded", live)}}
	h.draw(45)
	h.play(t, s, how)
	h.compare(t, url)
	before := fingerprints(t, url)
	for _, c := range h.commits { // whatever comes again changes nothing
		if !appendAll(t, s, c).Known {
			t.Fatalf("%s %d was taken in again", c.Envelope.Feed, c.Seq)
		}
	}
	want(t, "stored, after all came again", fingerprints(t, url), before)
	return h
}

// history is what feeds tell of a small world: post n is of one author, at one time, and of one kind.
type history struct {
	r       *rand.Rand
	events  []*reaction.Event // the last is one that a recording is replayed into
	commits []postgres.Commit

	deletions, reposts, edits int // of what is stored in the end
}

const worldPosts, worldAuthors = 90, 12

func idOf(n int) string              { return fmt.Sprint("id", n) }
func authorOf(n int) reaction.Person { return personOf(n % worldAuthors) }
func sourceOf(n int) reaction.Source { return []reaction.Source{reaction.X, reaction.Bluesky}[n%2] }
func timeOf(n int) time.Time         { return t0.Add(time.Duration(n) * 17 * time.Minute) }
func originalOf(n int) int           { return n - n%10 + n%2 } // of the same source, among the first two of ten
func passesOn(n int) bool            { return n%10 >= 6 }
func personOf(who int) reaction.Person {
	if who == 0 {
		return reaction.Person{} // nobody knows
	}
	return reaction.Person{5, byte(who)}
}

func (h *history) post(n int) reaction.Matched {
	p := reaction.Matched{Post: reaction.Post{Source: sourceOf(n), ID: idOf(n), At: timeOf(n), Text: "words of " + idOf(n), URL: "https://example.com/"}}
	if passesOn(n) {
		p.Kind, p.Repeats = reaction.Repost, idOf(originalOf(n))
	}
	if n%7 == 0 { // its author's clock is ahead
		p.Received = p.At.Add(-3 * time.Minute)
	}
	return p
}

func (h *history) member(e *reaction.Event, n int) reaction.Membership {
	m := reaction.Membership{Event: e.ID, Author: authorOf(n)}
	if passesOn(n) {
		m.Passed = authorOf(originalOf(n))
	}
	return m
}

func (h *history) tags() reaction.Tags {
	t := plain()
	if h.r.IntN(2) == 0 {
		t = complaint([]string{"x", "y", "z"}[h.r.IntN(3)], "x")
	}
	t.Lang = []string{"en", "ko"}[h.r.IntN(2)]
	return t
}

func (h *history) draw(n int) {
	seq := new(uint64)
	chains := []*chain{{feed: "live/x/0", next: seq}, {feed: "live/bluesky/0", next: seq}, {feed: "push/posts/n", next: seq}, {feed: "replay/1/a", next: seq}}
	clock := t0
	for range n {
		c := chains[h.r.IntN(len(chains))]
		events := h.events[:2]
		env := reaction.Envelope{}
		if !c.feed.Live() {
			events, env.Event = h.events[2:], h.events[2].ID
		} else {
			env.Listening = []int64{h.events[0].ID, h.events[1].ID}
		}
		clock = clock.Add(time.Duration(h.r.IntN(60)) * time.Minute)
		env.Clock = clock
		env.Coverage = []reaction.Coverage{{Source: sourceOf(h.r.IntN(2)), From: clock.Add(-time.Hour), To: clock, State: reaction.CoverageLive}}
		var tags []reaction.Tags
		for range h.r.IntN(25) {
			n := h.r.IntN(worldPosts)
			p := h.post(n)
			for _, e := range events {
				if len(p.Events) == 0 || h.r.IntN(3) == 0 {
					p.Events = append(p.Events, h.member(e, n))
				}
			}
			if p.Edit = !passesOn(n) && h.r.IntN(5) == 0; p.Edit {
				p.EditedAt, p.Events[0].UpdateOnly = t0.Add(time.Duration(h.r.IntN(1000))*time.Minute), h.r.IntN(2) == 0
			}
			env.Posts, tags = append(env.Posts, p), append(tags, h.tags())
		}
		if h.r.IntN(3) == 0 {
			for range h.r.IntN(3) {
				n := h.r.IntN(worldPosts + 20)
				env.Deletes = append(env.Deletes, reaction.Delete{Source: sourceOf(n), ID: idOf(n), At: t0.Add(time.Duration(h.r.IntN(1500)) * time.Minute)})
			}
		}
		if h.r.IntN(3) == 0 {
			d := reaction.Delete{Source: sourceOf(h.r.IntN(2)), At: t0.Add(time.Duration(h.r.IntN(1500)) * time.Minute)}
			who := personOf(1 + h.r.IntN(worldAuthors-1))
			for _, e := range h.events {
				d.Authors = append(d.Authors, reaction.Membership{Event: e.ID, Author: who})
			}
			env.Deletes = append(env.Deletes, d)
		}
		h.commits = append(h.commits, c.commit(env, tags...))
	}
}

func (h *history) play(t *testing.T, s *postgres.Store, how uint8) {
	switch order := slices.Clone(h.commits); how {
	case 0:
		for _, c := range order {
			appendAll(t, s, c)
		}
	case 1:
		for len(order) > 0 { // one of the next four, and now and then one that has been
			i := h.r.IntN(min(4, len(order)))
			appendAll(t, s, order[i])
			if order = slices.Delete(order, i, i+1); h.r.IntN(3) == 0 {
				appendAll(t, s, h.commits[h.r.IntN(len(h.commits)-len(order))])
			}
		}
	case 2:
		var wg sync.WaitGroup
		for k := range 2 {
			wg.Go(func() {
				for i := range order {
					c := order[i]
					if k == 1 && i^1 < len(order) { // the other one goes through pairs the wrong way round
						c = order[i^1]
					}
					for {
						_, err := s.Append(t.Context(), c)
						if errors.Is(err, reaction.ErrAway) {
							continue // a conflict that was lost
						}
						if err != nil {
							t.Error(err)
						}
						break
					}
				}
			})
		}
		wg.Wait()
	}
}

// gone reports whether the history says that a stored post must be gone.
func (h *history) gone(event int64, n int, received time.Time) bool {
	ids := []string{idOf(n)}
	people := []reaction.Person{authorOf(n)}
	if passesOn(n) {
		ids, people = append(ids, idOf(originalOf(n))), append(people, authorOf(originalOf(n)))
	}
	for _, c := range h.commits {
		if c.Envelope.Event != 0 && c.Envelope.Event != event {
			continue
		}
		for _, d := range c.Envelope.Deletes {
			switch {
			case d.Source != sourceOf(n):
			case d.ID != "":
				if slices.Contains(ids, d.ID) {
					return true
				}
			case slices.Contains(people, d.Authors[0].Author) && (!timeOf(n).After(d.At) || !received.IsZero() && !received.After(d.At)):
				return true
			}
		}
	}
	return false
}

func (h *history) compare(t *testing.T, url string) {
	t.Helper()
	const bucket = `date_bin('10s', at, 'epoch')`
	for what, query := range map[string]string{
		"net rollups": `SELECT count(*) FROM (
			SELECT event_id, label, bucket, source, lang, net FROM rollups WHERE net <> 0) x
			FULL JOIN (SELECT event_id, l AS label, ` + bucket + ` AS bucket, source, lang, count(*) AS net
				FROM posts, unnest(array_append(labels, 'posts')) l WHERE deleted_at IS NULL GROUP BY 1, 2, 3, 4, 5) y
			USING (event_id, label, bucket, source, lang, net) WHERE (x IS NULL) <> (y IS NULL)`,
		"gross posts": `SELECT count(*) FROM (
			SELECT event_id, bucket, source, sum(gross) AS gross FROM rollups WHERE label = 'posts' GROUP BY 1, 2, 3) x
			FULL JOIN (SELECT event_id, ` + bucket + ` AS bucket, source, count(*)::bigint AS gross FROM posts GROUP BY 1, 2, 3) y
			USING (event_id, bucket, source) WHERE x.gross IS DISTINCT FROM y.gross`,
		"gross labels that are less than the posts that bear them": `SELECT count(*) FROM (
			SELECT event_id, label, bucket, source, sum(gross) AS gross FROM rollups GROUP BY 1, 2, 3, 4) x
			RIGHT JOIN (SELECT event_id, l AS label, ` + bucket + ` AS bucket, source, count(*) AS gross FROM posts, unnest(labels) l GROUP BY 1, 2, 3, 4) y
			USING (event_id, label, bucket, source) WHERE x.gross IS NULL OR x.gross < y.gross`,
		"figures that cannot be":      `SELECT count(*) FROM rollups WHERE net < 0 OR gross < net`,
		"late figures that cannot be": `SELECT count(*) FROM (SELECT sum(late) AS late, sum(gross) AS gross FROM rollups GROUP BY event_id, label, bucket, source) x WHERE late < 0 OR late > gross`,
		"net tags": `SELECT count(*) FROM (
			SELECT event_id, tag, bucket, source, net FROM tag_counts WHERE net <> 0) x
			FULL JOIN (SELECT event_id, tag, ` + bucket + ` AS bucket, source, count(*) AS net
				FROM posts, unnest(hashtags) tag WHERE deleted_at IS NULL GROUP BY 1, 2, 3, 4) y
			USING (event_id, tag, bucket, source, net) WHERE (x IS NULL) <> (y IS NULL)`,
		"tags that cannot be":            `SELECT count(*) FROM tag_counts WHERE net < 0 OR gross < net`,
		"tags that are known of no post": `SELECT count(*) FROM tag_counts c LEFT JOIN tags t USING (event_id, tag) WHERE t.tag IS NULL`,
		"words of deleted posts":         `SELECT count(*) FROM posts WHERE deleted_at IS NOT NULL AND (body IS NOT NULL OR url IS NOT NULL OR tags IS NOT NULL)`,
		"posts twice":                    `SELECT count(*) FROM (SELECT FROM posts GROUP BY event_id, source, id HAVING count(*) > 1) x`,
		"envelopes that wait":            `SELECT count(*) FROM feed_ahead`,
		"coverage that overlaps": `SELECT count(*) FROM coverage a JOIN coverage b USING (event_id, source, feed)
			WHERE a.ctid <> b.ctid AND a.from_at < b.to_at AND b.from_at < a.to_at`,
		"posts of live feeds without a place": `SELECT count(*) FROM posts p WHERE event_id <> 3 AND NOT EXISTS (SELECT FROM places l WHERE l.event_id = p.event_id
			AND l.digest = ('x' || encode(substr(sha256(convert_to(source, 'UTF8') || '\x00'::bytea || convert_to(id, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint AND l.day >= (p.at AT TIME ZONE 'UTC')::date)`,
		"feeds that counted otherwise":          `SELECT (SELECT sum(stored) FROM feeds) - (SELECT count(*) FROM posts)`,
		"deletions that were counted otherwise": `SELECT (SELECT sum(deletes) FROM feeds) - (SELECT count(*) FROM posts WHERE deleted_at IS NOT NULL)`,
	} {
		want(t, what, count(t, url, query), 0)
	}
	h.comparePosts(t, url)
}

// comparePosts looks at who is counted, and at what should be gone.
func (h *history) comparePosts(t *testing.T, url string) {
	t.Helper()
	type crowdAt struct {
		event  int64
		minute time.Time
		source string
	}
	type crowd struct {
		people  *trend.People
		unknown int
	}
	crowds := map[crowdAt]*crowd{}
	c := connect(t, url)
	rows, err := c.Query(t.Context(), `SELECT event_id, source, id, at, received_at, author, deleted_at IS NOT NULL, edited_at IS NOT NULL FROM posts`)
	if err != nil {
		t.Fatal(err)
	}
	var event int64
	var source, id string
	var at time.Time
	var received *time.Time
	var author []byte
	var deleted, edited bool
	if _, err := pgx.ForEachRow(rows, []any{&event, &source, &id, &at, &received, &author, &deleted, &edited}, func() error {
		var n int
		if _, err := fmt.Sscanf(id, "id%d", &n); err != nil {
			return err
		}
		var heard time.Time
		if received != nil {
			heard = *received
		}
		if must := h.gone(event, n, heard); must != deleted {
			t.Errorf("post %s of event %d is gone: %v, and must be: %v", id, event, deleted, must)
		}
		if deleted {
			h.deletions++
			if passesOn(n) {
				h.reposts++
			}
		}
		if edited {
			h.edits++
		}
		k := crowdAt{event, at.UTC().Truncate(time.Minute), source}
		if crowds[k] == nil {
			crowds[k] = &crowd{people: trend.NewPeople()}
		}
		if author == nil {
			crowds[k].unknown++
		} else {
			crowds[k].people.Add(reaction.Person(author))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	rows, err = c.Query(t.Context(), `SELECT event_id, minute, source, sketch, unknown FROM crowds WHERE label = 'posts'`)
	if err != nil {
		t.Fatal(err)
	}
	var k crowdAt
	var sketch []byte
	var unknown int
	met := 0
	if _, err := pgx.ForEachRow(rows, []any{&k.event, &k.minute, &k.source, &sketch, &unknown}, func() error {
		k.minute = k.minute.UTC()
		people, counted := int64(0), crowds[k]
		if sketch != nil {
			p, err := trend.ReadPeople(sketch)
			if err != nil {
				return err
			}
			people = p.Count()
		}
		if met++; counted == nil || counted.unknown != unknown || counted.people.Count() != people {
			t.Errorf("crowd of %v: %d people and %d unknown, counted again %+v", k, people, unknown, counted)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want(t, "crowds", met, len(crowds))
}

// fingerprints are sums of all that figures and posts are made of.
func fingerprints(t *testing.T, url string) (out []int64) {
	t.Helper()
	for _, table := range []string{"posts", "rollups", "crowds", "tag_counts", "tags", "coverage", "places", "feed_events", "unmatched", "feed_ahead"} {
		out = append(out, count(t, url, `SELECT COALESCE(sum(hashtext(x::text)::bigint), 0) FROM `+table+` x`))
	}
	return out
}
