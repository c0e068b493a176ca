// Package feature turns a folded text into hashed n-grams in one pass: the features that every
// statistical head of the tagger shares.
//
// Words are those of UAX #29. Of a word of an alphabet the features are the word, its pair with the
// word before, and its character 3- to 5-grams with its edges, but for hashtags, which are long and mostly names; of a run of Hangul, Kana or Han, which
// may have no spaces between words, the 1- to 3-grams of its letters, and the run itself. Web
// addresses and mentions are one mark each, whatever they hold, so that a model cannot learn names;
// a number is one digit; a letter that is drawn out counts twice at most ("noooo" is "noo").
//
// Hashing is the "hashing trick" (Weinberger et al., 2009) without signs: 64-bit FNV-1a, stirred, of which
// the top Bits are kept.
package feature

import (
	"bytes"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
)

// Bits is the size of the feature space: features are below 1<<Bits.
const Bits = 19

// Max bounds the features of one text; what comes after is left out. A post of 300 letters has about 900.
const Max = 1 << 13

// Extractor makes features. The zero value is ready; reuse saves allocations. It is not safe for
// concurrent use.
type Extractor struct {
	features []uint32
	spans    []Span // of each feature, kept only while explaining
	trace    bool

	buf        []byte // a word between its edges, squeezed
	ends       []int  // by letter of a run: where it ends in buf
	source     []int  // by letter of a run: where it ends in the run as it was written
	start, end int    // of what is being read, in the text
	tag        bool   // a hashtag is being read
	last       uint64 // hash of the word before
	lastStart  int

	// The last two letters of the run of unspaced letters before, and where it was; tailEnd is 0 for none.
	tail               [2][utf8.UTFMax]byte
	tailSize           [2]int
	tailStart, tailEnd int

	words words.Iterator[[]byte]
}

// Span is text[Start:End].
type Span struct{ Start, End int }

// Extract gives the features of a folded text, repeated as often as they occur. They are valid until the
// next call.
func (e *Extractor) Extract(folded []byte) []uint32 {
	e.trace = false
	e.walk(folded)
	return e.features
}

// Trace gives the features of a folded text, as Extract does, and of each the bytes of the text that made it. Both
// are valid until the next call.
func (e *Extractor) Trace(folded []byte) ([]uint32, []Span) {
	e.trace = true
	e.walk(folded)
	return e.features, e.spans
}

func (e *Extractor) walk(text []byte) {
	e.features, e.spans, e.last, e.tailEnd, e.tag = e.features[:0], e.spans[:0], 0, 0, false
	if e.words.Iterator == nil {
		e.words = words.FromBytes(nil)
	}
	for i := 0; i < len(text) && len(e.features) < Max; {
		if n, kind := mark(text, i); kind != 0 {
			e.start, e.end = i, i+n
			e.word([]byte{' ', kind, ' '}, 0)
			i += n
			continue
		}
		next := nextMark(text, i+1)
		e.stretch(text[i:next], i)
		i = next
	}
}

// stretch reads text[at:], in which no address and no mention begins.
func (e *Extractor) stretch(part []byte, at int) {
	e.words.SetText(part)
	for e.words.Next() && len(e.features) < Max {
		w, start := e.words.Value(), e.words.Start()
		c := w[0]
		if c == ' ' {
			continue
		}
		e.start, e.end = at+start, at+start+len(w)
		if c >= utf8.RuneSelf {
			if r, _ := utf8.DecodeRune(w); Unspaced(r) {
				end := start + unspacedRun(part[start:])
				for e.words.End() < end && e.words.Next() {
				}
				e.end = at + end
				e.run(part[start:end])
				continue
			}
		}
		if c < utf8.RuneSelf && !alnum(c) {
			n := sameByte(part[start:])
			for e.words.End() < start+n && e.words.Next() {
			}
			e.end = at + start + n
			e.tag = c == '#'
			if !silent(c) {
				e.word(e.squeeze(part[start:start+n]), 0)
			}
			continue
		}
		e.dotted(w)
		e.tag = false
	}
}

// dotted reads a word of UAX #29, which keeps "done.next" in one piece: people leave out the space.
func (e *Extractor) dotted(w []byte) {
	for {
		dot := bytes.IndexByte(w, '.')
		if dot <= 0 || dot == len(w)-1 {
			e.end = e.start + len(w)
			e.word(e.squeeze(w), len(w))
			return
		}
		start := e.start
		e.end = start + dot
		e.word(e.squeeze(w[:dot]), dot)
		e.start = start + dot + 1
		w = w[dot+1:]
	}
}

// sameByte is how often the byte that b begins with is repeated there.
func sameByte(b []byte) int {
	n := 1
	for n < len(b) && b[n] == b[0] {
		n++
	}
	return n
}

func alnum(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

// silent reports whether a sign says nothing of its own.
func silent(c byte) bool { return c == '#' || c == '_' || c == '&' || c < ' ' }

// add appends a feature of hash h.
func (e *Extractor) add(h uint64, start, end int) {
	if len(e.features) >= Max {
		return
	}
	e.features = append(e.features, uint32(Stir(h)>>(64-Bits)))
	if e.trace {
		e.spans = append(e.spans, Span{start, end})
	}
}

const (
	offset = 14695981039346656037
	prime  = 1099511628211
)

// Stir makes every bit depend on all others (the finaliser of SplitMix64).
func Stir(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}
