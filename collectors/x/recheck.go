package x

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"time"

	twitter "github.com/g8rswimmer/go-twitter/v2"
	"golang.org/x/sync/errgroup"

	"outcry/collectors"
	"outcry/collectors/wire"
	"outcry/internal/reaction"
)

// lookUpMost is how many posts can be looked up at once.
const lookUpMost = 100

// gone are the problems by which X says that a post is not to be seen any more: it was deleted, or
// its author was suspended or is protected now.
var gone = []string{"resource-not-found", "not-authorized-for-resource", "resource-unavailable"}

// Missing asks X which posts are not to be seen any more: deleted, or their authors suspended or
// protected. A post that X says nothing of counts as there. Posts that are there are charged. On an
// error it gives what it knows.
func (c *Client) Missing(ctx context.Context, ids []string) (missing []string, err error) {
	for some := range slices.Chunk(ids, lookUpMost) {
		some, err := c.missing(ctx, some)
		missing = append(missing, some...)
		if err != nil {
			return missing, err
		}
	}
	return missing, nil
}

func (c *Client) missing(ctx context.Context, ids []string) ([]string, error) {
	var ex exchange
	err := c.ask(ctx, c.lookups, &ex, func(ctx context.Context, api *twitter.Client) error {
		_, err := api.TweetLookup(ctx, ids, twitter.TweetLookupOpts{})
		return err
	})
	if err != nil && (ex.status != 404 || len(ids) != 1) {
		return nil, err
	}
	var p problem
	if json.Unmarshal(ex.body, &p) != nil {
		return nil, &collectors.Fault{Kind: collectors.Server, Err: errors.New("X's answer cannot be read")}
	}
	there := pageIDs(ex.body)
	var out []string
	for _, part := range append(p.parts(), p) {
		if id := part.about(); !slices.Contains(out, id) && slices.Contains(gone, part.kind()) && slices.Contains(ids, id) && !slices.Contains(there, id) {
			out = append(out, id)
		}
	}
	if err != nil && len(out) == 0 {
		return nil, err
	}
	return out, nil
}

// isID reports whether a post of X can have this id.
func isID(s string) bool { return s != "" && len(s) <= 19 && wire.Digits(s) }

// pageIDs are the ids of the posts in an answer.
func pageIDs(body []byte) (ids []string) {
	var p struct {
		Data json.RawMessage `json:"data"`
	}
	type post struct {
		ID wire.LooseID `json:"id"`
	}
	if json.Unmarshal(body, &p) != nil || p.Data == nil {
		return nil
	}
	var list []post
	if json.Unmarshal(p.Data, &list) != nil {
		var one post
		if json.Unmarshal(p.Data, &one) != nil {
			return nil
		}
		list = []post{one}
	}
	for _, x := range list {
		if x.ID != "" {
			ids = append(ids, string(x.ID))
		}
	}
	return ids
}

// CheckedPosts is where it is kept when stored posts were last seen to be there.
type CheckedPosts interface {
	// DueForCheck lists at most limit posts of a source last seen to be there before a time, the
	// longest ago first.
	DueForCheck(ctx context.Context, source reaction.Source, before time.Time, limit int) (ids []string, err error)
	// Checked notes that the source was asked for posts at a time, whether they are gone or not.
	Checked(ctx context.Context, source reaction.Source, ids []string, at time.Time) error
}

// Rechecks looks stored posts up again, since X's stream does not tell what is deleted. X wants
// deletions honoured within 24 hours. What it costs is no single event's, and within the limit of
// the month.
type Rechecks struct {
	Client   *Client
	Posts    CheckedPosts
	Ledger   collectors.Ledger
	MonthCap reaction.Micros
	Log      *slog.Logger // nil: nothing is logged
}

const (
	recheckAfter = 20 * time.Hour // so that all are through within 24
	recheckEvery = time.Minute
)

