package match

import (
	"slices"
	"strings"
)

// Automaton finds many words in a text in one pass (Aho and Corasick, 1975). It is immutable and
// safe for concurrent use.
//
// States are numbered breadth first, so a state's children are neighbours and its failure state
// has a smaller number. The first states, where nearly all the time is spent, have a full row of
// transitions; deeper ones keep only their children, so memory stays small with many words.
type Automaton struct {
	class [256]uint8 // byte -> column of a row; 0 for bytes in no word
	width int
	rows  []int32 // next state by state and column, for states below full
	full  int32

	label []byte  // by state: the byte that leads to it
	first []int32 // by state: its first child; its last is before first[state+1]
	fail  []int32 // by state: the longest proper suffix that is a state
	word  []int32 // by state: the word that ends here, or -1
	hit   []int32 // by state: the nearest state, itself or by suffix, where a word ends; 0 for none

	size []int32 // by word: its length in bytes
}

// rowBudget bounds the full rows, in transitions of four bytes.
const rowBudget = 1 << 20

// NewAutomaton makes an automaton for words, which are known by their index. Words must be
// distinct and not empty; of equal words only one is found.
func NewAutomaton(words []string) *Automaton {
	a := &Automaton{width: 1, size: make([]int32, len(words))}
	order := make([]int32, len(words))
	for i, w := range words {
		order[i], a.size[i] = int32(i), int32(len(w))
		for j := range len(w) {
			if a.class[w[j]] == 0 && a.width < 256 {
				a.class[w[j]] = uint8(a.width)
				a.width++
			}
		}
	}
	slices.SortFunc(order, func(x, y int32) int { return strings.Compare(words[x], words[y]) })
	a.grow(words, order)
	a.link()
	return a
}

// grow builds the trie from words in order: a state stands for the run of words that share its
// prefix.
func (a *Automaton) grow(words []string, order []int32) {
	type run struct{ from, to, depth int }
	runs := []run{{0, len(order), 0}}
	a.label, a.word = []byte{0}, []int32{-1}
	for s := 0; s < len(runs); s++ {
		r := runs[s]
		a.first = append(a.first, int32(len(runs)))
		for r.from < r.to && len(words[order[r.from]]) == r.depth {
			if r.depth > 0 {
				a.word[s] = order[r.from]
			}
			r.from++
		}
		for r.from < r.to {
			c, to := words[order[r.from]][r.depth], r.from+1
			for to < r.to && words[order[to]][r.depth] == c {
				to++
			}
			runs = append(runs, run{r.from, to, r.depth + 1})
			a.label, a.word = append(a.label, c), append(a.word, -1)
			r.from = to
		}
	}
	a.first = append(a.first, int32(len(runs)))
}

// link computes failure states, outputs and the full rows.
func (a *Automaton) link() {
	n := int32(len(a.label))
	a.fail, a.hit = make([]int32, n), make([]int32, n)
	most := min(n, max(1, rowBudget/int32(a.width)))
	a.rows = make([]int32, int(most)*a.width)
	for s := range n {
		if a.hit[s] = a.hit[a.fail[s]]; a.word[s] >= 0 {
			a.hit[s] = s
		}
		for c := a.first[s]; c < a.first[s+1]; c++ {
			if s != 0 {
				a.fail[c] = a.step(a.fail[s], a.label[c])
			}
		}
		if s < most {
			row := a.rows[int(s)*a.width : int(s+1)*a.width]
			copy(row, a.rows[int(a.fail[s])*a.width:])
			for c := a.first[s]; c < a.first[s+1]; c++ {
				row[a.class[a.label[c]]] = c
			}
			a.full = s + 1
		}
	}
}

func (a *Automaton) step(s int32, b byte) int32 {
	for s >= a.full {
		for c := a.first[s]; c < a.first[s+1]; c++ {
			if a.label[c] == b {
				return c
			}
		}
		s = a.fail[s]
	}
	return a.rows[int(s)*a.width+int(a.class[b])]
}

// Find calls found for each place in text where a word is, by ascending end and, of those, the
// longest first.
func (a *Automaton) Find(text []byte, found func(word, start, end int)) {
	s := int32(0)
	for i, b := range text {
		if s < a.full {
			s = a.rows[int(s)*a.width+int(a.class[b])]
		} else {
			s = a.step(s, b)
		}
		for h := a.hit[s]; h != 0; h = a.hit[a.fail[h]] {
			w := a.word[h]
			found(int(w), i+1-int(a.size[w]), i+1)
		}
	}
}
