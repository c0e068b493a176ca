package nlp

import (
	"fmt"
	"math/bits"
	"testing"

	"outcry/internal/reaction"
)

func TestFingerprint(t *testing.T) {
	tagger := New(nil)
	of := func(text string) uint64 { return tagger.Tag(&reaction.Post{Text: text}).Fingerprint }
	base := "The stream went silent for twenty minutes tonight and nobody could hear a single word of it"
	for _, same := range []string{
		"@someone " + base,
		base + " https://example.com/x",
		"the STREAM went silent for twenty minutes tonight, and nobody could hear a single word of it!!!",
	} {
		if of(same) != of(base) {
			t.Errorf("%q has another fingerprint", same)
		}
	}
	if d := bits.OnesCount64(of(base) ^ of(base+" lol")); d > 12 {
		t.Errorf("a near-copy differs in %d bits", d)
	}
	if d := bits.OnesCount64(of(base) ^ of("Everyone is talking about the weather this week because it has been raining since last Sunday morning")); d < 16 {
		t.Errorf("another text differs in %d bits only", d)
	}
	for _, short := range []string{"", "three words only", "@a @b @c @d https://example.com/a", "먹통 먹통 먹통"} {
		if of(short) != 0 {
			t.Errorf("%q has a fingerprint", short)
		}
	}
	if of("서버가 또 터졌네 진짜") == 0 || of("服务器宕机了") == 0 {
		t.Error("texts of four words have no fingerprint")
	}
}

func TestTallyEqualsCounting(t *testing.T) {
	for n := 1; n < 200; n++ {
		var votes tally
		var counts [64]int
		for i := range n {
			h := hash([]byte(fmt.Sprint(n, i)))
			votes.add(h)
			for b := range counts {
				counts[b] += int(h >> b & 1)
			}
		}
		var want uint64
		for b, c := range counts {
			if 2*c > n && c > n/2 {
				want |= 1 << b
			}
		}
		if got := votes.majority(); got != want {
			t.Fatalf("%d hashes: %x, want %x", n, got, want)
		}
	}
}
