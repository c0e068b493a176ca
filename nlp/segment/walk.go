package segment

import (
	"unicode"
	"unicode/utf8"
)

// walk is one piece of a tag between underscores, letter by letter. It lives on the stack.
type walk struct {
	n      int
	letter [MaxTag]byte      // folded: a to z, 0 to 9, or 0 for what is neither
	offset [MaxTag + 1]int16 // where it begins in the tag
	upper  [MaxTag]bool      // it was a capital
	other  [MaxTag]bool      // it is of another script, one unit with its neighbours
	cut    [MaxTag]float32   // what a word's beginning here costs
	join   [MaxTag]float32   // what going on across the place before it costs
	hard   [MaxTag]bool      // no word goes across the place before it
	best   [MaxTag + 1]step
	mixed  bool // capitals and small letters, with a capital after the first place
}

// read takes the next piece of tag from i on and returns where it ends.
func (w *walk) read(tag string, i int) int {
	w.n = 0
	for i < len(tag) {
		r, size := utf8.DecodeRuneInString(tag[i:])
		l, upper := fold(r)
		at := i
		i += size
		switch {
		case l != 0:
			w.put(l, upper, false, at)
		case unicode.IsMark(r) || r == '\u200d' || r == '\u200c' || r == '\'' || r == '’':
			// goes with the letter before it
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			if w.n == 0 || !w.other[w.n-1] {
				w.put(0, false, true, at)
			}
		default:
			if w.n > 0 {
				w.offset[w.n] = int16(at)
				w.weigh()
				return i
			}
		}
	}
	w.offset[w.n] = int16(i)
	w.weigh()
	return i
}

func (w *walk) put(l byte, upper, other bool, at int) {
	w.letter[w.n], w.upper[w.n], w.other[w.n], w.offset[w.n] = l, upper, other, int16(at)
	w.n++
}

// drawn says whether the letter at j is the third or later of its kind in a word from i on.
func (w *walk) drawn(i, j int) bool {
	return j-i >= 2 && w.letter[j] == w.letter[j-1] && w.letter[j] > '9'
}

// guess is the cost of the letters from i to j as a word that nobody knows: less for an acronym in capitals.
func (w *walk) guess(i, j int) float32 {
	n := j - i
	capitals := n <= 5 && w.capitals(i, j)
	switch whole := n == w.n; {
	case whole && capitals:
		return unknownCost(n) - wholeTag - wholeCapitals
	case whole:
		return unknownCost(n) - wholeTag
	case capitals && w.mixed && n >= 2:
		return acronym0 + acronym1*float32(n)
	}
	return unknownCost(n)
}

func (w *walk) capitals(i, j int) bool {
	for ; i < j; i++ {
		if !w.upper[i] {
			return false
		}
	}
	return true
}

// number is the cost of the letters from i to j as a number, "7th" and "90s" among them, or as a word of another script.
func (w *walk) number(i, j int) float32 {
	if w.other[i] {
		return numberCost
	}
	k := i
	for k < j && w.letter[k] <= '9' {
		k++
	}
	switch rest := string(w.letter[k:j]); {
	case k == i:
		return inf
	case rest == "":
		return numberCost
	case rest == "th" || rest == "st" || rest == "nd" || rest == "rd" || rest == "s":
		return numberCost + ordinalCost
	}
	return inf
}

// append adds the words of the best way, in order, behind dst.
func (w *walk) append(dst []Span) []Span {
	from := len(dst)
	for j := w.n; j > 0; j = int(w.best[j].from) {
		s, end := w.best[j], w.offset[j]
		if s.kind == suffix {
			j = int(s.from)
			s = w.best[j]
		}
		dst = append(dst, Span{int(w.offset[s.from]), int(end), s.kind != unknown, s.kind == name})
	}
	for i, j := from, len(dst)-1; i < j; i, j = i+1, j-1 {
		dst[i], dst[j] = dst[j], dst[i]
	}
	return dst
}

// latin folds À to ſ to the letters that a hashtag is often written with instead; blank where there is none.
const latin = "aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuyty" +
	"aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll" +
	"lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"

// fold gives a letter of the Latin alphabet or a digit in small ASCII and whether it was a capital; 0 otherwise.
func fold(r rune) (byte, bool) {
	switch {
	case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
		return byte(r), false
	case 'A' <= r && r <= 'Z':
		return byte(r) + 'a' - 'A', true
	case r >= 'À' && int(r-'À') < len(latin) && latin[r-'À'] != ' ':
		return latin[r-'À'], unicode.IsUpper(r)
	case '！' <= r && r <= '～': // full width
		return fold(r - '！' + '!')
	}
	return 0, false
}
