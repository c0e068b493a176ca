package blend

import "math"

// What a split costs beside its name and word, in nats. Set by hand, looking at one half of what docs/blends.md names.
const (
	anySplit     = 1.5 // gained by any split: the plain price is one of well-spelt words
	leastNamed   = 2   // letters of a name, or nobody would know it
	leastJamo    = 4   // letters of a name in another script: two syllables of Hangul
	leastOwn     = 3   // letters that only the word explains, where the tag may be a name misspelt
	leastLinked  = 3   // letters before an o that joins
	leastLetters = 4

	perMissing   = 3.0  // by the share of a part that is missing
	perEcho      = 0.85 // of a missing letter, where it is echoed
	oneLetter    = 5.0  // a part of which only this much is left
	twoLetters   = 2.5
	threeLetters = 0.6
	unshared     = 0.75 // nothing in common
	linked       = 1.5  // an o that joins, as in "speedometer"
	perShared    = 1.1  // gained by each shared letter, up to three
	soundsSame   = 2.5  // gained where the new beginning sounds like the old
	soundsNear   = 1.0
	sameLength   = 0.6 // gained where the tag is as long as the word or name it plays on
	insideCost   = 1.5
	oneWord      = 2   // gained by what is one word of the dictionary
	commonName   = 10  // a name that costs less is a common word
	commonLoss   = 1.5 // by which a compound with such a name is less sure: "best", were it one
	ownGain      = 2.5 // how sure a compound with one of our own words is
	negativeGain = 1
	surest       = 0.99 // nobody knows what somebody else meant
	listed       = 4000 // words are in the shipped list, of which one is named
	wholeWords   = 0.5  // by which a tag of just a name and a word is rather these than parts of others
	perFiller    = 0.7
	perWord      = 0.15 // how much a word's rarity counts
	outageGain   = 0.75 // gained by our own words
)

func nats(n int) float32 { return float32(math.Log(float64(max(n, 1)))) }

// wordPrice is what it costs to say which word: the size of the list, and how rare the word is.
func (l *Lexicon) wordPrice(w form) float32 {
	price := nats(listed)
	if latin(w.letters) {
		_, cost := l.model.Append(nil, w.text, nil)
		price += perWord * (min(cost, 18) - 12)
	}
	if l.words[w.of].Says != negative {
		price -= outageGain
	}
	return price
}

// partPrice is what it costs that only m of n letters of a name or word are left.
// echo letters of the rest can still be read, in their order, in what took its place.
func partPrice(m, n, echo int) float32 {
	if m >= n {
		return 0
	}
	p := perMissing * (float32(n-m) - perEcho*float32(echo)) / float32(n)
	switch m {
	case 0, 1:
		p += oneLetter
	case 2:
		p += twoLetters
	case 3:
		p += threeLetters
	}
	return p
}

// confidence is the probability of the i-th reading, against the tag's being plain and against its other readings;
// readings with a form of the same word count as one.
func (s *search) confidence(i int) float32 {
	mine := s.found[i]
	all, own := 1.0, 0.0
	for _, c := range s.found[:s.n] {
		weight := math.Exp(float64(min(c.gain, 50)))
		if c.entity == mine.entity && family(s.f.forms[c.word].text, s.f.forms[mine.word].text) {
			own += weight
		} else {
			all += weight
		}
	}
	return float32(math.Round(100*min(own/(all+own), surest)) / 100)
}

// echo is the length of the longest common subsequence of two stretches of letters.
func echo(a, b []rune) int {
	if len(b) > maxForm {
		return 0
	}
	var row [maxForm + 1]uint8
	for _, x := range a {
		before := uint8(0)
		for j, y := range b {
			up := row[j+1]
			if x == y {
				row[j+1] = before + 1
			} else {
				row[j+1] = max(up, row[j])
			}
			before = up
		}
	}
	return int(row[len(b)])
}
