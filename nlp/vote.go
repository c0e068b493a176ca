package nlp

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"outcry/internal/match"
)

// voters are the Latin languages told apart by stop-words, and words that are common in each and
// rare in the others.
var voters = []struct{ lang, words string }{
	{"en", "the of and to is you that it for with this are was have not but what just my so they he she we be at from your all if there who about out up can will would been when how why don't it's i'm isn't can't no"},
	{"es", "el los las que por con para una está esta pero como más porque cuando muy también hay esto eso yo mi qué si ya le del lo se un y nada todo"},
	{"pt", "não uma você com para por mas muito isso meu minha está tá foi são mais quando já também vai tem pra ele ela do da dos das no na em um os eu que"},
	{"fr", "le les des une est dans pour pas que qui sur avec ce cette mais il elle nous vous je j'ai c'est ça au aux du et en très tout plus suis sont"},
	{"de", "der die das und ist nicht ich ein eine mit für auf zu den dem es sie wir ihr auch aber wie war noch nur schon kein keine bei von im wird sind hat"},
	{"it", "il che di non è per una sono con come ma anche questo questa della del gli più nel alla ho hai ha mi ti si lo la ci perché tutto bene molto"},
	{"hi", "hai nahi kya mein ka ki ke ko bhi toh aur kar raha rahi hain bhai yeh koi abhi tha kyun ye"},
}

// stopWords maps each stop-word to the set of voters that know it.
func stopWords() map[string]uint8 {
	m := map[string]uint8{}
	for i, v := range voters {
		for w := range strings.FieldsSeq(v.words) {
			m[w] |= 1 << i
		}
	}
	return m
}

// vote counts stop-words; a word of several languages counts for each. Two more than any other
// language decide, or one in a post of a few words.
func (t *Tagger) vote(text string) string {
	var counts [8]int
	words := 0
	var buf [32]byte
	for i := 0; i < len(text) && words < 200; {
		n, next := nextWord(text, i, &buf)
		if next == i {
			break
		}
		if i = next; n == 0 {
			continue
		}
		words++
		for set, v := t.stops[string(buf[:n])], 0; set != 0; set, v = set>>1, v+1 {
			counts[v] += int(set & 1)
		}
	}
	best, second := 0, -1
	for i := 1; i < len(voters); i++ {
		if counts[i] > counts[best] {
			best = i
		}
	}
	for i := range voters {
		if i != best {
			second = max(second, counts[i])
		}
	}
	if lead := counts[best] - second; lead < 1 || counts[best] < 2 && words > 6 {
		return undetermined
	}
	return voters[best].lang
}

// nextWord copies the next word of text[i:], in lower case, into buf and returns its length, 0
// for one that is too long, and where it ends; i itself at the end of the text.
func nextWord(text string, i int, buf *[32]byte) (n, end int) {
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if match.WordRune(r) {
			break
		}
		i += size
	}
	long := false
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == '’' {
			r = '\''
		}
		if !match.WordRune(r) && r != '\'' {
			break
		}
		i += size
		if n+utf8.UTFMax > len(buf) {
			long = true
			continue
		}
		n += utf8.EncodeRune(buf[n:], unicode.ToLower(r))
	}
	if long {
		n = 0
	}
	return n, i
}
