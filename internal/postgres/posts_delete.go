package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
)

const (
	// OFFSET 0 keeps each look-up one of an index, whatever the planner thinks of the numbers. The
	// second half finds that there are reposts (kind 3), which deletePosts looks for by itself.
	sqlDoomed = `SELECT p.event_id, k.source, k.id, k.at
		FROM unnest($1::text[], $2::text[], $3::timestamptz[]) k(source, id, at)
		CROSS JOIN LATERAL ((SELECT event_id FROM posts
			WHERE event_id = $4 AND source = k.source AND id = k.id AND deleted_at IS NULL OFFSET 0)
			UNION ALL (SELECT event_id FROM posts
			WHERE event_id = $4 AND kind = 3 AND source = k.source AND repeats = k.id AND deleted_at IS NULL LIMIT 1)) p`
	// A post whose author's clock is ahead came before all the same where it was heard before.
	sqlDoomedAuthors = `SELECT p.event_id, k.source, p.id, k.at
		FROM unnest($1::text[], $2::bytea[], $3::timestamptz[]) k(source, author, at)
		CROSS JOIN LATERAL ((SELECT event_id, id FROM posts
			WHERE event_id = $4 AND source = k.source AND author = k.author AND LEAST(at, received_at) <= k.at AND deleted_at IS NULL OFFSET 0)
			UNION ALL (SELECT event_id, id FROM posts
			WHERE event_id = $4 AND source = k.source AND passed = k.author AND LEAST(at, received_at) <= k.at AND deleted_at IS NULL OFFSET 0)) p`
	sqlDelete = `UPDATE posts p SET deleted_at = k.at, body = NULL, url = NULL, tags = NULL
		FROM (SELECT source, id, min(at) AS at FROM unnest($2::text[], $3::text[], $4::timestamptz[]) k(source, id, at) GROUP BY source, id) k
		WHERE p.event_id = $1 AND p.source = k.source AND p.id = k.id AND p.deleted_at IS NULL
		RETURNING p.event_id, p.source, p.id, p.at, p.lang, p.labels, p.hashtags, k.id`
	// With an account go the reposts that were there when it went, as do its own posts.
	sqlDeleteReposts = `UPDATE posts p SET deleted_at = k.at, body = NULL, url = NULL, tags = NULL
		FROM (SELECT source, id, min(at) AS at, max(at) AS until, bool_or(named) AS named
			FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::bool[]) k(source, id, at, named) GROUP BY source, id) k
		WHERE p.event_id = $1 AND p.kind = 3 AND p.source = k.source AND p.repeats = k.id AND p.deleted_at IS NULL
		AND (k.named OR LEAST(p.at, p.received_at) <= k.until)
		RETURNING p.event_id, p.source, p.id, p.at, p.lang, p.labels, p.hashtags, k.id`
)

// goneNames is what an envelope's deletions name: posts, and authors in events.
type goneNames struct {
	sources, ids []string
	digests      [][]byte
	at           []time.Time
	byDigest     map[digest]time.Time

	events        []int64
	authorSources []string
	authors       [][]byte
	authorAt      []time.Time
	byAuthor      map[authorKey]time.Time // the latest
}

func goneIn(env *reaction.Envelope) goneNames {
	g := goneNames{byDigest: map[digest]time.Time{}, byAuthor: map[authorKey]time.Time{}}
	for i := range env.Deletes {
		d := &env.Deletes[i]
		if d.ID != "" {
			sum := digestOf(string(d.Source), d.ID)
			g.sources, g.ids, g.at = append(g.sources, string(d.Source)), append(g.ids, d.ID), append(g.at, d.At)
			g.digests, g.byDigest[sum] = append(g.digests, sum[:]), d.At
			continue
		}
		for j := range d.Authors {
			m := &d.Authors[j]
			k := authorKey{m.Event, string(d.Source), m.Author}
			if !m.Author.Known() || env.Event != 0 && env.Event != m.Event {
				continue
			}
			g.events, g.authorSources = append(g.events, m.Event), append(g.authorSources, k.source)
			g.authors, g.authorAt = append(g.authors, m.Author[:]), append(g.authorAt, d.At)
			if d.At.After(g.byAuthor[k]) {
				g.byAuthor[k] = d.At
			}
		}
	}
	return g
}

// doomedPost is a post that is gone at its source since at.
type doomedPost struct {
	source, id string
	at         time.Time
	named      bool // by its id, and not found as one of its author's
}

