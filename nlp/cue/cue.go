// Package cue counts what a text shows beside its words' meaning: whom it speaks to, how it is pointed, how loud
// it is. A few dense numbers that every post has, which the last layer of the tagger weighs with the scores of the
// hashed n-grams (the shape features of Preoţiuc-Pietro, Gaman and Aletras, 2019).
package cue

import (
	"bytes"
	"math"
	"strings"
	"unicode/utf8"

	"outcry/internal/match"
)

// Kind is one cue.
type Kind int

// The cues. Counts are cut at three, so that shouting does not drown the rest.
const (
	Exclaims Kind = iota // exclamation marks
	Asks                 // question marks
	Words                // natural logarithm of 1 + words
	Links                // 1 where a web address is in the text
	Replies              // 1 where the text begins with a mention
	You                  // words for the reader
	I                    // words for the writer
	Others               // words for others
	Denials              // not, never, still, why
	Help                 // how, where, please, thanks
	Loud                 // share of letters that are capitals, where letters have a case
	CutOff               // 1 where the text ends in a sign of omission, as posts do that a service has cut
	Count                // how many cues there are
)

// Names are the cues' names, in their order.
var Names = [Count]string{"exclaims", "asks", "words", "links", "replies", "you", "i", "others", "denials", "help", "loud", "cut_off"}

// Set is the cues of a text.
type Set [Count]float32

const most = 3

// spoken are the English words that are cues.
var spoken = func() map[string]Kind {
	m := map[string]Kind{}
	for k, words := range map[Kind]string{
		You:     "you your u ur yours yall ya",
		I:       "i my me i'm i've i'd i'll mine im ive",
		Others:  "we he she they his her them their our us",
		Denials: "not no can't never won't don't doesn't didn't isn't cannot still why aren't wasn't couldn't wouldn't nothing nobody",
		Help:    "when how what where can could please help thanks pls",
	} {
		for w := range strings.FieldsSeq(words) {
			m[w] = k
		}
	}
	return m
}()

// Of gives the cues of a text, which is folded in folded.
func Of(text string, folded []byte) Set {
	var s Set
	var n [Count]int
	words := 0
	for i := 0; i < len(folded); {
		switch c := folded[i]; {
		case c == '!':
			n[Exclaims]++
		case c == '?':
			n[Asks]++
		case c == '@' && i == 0:
			s[Replies] = 1
		case c == 'h' && (bytes.HasPrefix(folded[i:], []byte("https://")) || bytes.HasPrefix(folded[i:], []byte("http://"))):
			s[Links] = 1
			i = skip(folded, i)
			continue
		}
		if end := word(folded, i); end > i {
			words++
			if k, ok := spoken[string(folded[i:end])]; ok {
				n[k]++
			}
			i = end
			continue
		}
		i++
	}
	for _, k := range [...]Kind{Exclaims, Asks, You, I, Others, Denials, Help} {
		s[k] = float32(min(most, n[k]))
	}
	s[Words] = float32(math.Log(float64(1 + words)))
	s[Loud] = loud(text)
	if tail := strings.TrimRight(text, " \n"); strings.HasSuffix(tail, "…") || strings.Contains(tail, "… http") {
		s[CutOff] = 1
	}
	return s
}

// word is where the word that begins at text[i] ends, i where none does.
func word(text []byte, i int) int {
	for i < len(text) {
		if c := text[i]; c == '\'' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' {
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		if r < utf8.RuneSelf || !match.WordRune(r) && !match.Unspaced(r) {
			break
		}
		i += n
	}
	return i
}

func skip(text []byte, i int) int {
	for i < len(text) && text[i] != ' ' {
		i++
	}
	return i
}

func loud(text string) float32 {
	upper, lower := 0, 0
	for i := range len(text) {
		switch c := text[i]; {
		case c >= 'A' && c <= 'Z':
			upper++
		case c >= 'a' && c <= 'z':
			lower++
		}
	}
	if upper+lower == 0 {
		return 0
	}
	return float32(upper) / float32(upper+lower)
}
