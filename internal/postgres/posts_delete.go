package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
)

const (
	// OFFSET 0 keeps each look-up one of an index, whatever the planner thinks of the numbers.
	sqlDoomed = `SELECT p.event_id, k.source, k.id, k.at
		FROM unnest($1::text[], $2::text[], $3::timestamptz[]) k(source, id, at)
		CROSS JOIN LATERAL (SELECT event_id FROM posts
			WHERE event_id = $4 AND source = k.source AND id = k.id AND deleted_at IS NULL OFFSET 0) p`
	// A post whose author's clock is ahead came before all the same where it was heard before.
	sqlDoomedAuthors = `SELECT k.event_id, k.source, p.id, k.at
		FROM unnest($1::int[], $2::text[], $3::bytea[], $4::timestamptz[]) k(event_id, source, author, at)
		CROSS JOIN LATERAL (SELECT id FROM posts
			WHERE event_id = k.event_id AND source = k.source AND author = k.author AND LEAST(at, received_at) <= k.at AND deleted_at IS NULL OFFSET 0) p`
	sqlDelete = `UPDATE posts p SET deleted_at = k.at, body = NULL, url = NULL, tags = NULL
		FROM (SELECT source, id, min(at) AS at FROM unnest($2::text[], $3::text[], $4::timestamptz[]) k(source, id, at) GROUP BY source, id) k
		WHERE p.event_id = $1 AND p.source = k.source AND p.id = k.id AND p.deleted_at IS NULL
		RETURNING p.event_id, p.source, p.id, p.at, p.lang, p.labels, p.hashtags`
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
	if len(g.events) == 0 {
		return nil
	}
	return a.seek(ctx, sqlDoomedAuthors, g.events, g.authorSources, g.authors, g.authorAt)
}

func (a *appending) seek(ctx context.Context, query string, args ...any) error {
	rows, err := a.store.pool.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	var event int64
	var p doomedPost
	_, err = pgx.ForEachRow(rows, []any{&event, &p.source, &p.id, &p.at}, func() error {
		a.doomed[event] = append(a.doomed[event], p)
		return nil
	})
	return err
}

// deletePosts blanks posts that are gone at their source and takes them out of the net figures.
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
		sources, ids, at := make([]string, len(list)), make([]string, len(list)), make([]time.Time, len(list))
		for i, p := range list {
			sources[i], ids[i], at[i] = p.source, p.id, p.at
		}
		rows, err := tx.Query(ctx, sqlDelete, event, sources, ids, at)
		if err != nil {
			return err
		}
		if err := a.uncount(rows, met); err != nil {
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
		gone, named := a.gone.byDigest[digestOf(source, p.ID)]
		for _, m := range p.Events {
			if a.env.Event != 0 && a.env.Event != m.Event {
				continue
			}
			at, known := a.gone.byAuthor[authorKey{m.Event, source, m.Author}]
			switch {
			case named:
				a.doomed[m.Event] = append(a.doomed[m.Event], doomedPost{source, p.ID, gone})
			case known && came(&p.Post, at):
				a.doomed[m.Event] = append(a.doomed[m.Event], doomedPost{source, p.ID, at})
			}
		}
	}
}

// came reports whether a post was there at a time: written, as it says, or heard.
func came(p *reaction.Post, at time.Time) bool {
	return !p.At.After(at) || !p.Received.IsZero() && !p.Received.After(at)
}

func (a *appending) uncount(rows pgx.Rows, met map[digest]bool) error {
	var p storedPost
	_, err := pgx.ForEachRow(rows, []any{&p.key.event, &p.key.source, &p.key.id, &p.at, &p.lang, &p.labels, &p.hashtags}, func() error {
		a.did.Deletes++
		a.sums.change(&p, rollup{net: -1})
		met[digestOf(p.key.source, p.key.id)] = true
		if a.env.Event == 0 {
			a.recheck.drop(p.key.source, p.key.id)
		}
		return nil
	})
	return err
}
