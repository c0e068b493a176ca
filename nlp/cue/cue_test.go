package cue

import (
	"testing"

	"outcry/internal/match"
)

func TestOf(t *testing.T) {
	for text, want := range map[string]map[Kind]float32{
		"@help Why can't I hear you??? https://a.example/you!": {Replies: 1, Asks: 3, You: 1, I: 1, Denials: 2, Links: 1, Exclaims: 0},
		"WHY!!!!!":             {Loud: 1, Exclaims: 3, Denials: 1},
		"and then it just…":    {CutOff: 1},
		"":                     {Words: 0, Loud: 0},
		"먹통이네 you":             {You: 1, Loud: 0},
		"thank youth, yours’s": {You: 0, I: 0},
	} {
		got := Of(text, []byte(match.Fold(text)))
		for k, v := range want {
			if got[k] != v {
				t.Errorf("%q: %s is %v, want %v", text, Names[k], got[k], v)
			}
		}
	}
}

func TestOfDoesNotAllocate(t *testing.T) {
	text := "@help Why can't I hear you??? https://a.example/you! 먹통"
	folded := []byte(match.Fold(text))
	if n := testing.AllocsPerRun(10, func() { Of(text, folded) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
