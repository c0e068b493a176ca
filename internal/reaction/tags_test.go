package reaction_test

import (
	"slices"
	"testing"

	"outcry/internal/reaction"
)

// TestLabels holds what a post is counted under, and that a neighbour's outage is not counted as the event's own.
func TestLabels(t *testing.T) {
	down := reaction.Tags{IsComplaint: true, FirstHand: true, Symptoms: reaction.NoAudio, Accused: []string{"Netflix"}}
	ours := map[string]bool{"JioCinema": true}
	for _, c := range []struct {
		what     string
		tags     reaction.Tags
		kind     reaction.Kind
		followed map[string]bool
		want     []string
	}{
		{"of a neighbour", down, reaction.Original, ours, []string{"posts", "elsewhere"}},
		{"of our own", down, reaction.Original, map[string]bool{"Netflix": true}, []string{"posts", "complaints", "first_hand", "symptom:audio"}},
		{"of both", reaction.Tags{IsComplaint: true, Accused: []string{"Netflix", "JioCinema"}}, reaction.Original, ours, []string{"posts", "complaints"}},
		{"where nothing is followed", down, reaction.Original, nil, []string{"posts", "complaints", "first_hand", "symptom:audio"}},
		{"of nothing named", reaction.Tags{IsComplaint: true}, reaction.Original, ours, []string{"posts", "complaints"}},
		{"in a repost", down, reaction.Repost, ours, []string{"posts", "reposts"}},
		{"and it works again", reaction.Tags{Recovery: true}, reaction.Original, ours, []string{"posts", "recovery"}},
	} {
		if got := c.tags.Labels(c.kind, false, c.followed); !slices.Equal(got, c.want) {
			t.Errorf("a complaint %s: %q, want %q", c.what, got, c.want)
		}
	}
}