// doom finds the posts that the envelope's deletions may reach: whichever event they are of for a
// live source. A replay's deletions stay with its event, since what a file says of others, or a drill
// of real ones, is nobody's word. It is done outside the transaction of the envelope, so that the
// partitions that are looked into are locked for that alone; what is stored of these posts
// afterwards is stored with their marks.
func (a *appending) doom(ctx context.Context) error {
	a.doomed = map[int64][]doomedPost{}
	g := &a.gone
	if len(g.ids) > 0 {
		var err error
		if a.env.Event == 0 {
			err = a.doomPlaces(ctx)
		} else {
			err = a.seek(ctx, sqlDoomed, g.sources, g.ids, g.at, a.env.Event)
		}
		if err != nil {
			return err
		}
	}
	return a.doomAuthors(ctx)
}

func (a *appending) seek(ctx context.Context, query string, args ...any) error {
	rows, err := a.store.pool.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	var event int64
	p := doomedPost{named: query != sqlDoomedAuthors}
	_, err = pgx.ForEachRow(rows, []any{&event, &p.source, &p.id, &p.at}, func() error {
		a.doomed[event] = append(a.doomed[event], p)
		return nil
	})
	return err
}

// deletePosts blanks posts that are gone at their source, and reposts of them, whose words they were;
// and takes both out of the net figures.
func (a *appending) deletePosts(ctx context.Context, tx pgx.Tx) error {
	if len(a.env.Deletes) == 0 {
		return nil
	}
	a.doomOwn()
	met := map[digest]bool{}
	for _, event := range sortedKeys(a.doomed) {
		if _, ok := a.events[event]; !ok {
			continue
		}
		list := a.doomed[event]
		sources, ids, at, named := make([]string, len(list)), make([]string, len(list)), make([]time.Time, len(list)), make([]bool, len(list))
		for i, p := range list {
			sources[i], ids[i], at[i], named[i] = p.source, p.id, p.at, p.named
		}
		rows, err := tx.Query(ctx, sqlDelete, event, sources, ids, at)
		if err == nil {
			err = a.uncount(rows, met)
		}
		if err == nil {
			rows, err = tx.Query(ctx, sqlDeleteReposts, event, sources, ids, at, named)
		}
		if err == nil {
			err = a.uncount(rows, met)
		}
		if err != nil {
			return err
		}
	}
	if len(met) == 0 {
		return nil
	}
	var digests [][]byte
	for d := range met {
		digests = append(digests, append([]byte(nil), d[:]...))
	}
	_, err := tx.Exec(ctx, sqlGoneMet, digests)
	return err
}

// doomOwn adds the envelope's own posts, which were not stored when the others were looked for.
func (a *appending) doomOwn() {
	for i := range a.env.Posts {
		p := &a.env.Posts[i]
		source := string(p.Source)
		id := p.ID
		gone, named := a.gone.byDigest[digestOf(source, id)]
		if !named && passes(&p.Post) { // what it passes on finds it
			id = p.Repeats
			gone, named = a.gone.byDigest[digestOf(source, id)]
		}
		for _, m := range p.Events {
			if a.env.Event != 0 && a.env.Event != m.Event {
				continue
			}
			if named {
				a.doomed[m.Event] = append(a.doomed[m.Event], doomedPost{source, id, gone, true})
				continue
			}
			for _, who := range people(&p.Post, &m) {
				if at, known := a.gone.byAuthor[authorKey{m.Event, source, who}]; known && came(&p.Post, at) {
					a.doomed[m.Event] = append(a.doomed[m.Event], doomedPost{source, p.ID, at, false})
				}
			}
		}
	}
}

// people are those whose words a post is: its author, and who wrote what it passes on.
func people(p *reaction.Post, m *reaction.Membership) []reaction.Person {
	if p.Kind == reaction.Repost {
		return []reaction.Person{m.Author, m.Passed}
	}
	return []reaction.Person{m.Author}
}

// passes reports whether a post is another one, passed on unchanged.
func passes(p *reaction.Post) bool { return p.Kind == reaction.Repost && p.Repeats != "" }

// came reports whether a post was there at a time: written, as it says, or heard.
func came(p *reaction.Post, at time.Time) bool {
	return !p.At.After(at) || !p.Received.IsZero() && !p.Received.After(at)
}

func (a *appending) uncount(rows pgx.Rows, met map[digest]bool) error {
	var p storedPost
	var told string // the id that is gone: the post's own, or that of what it passes on
	_, err := pgx.ForEachRow(rows, []any{&p.key.event, &p.key.source, &p.key.id, &p.at, &p.lang, &p.labels, &p.hashtags, &told}, func() error {
		a.did.Deletes++
		a.sums.change(&p, rollup{net: -1})
		met[digestOf(p.key.source, told)] = true
		if a.env.Event == 0 {
			a.recheck.drop(p.key.source, p.key.id)
		}
		return nil
	})
	return err
}
