package bluesky

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"outcry/collectors"
	"outcry/internal/reaction"
)

// posting writes ten posts a second for so long, with a repost now and then.
func (n *network) posting(from int, d time.Duration) (ids []string) {
	for i := range int(d / (100 * time.Millisecond)) {
		ids = append(ids, n.post(from+i))
		if i%200 == 150 {
			ids = append(ids, n.repost(from+i, ids[0]))
		}
		pass(n.t, 100*time.Millisecond)
	}
	return ids
}

// Whoever goes on from the cursor in the log misses nothing, though the process knows nothing of
// what it heard before.
func TestAnotherProcessGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(t, one, two)
		n.hosts[one].leaky = true
		var want []string
		var after collectors.Cursor
		heard := map[string]bool{}
		for i := range 10 {
			e := newEar()
			stop := collecting(t, n.source(Options{}, one, two), after, e)
			if i == 0 {
				synctest.Wait()
			}
			want = append(want, n.posting(len(want)*10, time.Duration(3+2*i)*time.Second)...)
			stop() // also while it looks again at the moment of its reconnect
			for id := range e.posts {
				heard[id] = true
			}
			after = e.cursor
			want = append(want, n.posting(len(want)*10, 2*time.Second)...)
		}
		e := newEar()
		stop := collecting(t, n.source(Options{}, one, two), after, e)
		pass(t, 30*time.Second)
		stop()
		for id := range e.posts {
			heard[id] = true
		}
		missing := slices.DeleteFunc(slices.Clone(want), func(id string) bool { return heard[id] })
		// A repost of what an earlier process heard is not understood.
		missing = slices.DeleteFunc(missing, func(id string) bool { return strings.Contains(id, reposts) })
		if len(missing) > 0 || len(want) < 1000 {
			t.Errorf("of %d posts %d are missing: %v", len(want), len(missing), missing[0])
		}
	})
}

// A host that packs with another dictionary is asked for plain messages, and nothing is lost.
func TestAnotherDictionary(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(t, one)
		n.hosts[one].packer = packer(otherDictionary())
		e := newEar()
		stop := collecting(t, n.source(Options{}, one), nil, e)
		defer stop()
		synctest.Wait()
		want := n.posting(0, 30*time.Second)
		pass(t, 10*time.Second)
		stop()
		e.check(t, want)
		var packed []string
		for _, d := range n.hosts[one].dials {
			packed = append(packed, d.Get("compress"))
		}
		if packed[0] != "true" || strings.Join(packed[1:], "") != "" {
			t.Errorf("asked for packed messages: %q", packed)
		}
	})
}

// otherDictionary is a dictionary of another number.
func otherDictionary() []byte {
	d := slices.Clone(dictionary)
	d[4] ^= 0xff
	return d
}

// A host that no longer has what was missed is found out.
func TestHistoryThatIsTooShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(t, one)
		h := n.hosts[one]
		e := newEar()
		stop := collecting(t, n.source(Options{}, one), nil, e)
		defer stop()
		synctest.Wait()
		want := n.posting(0, time.Minute)
		h.set(func(h *jetstream) { h.down = true })
		h.kill()
		n.posting(1000, 10*time.Minute)
		h.set(func(h *jetstream) { h.first, h.down = len(h.log), false }) // ten minutes are gone
		want = append(want, n.posting(9000, 2*time.Minute)...)
		pass(t, 5*time.Second)
		stop()
		e.check(t, slices.DeleteFunc(want, func(id string) bool { return strings.Contains(id, reposts) && e.posts[id] == 0 }))
		if gap := e.unheard(time.Now().Add(-5 * time.Second)); gap < 9*time.Minute || gap > 11*time.Minute {
			t.Errorf("%s were not heard", gap)
		}
	})
}

