package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"time"

	"outcry/internal/match"
	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/stream"
)

// Runs takes in the records of recordings and drills: each run of records into an event is a feed
// of its own, with a clock of its own, that goes through the log like any other.
type Runs struct {
	log    *stream.Log
	store  *postgres.Store
	recent *Recent
	tags   Hashtags

	mu   sync.Mutex
	open map[reaction.Feed]*run
}

// Hashtags lists a post's hashtags, folded and each once.
type Hashtags func(p *reaction.Post) []string

// NewRuns makes a Runs. Posts that match nothing are remembered in recent, and their hashtags
// counted.
func NewRuns(log *stream.Log, store *postgres.Store, recent *Recent, tags Hashtags) *Runs {
	return &Runs{log: log, store: store, recent: recent, tags: tags, open: map[reaction.Feed]*run{}}
}

// run is an open run. Its lock orders what is sent to it.
type run struct {
	mu      sync.Mutex
	name    reaction.Feed
	plan    reaction.Run
	feed    *stream.Feed
	builder *builder
	sent    int64
	fresh   bool   // the next envelope begins a pass
	first   uint64 // sequence of the envelope that began the pass; 0 where it began before
	done    bool
}

var runName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

func feedOf(e *reaction.Event, name string) (reaction.Feed, error) {
	if !runName.MatchString(name) {
		return "", fmt.Errorf("run %q is not 1 to 64 lower-case letters, digits or '-': %w", name, reaction.ErrConflict)
	}
	return reaction.ParseFeed(fmt.Sprintf("replay/%d/%s", e.ID, name))
}

