package mastodon

import (
	"testing"
	"time"

	"outcry/collectors"
)

// A message at which the program fails is refused, by whatever way it came, and the next is heard.
func TestAMessageAtWhichTheProgramFails(t *testing.T) {
	s := taker(t, event(1, "#launch"))
	var old status
	old.read([]byte(status1("1", "u:1", "")))
	seen := s.seen
	s.seen = nil
	for name, items := range map[string][]collectors.Item{
		"stream":   s.take("update", []byte(status1("2", "u:2", "")), "#launch", time.Now()),
		"timeline": s.fetched(&old, "#launch", time.Now()),
	} {
		if len(items) != 1 || items[0].Refused != collectors.RefusedFault || items[0].Broken == nil || items[0].Broken.Size == 0 {
			t.Errorf("%s: %+v", name, items)
		}
	}
	s.seen = seen
	same(t, told(s.take("update", []byte(status1("3", "u:3", "")), "#launch", time.Now())), []string{"x 3"})
}

// Gaps take turns: what was read of one is gone on with after another one was tried.
func TestWhatWasBegunIsGoneOnWith(t *testing.T) {
	s := taker(t, event(1, "#launch"))
	gap := func(i int) collectors.Gap {
		to := time.Unix(int64(1000*i), 0)
		return collectors.Gap{From: to.Add(-time.Minute), To: to, After: []byte(`{"#launch":"7"}`)}
	}
	first := s.legsOf(gap(1))
	if len(first) == 0 || first[0].id != "7" {
		t.Fatalf("it begins with %+v", first)
	}
	first[0].id = "70"
	if other := s.legsOf(gap(2)); other[0].id != "7" {
		t.Errorf("another gap begins with %s", other[0].id)
	}
	if again := s.legsOf(gap(1)); again[0].id != "70" {
		t.Errorf("it is gone on with from %s", again[0].id)
	}
	for i := range 3 * mostBegun {
		s.legsOf(gap(i + 10))
	}
	if len(s.begun) != mostBegun {
		t.Errorf("%d gaps are remembered", len(s.begun))
	}
}
