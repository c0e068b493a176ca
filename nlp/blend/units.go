package blend

import (
	"unicode"
	"unicode/utf8"
)

// MaxTag bounds a tag in bytes; a longer one is not looked at.
const MaxTag = 100

// tag is what is looked at: letters, each with the bytes of the text that it stands for. A Hangul syllable is its
// two or three letters (jamo). It lives on the stack.
type tag struct {
	text   string
	n      int
	broken bool
	letter [3 * MaxTag]rune
	start  [3 * MaxTag]uint8
	end    [3 * MaxTag]uint8
}

// read fills t with the letters of text; t.broken says whether a digit, space or sign stood between letters.
func (t *tag) read(text string, from, to int) {
	t.text, t.n, t.broken = text, 0, false
	gap := false
	for i := from; i < to; {
		r, size := utf8.DecodeRuneInString(text[i:])
		var buf [3]rune
		found := letters(buf[:0], r)
		switch {
		case len(found) > 0:
			t.broken, gap = t.broken || gap && t.n > 0, false
		case !unicode.IsMark(r) && r != '\'' && r != '’':
			gap = true
		}
		for _, l := range found {
			t.letter[t.n], t.start[t.n], t.end[t.n] = l, uint8(i), uint8(i+size)
			t.n++
		}
		i += size
	}
}

func (t *tag) letters() []rune { return t.letter[:t.n] }

// bytes is the text of the letters from i to j.
func (t *tag) bytes(i, j int) string {
	if i >= j {
		return ""
	}
	return t.text[t.start[i]:t.end[j-1]]
}

// whole says whether the text can be cut before letter i: not within a syllable.
func (t *tag) whole(i int) bool { return i <= 0 || i >= t.n || t.start[i] != t.start[i-1] }

// spell gives the letters of a name or word.
func spell(s string) []rune {
	var out []rune
	for _, r := range s {
		out = letters(out, r)
	}
	return out
}

// letters appends what a rune is compared as: the small letter without its accent, the jamo of a syllable, nothing
// for what is no letter.
func letters(dst []rune, r rune) []rune {
	switch {
	case 'a' <= r && r <= 'z':
		return append(dst, r)
	case 'A' <= r && r <= 'Z':
		return append(dst, r+'a'-'A')
	case 0xac00 <= r && r <= 0xd7a3: // Unicode 3.12: syllable = (L * 21 + V) * 28 + T
		s := r - 0xac00
		dst = append(dst, 0x1100+s/588, 0x1161+s%588/28)
		if t := s % 28; t > 0 {
			dst = append(dst, 0x11a7+t)
		}
		return dst
	case r < utf8.RuneSelf || !unicode.IsLetter(r):
		return dst
	}
	return append(dst, base(unicode.ToLower(r)))
}

// base takes the accent from the letters that Spanish, Portuguese, French and German write.
func base(r rune) rune {
	const from, to = "àáâãäåçèéêëìíîïñòóôõöøùúûüýÿ", "aaaaaaceeeeiiiinoooooouuuuyy"
	i := 0
	for _, f := range from {
		if f == r {
			return rune(to[i])
		}
		i++
	}
	return r
}

func latin(letters []rune) bool {
	for _, l := range letters {
		if l >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func hangul(r rune) bool { return 0x1100 <= r && r <= 0x11ff }
