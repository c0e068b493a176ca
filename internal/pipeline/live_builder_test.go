package pipeline

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"outcry/collectors"
	"outcry/internal/reaction"
)

// Posts that belong to no event, with many hashtags each, must not make an envelope that the log
// does not take: there is nothing in it that could be halved.
func TestStraysFillAnEnvelope(t *testing.T) {
	post := 0
	tags := func(*reaction.Post) []string {
		post++
		list := make([]string, 1000)
		for i := range list {
			list[i] = fmt.Sprintf("%0640d", post*len(list)+i)
		}
		return list
	}
	list := NewWatchlist(nil, time.Now, slog.New(slog.DiscardHandler))
	b := newLiveBuilder(reaction.X, list, nil, NewRecent(time.Now), tags, time.Now)
	n := 0
	for ; !b.full(); n++ {
		if n > 20 {
			t.Fatal("it is never full")
		}
		now := time.Now()
		b.add(&collectors.Item{Record: reaction.Record{Post: &reaction.Post{Source: reaction.X, ID: fmt.Sprint(n), At: now, Received: now, Text: "nothing of that"}}})
	}
	if env := b.close("live/x/0"); len(env.Baseline) != 1000*n || b.full() {
		t.Errorf("%d hashtags of %d posts, and full still: %v", len(env.Baseline), n, b.full())
	}
}

// An envelope may stand open for long before anything is put into it: coverage is of what the
// source listens for then.
func TestCoverageIsOfWhatIsListenedForNow(t *testing.T) {
	list := NewWatchlist(nil, time.Now, slog.New(slog.DiscardHandler))
	var events []reaction.Event
	for _, id := range []int64{1, 2} {
		e := reaction.Event{ID: id, Slug: fmt.Sprint("e", id), Sources: []reaction.Source{reaction.X}, Match: reaction.Match{Any: []string{"launch"}}}
		e.Normalise()
		events = append(events, e)
	}
	list.take(events, nil)
	listens := map[int64]bool{1: true, 2: true}
	b := newLiveBuilder(reaction.X, list, func(id int64) bool { return listens[id] }, NewRecent(time.Now), nil, time.Now)
	cover := func() []int64 {
		t.Helper()
		now := time.Now()
		b.add(&collectors.Item{Coverage: []reaction.Coverage{{Source: reaction.X, From: now.Add(-20 * time.Second), To: now, State: reaction.CoverageLive}}})
		env := b.close("live/x/0")
		if len(env.Coverage) != 1 {
			return []int64{}
		}
		return env.Coverage[0].Events
	}
	for _, c := range []struct{ first, second bool }{{true, true}, {true, false}, {true, true}, {false, false}, {false, true}} {
		listens[1], listens[2] = c.first, c.second
		got, want := cover(), []int64{}
		for id, heard := range listens {
			if heard {
				want = append(want, id)
			}
		}
		slices.Sort(want)
		if len(want) == 2 {
			want = nil // all
		}
		if !slices.Equal(got, want) || (got == nil) != (want == nil) {
			t.Errorf("%+v: coverage is of %v, want %v", c, got, want)
		}
	}
}
