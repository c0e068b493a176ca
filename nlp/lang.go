package nlp

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"outcry/internal/match"
	"outcry/internal/reaction"
)

// undetermined is the language of a post that does not show one.
const undetermined = "und"

// scripts that mostly write one language, or that count towards one.
var scripts = []struct {
	lang  string
	table *unicode.RangeTable
}{
	{"ko", unicode.Hangul}, {"ja", unicode.Hiragana}, {"ja", unicode.Katakana}, {"zh", unicode.Han}, {"th", unicode.Thai},
	{"ar", unicode.Arabic}, {"hi", unicode.Devanagari}, {"cyrl", unicode.Cyrillic}, {"he", unicode.Hebrew}, {"el", unicode.Greek},
	{"bn", unicode.Bengali}, {"ta", unicode.Tamil}, {"te", unicode.Telugu}, {"kn", unicode.Kannada}, {"ml", unicode.Malayalam},
	{"gu", unicode.Gujarati}, {"pa", unicode.Gurmukhi}, {"ka", unicode.Georgian}, {"hy", unicode.Armenian}, {"am", unicode.Ethiopic},
	{"my", unicode.Myanmar}, {"km", unicode.Khmer}, {"lo", unicode.Lao}, {"si", unicode.Sinhala},
}

// sameScript names the languages beside the first that the platforms tag texts of a script with.
var sameScript = map[string]string{
	"ar": " fa ur ckb ps sd ug ", "hi": " mr ne sa ", "cyrl": " ru uk bg sr be mk kk ky mn tg ", "he": " yi ", "zh": " ja yue ", "bn": " as ", "am": " ti ",
}

// language is the platform's own tag where it has one that the script does not contradict, else
// what the script says, else a vote of stop-words among a few Latin languages, else "und".
func (t *Tagger) language(p *reaction.Post, list []entity) string {
	script, sure := scriptOf(p.Text, list)
	tag := primary(p.Lang)
	switch {
	case script == "" && tag != "":
		return tag
	case script == "":
		return undetermined
	case script == "latn":
		if tag != "" && !needsScript(tag) {
			return tag
		}
		return t.vote(p.Text)
	case tag == script || tag != "" && (!sure || strings.Contains(sameScript[script], " "+tag+" ")):
		return tag
	case script == "cyrl":
		return undetermined
	}
	return script
}

// primary is the language of a platform's tag, or "" where it says none.
func primary(tag string) string {
	tag, _, _ = strings.Cut(strings.ToLower(tag), "-")
	tag, _, _ = strings.Cut(tag, "_")
	switch tag {
	case "und", "zxx", "mul", "mis", "qme", "qht", "qam", "qct", "qst", "art":
		return ""
	case "in": // old codes, still sent by X
		return "id"
	case "iw":
		return "he"
	}
	if len(tag) < 2 || len(tag) > 3 || strings.ContainsFunc(tag, func(r rune) bool { return r < 'a' || r > 'z' }) {
		return ""
	}
	return tag
}

// needsScript reports whether a language is not written in Latin letters.
func needsScript(lang string) bool {
	switch lang {
	case "ko", "ja", "zh", "th", "ar", "fa", "he", "el", "ru", "uk", "bg":
		return true
	}
	return false
}

// scriptOf gives the language of text's script, "latn" for Latin letters, "cyrl" for Cyrillic, or
// "" where there are no letters beside hashtags, mentions and addresses. It is sure where the
// script has most of the letters.
func scriptOf(text string, list []entity) (lang string, sure bool) {
	var counts [32]int
	latin, all := 0, 0
	for i, next := 0, 0; i < len(text); {
		for next < len(list) && list[next].end <= i {
			next++
		}
		if next < len(list) && list[next].start <= i && i < list[next].end {
			i = list[next].end
			continue
		}
		c := text[i]
		if c < utf8.RuneSelf {
			if c|0x20 >= 'a' && c|0x20 <= 'z' {
				latin++
				all++
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		i += n
		if !unicode.IsLetter(r) {
			continue
		}
		all++
		if s := scriptIndex(r); s >= 0 {
			counts[s]++
		} else {
			latin++
		}
	}
	if all == 0 {
		return "", false
	}
	counts[1] += counts[2]
	if counts[2] = 0; counts[1]*10 > counts[3] && counts[1] > 1 { // Japanese writes Han with Kana
		counts[1] += counts[3]
		counts[3] = 0
	}
	best := 0
	for i := range scripts {
		if counts[i] > counts[best] {
			best = i
		}
	}
	// A letter of the other scripts says about as much as two Latin ones.
	if 2*counts[best] < latin {
		return "latn", true
	}
	return scripts[best].lang, counts[best]*2 > all
}

func scriptIndex(r rune) int {
	if r >= 0xAC00 && r <= 0xD7A3 {
		return 0
	}
	if r < 0x0370 {
		return -1
	}
	for i := range scripts {
		if unicode.Is(scripts[i].table, r) {
			return i
		}
	}
	return -1
}

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
		for _, w := range strings.Fields(v.words) {
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
