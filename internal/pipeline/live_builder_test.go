package pipeline

import (
	"fmt"
	"log/slog"
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
