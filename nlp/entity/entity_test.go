package entity

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"outcry/internal/reaction"
)

func values(text string, source reaction.Source, k Kind) (out []string) {
	for _, e := range Scan(text, source, nil) {
		if e.Kind == k {
			out = append(out, e.Value)
		}
	}
	return out
}

func TestEmoji(t *testing.T) {
	for text, want := range map[string][]string{
		"no sound 😡😡":      {"😡", "😡"},
		"👨‍👩‍👧‍👦 at home":  {"👨‍👩‍👧‍👦"},
		"👍🏽 and 🇰🇷🇯🇵":      {"👍🏽", "🇰🇷", "🇯🇵"},
		"1️⃣ #️⃣ #1 3":     {"1️⃣", "#️⃣"},
		"☺️ but ☺ is text": {"☺️"},
		"™ © → ✓ ―":        nil,
		"🏴󠁧󠁢󠁥󠁮󠁧󠁿 score":    {"🏴󠁧󠁢󠁥󠁮󠁧󠁿"},
		"\xf0\x9f cut":     nil,
		"🇰 alone":          nil,
	} {
		if got := values(text, reaction.Bluesky, Emoji); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestCashtags(t *testing.T) {
	if got := values("$NFLX is down 3 %, $BRK.B not, US$5 and $50", reaction.X, Cashtag); !slices.Equal(got, []string{"NFLX", "BRK.B"}) {
		t.Errorf("%q", got)
	}
}

func TestHandlesOfOtherNetworks(t *testing.T) {
	if got := values("@a.bsky.social and @b@c.example.", reaction.Mastodon, Mention); !slices.Equal(got, []string{"a.bsky.social", "b@c.example"}) {
		t.Errorf("%q", got)
	}
}

func TestScanDoesNotAllocate(t *testing.T) {
	text := "#a 😡 @b $NFLX https://t.co/abc and example.com " + strings.Repeat("word ", 40)
	list := Scan(text, reaction.X, nil)
	if n := testing.AllocsPerRun(20, func() { list = Scan(text, reaction.X, list[:0]) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzScan(f *testing.F) {
	for _, s := range []string{"#a @b $C d.example.com/e?f=g(h) 👨‍👩‍👧‍👦", "http://xn--a.com", "@a/b", "\xff#\xffa", "twitter.みんな", "1\u20e3", "🇰🇷🇰", "h://.:#@$"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, source := range []reaction.Source{reaction.X, reaction.Mastodon} {
			end := 0
			for _, e := range Scan(s, source, nil) {
				if e.Start < end || e.End <= e.Start || e.End > len(s) || e.Value == "" || !strings.HasSuffix(s[:e.End], e.Value) {
					t.Fatalf("%q: %+v after %d", s, e, end)
				}
				if utf8.ValidString(s) && !utf8.ValidString(s[e.Start:e.End]) {
					t.Fatalf("%q: %+v cuts a character", s, e)
				}
				end = e.End
				if l := List(s, e); l != "" && !strings.HasPrefix(s[e.End:], l) {
					t.Fatalf("%q: list %q of %+v", s, l, e)
				}
			}
		}
		Reply(s)
		ValidURL(s, false)
		if m := Rule3.Measure(s); m.Length < 0 || m.LastValid > m.Last {
			t.Fatalf("%q: %+v", s, m)
		}
	})
}
