package nlp

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"outcry/internal/reaction"
	"outcry/nlp/entity"
	"outcry/nlp/language"
)

// undetermined is the language of a post that does not show one.
const undetermined = language.Undetermined

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
// what the script says, else what a model says among a few languages of Latin letters, else "und".
func (s *search) language(p *reaction.Post) string {
	script, sure := scriptOf(p.Text, s.entities)
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
		return s.models.languages.Identify(s.grams)
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
func scriptOf(text string, list []entity.Entity) (lang string, sure bool) {
	var counts [32]int
	latin, all := 0, 0
	for i, next := 0, 0; i < len(text); {
		for next < len(list) && list[next].End <= i {
			next++
		}
		if next < len(list) && list[next].Start <= i && i < list[next].End {
			i = list[next].End
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
