package entity

import (
	"unicode"
	"unicode/utf8"
)

// The signs that emoji are made of beside pictures.
const (
	joiner     = 0x200D
	asPicture  = 0xFE0F
	keycap     = 0x20E3
	firstSkin  = 0x1F3FB
	lastSkin   = 0x1F3FF
	firstFlag  = 0x1F1E6
	lastFlag   = 0x1F1FF
	firstTag   = 0xE0020
	lastTag    = 0xE007F
	maxInEmoji = 40 // code points
)

// pictures are the characters that are emoji by themselves: Emoji_Presentation of Unicode 16, widened
// beyond the basic plane to the blocks that are kept for pictures.
var pictures = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x231A, 0x231B, 1}, {0x23E9, 0x23EC, 1}, {0x23F0, 0x23F3, 3}, {0x25FD, 0x25FE, 1}, {0x2614, 0x2615, 1}, {0x2648, 0x2653, 1}, {0x267F, 0x2693, 20},
		{0x26A1, 0x26A1, 1}, {0x26AA, 0x26AB, 1}, {0x26BD, 0x26BE, 1}, {0x26C4, 0x26C5, 1}, {0x26CE, 0x26D4, 6}, {0x26EA, 0x26EA, 1}, {0x26F2, 0x26F3, 1},
		{0x26F5, 0x26FA, 5}, {0x26FD, 0x2705, 8}, {0x270A, 0x270B, 1}, {0x2728, 0x274C, 36}, {0x274E, 0x274E, 1}, {0x2753, 0x2755, 1}, {0x2757, 0x2757, 1},
		{0x2795, 0x2797, 1}, {0x27B0, 0x27BF, 15}, {0x2B1B, 0x2B1C, 1}, {0x2B50, 0x2B55, 5},
	},
	R32: []unicode.Range32{
		{0x1F004, 0x1F004, 1}, {0x1F0CF, 0x1F0CF, 1}, {0x1F18E, 0x1F18E, 1}, {0x1F191, 0x1F19A, 1}, {0x1F201, 0x1F201, 1}, {0x1F21A, 0x1F21A, 1}, {0x1F22F, 0x1F22F, 1},
		{0x1F232, 0x1F236, 1}, {0x1F238, 0x1F23A, 1}, {0x1F250, 0x1F251, 1}, {0x1F300, 0x1F64F, 1}, {0x1F680, 0x1F6FF, 1}, {0x1F7E0, 0x1F7EB, 1}, {0x1F900, 0x1F9FF, 1}, {0x1FA70, 0x1FAFF, 1},
	},
}

// maybePicture reports whether r may be told to be a picture by the sign that follows.
func maybePicture(r rune) bool {
	return r == 0xA9 || r == 0xAE || r >= 0x203C && r <= 0x3299 && !unicode.IsLetter(r) && !unicode.IsMark(r) || unicode.Is(pictures, r) || r >= 0x1F000 && r <= 0x1FAFF
}

// emojiEnd is where the emoji that begins at text[i] ends, i where there is none: a picture with its skin,
// joined pictures, a flag, a keycap.
func emojiEnd(text string, i int) int {
	r, n := utf8.DecodeRuneInString(text[i:])
	end := i + n
	next, size := utf8.DecodeRuneInString(text[end:])
	switch {
	case r < utf8.RuneSelf:
		if next == asPicture {
			end += size
			next, size = utf8.DecodeRuneInString(text[end:])
		}
		if next != keycap || !digit(byte(r)) && r != '#' && r != '*' {
			return i
		}
		return end + size
	case r >= firstFlag && r <= lastFlag:
		if next < firstFlag || next > lastFlag {
			return i
		}
		return end + size
	case !unicode.Is(pictures, r) && (next != asPicture || !maybePicture(r)):
		return i
	}
	for range maxInEmoji {
		r, n := utf8.DecodeRuneInString(text[end:])
		switch {
		case r == asPicture, r == keycap, r >= firstSkin && r <= lastSkin, r >= firstTag && r <= lastTag:
			end += n
		case r == joiner:
			joined, m := utf8.DecodeRuneInString(text[end+n:])
			if !maybePicture(joined) {
				return end
			}
			end += n + m
		default:
			return end
		}
	}
	return end
}
