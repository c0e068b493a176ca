//go:build peers

package peers_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"outcry/internal/reaction"
)

// How much is written, and by whom: nine who write and stay, one who deletes the account, one whose
// account is taken down, and one who leaves for a while.
const (
	all       = 1000
	residents = 9
	each      = 40 // by each of the others
)

const (
	leaver = residents + iota
	banned
	resting
	people
)

// When things happen, in posts written.
const (
	firstLoss  = 150
	restart    = 500
	secondLoss = 640
	missed     = 70 // written meanwhile, at least
)

// scene is the chain, the line and those who write.
type scene struct {
	*testing.T
	chain    *chain
	line     *line
	truth    *truth
	everyone []*account
}

// TestPeers writes a thousand posts into a real Bluesky while Jetstream is killed twice and the
// collector is started anew, and finds the database equal to what was written.
func TestPeers(t *testing.T) {
	s := &scene{T: t, chain: startChain(t), truth: newTruth()}
	s.line = startLine(t, s.chain.subscribe.String())
	for i := range people {
		a, err := join(t.Context(), s.chain.pds.String(), fmt.Sprintf("peer%d", i))
		if err != nil {
			t.Fatal(err)
		}
		s.everyone = append(s.everyone, a)
	}
	s.line.collect(t)
	s.wait("Jetstream has a listener", s.listened)

	began := time.Now()
	s.truth.upTo(firstLoss + missed)
	g, ctx := errgroup.WithContext(t.Context())
	left := make(chan struct{})      // closed when who is to be banned has written
	restarted := make(chan struct{}) // closed when the collector has been
	returned := make(chan struct{})  // closed when who leaves for a while is back
	for i := range s.everyone {
		g.Go(func() error {
			w := s.writer(i)
			switch i {
			case leaver:
				return s.leave(ctx, w)
			case banned:
				defer close(left)
				return w.write(ctx, each)
			case resting:
				return s.rest(ctx, w, restarted, returned)
			}
			n := all - 3*each
			return w.write(ctx, n*(i+1)/residents-n*i/residents)
		})
	}
	outages := []time.Duration{s.lose(firstLoss, nil)}
	pause := s.restart()
	close(restarted)
	select {
	case <-returned: // and Jetstream is killed before it has noted that
	case <-ctx.Done():
		t.Fatal(g.Wait())
	}
	outages = append(outages, s.lose(secondLoss, func() {
		s.truth.upTo(all - missed)
		<-left
		if err := s.chain.takeDown(ctx, s.everyone[banned]); err != nil {
			t.Error(err)
		}
		s.truth.purge(s.everyone[banned], true)
	}))
	s.truth.upTo(all)
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	wrote := time.Since(began)
	if err := s.truth.check(t.Context(), s.everyone); err != nil {
		t.Fatalf("what was written is not what the PDS holds: %v", err)
	}

	v := &verdict{}
	s.wait("the database is equal to the truth", func(ctx context.Context) (bool, error) {
		now, err := s.line.compare(ctx, s.truth)
		if err == nil {
			v = now
		}
		return err == nil && len(v.wrong) == 0, err
	}, func() string { return v.String() })
	if err := s.line.heard(t.Context(), began, began.Add(wrote)); err != nil {
		t.Error(err)
	}
	t.Logf("posts %d by %d accounts, reposts %d, edits %d, written in %.1f s; Jetstream away for %.1f s and %.1f s, the collector for %.1f s; "+
		"stored %d, of which %d without text; absent %d; equal after %.1f s",
		s.truth.written(), people, len(s.truth.order)-s.truth.written(), s.truth.edits, wrote.Seconds(), outages[0].Seconds(), outages[1].Seconds(),
		pause.Seconds(), len(v.stored), v.blank, v.absent, time.Since(began).Seconds())
}

func (s *scene) writer(i int) *writer {
	return &writer{
		account: s.everyone[i], truth: s.truth, everyone: s.everyone,
		random: rand.New(rand.NewPCG(1, uint64(i))), number: i * 10_000, passed: map[string]*post{},
	}
}

// wait waits until something holds.
func (s *scene) wait(what string, holds func(context.Context) (bool, error), why ...func() string) {
	s.Helper()
	if err := await(s.Context(), holds); err != nil {
		for _, f := range why {
			s.Log(f())
		}
		s.Fatalf("%s: %v", what, err)
	}
}

