package feature

import (
	"bytes"
	"unicode/utf8"
)

// Marks stand for what a model must not learn by heart.
const (
	address byte = 1
	mention byte = 2
)

// Of a word: the shortest and longest character n-grams; and salts that keep kinds of features apart.
const (
	shortest, longest           = 3, 5
	saltPair, saltPart, saltRun = 0x9e3779b97f4a7c15, 0x1234567, 0x7654321
)

// maxWord bounds a word in bytes; of a longer one only the head has character n-grams.
const maxWord = 64

// mark is the length and kind of the address or mention that text[i:] begins with.
func mark(text []byte, i int) (n int, kind byte) {
	switch text[i] {
	case 'h':
		if bytes.HasPrefix(text[i:], []byte("https://")) || bytes.HasPrefix(text[i:], []byte("http://")) {
			return untilSpace(text[i:]), address
		}
	case '@':
		n = 1
		for i+n < len(text) && handle(text[i+n]) {
			n++
		}
		if n > 1 {
			return n, mention
		}
	}
	return 0, 0
}

// nextMark is where the next address or mention of text may begin, from i on.
func nextMark(text []byte, i int) int {
	for ; i < len(text); i++ {
		if c := text[i]; c == '@' || c == 'h' {
			if _, kind := mark(text, i); kind != 0 {
				return i
			}
		}
	}
	return i
}

func untilSpace(text []byte) int {
	if n := bytes.IndexByte(text, ' '); n >= 0 {
		return n
	}
	return len(text)
}

func handle(c byte) bool {
	return alnum(c) || c == '_' || c == '.' || c == '-' || c == '@'
}

// squeeze copies a word into the buffer between two spaces: digits as one 0, the same letter in a row
// twice at most.
func (e *Extractor) squeeze(w []byte) []byte {
	b := append(e.buf[:0], ' ')
	var before rune
	same := 0
	for i := 0; i < len(w); {
		r, n := rune(w[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(w[i:])
		} else if r >= '0' && r <= '9' {
			r = '0'
		}
		if r == before {
			same++
		} else {
			before, same = r, 1
		}
		if same <= 2 && (r != '0' || same == 1) {
			if n == 1 {
				b = append(b, byte(r))
			} else {
				b = append(b, w[i:i+n]...)
			}
		}
		i += n
	}
	b = append(b, ' ')
	e.buf = b
	return b
}

// word adds the features of a word of n bytes that lies between two spaces in b.
func (e *Extractor) word(b []byte, n int) {
	h := uint64(offset)
	for _, c := range b[1 : len(b)-1] {
		h = (h ^ uint64(c)) * prime
	}
	h = Stir(h)
	e.add(h, e.start, e.end)
	if e.last != 0 {
		e.add(e.last*31+h+saltPair, e.lastStart, e.end)
	}
	e.last, e.lastStart = h, e.start
	if n > 1 && !e.tag {
		e.parts(b[:min(len(b), maxWord)])
	}
}

// parts adds the character n-grams of b, in which spaces are a word's edges.
func (e *Extractor) parts(b []byte) {
	for i := range b {
		if !utf8.RuneStart(b[i]) {
			continue
		}
		h := uint64(saltPart)
		for j, letters := i, 0; j < len(b) && letters < longest; {
			for h = (h ^ uint64(b[j])) * prime; j+1 < len(b) && !utf8.RuneStart(b[j+1]); j++ {
				h = (h ^ uint64(b[j+1])) * prime
			}
			j++
			if letters++; letters >= shortest && (i > 0 || j < len(b)) {
				e.add(h+uint64(letters), e.start, e.end)
			}
		}
	}
}
