// Package feature turns a folded text into hashed n-grams in one pass: the features that every
// statistical head of the tagger shares.
//
// Words are those of UAX #29. Of a word of an alphabet the features are the word, its pair with the
// word before, and its character 3- to 5-grams with its edges; of a run of Hangul, Kana or Han, which
// may have no spaces between words, the 1- to 3-grams of its letters, and the run itself. Web
// addresses and mentions are one mark each, whatever they hold, so that a model cannot learn names;
// a number is one digit; a letter that is drawn out counts twice at most ("noooo" is "noo").
//
// Hashing is the "hashing trick" (Weinberger et al., 2009) without signs: 64-bit FNV-1a, stirred, of which
// the top Bits are kept.
package feature

import (
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
)

// Bits is the size of the feature space: features are below 1<<Bits.
const Bits = 18

// Max bounds the features of one text; what comes after is left out. A post of 300 letters has about 900.
const Max = 1 << 13

// Extractor makes features. The zero value is ready; reuse saves allocations. It is not safe for
// concurrent use.
type Extractor struct {
	features []uint32
	spans    []span // of each feature, kept only while explaining
	trace    bool

	buf        []byte // a word between its edges, squeezed
	ends       []int  // by letter of a run: where it ends in buf
	source     []int  // by letter of a run: where it ends in the run as it was written
	start, end int    // of what is being read, in the text
	last       uint64 // hash of the word before
	lastStart  int
	words      words.Iterator[[]byte]
}

type span struct{ start, end int }

// Extract gives the features of a folded text, repeated as often as they occur. They are valid until the
// next call.
func (e *Extractor) Extract(folded []byte) []uint32 {
	e.trace = false
	e.walk(folded)
	return e.features
}

// Explain calls each with every feature of a folded text, as Extract gives them, and the bytes of the text
// that made it.
func (e *Extractor) Explain(folded []byte, each func(feature uint32, start, end int)) {
	e.trace = true
	e.walk(folded)
	for i, f := range e.features {
		each(f, e.spans[i].start, e.spans[i].end)
	}
}

func (e *Extractor) walk(text []byte) {
	e.features, e.spans, e.last = e.features[:0], e.spans[:0], 0
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
		e.word(e.squeeze(w), len(w))
	}
}

// add appends a feature of hash h.
func (e *Extractor) add(h uint64, start, end int) {
	if len(e.features) >= Max {
		return
	}
	e.features = append(e.features, uint32(stir(h)>>(64-Bits)))
	if e.trace {
		e.spans = append(e.spans, span{start, end})
	}
}

const (
	offset = 14695981039346656037
	prime  = 1099511628211
)

// stir makes every bit depend on all others (the finaliser of SplitMix64).
func stir(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}
