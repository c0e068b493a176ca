package x

import (
	"bytes"
	"testing"
	"time"

	"outcry/collectors"
	"outcry/collectors/wire"
)

// Of a page with a post at which the program fails, that one is refused and the others are read.
func TestAPostOfAPageAtWhichTheProgramFails(t *testing.T) {
	read := func(data []byte, to wire.Sink) wire.XHeard {
		if bytes.Contains(data, []byte("poison")) {
			panic("poison")
		}
		return wire.X(data, to)
	}
	page := func(text string) []byte {
		return []byte(`{"data":[{"id":"1","text":"a","author_id":"7","created_at":"2026-11-22T10:00:00Z"},
			{"id":"2","text":"` + text + `","author_id":"8","created_at":"2026-11-22T10:00:01Z"},
			{"id":"3","text":"c","author_id":"9","created_at":"2026-11-22T10:00:02Z"}],"meta":{"next_token":"more","result_count":3}}`)
	}
	ids := func(found []wire.Found) (out string) {
		for _, f := range found {
			if f.Record.Post != nil {
				out += f.Record.Post.ID
			}
		}
		return out
	}
	found, broken, next := readPage(read, page("b"), time.Now())
	if ids(found) != "123" || len(broken) != 0 || next != "more" {
		t.Errorf("a good page: %s, %v, %q", ids(found), broken, next)
	}
	found, broken, next = readPage(read, page("poison"), time.Now())
	if ids(found) != "13" || len(broken) != 1 || broken[0].Refused != collectors.RefusedFault || broken[0].Broken.Size == 0 || next != "more" {
		t.Errorf("one with a bad post: %s, %+v, %q", ids(found), broken, next)
	}
}

// Gaps take turns: what was paid for of one is not read again after another one was tried.
func TestWhatWasPaidForIsGoneOnWith(t *testing.T) {
	s := &Source{}
	gap := func(i int) collectors.Gap {
		to := time.Unix(int64(1000*i), 0)
		return collectors.Gap{From: to.Add(-time.Minute), To: to}
	}
	s.fillingOf(gap(1))[7] = &progress{token: "more"}
	if len(s.fillingOf(gap(2))) != 0 {
		t.Error("another gap is taken for begun")
	}
	if p := s.fillingOf(gap(1))[7]; p == nil || p.token != "more" {
		t.Errorf("it is gone on with from %+v", p)
	}
	for i := range 3 * mostFilling {
		s.fillingOf(gap(i + 10))
	}
	if len(s.filling) != mostFilling {
		t.Errorf("%d gaps are remembered", len(s.filling))
	}
}
