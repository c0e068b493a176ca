package entity

import (
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"outcry/internal/reaction"
)

// Rule is how X measures posts, as a configuration of twitter-text says it.
type Rule struct {
	Max     int  // weighted length of the longest post
	Default int  // hundredths that a character counts for
	Light   int  // hundredths that a character of the light ranges counts for
	URL     int  // what a web address counts for, however long
	Emoji   bool // an emoji counts as one character of the default, however many make it
}

// The rules that X has had: 140 characters; 280, of which those beyond the Latin and a few other scripts
// count twice; and the same with emoji made of several characters at the price of one.
var (
	Rule1 = Rule{Max: 140, Default: 100, Light: 100, URL: 23}
	Rule2 = Rule{Max: 280, Default: 200, Light: 100, URL: 23}
	Rule3 = Rule{Max: 280, Default: 200, Light: 100, URL: 23, Emoji: true}
)

// Measure is what a text comes to.
type Measure struct {
	Length     int  // weighted
	Permillage int  // of the longest post
	Valid      bool // neither empty nor too long, and without characters that no post may hold
	Last       int  // index of the last UTF-16 unit of the text
	LastValid  int  // index of the last UTF-16 unit that a post has room for
}

// Measure measures a text of X.
func (r Rule) Measure(text string) Measure {
	plain := norm.NFC.String(text)
	if plain == "" {
		return Measure{}
	}
	weight, fits, units, bad := 0, 0, 0, false
	list := Scan(plain, reaction.X, nil)
	for i := 0; i < len(plain); {
		for len(list) > 0 && (list[0].Start < i || !r.whole(list[0])) {
			list = list[1:]
		}
		n, w := 0, r.Default
		switch {
		case len(list) > 0 && list[0].Start == i:
			n = list[0].End - i
			if list[0].Kind == URL {
				w = r.URL * 100
			}
		default:
			var c rune
			if c, n = utf8.DecodeRuneInString(plain[i:]); light(c) {
				w = r.Light
			}
			bad = bad || c == 0xFFFE || c == 0xFEFF || c == 0xFFFF
		}
		u := units16(plain[i : i+n])
		weight, units, i = weight+w, units+u, i+n
		if !bad && weight <= r.Max*100 {
			fits += u
		}
	}
	lost := units16(text) - units // by composing
	m := Measure{Length: weight / 100, Last: units + lost - 1, LastValid: fits + lost - 1}
	m.Permillage = m.Length * 1000 / r.Max
	m.Valid = !bad && m.Length <= r.Max
	return m
}

// whole reports whether an entity is weighed as one.
func (r Rule) whole(e Entity) bool { return e.Kind == URL || e.Kind == Emoji && r.Emoji }

// light reports whether a character is of the ranges that count less.
func light(r rune) bool {
	return r <= 0x10FF || r >= 0x2000 && r <= 0x200D || r >= 0x2010 && r <= 0x201F || r >= 0x2032 && r <= 0x2037
}

func units16(s string) int {
	n := 0
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}
