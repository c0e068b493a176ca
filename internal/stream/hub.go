package stream

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

const (
	// maxKept bounds how many changes a follower remembers, some 10 MB.
	maxKept = 50_000
	// recently is how far back a follower begins that names no position: whoever read figures
	// just before misses nothing.
	recently = time.Minute
	// catchUpWait is how long a follower is waited for that has not come as far as a position.
	catchUpWait = 2 * time.Second
)

// hub remembers what a follower has read, and passes it on to those who watch on this node.
type hub struct {
	mu       sync.Mutex
	epoch    string
	floor    uint64 // what came after this sequence is remembered
	last     uint64 // the last one read
	caughtUp bool
	kept     []kept
	watchers map[int64]map[*watcher]struct{}
	moved    chan struct{} // closed when last or caughtUp changes; nil where nobody waits
}

type kept struct {
	seq    uint64
	stored time.Time // wall clock
	reaction.Change
}

type watcher struct {
	tell func(position string, c reaction.Change)
}

// Watch calls tell for every change of an event from now on, with the position after it, and for
// those of samples of real services (Event 0), which may concern it. tell must return at once and
// may not call Notices. After stop has returned tell is not called any more.
func (n *Notices) Watch(event int64, tell func(position string, c reaction.Change)) (stop func()) {
	h := &n.hub
	w := &watcher{tell}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.watchers == nil {
		h.watchers = map[int64]map[*watcher]struct{}{}
	}
	if h.watchers[event] == nil {
		h.watchers[event] = map[*watcher]struct{}{}
	}
	h.watchers[event][w] = struct{}{}
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if delete(h.watchers[event], w); len(h.watchers[event]) == 0 {
			delete(h.watchers, event)
		}
	}
}

// Since tells what changed of an event after a position, and the position it has come to: at most
// one change of the event and one with Event 0. Of what had been open at the position, all is
// among it. "" is a minute ago. known is false where the position is of another life of the
// stream, or no longer remembered: then everything has to be read again. It fails with
// reaction.ErrAway while this node does not follow.
func (n *Notices) Since(ctx context.Context, event int64, after string) (changes []reaction.Change, at string, known bool, err error) {
	h := &n.hub
	ctx, cancel := context.WithTimeout(ctx, catchUpWait)
	defer cancel()
	if h.wait(ctx, func() bool { return h.caughtUp }) != nil {
		return nil, "", false, fmt.Errorf("the live subjects of the log are %w", reaction.ErrAway)
	}
	epoch, seq, ok := readPosition(after)
	if after != "" && ok && epoch == h.name() {
		// Another node may have been ahead of this one. What is past the stream's end is no position.
		_ = h.wait(ctx, func() bool { return h.last >= seq })
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if at = h.position(); after == "" {
		return h.since(event, func(k *kept) bool { return time.Since(k.stored) < recently }), at, true, nil
	}
	if !ok || epoch != h.epoch || seq < h.floor || seq > h.last {
		return nil, at, false, nil
	}
	return h.since(event, func(k *kept) bool { return k.seq > seq }), at, true, nil
}

// since joins the remembered changes of an event that pass, and adds what was open before them.
func (h *hub) since(event int64, passes func(*kept) bool) []reaction.Change {
	var own, real *reaction.Change
	join := func(into **reaction.Change, c reaction.Change) {
		if *into != nil {
			c = (*into).Join(c)
		}
		*into = &c
	}
	// What each feed that held the watermark had left open. One that fell silent since no longer
	// holds it, and has nothing to say of that.
	open := map[reaction.Feed]kept{}
	var before time.Time
	for i := range h.kept {
		k := &h.kept[i]
		switch {
		case k.Event != event && k.Event != 0:
		case !passes(k):
			if before = k.stored; !k.Open.IsZero() {
				open[k.Feed] = *k
			}
		case k.Event == 0:
			join(&real, k.Change)
		default:
			join(&own, k.Change)
		}
	}
	for _, k := range open {
		if before.Sub(k.stored) <= trend.FreshnessOf(k.Feed) {
			join(&own, reaction.Change{Event: event, Kinds: reaction.ChangedCoverage, Spans: reaction.Spans{{From: k.Open}}})
		}
	}
	var out []reaction.Change
	for _, c := range []*reaction.Change{own, real} {
		if c != nil {
			out = append(out, *c)
		}
	}
	return out
}

// begin takes a life of the stream, with the first and last sequence that it remembers. Where it
// does not go on from what was read, everyone is told that they may have missed anything.
func (h *hub) begin(epoch string, first, last uint64) (next uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	first = max(first, 1)
	if epoch == h.epoch && first <= h.last+1 && last >= h.last {
		return h.last + 1
	}
	lost := h.epoch != ""
	h.epoch, h.caughtUp = epoch, false
	h.forget(first-1, lost)
	return first
}

// skip passes over a message that cannot be read: it may have said anything.
func (h *hub) skip(seq uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.forget(seq, true)
	h.wake()
}

func (h *hub) forget(upTo uint64, tell bool) {
	h.kept, h.floor, h.last = nil, upTo, upTo
	for event := range h.watchers {
		if tell {
			h.tell(reaction.Change{Event: event, Kinds: reaction.ChangedAll, Spans: reaction.Whole()}, event)
		}
	}
}

// take remembers what one message said and passes it on.
func (h *hub) take(seq uint64, stored time.Time, changes []reaction.Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if seq <= h.last {
		return
	}
	h.last = seq
	for _, c := range changes {
		h.kept = append(h.kept, kept{seq, stored, c})
		if c.Event != 0 {
			h.tell(c, c.Event)
			continue
		}
		for event := range h.watchers {
			h.tell(c, event)
		}
	}
	if len(h.kept) > maxKept {
		drop := maxKept / 4
		h.floor = h.kept[drop-1].seq
		h.kept = append(make([]kept, 0, maxKept+changesAtOnce), h.kept[drop:]...)
	}
	h.wake()
}

// reach says that everything up to seq has been read.
func (h *hub) reach(seq uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last, h.caughtUp = max(h.last, seq), true
	h.wake()
}

func (h *hub) tell(c reaction.Change, event int64) {
	for w := range h.watchers[event] {
		w.tell(h.position(), c)
	}
}

func (h *hub) wake() {
	if h.moved != nil {
		close(h.moved)
		h.moved = nil
	}
}

// wait waits until something holds, or ctx ends.
func (h *hub) wait(ctx context.Context, holds func() bool) error {
	for {
		h.mu.Lock()
		if holds() {
			h.mu.Unlock()
			return nil
		}
		if h.moved == nil {
			h.moved = make(chan struct{})
		}
		moved := h.moved
		h.mu.Unlock()
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (h *hub) name() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.epoch
}

func (h *hub) position() string { return h.epoch + "." + strconv.FormatUint(h.last, 10) }

func readPosition(s string) (epoch string, seq uint64, ok bool) {
	epoch, n, ok := strings.Cut(s, ".")
	if !ok {
		return "", 0, false
	}
	seq, err := strconv.ParseUint(n, 10, 64)
	return epoch, seq, err == nil && epoch != ""
}
