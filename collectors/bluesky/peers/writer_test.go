//go:build peers

package peers_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"outcry/internal/reaction"
)

// writer writes an account's posts, and changes and deletes some of them.
type writer struct {
	*account
	truth    *truth
	everyone []*account
	random   *rand.Rand
	number   int
	mine     []*post          // that may still be changed
	passed   map[string]*post // the repost of a post
}

// write writes n posts.
func (w *writer) write(ctx context.Context, n int) error {
	for range n {
		if err := await(ctx, func(context.Context) (bool, error) { return w.truth.mayWrite(), nil }); err != nil {
			return err
		}
		if err := w.one(ctx); err != nil {
			return fmt.Errorf("%s: post %d: %w", w.Handle, len(w.mine), err)
		}
		var err error
		switch w.random.IntN(12) {
		case 0:
			err = w.delete(ctx)
		case 1:
			err = w.edit(ctx)
		case 2:
			err = w.repost(ctx)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", w.Handle, err)
		}
	}
	return nil
}

func (w *writer) next() int { w.number++; return w.number }

func (w *writer) one(ctx context.Context) error {
	d := compose(w.random, w.next(), w.everyone)
	now := time.Now().UTC().Truncate(time.Millisecond)
	p := &post{by: w.account, at: now, wrote: now}
	if to := w.truth.pick(w.random.Int()); to != nil {
		p.kind, p.repeats = d.answer(w.random, to)
	}
	switch w.random.IntN(60) {
	case 0:
		p.at, p.retimed = p.at.AddDate(73, 0, 0), true
	case 1:
		p.at, p.retimed = p.at.AddDate(-3, 0, 0), true
	}
	did, err := w.create(ctx, d.record(p.at))
	if err != nil {
		return err
	}
	p.uri = did.URI
	p.take(d, did)
	p.more = d.more
	w.truth.add(p)
	w.mine = append(w.mine, p)
	return nil
}

// some picks a post of the account's own that may still be changed, and what is left without it;
// nil where there is none.
func (w *writer) some() (p *post, rest []*post) {
	if len(w.mine) == 0 {
		return nil, nil
	}
	i, last := w.random.IntN(len(w.mine)), len(w.mine)-1
	w.mine[i], w.mine[last] = w.mine[last], w.mine[i]
	return w.mine[last], w.mine[:last]
}

func (w *writer) delete(ctx context.Context) error {
	p, rest := w.some()
	if p == nil {
		return nil
	}
	w.mine = rest
	if err := w.remove(ctx, p.rkey()); err != nil {
		return err
	}
	w.truth.change(func() { p.removed, p.blank = true, p.stored })
	return nil
}

// edit writes other words in the place of a post, which stays what it was to others. One that has
// been hidden after it was public is let alone from then on: it stays blank whatever it becomes.
func (w *writer) edit(ctx context.Context) error {
	p, rest := w.some()
	if p == nil || w.passed[p.uri] != nil {
		return nil
	}
	d := compose(w.random, w.next(), w.everyone)
	d.more = p.more
	did, err := w.put(ctx, p.rkey(), d.record(p.at))
	switch {
	case err != nil:
		return err
	case did.URI != p.uri:
		return errors.New("an edited post has another address")
	}
	w.truth.change(func() { p.take(d, did); p.edited = true; w.truth.edits++ })
	if p.blank {
		w.mine = rest
	}
	return nil
}

// repost passes a post of the account's own on as it is. It is known by the words that the post has
// then; one that is not public, or gone, has none. Where the account has passed the post on before,
// the PDS takes that repost back in the same commit. What is edited is not passed on, nor the other
// way round: while Jetstream goes over from what was to what is, the one may be heard before the other.
func (w *writer) repost(ctx context.Context) error {
	w.truth.passing.RLock()
	defer w.truth.passing.RUnlock()
	to, _ := w.some()
	if to == nil || to.edited || w.truth.quiet || to.wrote.Before(w.truth.known) {
		return nil
	}
	p := &post{by: w.account, at: time.Now().UTC().Truncate(time.Millisecond), kind: reaction.Repost, repeats: to.uri, of: to}
	did, err := w.create(ctx, map[string]any{"$type": reposts, "subject": map[string]string{"uri": to.uri, "cid": to.cid},
		"createdAt": p.at.Format(clock)})
	if err != nil {
		return err
	}
	p.uri = did.URI
	if before := w.passed[to.uri]; before != nil {
		w.truth.change(func() { before.removed, before.blank = true, before.stored })
	}
	w.passed[to.uri] = p
	if !to.hidden {
		p.text, p.lang, p.tags, p.ever, p.stored = to.text, to.lang, to.tags, slices.Clone(to.tags), to.matches
	}
	w.truth.add(p)
	return nil
}
