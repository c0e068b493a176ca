package postgres_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"outcry/internal/reaction"
)

// Whatever comes, in whatever batches and however often, the figures are those that a recount of
// the stored posts gives.
func TestFiguresEqualARecount(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			s, url := open(t)
			r := rand.New(rand.NewPCG(seed, 1))
			a, b := newEvent(t, s, "a"), newEvent(t, s, "b", func(e *reaction.Event) { e.EndsAt = time.Time{} })
			chains := []*chain{newChain("live/x/0"), newChain("live/bluesky/0")}
			for range 25 {
				env, tags := randomEnvelope(r, a, b)
				c := chains[r.IntN(2)].commit(env, tags...)
				appendAll(t, s, c)
				if r.IntN(4) == 0 {
					want(t, "redelivered", appendAll(t, s, c).Known, true)
				}
			}
			for what, query := range map[string]string{
				"net rollups": `SELECT count(*) FROM (
					SELECT event_id, label, bucket, source, lang, net FROM rollups WHERE net <> 0) x
					FULL JOIN (SELECT event_id, l AS label, date_bin('10s', at, 'epoch') AS bucket, source, lang, count(*) AS net
						FROM posts, unnest(array_append(labels, 'posts')) l WHERE deleted_at IS NULL GROUP BY 1, 2, 3, 4, 5) y
					USING (event_id, label, bucket, source, lang, net) WHERE (x IS NULL) <> (y IS NULL)`,
				"gross posts": `SELECT count(*) FROM (
					SELECT event_id, bucket, source, sum(gross) AS gross FROM rollups WHERE label = 'posts' GROUP BY 1, 2, 3) x
					FULL JOIN (SELECT event_id, date_bin('10s', at, 'epoch') AS bucket, source, count(*)::bigint AS gross
						FROM posts GROUP BY 1, 2, 3) y
					USING (event_id, bucket, source) WHERE x.gross IS NULL OR y.gross IS NULL OR x.gross < y.gross`,
				"net tags": `SELECT count(*) FROM (
					SELECT event_id, tag, bucket, source, net FROM tag_counts WHERE net <> 0) x
					FULL JOIN (SELECT event_id, tag, date_bin('10s', at, 'epoch') AS bucket, source, count(*) AS net
						FROM posts, unnest(hashtags) tag WHERE deleted_at IS NULL GROUP BY 1, 2, 3, 4) y
					USING (event_id, tag, bucket, source, net) WHERE (x IS NULL) <> (y IS NULL)`,
				"text of deleted posts": `SELECT count(*) FROM posts WHERE deleted_at IS NOT NULL AND (body IS NOT NULL OR tags IS NOT NULL)`,
				"posts twice":           `SELECT count(*) FROM (SELECT FROM posts GROUP BY event_id, source, id HAVING count(*) > 1) x`,
			} {
				want(t, what+" that differ", count(t, url, query), 0)
			}
			if count(t, url, "SELECT count(*) FROM posts WHERE deleted_at IS NOT NULL") == 0 ||
				count(t, url, "SELECT count(*) FROM posts WHERE edited_at IS NOT NULL") == 0 {
				t.Error("nothing was deleted or edited: the test shows nothing")
			}
		})
	}
}

// randomEnvelope draws posts, repeats, edits and deletions from a small world of ids.
func randomEnvelope(r *rand.Rand, events ...*reaction.Event) (reaction.Envelope, []reaction.Tags) {
	env := reaction.Envelope{}
	var tags []reaction.Tags
	for range r.IntN(30) {
		e := events[r.IntN(len(events))]
		n := r.IntN(120)
		p := post(e, fmt.Sprint("id", n), time.Duration(n)*17*time.Minute)
		p.Edit, p.EditedAt = r.IntN(8) == 0, t0.Add(time.Duration(r.IntN(1000))*time.Minute)
		if p.Edit && r.IntN(2) == 0 {
			p.Events[0].UpdateOnly = true
		}
		if r.IntN(3) == 0 {
			other := events[(int(e.ID))%len(events)]
			if other.ID != e.ID {
				p.Events = append(p.Events, reaction.Membership{Event: other.ID})
			}
		}
		if r.IntN(10) == 0 {
			p.Kind = reaction.Repost
		}
		t := plain()
		if r.IntN(2) == 0 {
			t = complaint([]string{"x", "y", "z"}[r.IntN(3)], "x")
		}
		t.Lang = []string{"en", "ko"}[r.IntN(2)]
		env.Posts, tags = append(env.Posts, p), append(tags, t)
	}
	if r.IntN(3) == 0 {
		for range 4 {
			env.Deletes = append(env.Deletes, reaction.Delete{Source: reaction.X, ID: fmt.Sprint("id", r.IntN(140)), At: t0.Add(time.Hour)})
		}
	}
	return env, tags
}
