package segment

import (
	"slices"
	"strings"
	"unicode"
)

// Names are what an event is about: people, services, teams. Their words cost little.
type Names struct{ trie trie }

// nameCost is what a word of a name costs, in nats: as much as a common word.
const nameCost = 6.5

// NewNames takes the words of names, those of three letters and more of the Latin alphabet. What is of another
// script is one word in a hashtag anyway.
func NewNames(names []string) *Names {
	var list []entry
	for _, n := range names {
		var word []byte
		for _, r := range n {
			if l, _ := fold(r); l != 0 {
				word = append(word, l)
			} else if !unicode.IsMark(r) && r != '\'' && r != '’' {
				list, word = appendName(list, word), word[:0]
			}
		}
		list = appendName(list, word)
	}
	slices.SortFunc(list, func(a, b entry) int { return strings.Compare(a.word, b.word) })
	return &Names{newTrie(slices.CompactFunc(list, func(a, b entry) bool { return a.word == b.word }))}
}

func appendName(list []entry, word []byte) []entry {
	if len(word) < 3 || len(word) > MaxTag {
		return list
	}
	return append(list, entry{string(word), uint8(nameCost * steps)})
}

func (n *Names) next(node int32, letter byte) int32 {
	if n == nil {
		return dead
	}
	return n.trie.next(node, letter)
}

func (n *Names) cost(node int32) float32 {
	if n == nil {
		return inf
	}
	return n.trie.cost(node)
}
