// Package platforms is Bluesky, Mastodon and X in small, on this machine: servers that speak as the
// platforms do, say as many posts a second as they are told, hang up now and then, and know exactly
// what they said. Benchmarks and rehearsals listen to them; nothing real is ever near.
package platforms

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Platform is one of the servers.
type Platform struct {
	rate  int // posts a second
	paths http.Handler

	mu    sync.Mutex
	made  []time.Time   // when each post was made, by its number
	more  chan struct{} // closed when there are more
	cut   context.Context
	hang  context.CancelFunc
	start time.Time
}

func newPlatform(rate int) *Platform {
	p := &Platform{rate: rate, more: make(chan struct{}), start: time.Now()}
	p.cut, p.hang = context.WithCancel(context.Background())
	return p
}

// Text is what the post of that number says.
func Text(n int) string {
	return fmt.Sprintf("the rehearsal stream is down again, no audio at all here (%d) #Rehearsal", n)
}

// Tag is the hashtag that every post has.
const Tag = "Rehearsal"

// talkEvery is how often posts are made.
const talkEvery = 20 * time.Millisecond

// Talk makes posts until ctx ends. What the platform falls behind it makes up for.
func (p *Platform) Talk(ctx context.Context) {
	tick := time.NewTicker(talkEvery)
	defer tick.Stop()
	began := time.Now()
	for n := 0; ; {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			due := int(now.Sub(began).Seconds() * float64(p.rate))
			p.say(due-n, now)
			n = max(n, due)
		}
	}
}

// say makes posts.
func (p *Platform) say(posts int, at time.Time) {
	if posts <= 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range posts { // each has a microsecond of its own
		p.made = append(p.made, at.Add(time.Duration(i)*time.Microsecond))
	}
	close(p.more)
	p.more = make(chan struct{})
}

// Made is when each post was made.
func (p *Platform) Made() []time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clip(p.made)
}

// after gives the posts from number n on, and how to wait for more.
func (p *Platform) after(n int) (made []time.Time, more <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.made[min(n, len(p.made)):len(p.made):len(p.made)], p.more
}

// HangUp ends every stream at once, without a word.
func (p *Platform) HangUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hang()
	p.cut, p.hang = context.WithCancel(context.Background())
}

// streaming is a context that ends with the request or when the platform hangs up.
func (p *Platform) streaming(r *http.Request) (context.Context, context.CancelFunc) {
	p.mu.Lock()
	cut := p.cut
	p.mu.Unlock()
	ctx, cancel := context.WithCancel(r.Context())
	stop := context.AfterFunc(cut, cancel)
	return ctx, func() { stop(); cancel() }
}

// follow sends posts from number n on until ctx ends. send takes some posts, of which first is the
// number of the first.
func (p *Platform) follow(ctx context.Context, n int, idle time.Duration, send func(first int, made []time.Time) error) error {
	beat := time.NewTicker(idle)
	defer beat.Stop()
	for {
		made, more := p.after(n)
		if len(made) > 0 {
			made = made[:min(len(made), 500)]
			if err := send(n, made); err != nil {
				return err
			}
			n += len(made)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-more:
		case <-beat.C:
			if err := send(n, nil); err != nil {
				return err
			}
		}
	}
}

// Serve answers on a free port of this machine until ctx ends. started is given the port's address
// once.
func (p *Platform) Serve(ctx context.Context, started func(addr string)) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := &http.Server{Handler: p.paths, ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { p.HangUp(); _ = s.Close() })
	defer stop()
	started(l.Addr().String())
	if err := s.Serve(l); ctx.Err() == nil {
		return err
	}
	return nil
}
