package segment

import (
	"slices"
	"strings"
)

// endings make a word of another that no list need have: "starbucksing", "snacktastic".
var endings = func() trie {
	words := strings.Fields("ing er ers ed ist ists ism ish ness ology tastic aholic aholics holic aroo eroo licious athon " +
		"pocalypse mageddon geddon zilla nado strophe itis esque palooza")
	slices.Sort(words)
	list := make([]entry, len(words))
	for i, w := range words {
		list[i] = entry{w, uint8(endingCost * steps)}
	}
	return newTrie(list)
}()

const (
	endingCost = 8.0 // nats
	// suffixBehind is how many letters the word before an ending has at least.
	suffixBehind = 3
)
