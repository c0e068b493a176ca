package feature

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"outcry/internal/match"
)

var posts = []string{
	"I was told the broadcast begins at six, and here we all sit looking at one grey circle going round #evening https://t.co/a1b2c3",
	"Honestly the word of the day is patience; nobody on this call can hear anything apart from an echo @somebody",
	"오늘 저녁 방송 시작한다더니 아직도 화면이 안 나와요 나만 이런가 다들 잘 들리시나요 #디재스터",
	"配信が始まらないんだけど、みんなも音が出ない？ アプリ落ちた",
	"que alguien me explique por qué no empieza la transmisión, llevo ya veinte minutos esperando",
}

func of(text string) []uint32 {
	var e Extractor
	return slices.Clone(e.Extract([]byte(match.Fold(text))))
}

// TestSameFeatures holds which texts a model cannot tell apart, and which it can.
func TestSameFeatures(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"noooo sound", "nooooooo sound", true},
		{"NO SOUND", "no sound", true},
		{"no sound", "sound no", false},
		{"room 503", "room 50", true},
		{"see https://a.example/x now", "see http://b.example now", true},
		{"hey @one", "hey @another.one", true},
		{"ㅋㅋ 먹통", "ㅋㅋㅋㅋㅋㅋ 먹통", true},
		{"먹통", "먹통이", false},
		{"", " ", true},
	} {
		if got := slices.Equal(of(c.a), of(c.b)); got != c.same {
			t.Errorf("%q and %q have the same features: %v", c.a, c.b, got)
		}
	}
}

// TestSharedFeatures holds that what is common to two texts is common to their features, without spaces too.
func TestSharedFeatures(t *testing.T) {
	for _, c := range [][2]string{{"서버 먹통", "먹통이네"}, {"音が出ない", "なんか音が出ないよ"}, {"buffering", "rebuffering"}} {
		a, n := of(c[0]), 0
		for _, f := range of(c[1]) {
			if slices.Contains(a, f) {
				n++
			}
		}
		if n < 3 {
			t.Errorf("%q shares %d features", c, n)
		}
	}
}

// TestSpacesOfKorean holds that two runs with a space between share more with the same without it than their parts do.
func TestSpacesOfKorean(t *testing.T) {
	parts := append(of("안"), of("들려")...)
	for _, f := range of("안 들려") {
		if slices.Contains(of("안들려"), f) && !slices.Contains(parts, f) {
			return
		}
	}
	t.Error("a space keeps all of 안 들려 apart from 안들려")
}

// TestHashtagsHaveNoParts holds that a long hashtag weighs no more than a word.
func TestHashtagsHaveNoParts(t *testing.T) {
	if tag, word := len(of("#worldcup2022")), len(of("worldcup2022")); tag != 1 || word < 10 {
		t.Errorf("a hashtag has %d features, the word %d", tag, word)
	}
}

func TestTraceGivesTheSameFeatures(t *testing.T) {
	var e Extractor
	for _, p := range posts {
		text := []byte(match.Fold(p))
		want := slices.Clone(e.Extract(text))
		got, spans := e.Trace(text)
		if !slices.Equal(got, want) || len(got) == 0 || len(spans) != len(got) {
			t.Errorf("%q: %d features and %d spans traced, %d extracted", p, len(got), len(spans), len(want))
		}
		for _, s := range spans {
			if s.Start < 0 || s.End <= s.Start || s.End > len(text) || !utf8.Valid(text[s.Start:s.End]) {
				t.Errorf("%q: a feature of %+v", text, s)
			}
		}
	}
}

func TestExtractDoesNotAllocate(t *testing.T) {
	var e Extractor
	text := []byte(match.Fold(strings.Join(posts, " ")))
	e.Extract(text)
	if n := testing.AllocsPerRun(20, func() { e.Extract(text) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzExtract(f *testing.F) {
	for _, p := range append(posts, "\xff\xfe", "ȺȺȺ's stream is down", strings.Repeat("!", 4000), strings.Repeat("a\u0301", 3000), "@", "http://", "h@h@") {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var e Extractor
		text := []byte(match.Fold(s))
		features, spans := e.Trace(text)
		if len(features) > Max || len(spans) != len(features) {
			t.Fatalf("%d features, %d spans", len(features), len(spans))
		}
		for i, s := range spans {
			if features[i] >= 1<<Bits || s.Start < 0 || s.End < s.Start || s.End > len(text) {
				t.Fatalf("%q: feature %d of %+v", text, features[i], s)
			}
		}
	})
}

func BenchmarkExtract(b *testing.B) {
	var e Extractor
	texts := make([][]byte, len(posts))
	for i, p := range posts {
		texts[i] = []byte(match.Fold(p))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		e.Extract(texts[i%len(texts)])
	}
}
