package bluesky

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

const one, two = "127.0.0.1:1", "127.0.0.1:2"

// Ten posts a second for ten minutes, with everything going wrong that is known to: what is handed
// over is what is posted.
func TestEveryPostComesOnceThroughAllFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(t, one, two)
		a, b := n.hosts[one], n.hosts[two]
		b.skew = 700 * time.Millisecond
		for _, h := range n.hosts {
			h.leaky = true
		}
		faults := map[int]func(){ // by the second
			30: a.kill,
			// The whole host is gone for a minute.
			60: func() { a.set(func(h *jetstream) { h.down = true }); a.kill() },
			90: b.kill,
			110: func() {
				a.set(func(h *jetstream) { h.down = false })
				b.set(func(h *jetstream) { h.status = http.StatusServiceUnavailable })
				b.kill()
			},
			130: func() { b.set(func(h *jetstream) { h.status = 0 }) },
			// Both say no.
			150: func() {
				for _, h := range n.hosts {
					h.set(func(h *jetstream) {
						h.status, h.header = http.StatusTooManyRequests, http.Header{"Retry-After": {"20"}}
					})
					h.kill()
				}
			},
			165: func() {
				for _, h := range n.hosts {
					h.set(func(h *jetstream) { h.status, h.header = 0, nil })
				}
			},
			// Nothing comes, and nothing is closed.
			200: func() {
				for _, h := range n.hosts {
					for _, s := range h.subscribers() {
						s.pipe.freeze()
					}
				}
			},
			// Odd messages.
			300: func() {
				for _, h := range n.hosts {
					h.say(websocket.MessageText, []byte(`{"did":`))
					h.say(websocket.MessageText, []byte(`"`+strings.Repeat("x", maxMessage)+`"`))
					h.say(websocket.MessageBinary, h.packer.EncodeAll(make([]byte, 3*maxMessage), nil))
				}
			},
			330: func() {
				for _, h := range n.hosts {
					h.set(func(h *jetstream) { h.cut = 3 })
				}
			},
			// What a restarted server has heard twice it sends twice, with another time.
			400: func() {
				for i := 3950; i < 4000; i++ {
					n.again("create", fmt.Sprintf("did:plc:%d", i%7), posts, fmt.Sprintf("p%d", i), fmt.Sprintf("create-p%d", i), postRecord("again"))
				}
			},
			430: a.kill, 431: b.kill, 432: a.kill, 433: b.kill,
			// A message too long to be let go by ends the connection.
			500: func() {
				for _, h := range n.hosts {
					h.say(websocket.MessageText, make([]byte, endless+10))
				}
			},
		}
		e := newEar()
		stop := collecting(t, n.source(Options{}, one, two), nil, e)
		defer stop()
		pass(t, 2*time.Second)
		var want []string
		for i := range 6000 {
			if f := faults[i/10]; f != nil && i%10 == 5 {
				f()
			}
			want = append(want, n.post(i))
			if i%10 == 3 {
				want = append(want, n.repost(i, want[max(0, len(want)-150)]))
			}
			pass(t, 100*time.Millisecond)
		}
		last := time.Now()
		pass(t, 30*time.Second)
		for _, h := range n.hosts {
			for _, s := range h.subscribers() {
				s.pipe.thaw()
			}
		}
		stop()
		e.check(t, want)
		if e.refused["bad_json"] != 1 || e.refused["too_large"] != 2 {
			t.Errorf("refused %v", e.refused)
		}
		if !strings.Contains(e.hosts(), one+" "+two+" "+one) {
			t.Errorf("listened to %s", e.hosts())
		}
		if gap := e.unheard(last.Add(-time.Second)); gap > 0 {
			t.Errorf("%s were not heard", gap)
		}
	})
}
