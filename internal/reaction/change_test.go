package reaction

import (
	"math/rand/v2"
	"testing"
	"time"

	"outcry/internal/health"
)

var six = time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)

func span(from, to int) Span {
	return Span{six.Add(time.Duration(from) * time.Second), six.Add(time.Duration(to) * time.Second)}
}

func TestSpans(t *testing.T) {
	open := Span{From: six.Add(50 * time.Second)}
	for _, x := range []struct {
		name string
		add  []Span
		want Spans
	}{
		{"apart", []Span{span(20, 30), span(0, 10)}, Spans{span(0, 10), span(20, 30)}},
		{"touching", []Span{span(0, 10), span(10, 20)}, Spans{span(0, 20)}},
		{"inside", []Span{span(0, 30), span(10, 20)}, Spans{span(0, 30)}},
		{"empty", []Span{span(10, 10), span(20, 10)}, Spans{}},
		{"without end", []Span{open, span(60, 70), span(0, 10)}, Spans{span(0, 10), open}},
		{"without beginning", []Span{span(0, 10), {To: six.Add(5 * time.Second)}}, Spans{{To: six.Add(10 * time.Second)}}},
		{"all", []Span{span(0, 10), {}, span(20, 30)}, Whole()},
		{"too many", []Span{span(0, 1), span(10, 11), span(12, 13), span(20, 21), span(30, 31)},
			Spans{span(0, 1), span(10, 13), span(20, 21), span(30, 31)}},
	} {
		got := Spans(nil).Add(x.add...)
		if len(got) != len(x.want) {
			t.Errorf("%s: %v, want %v", x.name, got, x.want)
			continue
		}
		for i := range got {
			if got[i] != x.want[i] {
				t.Errorf("%s: %v, want %v", x.name, got, x.want)
			}
		}
	}
	if got := Whole().Add(span(0, 10)).Within(six, six.Add(time.Minute)); len(got) != 1 || got[0] != span(0, 60) {
		t.Errorf("the whole within a minute is %v", got)
	}
	if got := (Spans{span(0, 10)}).Within(six.Add(10*time.Second), six.Add(time.Minute)); len(got) != 0 {
		t.Errorf("outside is %v", got)
	}
}

// Whatever is added stays held, in order, apart, and bounded.
func TestSpansHoldWhatWasAdded(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var s Spans
		var added []Span
		for range 12 {
			from := r.IntN(500)
			x := span(from, from+1+r.IntN(40))
			before := len(s)
			s, added = s.Add(x), append(added, x)
			if len(s) > MaxSpans {
				t.Fatalf("%d spans after %d", len(s), before)
			}
			for i := 1; i < len(s); i++ {
				if !s[i-1].To.Before(s[i].From) {
					t.Fatalf("%v are not apart", s)
				}
			}
		}
		for _, x := range added {
			held := false
			for _, y := range s {
				held = held || !x.From.Before(y.From) && !x.To.After(y.To)
			}
			if !held {
				t.Fatalf("%v lost %v", s, x)
			}
		}
	}
}

func TestWhomAChangeConcerns(t *testing.T) {
	real := &Event{ID: 7, Services: []health.Service{{Name: "Rooms"}, {Name: "Chat"}}}
	drill := &Event{ID: 8, Services: real.Services, Simulated: true}
	for _, x := range []struct {
		name   string
		change Change
		event  *Event
		want   bool
	}{
		{"its own", Change{Event: 7}, real, true},
		{"another's", Change{Event: 7}, drill, false},
		{"a real service", Change{Services: []string{"Chat"}}, real, true},
		{"a real service, of a drill", Change{Services: []string{"Chat"}}, drill, false},
		{"another service", Change{Services: []string{"Video"}}, real, false},
	} {
		if got := x.change.Concerns(x.event); got != x.want {
			t.Errorf("%s: %v", x.name, got)
		}
	}
	a := Change{Event: 7, Kinds: ChangedPosts, Spans: Spans{span(0, 10)}, Seq: 5, Feed: "live/x/0", Clock: six}
	got := a.Join(Change{Event: 7, Kinds: ChangedLife, Services: []string{"Rooms"}, Spans: Spans{span(20, 30)}, Seq: 4})
	if got.Kinds != ChangedPosts|ChangedLife || len(got.Spans) != 2 || got.Seq != 5 || got.Feed != "live/x/0" || len(got.Services) != 1 || len(a.Spans) != 1 {
		t.Errorf("joined: %+v", got)
	}
}
