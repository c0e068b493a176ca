package nlp

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"outcry/internal/match"
	"outcry/internal/reaction"
)

// scan appends the addresses, hashtags and mentions of text, as the platforms cut them. For X
// these are the rules of twitter-text 3; elsewhere handles may have dots, hyphens and a host.
func scan(text string, source reaction.Source, dst []entity) []entity {
	var urlEnd int // hashtags and mentions inside an address are part of it
	marked := len(dst)
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == ':' || c == '.':
			if start, end, ok := address(text, i, urlEnd); ok {
				for n := len(dst); n > marked && dst[n-1].end > start; n = len(dst) {
					dst = dst[:n-1] // "#http://": what looked like a tag was an address
				}
				dst = append(dst, entity{reaction.FacetURL, start, end, text[start:end]})
				urlEnd, i = end, end
				continue
			}
		case c == '#' || c == 0xEF && strings.HasPrefix(text[i:], "＃"):
			if e, ok := hashtag(text, i); ok {
				dst = append(dst, e)
				i = e.end
				continue
			}
		case c == '@' || c == 0xEF && strings.HasPrefix(text[i:], "＠"):
			if e, ok := mention(text, i, source); ok {
				dst = append(dst, e)
				i = e.end
				continue
			}
		}
		i++
	}
	return dst
}

// signLen is the length of '#', '@' or their full-width forms at the head of s.
func signLen(s string) int {
	if s[0] < utf8.RuneSelf {
		return 1
	}
	return len("＃")
}

func hashtag(text string, at int) (entity, bool) {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	emoji := before == 0xFE0E || before == 0xFE0F
	if at > 0 && (before == '&' || match.TagRune(before) && !emoji) {
		return entity{}, false
	}
	start, letter := at+signLen(text[at:]), false
	end := start
	for end < len(text) {
		r, n := utf8.DecodeRuneInString(text[end:])
		if !match.TagRune(r) || end == start && (r == 0xFE0F || r == 0x20E3) {
			break
		}
		letter = letter || unicode.IsLetter(r) || unicode.IsMark(r)
		end += n
	}
	rest := text[end:]
	if !letter || strings.HasPrefix(rest, "#") || strings.HasPrefix(rest, "＃") || strings.HasPrefix(rest, "://") {
		return entity{}, false
	}
	return entity{reaction.FacetHashtag, at, end, text[start:end]}, true
}

// maxHandle is the length of the longest handle on X.
const maxHandle = 20

func mention(text string, at int, source reaction.Source) (entity, bool) {
	if !mentionMayFollow(text[:at]) {
		return entity{}, false
	}
	start := at + signLen(text[at:])
	end := start
	for end < len(text) && handleByte(text[end]) && (source != reaction.X || end-start < maxHandle) {
		end++
	}
	if end == start {
		return entity{}, false
	}
	if source != reaction.X {
		end = fullHandle(text, end)
	}
	r, _ := utf8.DecodeRuneInString(text[end:])
	rest := text[end:]
	if r == '@' || r == '＠' || accentedLatin(r) || strings.HasPrefix(rest, "://") {
		return entity{}, false
	}
	return entity{reaction.FacetMention, at, end, text[start:end]}, true
}

// fullHandle is where a handle with dots, hyphens and perhaps a host ends.
func fullHandle(text string, end int) int {
	for host := false; end+1 < len(text); {
		switch c := text[end]; {
		case handleByte(c):
			end++
			continue
		case (c == '.' || c == '-') && handleByte(text[end+1]):
		case c == '@' && !host && handleByte(text[end+1]):
			host = true
		default:
			return end
		}
		end++
	}
	if end < len(text) && handleByte(text[end]) {
		end++
	}
	return end
}

// mentionMayFollow reports whether '@' after head can begin a mention: not inside a word, except
// after "RT", nor after one of a few signs.
func mentionMayFollow(head string) bool {
	if head == "" {
		return true
	}
	c := head[len(head)-1]
	if !handleByte(c) && c != ':' {
		return strings.IndexByte("!#$%&*@", c) < 0 && !strings.HasSuffix(head, "＠")
	}
	head = strings.TrimSuffix(head, ":")
	if n := len(head); n >= 2 && strings.EqualFold(head[n-2:], "rt") {
		return n == 2 || !handleByte(head[n-3]) && strings.IndexByte("+~.-", head[n-3]) < 0
	}
	return c == ':'
}

func handleByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '_'
}

// accentedLatin reports whether r is a Latin letter beyond ASCII that X takes for part of a word.
func accentedLatin(r rune) bool {
	return r >= 0xC0 && r <= 0x24F && r != 0xD7 && r != 0xF7 || r >= 0x300 && r <= 0x36F || r >= 0x1E00 && r <= 0x1EFF
}
