package bluesky

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"outcry/collectors"
)

// A message at which the program fails is refused; those before and behind it are heard, on the
// same connection.
func TestAMessageAtWhichTheProgramFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(t, one)
		e := newEar()
		s := n.source(Options{}, one)
		var fails atomic.Bool
		now := s.words.now
		s.words.now = func() time.Time {
			if fails.CompareAndSwap(true, false) {
				panic("at did:plc:ann")
			}
			return now()
		}
		stop := collecting(t, s, nil, e)
		defer stop()
		synctest.Wait()
		a := n.commit("create", "did:plc:ann", posts, "a", postRecord("is it down?"))
		pass(t, time.Second)
		fails.Store(true)
		n.commit("create", "did:plc:ann", posts, "b", postRecord("it is down"))
		pass(t, time.Second)
		c := n.commit("create", "did:plc:ann", posts, "c", postRecord("it is up"))
		pass(t, time.Second)
		stop()
		e.check(t, []string{a, c})
		if e.refused[collectors.RefusedFault] != 1 {
			t.Errorf("refused are %v", e.refused)
		}
	})
}
