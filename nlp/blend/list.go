package blend

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

// Word is what a coined tag may hold against its entity.
type Word struct {
	Text   string
	Says   string // outage, scandal or negative
	Hangul bool   // Text is what it sounds like in Hangul
	Of     string // then the word itself
}

// negative is what a word of a list of negative words says: no more than that.
const negative = "negative"

//go:embed words.txt
var ownWords string

// OwnWords are the words of failure in the tagger's languages, written for this.
func OwnWords() []Word {
	var out []Word
	for line := range strings.Lines(ownWords) {
		head, rest, ok := strings.Cut(line, ": ")
		if !ok || line[0] == '#' {
			continue
		}
		says, _, _ := strings.Cut(head, " ")
		for f := range strings.FieldsSeq(rest) {
			forms := strings.Split(f, "=")
			out = append(out, Word{Text: forms[0], Says: says})
			for _, h := range forms[1:] {
				out = append(out, Word{Text: h, Says: says, Hangul: true, Of: forms[0]})
			}
		}
	}
	return out
}

// Negative reads a list of negative words, a line each, behind OwnWords.
func Negative(list string) []Word {
	var out []Word
	for w := range strings.FieldsSeq(list) {
		out = append(out, Word{Text: w, Says: negative})
	}
	return out
}

// Entity is what an event is about, with the names that people give it.
type Entity struct {
	Name    string
	Aliases []string
}

// The bounds of a watch-list; New refuses more.
const (
	MaxEntities = 1000
	MaxWords    = 20000
	maxForm     = 32 // letters; longer forms are left out
)

// form is a name or word by its letters.
type form struct {
	letters []rune
	text    string
	of      int  // which entity or word
	common  bool // a name that is a common word too
}

// forms gives each entity's names: whole, without spaces, and by their words.
func forms(entities []Entity) []form {
	var out []form
	seen := map[string]bool{}
	add := func(of int, text string) {
		l := spell(text)
		key := fmt.Sprint(of, string(l))
		least := 3
		if !latin(l) {
			least = 4 // jamo of two syllables
		}
		if len(l) < least || len(l) > maxForm || seen[key] {
			return
		}
		seen[key] = true
		out = append(out, form{letters: l, text: text, of: of})
	}
	for i, e := range entities {
		for _, n := range append([]string{e.Name}, e.Aliases...) {
			add(i, n)
		}
		for _, n := range append([]string{e.Name}, e.Aliases...) {
			words := strings.FieldsFunc(n, func(r rune) bool { return r == ' ' || r == '-' || r == '_' })
			for _, w := range words {
				if len(words) > 1 && !small[strings.ToLower(w)] {
					add(i, w)
				}
			}
		}
	}
	return out
}

// small words of names are none by themselves.
var small = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq("the and for with from los las del von van der den des our new vs fc") {
		m[w] = true
	}
	return m
}()

// wordForms gives each word once, the first of its letters.
func wordForms(words []Word) []form {
	var out []form
	seen := map[string]bool{}
	for i, w := range words {
		l := spell(w.Text)
		if len(l) < 3 || len(l) > maxForm || seen[string(l)] {
			continue
		}
		seen[string(l)] = true
		out = append(out, form{letters: l, text: w.Text, of: i})
	}
	slices.SortStableFunc(out, func(a, b form) int { return slices.Compare(a.letters, b.letters) })
	return out
}
