package match

import (
	"slices"
	"sync"
	"unicode/utf8"
)

// Fold brings s into the form in which terms and hashtags are compared: full case folding,
// compatibility forms and composed characters as in Unicode's NFKC_Casefold, with white space of
// any kind and length as one space and invisible characters left out. Accents stay.
//
// It differs from NFKC_Casefold where that hurts in posts: dotted and dotless i are one letter;
// apostrophes of all shapes are one; a lone Hangul letter (ㅋ, ㅠ) stays itself; trade marks stay
// signs and do not become letters of the word before them; at most 16 combining marks are kept on
// a letter.
func Fold(s string) string {
	f := folds.Get().(*Folded)
	defer folds.Put(f)
	f.Set(s)
	if string(f.text) == s {
		return s
	}
	return string(f.text)
}

var folds = sync.Pool{New: func() any { return new(Folded) }}

// Folded is a folded text that knows where each part of it came from. The zero value is ready;
// reuse saves allocations. It is not safe for concurrent use.
type Folded struct {
	text   []byte
	pieces []piece
	runes  runeCache
}

// piece is a stretch of folded text up to the next piece. Where end is negative the stretch is as
// long as its source, byte by byte; else all of it comes from source[source:end].
type piece struct{ folded, source, end int32 }

const straight = -1

// Text is the folded text, valid until the next Set.
func (f *Folded) Text() []byte { return f.text }

// Set folds s.
func (f *Folded) Set(s string) {
	f.text = slices.Grow(f.text[:0], len(s)+len(s)/4)
	f.pieces = append(f.pieces[:0], piece{0, 0, straight})
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf:
			i = f.setRune(s, i)
			continue
		case c > ' ':
			f.goOn(i)
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			f.text = append(f.text, c)
		case c == ' ' || c >= '\t' && c <= '\r':
			f.space(i, 1)
		default:
			f.goOn(i)
			f.text = append(f.text, c)
		}
		i++
	}
}

// goOn makes sure that what is appended next is traced back to source[i:] byte by byte.
func (f *Folded) goOn(i int) {
	p := &f.pieces[len(f.pieces)-1]
	if n := int32(len(f.text)); p.end != straight || n-p.folded != int32(i)-p.source {
		f.pieces = append(f.pieces, piece{n, int32(i), straight})
	}
}

// put appends b, all of which came from source[start:end].
func (f *Folded) put(b []byte, start, end int) {
	f.pieces = append(f.pieces, piece{int32(len(f.text)), int32(start), int32(end)})
	f.text = append(f.text, b...)
}

// space appends one space for white space of n bytes, unless one is there already.
func (f *Folded) space(i, n int) {
	switch {
	case len(f.text) > 0 && f.text[len(f.text)-1] == ' ':
	case n == 1:
		f.goOn(i)
		f.text = append(f.text, ' ')
	default:
		f.put([]byte{' '}, i, i+n)
	}
}

// Source gives the bytes of the source that text[start:end] came from. The range must not be
// empty and must lie on rune boundaries; so does the result.
func (f *Folded) Source(start, end int) (int, int) {
	p := f.pieceAt(start)
	from := int(p.source)
	if p.end == straight {
		from += start - int(p.folded)
	}
	p = f.pieceAt(end - 1)
	if p.end == straight {
		return from, int(p.source) + end - int(p.folded)
	}
	return from, int(p.end)
}

func (f *Folded) pieceAt(folded int) piece {
	i, _ := slices.BinarySearchFunc(f.pieces, int32(folded)+1, func(p piece, at int32) int { return int(p.folded - at) })
	return f.pieces[i-1]
}

// At is the first place of the folded text that came from source[i:] or later.
func (f *Folded) At(i int) int {
	n, exact := slices.BinarySearchFunc(f.pieces, int32(i), func(p piece, at int32) int { return int(p.source - at) })
	if exact {
		return int(f.pieces[n].folded)
	}
	p, stop := f.pieces[n-1], len(f.text)
	if n < len(f.pieces) {
		stop = int(f.pieces[n].folded)
	}
	if p.end != straight {
		return stop
	}
	return min(int(p.folded)+i-int(p.source), stop)
}
