package match

import (
	"unicode"
	"unicode/utf8"
)

// unspaced are the scripts that put particles or further words on a word without a space.
var unspaced = []*unicode.RangeTable{
	unicode.Hangul, unicode.Han, unicode.Hiragana, unicode.Katakana,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
}

// Unspaced reports whether r is of a script that needs no space at a word's edge.
func Unspaced(r rune) bool {
	if r < 0x0E00 {
		return false
	}
	return r >= 0xAC00 && r <= 0xD7A3 || r == 'ー' || unicode.In(r, unspaced...)
}

// WordRune reports whether r is a letter, digit, mark or underscore of a script that puts spaces
// between words.
func WordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_'
	}
	return (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r)) && !Unspaced(r)
}

// TagRune reports whether r may be part of a hashtag: a letter, mark, decimal digit, underscore
// or one of the joining signs that X allows (twitter-text, "hashtagSpecialChars").
func TagRune(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_'
	}
	switch r {
	case 0x00B7, 0x05BE, 0x05F3, 0x05F4, 0x0F0B, 0x0F0C, 0x200C, 0x200D, 0x3003, 0x301C, 0x309B, 0x309C,
		0x30A0, 0x30FB, 0xA67E, 0xFF5E:
		return true
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
}

// WholeWord reports whether text[start:end] has no part of a word on either side: where it begins
// or ends with a WordRune, no WordRune follows on that side.
func WholeWord(text []byte, start, end int) bool {
	if before := last(text[:start]); WordRune(before) {
		if r, _ := utf8.DecodeRune(text[start:end]); WordRune(r) {
			return false
		}
	}
	if after := first(text[end:]); WordRune(after) {
		return !WordRune(last(text[:end]))
	}
	return true
}

// first is the first rune of b, or a space where there is none.
func first(b []byte) rune {
	if len(b) == 0 {
		return ' '
	}
	r, _ := utf8.DecodeRune(b)
	return r
}

// last is the last rune of b, or a space where there is none.
func last(b []byte) rune {
	if len(b) == 0 {
		return ' '
	}
	r, _ := utf8.DecodeLastRune(b)
	return r
}
