package feature

import (
	"unicode"
	"unicode/utf8"
)

// Unspaced reports whether r is a letter of Hangul, Kana or Han.
func Unspaced(r rune) bool {
	switch {
	case r < 0x1100:
		return false
	case r >= 0xAC00 && r <= 0xD7A3, r >= 0x3040 && r <= 0x30FF, r >= 0x4E00 && r <= 0x9FFF, r >= 0x3131 && r <= 0x318E:
		return true
	}
	return unicode.In(r, unicode.Hangul, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// unspacedRun is the length in bytes of the run of such letters that text begins with.
func unspacedRun(text []byte) int {
	for i := 0; ; {
		r, n := utf8.DecodeRune(text[i:])
		if n == 0 || !Unspaced(r) {
			return i
		}
		i += n
	}
}

// grams is the length in letters of the longest n-gram of a run.
const grams = 3

// maxRun bounds the letters of a run that count as one word.
const maxRun = 12

// run adds the features of a run of unspaced letters: its 1- to 3-grams, edges included, and where it is
// short the run itself, alone and with what came before.
func (e *Extractor) run(r []byte) {
	b, ends, source := append(e.buf[:0], ' '), append(e.ends[:0], 1), append(e.source[:0], 0)
	var before rune
	same := 0
	for i := 0; i < len(r); {
		c, n := utf8.DecodeRune(r[i:])
		if c == before {
			same++
		} else {
			before, same = c, 1
		}
		if same <= 2 {
			b = append(b, r[i:i+n]...)
			ends, source = append(ends, len(b)), append(source, i+n)
		}
		i += n
	}
	b = append(b, ' ')
	ends, source = append(ends, len(b)), append(source, len(r))
	e.buf, e.ends, e.source = b, ends, source

	h := uint64(offset)
	if len(ends)-2 <= maxRun {
		for _, c := range b[1 : len(b)-1] {
			h = (h ^ uint64(c)) * prime
		}
		h = Stir(h)
		e.add(h+saltRun, e.start, e.end)
		if e.last != 0 {
			e.add(e.last*31+h+saltPair, e.lastStart, e.end)
		}
		e.last, e.lastStart = h, e.start
	} else {
		e.last = 0
	}
	e.bridge(b, ends)
	from := 0
	for i := range ends {
		g := uint64(saltRun)
		at := from
		for n := 1; n <= grams && i+n-1 < len(ends); n++ {
			for stop := ends[i+n-1]; at < stop; at++ {
				g = (g ^ uint64(b[at])) * prime
			}
			if edge := i == 0 || i+n == len(ends); n > 1 || !edge {
				e.add(g+uint64(n), e.start+source[max(i-1, 0)], e.start+source[i+n-1])
			}
		}
		from = ends[i]
	}
}

// bridge adds the 2- and 3-grams that the run in b has with the run before it, as if no space were between them: people
// write "안 들려" and "안들려" alike. Letters of the run before are kept in e.tail.
func (e *Extractor) bridge(b []byte, ends []int) {
	letters := len(ends) - 2
	gram := func(n, from int, parts ...[]byte) {
		g := uint64(saltRun)
		for _, p := range parts {
			for _, c := range p {
				g = (g ^ uint64(c)) * prime
			}
		}
		e.add(g+uint64(n), from, e.end)
	}
	first := b[ends[0]:ends[1]]
	if e.tailEnd != 0 && e.tailEnd+1 == e.start {
		last := e.tail[1][:e.tailSize[1]]
		gram(2, e.tailStart, last, first)
		if e.tailSize[0] > 0 {
			gram(3, e.tailStart, e.tail[0][:e.tailSize[0]], last, first)
		}
		if letters > 1 {
			gram(3, e.tailStart, last, first, b[ends[1]:ends[2]])
		}
	}
	e.tailSize[0] = 0
	if letters > 1 {
		e.tailSize[0] = copy(e.tail[0][:], b[ends[letters-2]:ends[letters-1]])
	}
	e.tailSize[1] = copy(e.tail[1][:], b[ends[letters-1]:ends[letters]])
	e.tailStart, e.tailEnd = e.start, e.end
}