func await(ctx context.Context, holds func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := holds(ctx)
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// listened asks Jetstream whether somebody listens to it.
func (s *scene) listened(ctx context.Context) (bool, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.chain.metrics.String()+"/metrics", nil)
	if err != nil {
		return false, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return strings.Contains(string(text), `jetstream_subscribers_connected{ip_address="127.0.0.1"} 1`), err
}

// lose kills Jetstream when n posts are written, and starts it again when it has missed some and the
// line knows that it does not hear. What is to be done meanwhile is done then.
func (s *scene) lose(n int, meanwhile func()) time.Duration {
	s.Helper()
	s.truth.upTo(n + missed)
	s.reach(n)
	s.wait("Jetstream has noted how far it has come", func(context.Context) (bool, error) { return time.Since(s.chain.began) > noted, nil })
	killed := time.Now()
	s.chain.jetstream.kill()
	n = s.truth.written()
	s.truth.upTo(n + 2*missed)
	s.reach(n + missed)
	s.wait("the line knows that it does not hear", func(ctx context.Context) (bool, error) {
		return s.line.gap(ctx, killed, reaction.CoverageGap)
	})
	if meanwhile != nil {
		meanwhile()
	}
	s.truth.upTo(min(n+3*missed, all)) // it comes back while people write
	s.chain.startJetstream(s.T)
	away := time.Since(killed)
	s.wait("what was missed is heard", func(ctx context.Context) (bool, error) {
		return s.line.gap(ctx, killed, reaction.CoverageFilled)
	})
	return away
}

// restart stops the collector, and starts another when some posts have been written. A repost is
// known by the words that the collector has heard, and another collector has heard nothing yet: so
// none is under way then, and none of what came before is passed on after.
func (s *scene) restart() time.Duration {
	s.truth.upTo(restart)
	s.reach(restart)
	s.truth.hush()
	s.stand("every repost is stored", isRepost)
	s.truth.upTo(restart + 2*missed)
	s.reach(restart + missed/2)
	s.line.stop()
	stopped := time.Now()
	s.reach(restart + missed + missed/2)
	s.line.collect(s.T)
	s.truth.speak()
	return time.Since(stopped)
}

// stand waits until what is chosen of all that was written is stored as it stands.
func (s *scene) stand(what string, chosen func(*post) bool) {
	s.Helper()
	s.wait(what, func(ctx context.Context) (bool, error) { return s.stands(ctx, chosen) }, func() string {
		v, err := s.line.hold(s.Context(), s.truth, chosen)
		return fmt.Sprint(v, err)
	})
}

func isRepost(p *post) bool { return p.kind == reaction.Repost }

func (s *scene) reach(n int) {
	s.Helper()
	s.wait(fmt.Sprintf("%d posts are written", n), func(context.Context) (bool, error) { return s.truth.written() >= n, nil })
}

// stands reports whether what is chosen of all that was written is stored as it stands.
func (s *scene) stands(ctx context.Context, chosen func(*post) bool) (bool, error) {
	v, err := s.line.hold(ctx, s.truth, chosen)
	return err == nil && len(v.wrong) == 0, err
}

// settled waits until all that an account has written is stored as it stands.
func (s *scene) settled(ctx context.Context, a *account) error {
	by := func(p *post) bool { return p.by == a }
	if err := await(ctx, func(ctx context.Context) (bool, error) { return s.stands(ctx, by) }); err != nil {
		v, _ := s.line.hold(context.WithoutCancel(ctx), s.truth, by)
		return fmt.Errorf("what %s wrote is not stored as it stands: %w: %s", a.Handle, err, v)
	}
	return nil
}

// leave writes, and deletes the account. The PDS tells of it with the account's earlier events taken
// back: whoever has not heard of them by then never does.
func (s *scene) leave(ctx context.Context, w *writer) error {
	if err := w.write(ctx, each); err != nil {
		return err
	}
	if err := s.settled(ctx, w.account); err != nil {
		return err
	}
	if err := s.chain.deleteAccount(ctx, w.account); err != nil {
		return err
	}
	s.truth.purge(w.account, true)
	return nil
}

// rest writes, deactivates the account, and comes back. A Jetstream that is killed then tells of it
// again, and of another time: a collector knows that it has heard of it, if it has, so that another is
// not started in between.
func (s *scene) rest(ctx context.Context, w *writer, begin <-chan struct{}, returned chan<- struct{}) error {
	if err := w.write(ctx, each/2); err != nil {
		return err
	}
	select {
	case <-begin:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := w.deactivate(ctx); err != nil {
		return err
	}
	s.truth.purge(w.account, false)
	w.mine = nil
	if err := s.settled(ctx, w.account); err != nil {
		return err
	}
	if err := w.activate(ctx); err != nil {
		return err
	}
	close(returned)
	return w.write(ctx, each-each/2)
}