// Begin opens a run, or finds it again: Sent in the progress is how many of its records are in
// the log already. A run that was finished begins a new pass, as does one whose event has changed
// since: posts that are stored are not doubled. Whoever begins a run last holds it.
func (r *Runs) Begin(ctx context.Context, e *reaction.Event, plan reaction.Run) (reaction.RunProgress, error) {
	if plan.Simulated != e.Simulated {
		return reaction.RunProgress{}, fmt.Errorf("event %q: simulated is %v and the run's is %v: what is simulated and what is real are never mixed: %w",
			e.Slug, e.Simulated, plan.Simulated, reaction.ErrConflict)
	}
	name, err := feedOf(e, plan.Name)
	if err != nil {
		return reaction.RunProgress{}, err
	}
	set, err := match.Compile([]reaction.Event{*e})
	if err != nil {
		return reaction.RunProgress{}, fmt.Errorf("event %q: %w", e.Slug, err)
	}
	if err := check(&plan, time.Now()); err != nil {
		return reaction.RunProgress{}, err
	}
	key, err := r.store.AuthorKey(ctx, e.ID)
	if err != nil {
		return reaction.RunProgress{}, err
	}
	if len(key.Key) == 0 {
		return reaction.RunProgress{}, fmt.Errorf("event %q: its posts were removed when its retention of %s had passed, and its key for authors with them: "+
			"replay into another event: %w", e.Slug, e.Retention, reaction.ErrConflict)
	}
	feed, err := r.log.Feed(ctx, name)
	if err != nil {
		return reaction.RunProgress{}, err
	}
	event := *e // the caller's may change
	u := &run{name: name, plan: plan, feed: feed, builder: newBuilder(&event, set, NewAuthors(key), r.recent, r.tags)}
	if u.sent, u.fresh, err = resume(feed.Last(), e); err != nil {
		return reaction.RunProgress{}, err
	}
	if plan.Resume && finished(feed.Last(), e, plan.Records) {
		u.sent, u.fresh, u.done = plan.Records, false, true
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	r.mu.Lock()
	r.open[name] = u
	r.mu.Unlock()
	return r.progress(ctx, u)
}

// maxAhead is how far a recording may be ahead of the wall clock.
const maxAhead = 5 * time.Minute

// Limits of a run's plan.
const (
	maxSpans    = 5000
	maxRejected = 1e12
)

var reasonName = regexp.MustCompile(`^[a-z0-9_]{1,40}$`)

// check refuses a plan that nobody could keep to: what is not simulated has happened.
func check(plan *reaction.Run, now time.Time) error {
	for _, c := range plan.Coverage {
		if !plan.Simulated && c.To.After(now.Add(maxAhead+reaction.BucketWidth)) {
			return fmt.Errorf("run %q: it covers times until %s, which are still to come: %w", plan.Name, c.To.Format(time.RFC3339), reaction.ErrConflict)
		}
	}
	if len(plan.Coverage) > maxSpans || len(plan.Rejected) > maxSpans {
		return fmt.Errorf("run %q: more than %d spans of coverage or reasons: %w", plan.Name, maxSpans, reaction.ErrConflict)
	}
	seen := map[reaction.RejectCount]bool{}
	for _, x := range plan.Rejected {
		if x.Posts < 0 || int64(x.Posts) > maxRejected {
			return fmt.Errorf("run %q: %d rows cannot have been refused: %w", plan.Name, x.Posts, reaction.ErrConflict)
		}
		x.Posts = 0
		if seen[x] {
			return fmt.Errorf("run %q: the reason %s of %s is given twice: %w", plan.Name, x.Reason, x.Source, reaction.ErrConflict)
		}
		seen[x] = true
		if !reasonName.MatchString(x.Reason) {
			return fmt.Errorf("run %q: the reason of a refusal is lower-case letters, digits and '_', at most 40: %w", plan.Name, reaction.ErrConflict)
		}
	}
	return nil
}

// resume reads from a feed's last envelope how many records need not be sent again, and whether
// a new pass begins.
func resume(last *reaction.Envelope, e *reaction.Event) (sent int64, fresh bool, err error) {
	if last == nil || last.Done {
		return 0, true, nil
	}
	var c reaction.RunCursor
	if err := json.Unmarshal(last.Cursor, &c); err != nil {
		return 0, false, fmt.Errorf("feed %s: its last cursor: %w", last.Feed, err)
	}
	if c.Revision != e.Revision {
		return 0, true, nil
	}
	return c.Sent, false, nil
}

// finished reports whether a feed's last envelope ended a run of that many records by the event's
// present definition.
func finished(last *reaction.Envelope, e *reaction.Event, records int64) bool {
	if last == nil || !last.Done {
		return false
	}
	var c reaction.RunCursor
	return json.Unmarshal(last.Cursor, &c) == nil && c == reaction.RunCursor{Sent: records, Revision: e.Revision}
}

// Send makes records durable that follow the first `after` ones of the run. Where `after` is not
// the run's Sent nothing is taken, and the progress says where to go on.
func (r *Runs) Send(ctx context.Context, e *reaction.Event, name string, after int64, records []reaction.Record) (reaction.RunProgress, error) {
	limit := time.Now().Add(maxAhead)
	for i := range records {
		p := records[i].Check()
		if p == nil && !e.Simulated && records[i].At.After(limit) {
			p = &reaction.Problem{Path: "at", Text: records[i].At.Format(time.RFC3339) + " is still to come"}
		}
		if p != nil {
			return reaction.RunProgress{}, fmt.Errorf("record %d of the run: %s: %w", after+int64(i)+1, p, reaction.ErrConflict)
		}
	}
	u, err := r.find(e, name)
	if err != nil {
		return reaction.RunProgress{}, err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.builder.event.Revision != e.Revision {
		return reaction.RunProgress{}, fmt.Errorf("event %q was changed during the run: begin it again: %w", e.Slug, reaction.ErrConflict)
	}
	if after != u.sent || u.done {
		return r.progress(ctx, u)
	}
	for len(records) > 0 {
		n := u.builder.take(records)
		records = records[n:]
		if err := r.publish(ctx, u, int64(n), false); err != nil {
			return reaction.RunProgress{}, err
		}
	}
	return r.progress(ctx, u)
}

// Advance says that no record before clock follows: in a recording that is played at its own pace
// and has nothing to say for a while, time passes all the same. Without it the run would be taken
// for one that was broken off, and its last buckets for closed. It changes nothing that is counted,
// and does nothing where the run's clock has come further.
func (r *Runs) Advance(ctx context.Context, e *reaction.Event, name string, clock time.Time) (reaction.RunProgress, error) {
	if !e.Simulated && clock.After(time.Now().Add(maxAhead)) {
		return reaction.RunProgress{}, fmt.Errorf("run %q: its clock cannot be at %s, which is still to come: %w", name, clock.Format(time.RFC3339), reaction.ErrConflict)
	}
	u, err := r.find(e, name)
	if err != nil {
		return reaction.RunProgress{}, err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.builder.event.Revision != e.Revision {
		return reaction.RunProgress{}, fmt.Errorf("event %q was changed during the run: begin it again: %w", e.Slug, reaction.ErrConflict)
	}
	if !u.done && u.builder.advance(clock) {
		if err := r.publish(ctx, u, 0, false); err != nil {
			return reaction.RunProgress{}, err
		}
	}
	return r.progress(ctx, u)
}

// Finish says that no more records follow.
func (r *Runs) Finish(ctx context.Context, e *reaction.Event, name string) (reaction.RunProgress, error) {
	u, err := r.find(e, name)
	if err != nil {
		return reaction.RunProgress{}, err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.done {
		if u.sent != u.plan.Records {
			return reaction.RunProgress{}, fmt.Errorf("run %q: %d of %d records were sent: %w", name, u.sent, u.plan.Records, reaction.ErrConflict)
		}
		if err := r.publish(ctx, u, 0, true); err != nil {
			return reaction.RunProgress{}, err
		}
	}
	return r.progress(ctx, u)
}

// Progress says how far the run has come.
func (r *Runs) Progress(ctx context.Context, e *reaction.Event, name string) (reaction.RunProgress, error) {
	u, err := r.find(e, name)
	if err != nil {
		return reaction.RunProgress{}, err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return r.progress(ctx, u)
}

// publish closes the builder's envelope and makes it durable. A run that cannot publish is
// dropped: beginning it again finds what became durable.
func (r *Runs) publish(ctx context.Context, u *run, n int64, done bool) error {
	env := u.builder.close(u.plan.Coverage, done)
	cursor, err := json.Marshal(reaction.RunCursor{Sent: u.sent + n, Revision: u.builder.event.Revision})
	if err != nil {
		return err
	}
	env.Feed, env.Cursor, env.Done, env.Made = u.name, cursor, done, time.Now().UTC()
	if env.Restart = u.fresh; u.fresh {
		env.Rejected = u.plan.Rejected
	}
	seq, err := u.feed.Publish(ctx, env)
	if err != nil {
		r.drop(u)
		if errors.Is(err, stream.ErrFenced) {
			return fmt.Errorf("run %q was taken over by another sender of the same records: %w", u.plan.Name, reaction.ErrConflict)
		}
		return err
	}
	if u.fresh {
		u.first = seq
	}
	u.sent, u.fresh, u.done = u.sent+n, false, done
	return nil
}

func (r *Runs) drop(u *run) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open[u.name] == u {
		delete(r.open, u.name)
	}
}

func (r *Runs) find(e *reaction.Event, name string) (*run, error) {
	feed, err := feedOf(e, name)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if u := r.open[feed]; u != nil {
		return u, nil
	}
	return nil, fmt.Errorf("run %q of event %q is not open here: %w", name, e.Slug, reaction.ErrNotFound)
}

// progress joins what the store has committed with what is in the log.
func (r *Runs) progress(ctx context.Context, u *run) (reaction.RunProgress, error) {
	// A database that hangs must not hold up what the log can take.
	asking, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	p, seq, err := r.store.Run(asking, r.log.Epoch(), u.name)
	switch {
	case errors.Is(err, reaction.ErrNotFound), errors.Is(err, reaction.ErrAway):
		// Nothing committed yet, or nothing to be learnt of it now: sending goes on all the same.
	case err != nil:
		return p, err
	}
	if u.fresh || seq < u.first { // the store still tells of an earlier pass
		p = reaction.RunProgress{}
	}
	p.Name, p.Sent = u.plan.Name, u.sent
	p.Done = u.done && seq >= u.feed.LastSeq()
	return p, nil
}
