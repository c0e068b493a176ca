// Package entity finds what a post's text holds beside words: web addresses, hashtags, mentions, cashtags
// and emoji, as the platforms cut them, and measures a text as X does.
//
// For X the rules are those of twitter-text 3, held by its conformance suite; elsewhere handles may have
// dots, hyphens and a host.
package entity

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"outcry/internal/match"
	"outcry/internal/reaction"
)

// Kind is what an entity is.
type Kind uint8

// The kinds of entity.
const (
	URL Kind = iota
	Hashtag
	Mention
	Cashtag
	Emoji
)

// Entity is text[Start:End], with its sign; Value is without it.
type Entity struct {
	Kind       Kind
	Start, End int // bytes
	Value      string
}

// Scan appends the entities of text, in order, to dst. It takes any bytes and allocates nothing but dst.
func Scan(text string, source reaction.Source, dst []Entity) []Entity {
	var urlEnd int // what lies inside an address is part of it
	marked := len(dst)
	for i := 0; i < len(text); {
		c := text[i]
		if !special[c] {
			i++
			continue
		}
		if c == ':' || c == '.' {
			if start, end, ok := address(text, i, urlEnd); ok {
				for n := len(dst); n > marked && dst[n-1].End > start; n = len(dst) {
					dst = dst[:n-1] // "#http://": what looked like a tag was an address
				}
				dst = append(dst, Entity{URL, start, end, text[start:end]})
				urlEnd, i = end, end
				continue
			}
		} else if e, ok := at(text, i, source); ok {
			dst = append(dst, e)
			i = e.End
			continue
		}
		i++
	}
	return dst
}

// special are the bytes that an entity may be found by.
var special = [256]bool{':': true, '.': true, '#': true, '@': true, '$': true, 0xE2: true, 0xE3: true, 0xEF: true, 0xF0: true,
	'0': true, '1': true, '2': true, '3': true, '4': true, '5': true, '6': true, '7': true, '8': true, '9': true}

// at is the entity other than an address that begins at text[i].
func at(text string, i int, source reaction.Source) (Entity, bool) {
	switch c := text[i]; {
	case c == '#' || c == 0xEF && strings.HasPrefix(text[i:], "＃"):
		if e, ok := hashtag(text, i); ok || c != '#' {
			return e, ok
		}
		if end := emojiEnd(text, i); end > i {
			return Entity{Emoji, i, end, text[i:end]}, true
		}
	case c == '@' || c == 0xEF && strings.HasPrefix(text[i:], "＠"):
		return mention(text, i, source)
	case c == '$':
		return cashtag(text, i)
	case c != 0xEF:
		if end := emojiEnd(text, i); end > i {
			return Entity{Emoji, i, end, text[i:end]}, true
		}
	}
	return Entity{}, false
}

// signLen is the length of '#', '@' or their full-width forms at the head of s.
func signLen(s string) int {
	if s[0] < utf8.RuneSelf {
		return 1
	}
	return len("＃")
}

func hashtag(text string, i int) (Entity, bool) {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	emoji := before == 0xFE0E || before == 0xFE0F
	if i > 0 && (before == '&' || match.TagRune(before) && !emoji) {
		return Entity{}, false
	}
	start, letter := i+signLen(text[i:]), false
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
		return Entity{}, false
	}
	return Entity{Hashtag, i, end, text[start:end]}, true
}

// maxHandle is the length of the longest handle on X.
const maxHandle = 20

func mention(text string, i int, source reaction.Source) (Entity, bool) {
	if !mentionMayFollow(text[:i]) {
		return Entity{}, false
	}
	start := i + signLen(text[i:])
	end := start
	for end < len(text) && handleByte(text[end]) && (source != reaction.X || end-start < maxHandle) {
		end++
	}
	if end == start {
		return Entity{}, false
	}
	if source != reaction.X {
		end = fullHandle(text, end)
	}
	r, _ := utf8.DecodeRuneInString(text[end:])
	rest := text[end:]
	if r == '@' || r == '＠' || accentedLatin(r) || strings.HasPrefix(rest, "://") {
		return Entity{}, false
	}
	return Entity{Mention, i, end, text[start:end]}, true
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
