package distinct_test

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"outcry/internal/reaction"
	"outcry/nlp"
	"outcry/nlp/distinct"
)

// said makes posts of a text, each with a number of its own.
func said(n int, text string) (out []distinct.Post) {
	for i := range n {
		out = append(out, distinct.Post{Text: fmt.Sprintf(text, i)})
	}
	return out
}

var tagger = nlp.New(nil)

func tagged(texts ...string) (out []distinct.Post) {
	for _, x := range texts {
		tags := tagger.Tag(&reaction.Post{Source: reaction.X, Text: x})
		p := distinct.Post{Text: x, Fingerprint: tags.Fingerprint, Links: len(tags.URLs)}
		for _, h := range tags.Hashtags {
			p.Hashtags = append(p.Hashtags, h.Key)
		}
		out = append(out, p)
	}
	return out
}

func TestTermsThatDistinguish(t *testing.T) {
	before := slices.Concat(said(200, "we are waiting for the show %d"), said(50, "what a night %d"))
	now := slices.Concat(said(40, "the sound is gone %d"), said(40, "we are waiting for the show %d"), said(2, "unheard of %d"))
	got := distinct.Terms(now, before, 10)
	want := []string{"sound", "gone", "is"}
	slices.Sort(want)
	have := texts(got)
	slices.Sort(have)
	if !slices.Equal(have, want) {
		t.Errorf("terms %v, want %v: what is common in both, or in two posts only, tells nothing", got, want)
	}
	for _, x := range got {
		if x.Now != 40 || x.Before != 0 || x.Z < 4 {
			t.Errorf("%+v, want 40 posts now, none before, and a high Z", x)
		}
	}
	if got := distinct.Terms(before, before, 10); len(got) > 0 {
		t.Errorf("of the same posts %v are told apart", got)
	}
	if got := distinct.Terms(nil, nil, 10); len(got) > 0 {
		t.Errorf("of no posts there are terms %v", got)
	}
}

// A hashtag that is in every post says nothing where posts get shorter, nor does a common word where
// they get longer.
func TestLengthOfPostsTellsNothing(t *testing.T) {
	long, short := tagged(), tagged()
	for i := range 300 {
		long = append(long, tagged(fmt.Sprintf("we are all of us in the house and wait for the show w%d x%d y%d #tonight", i%40, i%50, i%60))...)
		short = append(short, tagged(fmt.Sprintf("the show w%d #tonight", i%40))...)
	}
	for what, got := range map[string][]distinct.Term{"shorter": distinct.Terms(short, long, 10), "longer": distinct.Terms(long, short, 30)} {
		if slices.Contains(texts(got), "#tonight") || slices.Contains(texts(got), "the") {
			t.Errorf("%s posts are told apart by %v", what, got)
		}
	}
}

func TestKoreanTerms(t *testing.T) {
	var now []distinct.Post
	for i := range 10 {
		for _, x := range []string{"디샌티스가 나왔다 %d", "디샌티스는 어디 %d", "디샌티스의 방송 %d", "트위터스페이스가 끊겨요 %d", "트위터스페이스 또 %d"} {
			now = append(now, distinct.Post{Text: fmt.Sprintf(x, i)})
		}
	}
	got := texts(distinct.Terms(now, said(400, "오늘 날씨가 좋다 %d"), 8))
	for _, want := range []string{"디샌티스", "트위터스페이스"} {
		if !slices.Contains(got, want) {
			t.Errorf("terms %v lack %s", got, want)
		}
	}
	for _, part := range []string{"디샌티스가", "디샌티", "샌티스", "스페이스", "트위터"} {
		if slices.Contains(got, part) {
			t.Errorf("terms %v hold %s beside the word it is of", got, part)
		}
	}
}

func TestAddressesAndMentionsAreNoTerms(t *testing.T) {
	now := said(30, "@somebody.example.org see https://example.com/secret-page %d now #over")
	for i := range now {
		now[i].Hashtags = []string{"over"}
	}
	got := texts(distinct.Terms(now, said(300, "a quiet day %d"), 20))
	slices.Sort(got)
	if want := []string{"#over", "now", "see"}; !slices.Equal(got, want) {
		t.Errorf("terms %v, want %v", got, want)
	}
}

func TestPostsThatStandForOthers(t *testing.T) {
	now := tagged(
		"the sound is gone on my side as well since ten minutes",
		"@somebody the sound is gone on my side as well since ten minutes!! 1 maybe",
		"no sound, it is gone, is anybody hearing anything at all",
		"sound gone see https://a.com/1 https://b.com/2 https://c.com/3 here for more about it",
		"i like the jacket that he wears tonight very much indeed",
	)
	terms := []distinct.Term{{Text: "sound", Now: 4, Z: 6}, {Text: "gone", Now: 4, Z: 5}}
	got := distinct.Near(now, terms, 3)
	if !slices.Contains(got, 2) || slices.Contains(got, 4) || slices.Contains(got, 0) == slices.Contains(got, 1) || slices.Index(got, 3) != 2 {
		t.Errorf("posts %v stand for the others, want one of 0 and 1, 2, and the one with links last", got)
	}
	if got := distinct.Near(now, nil, 3); len(got) > 0 {
		t.Errorf("with no terms %v are near", got)
	}
}

// Near-copies are found as by comparing all with all, up to three bits apart.
func TestCopiesAreFound(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	c := distinct.NewCopies()
	var alone []uint64
	for range 3000 {
		print := r.Uint64() | 1
		if len(alone) > 0 && r.IntN(2) == 0 {
			print = alone[r.IntN(len(alone))]
			for range r.IntN(6) {
				print ^= 1 << r.IntN(64)
			}
		}
		near := slices.IndexFunc(alone, func(o uint64) bool { return bits.OnesCount64(o^print) <= distinct.Apart })
		of, again := c.Add(print)
		switch {
		case again != (near >= 0):
			t.Fatalf("a post is again=%v, by comparing all %v", again, near >= 0)
		case again && bits.OnesCount64(alone[of]^print) > distinct.Apart:
			t.Fatalf("a post is folded into one that is not near")
		case !again:
			alone = append(alone, print)
		}
	}
	if _, again := c.Add(0); again {
		t.Error("a post without a fingerprint is a copy")
	}
	if _, again := c.Add(0); again {
		t.Error("a post without a fingerprint is a copy of another")
	}
	if got := distinct.CopyShare(tagged("one and the same text for all of us", "one and the same text for all of us", "something else that somebody wrote here", "hm")); got != 0.25 {
		t.Errorf("copies are %v of the posts, want a quarter", got)
	}
}

func FuzzTerms(f *testing.F) {
	for _, s := range []string{"", "the sound is gone", "#a @b https://c", "디샌티스가 끊겨요", "東京タワーが見えない", "Ⱥ's \xff\xfe #", "@", strings.Repeat("́", 200)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		posts := []distinct.Post{{Text: s}, {Text: s}, {Text: s}, {Text: s + " more"}}
		terms := distinct.Terms(posts, []distinct.Post{{Text: "x"}}, 20)
		distinct.Near(posts, terms, 3)
		for i := range terms {
			if terms[i].Text == "" || terms[i].Now < 3 || terms[i].Now > 4 {
				t.Errorf("%+v of four posts", terms[i])
			}
		}
	})
}
