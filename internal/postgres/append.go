package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
)

// appendLock is the advisory lock that every Append shares. Who takes it alone waits for those that
// are under way: see foretell, which holds it no longer than that, and whatever removes posts.
const appendLock = 0x6f757463 // "outc"

// appendTimeout bounds one Append. A server that does not answer, or a connection whose other end
// is gone, must not stop the line for ever; an Append that is tried again does no harm.
const appendTimeout = 2 * time.Minute

const (
	sqlLockShared = `SELECT pg_advisory_xact_lock_shared($1)`
	sqlLockAlone  = `SELECT pg_advisory_xact_lock($1)`
	// FOR NO KEY UPDATE: one Append an event at a time, in order of the events' ids, so that two
	// can never wait for each other.
	sqlLockEvents = `SELECT id, daily, emptied, posts_from, revision FROM events WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE`
	sqlArrived    = `UPDATE events SET last_arrival = now()
		WHERE id = ANY($1) AND (last_arrival IS NULL OR last_arrival < now() - '10 minutes'::interval)`
)

// Commit is one envelope ready to be stored, with its place in the log.
type Commit struct {
	Epoch    string // life of the log that Seq and Prev belong to
	Seq      uint64
	Prev     uint64 // sequence of the feed's envelope before this one; 0 for none
	Envelope *reaction.Envelope
	Tags     []reaction.Tags // of Envelope.Posts, in their order
}

// Appended says what an Append did.
type Appended struct {
	// Known is set where the envelope had been committed before: nothing was done.
	Known      bool
	Stored     int
	Duplicates int
	Edits      int
	Deletes    int
	Samples    int
	// Changes say what is not as it was, for those who follow; also where the envelope was Known,
	// since whoever committed it may have died before telling.
	Changes []reaction.Change
}

// Append stores one envelope in one transaction: posts, figures, coverage, samples, and the
// envelope's sequence, so that an envelope that is delivered twice is counted once. It fails with
// reaction.ErrAway when the database is out of reach or the transaction lost a conflict; then
// nothing was stored, or the next attempt finds it Known.
func (s *Store) Append(ctx context.Context, c Commit) (Appended, error) {
	if len(c.Tags) != len(c.Envelope.Posts) {
		return Appended{}, fmt.Errorf("append %s %d: %d posts with %d tags", c.Envelope.Feed, c.Seq, len(c.Envelope.Posts), len(c.Tags))
	}
	ctx, cancel := context.WithTimeout(ctx, appendTimeout)
	defer cancel()
	a := &appending{store: s, commit: c, env: c.Envelope, expired: map[reaction.Source]int{}, arrived: map[int64]bool{}}
	err := a.foretell(ctx)
	if err == nil {
		err = s.inTx(ctx, func(tx pgx.Tx) error { return a.run(ctx, tx) })
	}
	if err != nil {
		return Appended{}, fmt.Errorf("append %s %d: %w", c.Envelope.Feed, c.Seq, err)
	}
	return a.did, nil
}

// appending is one Append under way.
type appending struct {
	store  *Store
	commit Commit
	env    *reaction.Envelope
	did    Appended
	feed   feedState
	was    feedState            // before this envelope
	fresh  bool                 // the feed did not count towards watermarks until now
	events map[int64]eventState // those that exist of all the envelope concerns
	sums   sums
	told   []telltale               // what the feed says of itself, as far as it is its turn
	spans  map[int64]reaction.Spans // of changed coverage, by event
	turned bool                     // the feed's state is another

	gone     goneNames              // what the envelope's deletions name
	doomed   map[int64][]doomedPost // stored posts that they reach, by event
	placed   placed
	recheck  rechecking
	followed map[int64]map[string]bool // services by event, where posts name any
	arrived  map[int64]bool            // events that posts were stored of
	expired  map[reaction.Source]int   // posts left out, since their event does not keep any of their time
}

type eventState struct {
	daily    bool
	emptied  bool       // no posts are kept any more
	from     *time.Time // none from before are
	revision int64
}

func (a *appending) run(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, sqlLockShared, appendLock); err != nil {
		return err
	}
	known, err := a.lockFeed(ctx, tx)
	if err != nil {
		return err
	}
	if known {
		a.did = Appended{Known: true, Changes: guessChanges(&a.commit, a.doomed)}
		return nil
	}
	clock := a.feed.clock
	if a.env.Restart { // a new pass begins its clock anew
		clock = time.Time{}
	}
	a.sums = newSums(clock, a.store.grace)
	if err := a.lockEvents(ctx, tx); err != nil {
		return err
	}
	for _, step := range []func(context.Context, pgx.Tx) error{
		a.restart, a.addPosts, a.editPosts, a.deletePosts, a.noteArrival, a.writePlaces, a.writeRechecks, a.writeSums, a.writeSamples, a.writeCoverage, a.writeState, a.writeCounts, a.writePlatformCounts, a.advanceFeed,
	} {
		if err := step(ctx, tx); err != nil {
			return err
		}
	}
	a.did.Changes = a.changes()
	return nil
}

// lockEvents locks every event that the envelope touches and keeps those that still exist.
func (a *appending) lockEvents(ctx context.Context, tx pgx.Tx) error {
	ids := slices.Clone(a.env.Concerns())
	for i := range a.env.Posts {
		for _, m := range a.env.Posts[i].Events {
			ids = append(ids, m.Event)
		}
	}
	for event := range a.doomed {
		ids = append(ids, event)
	}
	for _, x := range a.env.Samples {
		if x.Event != 0 {
			ids = append(ids, x.Event)
		}
	}
	for i := range a.told {
		ids = append(ids, a.told[i].events...)
		for _, c := range a.told[i].coverage {
			ids = append(ids, c.Events...)
		}
	}
	for i := range a.env.Counts {
		ids = append(ids, a.env.Counts[i].Event)
	}
	slices.Sort(ids)
	rows, err := tx.Query(ctx, sqlLockEvents, slices.Compact(ids))
	if err != nil {
		return err
	}
	a.events = map[int64]eventState{}
	var id int64
	var e eventState
	if _, err = pgx.ForEachRow(rows, []any{&id, &e.daily, &e.emptied, &e.from, &e.revision}, func() error {
		a.events[id] = e
		return nil
	}); err != nil {
		return err
	}
	a.followed, err = a.store.followed.of(ctx, tx, a.env, a.commit.Tags, a.events)
	return err
}

// noteArrival notes when posts of the events came last: retention is counted from there.
func (a *appending) noteArrival(ctx context.Context, tx pgx.Tx) error {
	if len(a.arrived) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, sqlArrived, sortedKeys(a.arrived))
	return err
}

// postKey names a post in an event.
type postKey struct {
	event  int64
	source string
	id     string
}