// Run looks up what is due until ctx ends, when it returns nil, and emits a deletion for each post
// that is gone. Other errors are of emit.
func (r *Rechecks) Run(ctx context.Context, emit collectors.Emit) error {
	if r.Log == nil {
		r.Log = slog.New(slog.DiscardHandler)
	}
	troubled := false
	for ctx.Err() == nil {
		n, err := r.some(ctx, emit)
		if errors.Is(err, errEmit) {
			return errors.Unwrap(err)
		}
		wait := recheckEvery
		if err != nil {
			wait = max(wait, time.Until(collectors.AsFault(err).RetryAt))
			if !troubled && ctx.Err() == nil {
				r.Log.Warn("stored posts of X cannot be looked up now", "error", err)
			}
		} else if n == lookUpMost { // there may be more
			wait = 0
		}
		troubled = err != nil
		pause(ctx, nil, wait)
	}
	return nil
}

var errEmit = errors.New("the line")

type emitError struct{ err error }

func (e emitError) Error() string        { return e.err.Error() }
func (e emitError) Unwrap() error        { return e.err }
func (e emitError) Is(target error) bool { return target == errEmit }

// some looks up as many posts as one request can, and says how many these were.
func (r *Rechecks) some(ctx context.Context, emit collectors.Emit) (int, error) {
	ids, err := r.Posts.DueForCheck(ctx, reaction.X, time.Now().Add(-recheckAfter), lookUpMost)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	at := time.Now()
	// One name that is no id of X's would have all refused.
	if odd := slices.DeleteFunc(slices.Clone(ids), isID); len(odd) > 0 {
		return lookUpMost, r.Posts.Checked(ctx, reaction.X, odd, at)
	}
	hold, err := r.Ledger.Reserve(ctx, reaction.Ask{
		Source: reaction.X, Month: reaction.Month(at), Want: reaction.Micros(len(ids)) * collectors.PostRead, Least: collectors.PostRead, MonthCap: r.MonthCap,
	})
	if err != nil {
		return 0, err
	}
	ids = ids[:min(int(hold.Amount/collectors.PostRead), len(ids))]
	missing, err := r.Client.Missing(ctx, ids)
	spent := reaction.Micros(len(ids)-len(missing)) * collectors.PostRead
	if f := collectors.AsFault(err); err != nil && f.Kind != collectors.Network { // perhaps it came, and was charged
		spent = 0
	}
	if failed := r.settle(ctx, hold, spent); err == nil {
		err = failed
	}
	if err != nil {
		return 0, err
	}
	items := make([]collectors.Item, len(missing))
	for i, id := range missing {
		d := &reaction.Delete{Source: reaction.X, ID: id, At: at.UTC().Truncate(time.Microsecond)}
		items[i].Record = reaction.Record{At: d.At, Delete: d}
	}
	if len(items) > 0 {
		if err := emit(ctx, items...); err != nil {
			return 0, emitError{err}
		}
	}
	return len(ids), r.Posts.Checked(ctx, reaction.X, ids, at)
}

// settle gives back what was not spent, also where ctx has ended.
func (r *Rechecks) settle(ctx context.Context, hold reaction.Hold, spent reaction.Micros) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return r.Ledger.Settle(ctx, hold, spent)
}

// Beside makes a collector of another one of X and these looks, which share a feed.
func (r *Rechecks) Beside(c collectors.Collector) collectors.Collector { return &beside{r, c} }

type beside struct {
	rechecks *Rechecks
	main     collectors.Collector
}

// Listens implements collectors.Selective.
func (b *beside) Listens(event int64) bool {
	s, ok := b.main.(collectors.Selective)
	return !ok || s.Listens(event)
}

// Collect implements collectors.Collector.
func (b *beside) Collect(ctx context.Context, after collectors.Cursor, emit collectors.Emit) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return b.main.Collect(ctx, after, emit) })
	g.Go(func() error { return b.rechecks.Run(ctx, emit) })
	return g.Wait()
}
