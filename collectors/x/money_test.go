package x

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"outcry/internal/reaction"
)

// An event whose money is spent loses its rules; the others are heard on. When there is money again
// the rules come back.
func TestRulesFollowTheMoney(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		a, b := event(1, "launch"), event(2, "concert")
		l := listen(t, x, a, b)
		l.pass(30 * time.Second)
		l.purse.set(b)
		l.purse.skip([]reaction.Coverage{{Source: reaction.X, From: time.Now(), To: time.Now().Add(time.Minute), State: reaction.CoverageCapped, Reason: "spent", Events: []int64{1}}})
		l.pass(5 * time.Second)
		if got, want := x.values(), []string{`outcry:2:0 "concert"`}; !slices.Equal(got, want) {
			t.Errorf("the rules are %q, want %q", got, want)
		}
		x.post("launch")
		id, _ := x.post("concert")
		l.pass(25 * time.Second)
		l.same([]string{id})
		if l.station.Listens(1) || !l.station.Listens(2) {
			t.Error("it does not listen for whom there is money")
		}
		if state, reason := l.is(1, 40*time.Second); state != reaction.CoverageCapped || reason != "spent" {
			t.Errorf("the event without money is %s, %q", state, reason)
		}
		if state, _ := l.is(2, 40*time.Second); state != reaction.CoverageLive {
			t.Errorf("the event with money is %s", state)
		}
		l.purse.set(a, b)
		l.pass(5 * time.Second)
		id2, delivered := x.post("launch")
		l.pass(time.Second)
		if l.same([]string{id, id2}); !delivered || x.dialled() != 1 {
			t.Errorf("it connected %d times", x.dialled())
		}
	})
}

// Reading costs: where nobody can pay the stream is closed.
func TestTheStreamIsClosedWhereNobodyPays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		a, poor := event(1, "launch"), event(2, "concert")
		poor.Spend = nil // nobody agreed to pay for it
		l := listen(t, x, a, poor)
		l.purse.set(a)
		l.pass(30 * time.Second)
		l.purse.set()
		l.pass(5 * time.Second)
		if x.connected() > 0 {
			t.Fatal("the stream is open")
		}
		l.pass(3 * time.Minute)
		if got := x.values(); len(got) > 0 {
			t.Errorf("the rules are %q", got)
		}
		if s := l.state(); s.State != reaction.FeedIdle || !strings.Contains(s.Reason, "money") {
			t.Errorf("the state is %+v", s)
		}
		if state, _ := l.is(1, 2*time.Minute); state != reaction.CoverageCapped {
			t.Errorf("the event is %q", state)
		}
		if state, _ := l.is(2, 2*time.Minute); state != "" {
			t.Errorf("an event that gives X no money is %q", state)
		}
		began := time.Now()
		l.purse.set(a)
		l.pass(3 * time.Second)
		id, delivered := x.post("launch")
		l.pass(time.Second)
		if l.same([]string{id}); !delivered {
			t.Errorf("with money again nobody is connected after %s", time.Since(began))
		}
		if x.searched() > 0 {
			t.Error("what was left out on purpose was searched for")
		}
	})
}

// When the last post that was paid for came, the connection is closed at once, and not opened again
// before it is known for whom there is money.
func TestTheLastPostThatIsPaidFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		a, b := event(1, "launch"), event(2, "concert")
		l := listen(t, x, a, b)
		l.purse.pays(1, 3)
		l.pass(time.Second)
		var want []string
		for range 3 {
			id, _ := x.post("launch")
			want = append(want, id)
		}
		synctest.Wait()
		if _, delivered := x.post("launch"); delivered {
			t.Error("a post that nobody pays for was read")
		}
		l.purse.set(b)
		l.pass(2 * time.Second)
		id, delivered := x.post("concert")
		want = append(want, id)
		x.post("launch")
		l.pass(time.Minute)
		if l.same(want); !delivered {
			t.Error("the other event is not heard")
		}
		if left := l.purse.left(1); left < 0 {
			t.Errorf("%d posts more than were paid for", -left)
		}
	})
}
