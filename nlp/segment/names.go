package segment

import (
	"slices"
	"unicode/utf8"
)

// Names are what an event is about: people, services, teams. Their words cost little.
type Names struct{ trie trie }

// nameCost is what a word of a name costs, in nats: as much as a common word.
const nameCost = 6.5

// NewNames takes each name's words, and names of several words also as one.
func NewNames(names []string) *Names {
	var list []entry
	for _, n := range names {
		start := len(list)
		buf := make([]byte, 0, len(n))
		all := make([]byte, 0, len(n))
		for _, r := range n {
			if l, _ := fold(r); l != 0 {
				buf, all = append(buf, l), append(all, l)
			} else if len(buf) > 0 && !utf8.ValidRune(r) || r == ' ' || r == '-' || r == '.' {
				list, buf = appendName(list, buf), buf[:0]
			}
		}
		list = appendName(list, buf)
		if len(list) == start {
			list = appendName(list, all)
		}
	}
	slices.SortFunc(list, func(a, b entry) int {
		switch {
		case a.word < b.word:
			return -1
		case a.word > b.word:
			return 1
		}
		return 0
	})
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
