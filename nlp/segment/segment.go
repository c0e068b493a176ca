// Package segment reads the words of a hashtag: "#jiocinemaisacrap" is jiocinema, is, a, crap.
//
// The cheapest way through the tag is found by dynamic programming (Viterbi): a word costs -ln of its
// probability in a unigram model, what is no word costs more with each letter, and each place between
// two letters costs by what the writer's capitals, digits and script changes say of it. Names of the
// event cost little, so that "JioCinema" and "디샌티스" need not be in any dictionary.
//
// The words and their costs are a model file that package training makes from lists under the MIT licence
// and words of our own.
package segment

import "unicode/utf8"

// MaxTag bounds a tag in bytes; a longer one is left whole.
const MaxTag = 100

// Span is a word: the bytes tag[Start:End].
type Span struct {
	Start, End int
	Known      bool // a word of the model or a name, or a number; false for what was only guessed
	Name       bool // of Names
}

// Words reads a hashtag, with or without its sign, by the words of the model and by names, which may be nil.
// The spans are in order and leave out underscores and the sign. A tag that is too long or is not
// UTF-8 is one span.
func (m *Model) Words(tag string, names *Names) []Span {
	spans, _ := m.Append(nil, tag, names)
	return spans
}

// Append is Words behind dst, and the cost of the whole in nats: the lower, the more it is plain words.
func (m *Model) Append(dst []Span, tag string, names *Names) ([]Span, float32) {
	if len(tag) > MaxTag || !utf8.ValidString(tag) {
		return append(dst, Span{Start: 0, End: len(tag)}), unknownCost(len(tag))
	}
	var w walk
	var total float32
	for i := 0; i < len(tag); {
		i = w.read(tag, i)
		if w.n == 0 {
			continue
		}
		m.solve(&w, names)
		total += w.best[w.n].cost
		dst = w.append(dst)
	}
	return dst, total
}

// step is the cheapest way to a place of the tag.
type step struct {
	cost float32
	from int8 // the place before the last word
	kind kind
}

type kind int8

const (
	unknown kind = iota
	word
	name
	suffix // goes with the word before it
)

// solve fills w.best.
func (m *Model) solve(w *walk, names *Names) {
	for j := 1; j <= w.n; j++ {
		w.best[j].cost = inf
	}
	for i := range w.n {
		base := w.best[i].cost + w.cut[i]
		if i == 0 {
			base = 0
		}
		m.from(w, i, base, names)
	}
}

// from tries every word that begins at i.
func (m *Model) from(w *walk, i int, base float32, names *Names) {
	node, own, ending, joined := root, root, root, float32(0)
	for j := i; j < w.n; j++ {
		if j > i {
			if w.hard[j] {
				return
			}
			joined += w.join[j]
		}
		c := w.letter[j]
		own = names.next(own, c)
		if further := m.words.next(node, c); further != dead || !w.drawn(i, j) {
			node = further
		} else {
			joined += drawnOut // "yesss": the word goes on as it is
		}
		// What nobody knows may still be a word, and a number is one as it stands.
		cost, k := w.guess(i, j+1)+joined, unknown
		if wc := m.words.cost(node); wc+joined < cost {
			cost, k = wc+joined, word
		}
		if nc := names.cost(own); nc < cost {
			cost, k = nc, name // capitals within a name are its own
		}
		if i > 0 && w.best[i].kind == word && w.best[i].from <= int8(i-suffixBehind) {
			ending = endings.next(ending, c)
			if sc := endings.cost(ending); sc+joined < cost {
				cost, k = sc+joined, suffix
			}
		}
		if nc := w.number(i, j+1); nc < cost {
			cost, k = nc, word
		}
		if k == suffix {
			cost -= wordStart
		}
		if s := &w.best[j+1]; base+cost < s.cost {
			*s = step{base + cost, int8(i), k}
		}
	}
}
