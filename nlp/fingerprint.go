package nlp

import (
	"bytes"
	"unicode/utf8"

	"outcry/internal/match"
	"outcry/nlp/feature"
)

// fingerprintWords is how many words a text needs to have a fingerprint.
const fingerprintWords = 4

// fingerprint is a simhash (Charikar, 2002) of a folded text's words and pairs of words, without
// addresses and mentions: near-copies differ in few bits. It is 0 for texts of few words. A letter
// of a script that puts no spaces counts as a word, except Hangul, which does.
func fingerprint(text []byte) uint64 {
	var votes tally
	var last uint64
	words := 0
	for i := 0; i < len(text); {
		n, kind := token(text[i:])
		if kind == wordToken {
			h := hash(text[i : i+n])
			votes.add(h)
			if words++; words > 1 {
				votes.add(feature.Stir(last*31 + h))
			}
			last = h
		}
		i += n
	}
	if words < fingerprintWords {
		return 0
	}
	return max(votes.majority(), 1)
}

type tokenKind uint8

const (
	noToken tokenKind = iota
	wordToken
)

// token is the length and kind of what text begins with.
func token(text []byte) (int, tokenKind) {
	r, n := utf8.DecodeRune(text)
	switch {
	case r == '@', r == 'h' && (bytes.HasPrefix(text, []byte("http://")) || bytes.HasPrefix(text, []byte("https://"))):
		if end := bytes.IndexByte(text, ' '); end > 0 {
			return end, noToken
		}
		return len(text), noToken
	case hangul(r):
		return run(text, hangul), wordToken
	case match.WordRune(r):
		return run(text, match.WordRune), wordToken
	case match.Unspaced(r):
		return n, wordToken
	}
	return n, noToken
}

func hangul(r rune) bool { return r >= 0xAC00 && r <= 0xD7A3 }

func run(text []byte, in func(rune) bool) int {
	for i := 0; ; {
		r, n := utf8.DecodeRune(text[i:])
		if n == 0 || !in(r) {
			return i
		}
		i += n
	}
}

// hash is FNV-1a, stirred so that every bit depends on all of the word.
func hash(b []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return feature.Stir(h)
}

// tally counts, for each of 64 bits, how many hashes have it set. Counters stand upright: plane i
// holds bit i of all 64, so that adding a hash is a few operations on whole words.
type tally struct {
	planes [18]uint64
	n      uint32
}

func (t *tally) add(h uint64) {
	if t.n++; t.n >= 1<<len(t.planes) {
		t.n--
		return
	}
	for i := 0; h != 0; i++ {
		t.planes[i], h = t.planes[i]^h, t.planes[i]&h
	}
}

// majority is the bits that more than half of the hashes have set.
func (t *tally) majority() uint64 {
	half := t.n / 2
	var more uint64
	equal := ^uint64(0)
	for i := len(t.planes) - 1; i >= 0; i-- {
		if half>>i&1 == 0 {
			more |= equal & t.planes[i]
			equal &^= t.planes[i]
		} else {
			equal &= t.planes[i]
		}
	}
	return more
}
