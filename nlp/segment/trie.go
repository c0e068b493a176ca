package segment

import "slices"

// trie holds words letter by letter. The children of a node lie side by side, in order.
type trie []trieNode

type trieNode struct {
	letter byte
	cost   uint8 // of the word that ends here, in steps; noWord if none does
	few    uint8 // how many children
	first  uint32
}

const (
	root   int32 = 0
	dead   int32 = -1
	noWord       = 255

	// steps of a cost to a nat.
	steps = 12
)

// next is the node behind a letter; dead stays dead.
func (t trie) next(node int32, letter byte) int32 {
	if node < 0 {
		return dead
	}
	n := &t[node]
	for i := n.first; i < n.first+uint32(n.few); i++ {
		if t[i].letter == letter {
			return int32(i)
		}
	}
	return dead
}

// cost is that of the word which ends at node, or inf.
func (t trie) cost(node int32) float32 {
	if node < 0 || t[node].cost == noWord {
		return inf
	}
	return float32(t[node].cost) / steps
}

// entry is a word with its cost in steps.
type entry struct {
	word string
	cost uint8
}

// newTrie builds a trie of entries that are sorted by word, each once, none empty.
func newTrie(entries []entry) trie {
	t := trie{{cost: noWord}}
	type part struct {
		node    int32
		entries []entry
		depth   int
	}
	queue := []part{{root, entries, 0}}
	for len(queue) > 0 {
		p := queue[0]
		queue = queue[1:]
		t[p.node].first = uint32(len(t))
		for rest := p.entries; len(rest) > 0; {
			c := rest[0].word[p.depth]
			n, _ := slices.BinarySearchFunc(rest, c+1, func(e entry, c byte) int { return int(e.word[p.depth]) - int(c) })
			same := rest[:n]
			rest = rest[n:]
			child := int32(len(t))
			t = append(t, trieNode{letter: c, cost: noWord})
			t[p.node].few++
			if len(same[0].word) == p.depth+1 {
				t[child].cost = same[0].cost
				same = same[1:]
			}
			if len(same) > 0 {
				queue = append(queue, part{child, same, p.depth + 1})
			}
		}
	}
	return t
}
