package names

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// prepare makes of a post what prose may be asked: valid UTF-8 of at most MaxText bytes, without
// hashtags, mentions, addresses and "RT", which prose takes for places, without pictures, and with
// runs of one sign squeezed.
func prepare(s string) string {
	s = cut(s, 8*MaxText)
	var b strings.Builder
	gap := false
	for word := range strings.FieldsFuncSeq(strings.ToValidUTF8(s, " "), parts) {
		if noWord(word) {
			gap = true
			continue
		}
		if b.Len() > 0 {
			if last := b.String()[b.Len()-1]; gap && (last >= utf8.RuneSelf || unicode.IsLetter(rune(last)) || unicode.IsDigit(rune(last))) {
				b.WriteByte(',') // the words beside what was taken out do not belong together
			}
			b.WriteByte(' ')
		}
		squeeze(&b, word)
		if gap = false; b.Len() > MaxText {
			break
		}
	}
	return cutWord(b.String())
}

// parts reports runes that words end at: white space, and what is drawn rather than read.
func parts(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.In(r, unicode.So, unicode.Sk, unicode.Cf, unicode.Me, unicode.Variation_Selector)
}

// noWord reports what stands in a text and is not part of its sentence.
func noWord(word string) bool {
	w := strings.TrimLeft(word, "(\"'“‘.[¿¡-:")
	if w == "" {
		return false
	}
	r, _ := utf8.DecodeRuneInString(w)
	return r == '#' || r == '@' || r == '＃' || r == '＠' || r == '$' && len(w) > 1 && unicode.IsLetter(rune(w[1])) ||
		strings.TrimRight(w, ":") == "RT" || strings.Contains(w, "://") || strings.HasPrefix(w, "www.") || bareAddress(w)
}

// bareAddress reports addresses without a scheme: bit.ly/abc, example.org.
func bareAddress(w string) bool {
	host, _, path := strings.Cut(w, "/")
	dot := strings.LastIndexByte(strings.TrimRight(host, ".,!?)"), '.')
	if dot <= 0 || host[0] < 'a' || host[0] > 'z' {
		return false
	}
	tld := strings.TrimRight(host[dot+1:], ".,!?)")
	return path && len(tld) >= 2 || len(tld) >= 2 && len(tld) <= 4 && strings.ToLower(tld) == tld && !strings.Contains(tld, "-")
}

// squeeze writes a word with at most one of the same sign in a row, and three of the same letter.
func squeeze(b *strings.Builder, word string) {
	var last rune
	n := 0
	for _, r := range word {
		if r != last {
			last, n = r, 0
		}
		most := 1
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			most = 3
		}
		if n++; n <= most {
			b.WriteRune(r)
		}
	}
}

// cut is at most n bytes of s, and no half of a rune.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// cutWord cuts a text to MaxText, at a space where one is near: half a word is no name.
func cutWord(s string) string {
	if len(s) <= MaxText {
		return s
	}
	s = cut(s, MaxText)
	if i := strings.LastIndexByte(s, ' '); i > MaxText/2 {
		return s[:i]
	}
	return s
}

// promising reports whether prose could find anything: it goes by capital letters, which say
// nothing where all are.
func promising(text string) bool {
	upper, letters := 0, 0
	for _, r := range text {
		if unicode.IsUpper(r) {
			upper++
		}
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return upper > 0 && letters >= 3 && (letters < 20 || 5*upper < 3*letters)
}