// A collection that is dead on one host, while its others live, is heard from another one.
func TestDeadCollection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(t, one, two)
		e := newEar()
		stop := collecting(t, n.source(Options{}, one, two), nil, e)
		defer stop()
		synctest.Wait()
		want := n.posting(0, 30*time.Second)
		n.hosts[one].set(func(h *jetstream) { h.dead = posts })
		for i := range 30 { // reposts go on
			want = append(want, n.posting(1000+100*i, 5*time.Second)...)
			want = append(want, n.repost(1000+100*i, want[0]))
		}
		pass(t, 5*time.Second)
		stop()
		e.check(t, want)
		if gap := e.unheard(time.Now().Add(-6 * time.Second)); gap > 0 || e.hosts() != one+" "+two {
			t.Errorf("%s were not heard; listened to %s", gap, e.hosts())
		}
		blind := slices.ContainsFunc(e.states, func(s reaction.FeedState) bool { return s.State == reaction.FeedBlind })
		if !blind {
			t.Error("nobody was told that posts did not come")
		}
	})
}

// A line that is full for minutes loses nothing, though the host hangs up on who is too slow.
func TestFullLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(t, one)
		e := newEar()
		stop := collecting(t, n.source(Options{}, one), nil, e)
		defer stop()
		synctest.Wait()
		want := n.posting(0, 10*time.Second)
		full := make(chan struct{})
		e.mu.Lock()
		e.full = full
		e.mu.Unlock()
		want = append(want, n.posting(200, 3*time.Minute)...)
		if subs := len(n.hosts[one].subscribers()); subs != 0 {
			t.Errorf("%d are still listening, and should have been too slow", subs)
		}
		close(full)
		want = append(want, n.posting(5000, 30*time.Second)...)
		pass(t, 20*time.Second)
		stop()
		e.check(t, want)
		if gap := e.unheard(time.Now().Add(-21 * time.Second)); gap > 0 {
			t.Errorf("%s were not heard", gap)
		}
	})
}

// Thousands at once come through.
func TestBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(t, one)
		e := newEar()
		stop := collecting(t, n.source(Options{}, one), nil, e)
		defer stop()
		synctest.Wait()
		var want []string
		for i := range 4000 {
			want = append(want, n.post(i))
		}
		pass(t, 5*time.Second)
		stop()
		e.check(t, want)
	})
}

// A message from the far future moves neither the clock nor the cursor.
func TestTimesThatCannotBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(t, one)
		h := n.hosts[one]
		e := newEar()
		stop := collecting(t, n.source(Options{}, one), nil, e)
		defer stop()
		synctest.Wait()
		want := n.posting(0, 5*time.Second)
		for i, us := range []int64{time.Now().AddDate(70, 0, 0).UnixMicro(), 1, -5, 0, 1 << 62} {
			h.say(websocket.MessageText, fmt.Appendf(nil, `{"did":"did:plc:x","time_us":%d,"kind":"commit","commit":{"rev":"r","operation":"create","collection":"app.bsky.feed.post","rkey":"odd%d","record":{"$type":"app.bsky.feed.post","text":"x","createdAt":"2095-01-01T00:00:00Z"}}}`, us, i))
			want = append(want, fmt.Sprintf("at://did:plc:x/app.bsky.feed.post/odd%d", i))
		}
		synctest.Wait()
		e.mu.Lock()
		var c struct{ Source cursor }
		if err := json.Unmarshal(e.cursor, &c); err != nil {
			t.Fatal(err)
		}
		e.mu.Unlock()
		if at := time.UnixMicro(c.Source.TimeUS); time.Since(at) > time.Second || time.Until(at) > 0 {
			t.Errorf("the cursor is at %s", at)
		}
		want = append(want, n.posting(500, 5*time.Second)...)
		pass(t, time.Second)
		stop()
		e.check(t, want)
	})
}

// Where all times differ, the clocks are wrong, and somebody must be told.
func TestClocksThatDiffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(t, one)
		n.hosts[one].skew = time.Hour
		e := newEar()
		stop := collecting(t, n.source(Options{}, one), nil, e)
		synctest.Wait()
		n.posting(0, 2*time.Minute)
		stop()
		last := e.states[len(e.states)-1]
		if last.State != reaction.FeedBlind || !strings.Contains(last.Mend, "clock") {
			t.Errorf("the state is %+v", last)
		}
	})
}

func TestRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(t, one)
		s := n.source(Options{}, one)
		for _, c := range []struct {
			status int
			header http.Header
			kind   collectors.Kind
			wait   time.Duration
			says   string
		}{
			{http.StatusTooManyRequests, http.Header{"Retry-After": {"7"}}, collectors.Limited, 7 * time.Second, "answers 429"},
			{http.StatusServiceUnavailable, http.Header{"Retry-After": {"9999999"}}, collectors.Server, maxWait, "answers 503"},
			{http.StatusBadGateway, http.Header{"Retry-After": {"soon"}}, collectors.Server, 0, "answers 502"},
			{http.StatusNotFound, nil, collectors.Server, 0, "bluesky_hosts"},
			{http.StatusFound, http.Header{"Location": {"http://127.0.0.1:9/"}}, collectors.Server, 0, "answers 302"},
		} {
			h := n.hosts[one]
			h.set(func(h *jetstream) { h.status, h.header = c.status, c.header })
			_, err := s.Dial(t.Context(), nil)
			f := collectors.AsFault(err)
			if f.Kind != c.kind || !strings.Contains(f.Error(), c.says) {
				t.Errorf("%d: %s fault: %v", c.status, f.Kind, f)
			}
			if wait := time.Until(f.RetryAt); c.wait > 0 && wait != c.wait || c.wait == 0 && !f.RetryAt.IsZero() {
				t.Errorf("%d: try again in %s", c.status, wait)
			}
			if c.wait > 0 {
				dials := len(h.dials)
				if _, err := s.Dial(t.Context(), nil); err == nil || len(h.dials) != dials {
					t.Errorf("%d: the host was dialled before its time", c.status)
				}
			}
			pass(t, maxWait)
		}
	})
}

// Where one host asks for patience and another cannot be reached, the other is tried again soon.
func TestOneHostDoesNotHoldUpAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(t, one, two)
		n.hosts[one].status, n.hosts[one].header = http.StatusServiceUnavailable, http.Header{"Retry-After": {"600"}}
		for _, hosts := range [][]string{{one, two}, {two, one}} {
			n.hosts[two].set(func(h *jetstream) { h.down = true })
			s := n.source(Options{}, hosts...)
			_, err := s.Dial(t.Context(), nil)
			if f := collectors.AsFault(err); f.Kind != collectors.Network || !f.RetryAt.IsZero() {
				t.Errorf("%v: %+v", hosts, f)
			}
			n.hosts[two].set(func(h *jetstream) { h.down = false })
			conn, err := s.Dial(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			conn.Close()
		}
	})
}

func TestCursorsBelongToHosts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(t, one, two)
		now := time.Now().Add(-time.Minute).UnixMicro()
		for _, c := range []struct {
			cursor string
			want   int64
		}{
			{"", 0}, {`{}`, 0}, {`"x"`, 0}, {`{"host":"127.0.0.1:1","time_us":-3}`, 0},
			{fmt.Sprintf(`{"host":"127.0.0.1:1","time_us":%d}`, now), now - rewind.Microseconds()},
			{fmt.Sprintf(`{"host":"127.0.0.1:2","time_us":%d}`, now), now - rewindHost.Microseconds()},
			{`{"host":"127.0.0.1:1","time_us":5}`, 1},
		} {
			conn, err := n.source(Options{}, one, two).Dial(t.Context(), collectors.Cursor(c.cursor))
			if err != nil {
				t.Fatal(err)
			}
			conn.Close()
			synctest.Wait()
			dials := n.hosts[one].dials
			want := ""
			if c.want > 0 {
				want = strconv.FormatInt(c.want, 10)
			}
			if got := dials[len(dials)-1].Get("cursor"); got != want {
				t.Errorf("%s: went on from %q, want %q", c.cursor, got, want)
			}
		}
	})
}

func TestHostsAreChecked(t *testing.T) {
	for host, good := range map[string]bool{
		"jetstream1.us-east.bsky.network": true, "wss://example.com/subscribe": true, "wss://example.com:8443": true,
		"ws://localhost:6008/subscribe": true, "ws://127.0.0.1:6008": true, "ws://[::1]:6008": true,
		"ws://example.com": false, "http://127.0.0.1:1": false, "wss://me:secret@example.com": false, "wss://example.com/?x=1": false, "": false, "wss://": false, "a b": false,
	} {
		_, err := New(Options{Hosts: []string{host}})
		if (err == nil) != good {
			t.Errorf("%s: %v", host, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error tells a secret: %v", host, err)
		}
	}
}
