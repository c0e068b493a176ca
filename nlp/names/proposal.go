package names

import (
	"slices"
	"strings"
	"unicode"

	"outcry/internal/match"
	"outcry/internal/reaction"
)

// Bounds of a name.
const (
	maxNameBytes = 60
	maxNameWords = 5
)

// gather adds to list what a stretch that prose found holds of names.
func gather(list []reaction.NameProposal, text, kind string) []reaction.NameProposal {
	var words []string
	end := func() {
		if p, ok := proposal(words, kind); ok && len(list) < maxProposals &&
			!slices.ContainsFunc(list, func(o reaction.NameProposal) bool { return o.Key == p.Key }) {
			list = append(list, p)
		}
		words = words[:0]
	}
	for word := range strings.FieldsSeq(text) {
		bare := strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		switch lower := strings.ToLower(word); {
		case lower == "'s", lower == "’s", bare == "":
			end()
			continue
		}
		for _, tail := range []string{"'s", "’s"} {
			bare = strings.TrimSuffix(bare, tail)
		}
		words = append(words, bare)
	}
	end()
	return list
}

// proposal makes a name of words, without those at its ends that only stand there.
func proposal(words []string, kind string) (p reaction.NameProposal, ok bool) {
	for len(words) > 0 && idle(words[0]) {
		words = words[1:]
	}
	for len(words) > 0 && idle(words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	p = reaction.NameProposal{Text: strings.Join(words, " "), Kind: kind}
	p.Key = strings.TrimSpace(match.Fold(p.Text))
	letters, upper := 0, 0
	for _, r := range p.Text {
		if unicode.IsLetter(r) {
			letters++
		}
		if unicode.IsUpper(r) {
			upper++
		}
	}
	ok = letters >= 2 && upper > 0 && len(words) <= maxNameWords && len(p.Text) <= maxNameBytes &&
		p.Key != "" && len(p.Key) <= 2*maxNameBytes && !strings.ContainsAny(p.Text, "/\\@#<>")
	return p, ok
}

// idle reports words that are no name and do not begin or end one, however they are written.
func idle(word string) bool {
	if word == "" || word == strings.ToLower(word) && !strings.ContainsFunc(word, unicode.IsDigit) {
		return true
	}
	lower := strings.ToLower(strings.ReplaceAll(word, "’", "'"))
	before, _, _ := strings.Cut(lower, "'") // I've, we'd
	return idleWords[lower] || idleWords[before]
}

// idleWords begin sentences or are shouted, and are then taken for names.
var idleWords = wordSet(`a about after again ah all also am an and any anyone anybody are as at back be because been being
best breaking but by ca can cannot cant click could day did didnt do does doesnt done dont down download dm even ever every everyone fix
follow for from fuck fucking get getting go god going gonna good great guys had has have he hello help her here hey hi his how
i if ill im in is isnt it its ive just know last let like literally live lmao lmfao lol look love make man many
maybe me more most much my need never new next nice no nope not now of off oh ok okay omg on one only or our out over
please pls pm ready really right rt same see she should shit smh so some someone sorry still stop stuck thank thanks that thats
the their them then there these they this those time to today tomorrow tonight too try update up us very via wait
want was watch watching way we well were what whats when where which while who why will wish with wont worst wow wtf yeah
yes yesterday yet you your
monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september
october november december est gmt utc edt pst`)

func wordSet(s string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		set[w] = true
	}
	return set
}
