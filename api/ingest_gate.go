package api

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"outcry/internal/auth"
	"outcry/internal/reaction"
)

// pushGate bounds how many pushes are under way, and remembers which senders are in the audit log.
type pushGate struct {
	mu    sync.Mutex
	open  map[string]int // by sender
	total int
	noted map[string]time.Time // by actor
	disk  atomic.Int64         // bytes that results=all takes
}

func newPushGate() *pushGate {
	return &pushGate{open: map[string]int{}, noted: map[string]time.Time{}}
}

// enter lets a push in, until leave is called, or fails with reaction.ErrBusy.
func (g *pushGate) enter(ctx context.Context) (leave func(), err error) {
	who := senderOf(principal(ctx))
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.open[who] >= pushesASender:
		return nil, fmt.Errorf("%d pushes of this sender are under way, and no more may be at once: wait until one has ended: %w", pushesASender, reaction.ErrBusy)
	case g.total >= pushesAtOnce:
		return nil, fmt.Errorf("%d pushes are under way, and no more may be at once: wait until one has ended: %w", pushesAtOnce, reaction.ErrBusy)
	}
	g.open[who]++
	g.total++
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.total--
		if g.open[who]--; g.open[who] == 0 {
			delete(g.open, who)
		}
	}, nil
}

// noteEvery is how often one sender's pushes are in the audit log: whoever sends something each
// second must not fill it.
const noteEvery = time.Hour

// worthNoting reports whether a push goes into the audit log.
func (g *pushGate) worthNoting(actor string, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if last, ok := g.noted[actor]; ok && now.Sub(last) < noteEvery {
		return false
	}
	if len(g.noted) >= maxHomes {
		clear(g.noted)
	}
	g.noted[actor] = now
	return true
}

// senderOf names who pushes, for limits and clocks: a key, or a person.
func senderOf(p auth.Principal) string {
	if p.Kind == auth.APIKey {
		return "key " + p.KeyID
	}
	return p.Actor()
}
