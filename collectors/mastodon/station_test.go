package mastodon

import (
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"outcry/internal/reaction"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// both runs a test against a server that speaks WebSocket and one of server-sent events.
func both(t *testing.T, run func(t *testing.T, f *fake)) {
	t.Helper()
	for _, over := range []string{"WebSocket", "server-sent events"} {
		t.Run(over, func(t *testing.T) {
			play(t, func(t *testing.T, f *fake) {
				f.ws = over == "WebSocket"
				run(t, f)
			})
		})
	}
}

func TestWhatTheServerHandsOverIsEmitted(t *testing.T) {
	both(t, func(t *testing.T, f *fake) {
		e := hear(t, f, want(event(1, "#Launch", "#다운")), nil, nil)
		pass(time.Second)
		same(t, f.held(), []string{"#launch", "#다운"})
		a := f.write("one", "launch")
		b := f.write("two", "다운", "launch") // by two streams
		f.write("of nobody", "cats")
		f.edit(a, "one, edited")
		f.delete(b)
		f.delete(b)
		pass(time.Second)
		same(t, e.told(), []string{"one", "two", "edit one, edited", "delete " + b.uri})
		pass(10 * time.Minute)
		if s := e.state(); s.State != reaction.FeedLive || s.Host != f.host {
			t.Errorf("the state is %+v", s)
		}
		if gap, live := e.coverage(reaction.CoverageGap), e.coverage(reaction.CoverageLive); gap > 0 || live < 9*time.Minute {
			t.Errorf("%s live and a gap of %s", live, gap)
		}
		if err := e.stop(); err != nil {
			t.Error(err)
		}
		if n := f.count("/api/v1/streaming"); n > 4 {
			t.Errorf("%d connections for one", n)
		}
	})
}

func TestWhatWasMissedIsFilled(t *testing.T) {
	both(t, func(t *testing.T, f *fake) {
		e := hear(t, f, want(event(1, "#launch")), nil, nil)
		pass(time.Second)
		var all []string
		say := func(n int) {
			for range n {
				text := fmt.Sprintf("post %d", len(all))
				all = append(all, text)
				f.write(text, "launch")
			}
			pass(time.Second)
		}
		say(50)
		pass(5 * time.Minute)
		for range 3 {
			f.ln.set(true)
			f.cutAll()
			pass(time.Second)
			say(130) // more than three pages
			pass(3 * time.Minute)
			f.ln.set(false)
			pass(2 * time.Minute)
			say(20)
		}
		got := e.told()
		if len(got) != len(all) {
			t.Fatalf("%d posts were emitted of %d", len(got), len(all))
		}
		seen := map[string]int{}
		for _, text := range got {
			seen[text]++
		}
		for _, text := range all {
			if seen[text] != 1 {
				t.Errorf("%q was emitted %d times", text, seen[text])
			}
		}
		if gap, filled := e.coverage(reaction.CoverageGap), e.coverage(reaction.CoverageFilled); gap < 9*time.Minute || filled < gap {
			t.Errorf("a gap of %s of which %s were filled", gap, filled)
		}
		if err := e.stop(); err != nil {
			t.Error(err)
		}
	})
}
