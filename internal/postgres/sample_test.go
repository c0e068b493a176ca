package postgres_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"outcry/internal/reaction"
)

// A sample speaks of all of its window, reads no more than it may, and says whether it is all there is;
// reposts, deleted posts and very long ones are not in it.
func TestASampleIsSpreadOverItsWindow(t *testing.T) {
	s, _ := open(t)
	e := newEvent(t, s, "sampled")
	env := reaction.Envelope{}
	var tags []reaction.Tags
	for i := range 600 {
		p := post(e, fmt.Sprint("p", i), time.Duration(i)*100*time.Millisecond)
		switch i % 100 {
		case 1:
			p.Kind = reaction.Repost
		case 2:
			p.Text = strings.Repeat("long ", 1000)
		case 3:
			env.Deletes = append(env.Deletes, reaction.Delete{Source: p.Source, ID: p.ID, At: t0.Add(time.Hour)})
		}
		tag := plain()
		if i%10 == 0 {
			tag = complaint("x")
		}
		env.Posts, tags = append(env.Posts, p), append(tags, tag)
	}
	appendAll(t, s, newChain("live/x/0").commit(env, tags...))
	q := reaction.SampleQuery{Event: e, Label: reaction.LabelPosts, From: t0, To: t0.Add(time.Minute), Limit: 100}
	got, whole, err := s.SamplePosts(t.Context(), q)
	if err != nil || len(got) != 100 || whole {
		t.Fatalf("%d posts, whole %v, %v; want 100 of more", len(got), whole, err)
	}
	slices := map[int]int{}
	for i := range got {
		slices[int(got[i].At.Sub(t0)/(3*time.Second))]++
		if got[i].Kind == reaction.Repost || got[i].DeletedAt != nil || len(got[i].Text) > 4000 {
			t.Errorf("the sample holds %+v", got[i])
		}
	}
	if len(slices) != 20 || slices[0] != 5 || slices[19] != 5 {
		t.Errorf("posts by slice: %v, want five of each", slices)
	}
	q.Limit = 2000
	if got, whole, err = s.SamplePosts(t.Context(), q); err != nil || len(got) != 600-18 || !whole {
		t.Errorf("%d posts, whole %v, %v; want all 582", len(got), whole, err)
	}
	q.Label = reaction.LabelComplaint
	if got, whole, err = s.SamplePosts(t.Context(), q); err != nil || len(got) != 60 || !whole {
		t.Errorf("%d complaints, whole %v, %v; want all 60", len(got), whole, err)
	}
	q.Langs = []string{"ko"}
	if got, _, err = s.SamplePosts(t.Context(), q); err != nil || len(got) != 0 {
		t.Errorf("%d Korean complaints, %v", len(got), err)
	}
}
