// Package distinct says what distinguishes one set of posts from another: the words and hashtags that
// are used more in it than chance explains, and the posts that stand for it.
//
// A term counts once a post, however often it is repeated there. Words are those of UAX #29 on folded
// text; addresses, mentions and numbers are none. Of Hangul, whose words carry particles and may be
// written together, the runs are counted with their particles peeled by rule, and the stretches of two
// syllables or more within them; of these the longest that is as common as its parts is shown. Of Han
// and Katakana it is runs and stretches too. There is no list of stop words: what is common everywhere
// has a prior that says so.
package distinct

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"

	"outcry/internal/match"
)

// Post is what a comparison needs to know of a post.
type Post struct {
	Text        string
	Hashtags    []string // folded, without their sign
	Fingerprint uint64   // see Copies; 0 where there is none
	Links       int
}

// Bounds of what is looked at.
const (
	maxPostTerms = 300     // of one post
	maxTerms     = 200_000 // of one set: the rarest are forgotten beyond that
	maxWord      = 64      // bytes of a word
	longestRun   = 12      // letters of a run of Hangul, Han or Katakana
	longestGram  = 6       // letters of a stretch of a run
)

// reader finds the terms of posts. It is not safe for concurrent use.
type reader struct {
	text  match.Folded
	words words.Iterator[[]byte]
	seen  map[string]bool
	post  []string
}

// terms lists the terms of a post, each once: hashtags with their sign. The list is valid until the
// next call, its strings for ever.
func (r *reader) terms(p *Post) []string {
	if r.seen == nil {
		r.seen, r.words = map[string]bool{}, words.FromBytes(nil)
	}
	clear(r.seen)
	r.post = r.post[:0]
	for _, h := range p.Hashtags {
		r.add("#" + h)
	}
	r.text.Set(p.Text)
	for _, stretch := range plain(r.text.Text()) {
		r.words.SetText(stretch)
		for r.words.Next() {
			r.word(r.words.Value())
		}
		r.runs(stretch)
	}
	return r.post
}

func (r *reader) add(term string) {
	if len(r.post) < maxPostTerms && !r.seen[term] {
		r.seen[term] = true
		r.post = append(r.post, term)
	}
}

// plain cuts addresses, mentions and hashtags out of a folded text, whose white space is single spaces.
func plain(text []byte) (out [][]byte) {
	from := 0
	for i := 0; i < len(text); {
		n := 0
		switch c := text[i]; {
		case c == 'h' && (bytes.HasPrefix(text[i:], []byte("http://")) || bytes.HasPrefix(text[i:], []byte("https://"))):
			if n = bytes.IndexByte(text[i:], ' '); n < 0 {
				n = len(text) - i
			}
		case c == '#' || c == '@':
			n = 1 + marked(text[i+1:], c)
		}
		if n > 1 {
			out = append(out, text[from:i])
			i += n
			from = i
			continue
		}
		i++
	}
	return append(out, text[from:])
}

// marked is the length of the name after a sign.
func marked(text []byte, sign byte) int {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if !match.TagRune(r) && !(sign == '@' && (r == '.' || r == '-' || r == '@')) {
			return i
		}
		i += n
	}
	return len(text)
}

// word adds a word of a script that parts words by spaces, other than Hangul.
func (r *reader) word(w []byte) {
	if len(w) > maxWord || utf8.RuneCount(w) < 2 {
		return
	}
	letter := false
	for i := 0; i < len(w); {
		c, n := utf8.DecodeRune(w[i:])
		if inRun(c) != none || unicode.Is(unicode.Hiragana, c) {
			return
		}
		letter = letter || unicode.IsLetter(c)
		i += n
	}
	if letter {
		r.add(string(w))
	}
}

// script is a script that is read as runs.
type script uint8

const (
	none script = iota
	hangul
	han
	katakana
)

func inRun(c rune) script {
	switch {
	case c < 0x1100:
		return none
	case c >= 0xAC00 && c <= 0xD7A3:
		return hangul
	case unicode.Is(unicode.Han, c):
		return han
	case unicode.Is(unicode.Katakana, c) || c == 'ー':
		return katakana
	}
	return none
}

// runs adds the runs of a text that stand for words, and the stretches within them.
func (r *reader) runs(text []byte) {
	for i := 0; i < len(text); {
		c, n := utf8.DecodeRune(text[i:])
		kind := inRun(c)
		if kind == none {
			i += n
			continue
		}
		var run []rune
		for i < len(text) {
			c, n := utf8.DecodeRune(text[i:])
			if inRun(c) != kind {
				break
			}
			run = append(run, c)
			i += n
		}
		r.run(run[:min(len(run), longestRun)], kind)
	}
}

func (r *reader) run(run []rune, kind script) {
	if kind == hangul {
		run = peel(run)
	}
	if len(run) < 2 {
		return
	}
	r.add(string(run))
	if kind == katakana { // written together as a rule, and one word
		return
	}
	for from := range run {
		for n := 2; n <= longestGram && from+n <= len(run); n++ {
			r.add(string(run[from : from+n]))
		}
	}
}
