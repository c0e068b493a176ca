package match

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"outcry/internal/reaction"
)

// The reference is slow and plain: the whole text is folded by the library at once, and each term
// is held against each place of it.

func referenceFold(s string) []rune {
	s = strings.Map(func(r rune) rune {
		switch {
		case ignorable(r):
			return -1
		case r == '’':
			return '\''
		}
		return r
	}, s)
	s = norm.NFKC.String(cases.Fold().String(norm.NFKD.String(s)))
	return []rune(strings.Join(strings.FieldsFunc(" "+s+" ", unicode.IsSpace), " "))
}

func referenceMatch(e *reaction.Event, p *reaction.Post) bool {
	text := referenceFold(p.Text)
	found := func(terms []string) bool {
		return slices.ContainsFunc(terms, func(term string) bool {
			want := referenceFold(term)
			if want[0] == '@' && strings.EqualFold(string(want[1:]), p.Author.Handle) {
				return true
			}
			for i := 0; i+len(want) <= len(text); i++ {
				if slices.Equal(text[i:i+len(want)], want) && referenceEdges(text, i, i+len(want)) {
					return true
				}
			}
			return false
		})
	}
	return found(append(slices.Clone(e.Match.Any), e.Match.Accounts...)) && !found(e.Match.None)
}

func referenceEdges(text []rune, start, end int) bool {
	at := func(i int) rune {
		if i < 0 || i >= len(text) {
			return ' '
		}
		return text[i]
	}
	for i, address := 0, false; i < end; i++ {
		if address = text[i] != ' ' && (address || strings.HasPrefix(string(text[i:]), "https://")); address && i >= start {
			return false
		}
	}
	letter := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_' }
	spaced := func(r rune) bool {
		return letter(r) && !unicode.In(r, unicode.Hangul, unicode.Hiragana, unicode.Thai)
	}
	switch at(start) {
	case '#':
		return !letter(at(start-1)) && at(start-1) != '&' && !letter(at(end))
	case '@':
		return !spaced(at(start-1)) && !strings.ContainsRune("@#&/", at(start-1)) && !spaced(at(end)) &&
			!(strings.ContainsRune("@.-", at(end)) && at(end+1) < 0x80 && letter(at(end+1)))
	}
	return !(spaced(at(start-1)) && spaced(at(start))) && !(spaced(at(end-1)) && spaced(at(end)))
}

func TestMatchEqualsReference(t *testing.T) {
	words := rapid.SampledFrom([]string{"ab", "abc", "b", "ab c", "b ab", "24", "가", "가나 ab", "が", "é", "ß", "ss", "น้ำ", "#ab", "#가b", "@ab", "@b", "a'b", "💀"})
	glue := rapid.SampledFrom([]string{"", "", " ", "\n", "  ", "'", "-", ".", "_", "#", "@", "&", "/", "é", "\u0301", "\u200b", "나", "c", "A", "B", "４", " https://", "-"})
	rapid.Check(t, func(t *rapid.T) {
		events := make([]reaction.Event, rapid.IntRange(1, 4).Draw(t, "events"))
		for i := range events {
			events[i] = reaction.Event{ID: int64(i + 1), Slug: "e", Match: reaction.Match{
				Any:  rapid.SliceOfN(words, 0, 5).Draw(t, "any"),
				None: rapid.SliceOfN(words, 0, 1).Draw(t, "none"),
			}}
		}
		var text strings.Builder
		for range rapid.IntRange(0, 6).Draw(t, "length") {
			text.WriteString(glue.Draw(t, "glue"))
			w := words.Draw(t, "word")
			if rapid.Bool().Draw(t, "upper") {
				w = strings.ToUpper(w)
			}
			text.WriteString(w)
		}
		text.WriteString(glue.Draw(t, "end"))
		p := &reaction.Post{Text: text.String(), Author: reaction.Author{Handle: rapid.SampledFrom([]string{"", "ab", "B"}).Draw(t, "author")}}
		set, err := Compile(events)
		if err != nil {
			t.Fatal(err)
		}
		var want []int64
		for i := range events {
			if referenceMatch(&events[i], p) {
				want = append(want, events[i].ID)
			}
		}
		if got := set.Match(p, nil); !slices.Equal(got, want) {
			t.Fatalf("%q: %v, want %v\n%+v", p.Text, got, want, events)
		}
		var explained []int64
		for _, h := range set.Explain(p) {
			if !h.Excludes {
				explained = append(explained, h.Event)
			}
		}
		for _, id := range want {
			if !slices.Contains(explained, id) {
				t.Fatalf("%q: event %d matches without a reason", p.Text, id)
			}
		}
	})
}

func TestAutomatonEqualsSearch(t *testing.T) {
	letters := rapid.SliceOfN(rapid.SampledFrom([]byte("aab\xff")), 1, 6)
	rapid.Check(t, func(t *rapid.T) {
		var words []string
		for _, w := range rapid.SliceOfNDistinct(letters, 0, 12, func(b []byte) string { return string(b) }).Draw(t, "words") {
			words = append(words, string(w))
		}
		text := rapid.SliceOfN(rapid.SampledFrom([]byte("aab\xffc")), 0, 40).Draw(t, "text")
		var want, got [][3]int
		for end := range len(text) + 1 {
			for start := range end {
				if w := slices.Index(words, string(text[start:end])); w >= 0 {
					want = append(want, [3]int{w, start, end})
				}
			}
		}
		a := NewAutomaton(words)
		a.full = int32(rapid.IntRange(1, int(a.full)).Draw(t, "full")) // let deep states take the sparse way
		a.Find(text, func(w, start, end int) { got = append(got, [3]int{w, start, end}) })
		if !slices.Equal(got, want) {
			t.Fatalf("%q in %q: %v, want %v", words, text, got, want)
		}
	})
}
