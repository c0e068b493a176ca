package entity

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Of a cashtag: the letters of a ticker, and of what may follow its dot ("BRK.B").
const (
	maxTicker = 6
	maxSeries = 2
)

func cashtag(text string, i int) (Entity, bool) {
	if before, _ := utf8.DecodeLastRuneInString(text[:i]); i > 0 && !unicode.IsSpace(before) && !direction(before) {
		return Entity{}, false
	}
	start := i + 1
	end := start + letters(text[start:])
	if end == start || end-start > maxTicker {
		return Entity{}, false
	}
	if end < len(text) && (text[end] == '.' || text[end] == '_') {
		if n := letters(text[end+1:]); n >= 1 && n <= maxSeries && tickerEnds(text[end+1+n:]) {
			end += 1 + n
		}
	}
	if !tickerEnds(text[end:]) {
		return Entity{}, false
	}
	return Entity{Cashtag, i, end, text[start:end]}, true
}

// letters counts the ASCII letters that s begins with.
func letters(s string) int {
	n := 0
	for n < len(s) && (s[n]|0x20 >= 'a' && s[n]|0x20 <= 'z') {
		n++
	}
	return n
}

// tickerEnds reports whether a ticker may be followed by rest: nothing, a space or a sign.
func tickerEnds(rest string) bool {
	if rest == "" {
		return true
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return unicode.IsSpace(r) || r < utf8.RuneSelf && !alnum(byte(r)) || direction(r)
}

// direction reports whether r only says which way text runs.
func direction(r rune) bool {
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == 0x061C || r == 0x200E || r == 0x200F
}

// maxSlug is the length of the longest name of a list on X, after its first letter.
const maxSlug = 24

// List is the list of X that a mention in text goes on to name, as "/list-name", or "".
func List(text string, e Entity) string {
	rest := text[e.End:]
	if e.Kind != Mention || !strings.HasPrefix(rest, "/") || letters(rest[1:]) == 0 {
		return ""
	}
	n := 2
	for n < len(rest) && n < 2+maxSlug && (handleByte(rest[n]) || rest[n] == '-') {
		n++
	}
	return rest[:n]
}

// Reply is the handle that a text of X replies to by beginning with it, or "".
func Reply(text string) string {
	head := strings.TrimLeftFunc(text, func(r rune) bool { return unicode.IsSpace(r) || direction(r) })
	if !strings.HasPrefix(head, "@") && !strings.HasPrefix(head, "＠") {
		return ""
	}
	e, _ := mention(head, 0, "x")
	return e.Value
}
