package match

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// maxMarks is how many combining marks a letter keeps.
const maxMarks = 16

// setRune folds the rune at s[i:], with what combines with it, and returns where to go on.
func (f *Folded) setRune(s string, i int) int {
	r, n := utf8.DecodeRuneInString(s[i:])
	if verbatim(r) {
		f.goOn(i)
		f.text = append(f.text, s[i:i+n]...)
		return i + n
	}
	e := f.runes.get(r)
	switch {
	case r == utf8.RuneError && n == 1:
		f.put([]byte(string(utf8.RuneError)), i, i+1)
	case e.kind == dropped:
	case e.kind == blank:
		f.space(i, n)
	case e.kind == joining:
		return f.join(s, i)
	case int(e.n) == n && utf8.RuneCount(e.b[:e.n]) == 1:
		f.goOn(i)
		f.text = append(f.text, e.b[:e.n]...)
	case e.kind == long:
		f.put(foldRune(r), i, i+n)
	default:
		f.put(e.b[:e.n], i, i+n)
	}
	return i + n
}

// join folds the marks at s[i:] together with the last rune before them, and returns where to go
// on. A joining rune that is no mark (a Hangul vowel, half of an Indic vowel) is taken alone: what
// it composes with is complete by then.
func (f *Folded) join(s string, i int) int {
	var start int
	var seg []byte
	if len(f.text) > 0 {
		_, n := utf8.DecodeLastRune(f.text)
		at := len(f.text) - n
		start, _ = f.Source(at, len(f.text))
		seg = append(seg, f.text[at:]...)
		f.cut(at)
	} else {
		start = i
	}
	end, marks := i, 0
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r < utf8.RuneSelf {
			break
		}
		e := f.runes.get(r)
		if e.kind != joining && e.kind != dropped || e.kind == joining && !e.mark && marks > 0 {
			break
		}
		i += n
		if e.kind == dropped {
			continue
		}
		if end = i; marks < maxMarks {
			seg = utf8.AppendRune(seg, r)
		}
		if marks++; !e.mark {
			break
		}
	}
	f.put(foldSegment(seg), start, end)
	return i
}

// cut takes back the text from at on.
func (f *Folded) cut(at int) {
	f.text = f.text[:at]
	for len(f.pieces) > 1 && int(f.pieces[len(f.pieces)-1].folded) >= at {
		f.pieces = f.pieces[:len(f.pieces)-1]
	}
}

// verbatim reports whether r is of the common ranges that folding leaves alone.
func verbatim(r rune) bool {
	return r >= 0xAC00 && r <= 0xD7A3 || // Hangul syllables
		r >= 0x4E00 && r <= 0x9FFF || // Han
		r >= 0x3041 && r <= 0x3096 || r >= 0x30A1 && r <= 0x30FC || // Kana
		r >= 0x3131 && r <= 0x318E && r != 0x3164 || // lone Hangul letters
		r >= 0x1F300 && r <= 0x1FAFF // emoji
}

// foldRune folds one rune that does not combine with what is before it.
func foldRune(r rune) []byte {
	if to := alike(r); to != r || r == '™' || r == '℠' {
		return []byte(string(to))
	}
	return foldSegment([]byte(string(r)))
}

// alike gives the rune that people type for r, or that r is typed for.
func alike(r rune) rune {
	switch r {
	case 'İ', 'ı':
		return 'i'
	case '’', '‘', '‛', 'ʼ', '´', '\u1FFD', '＇':
		return '\''
	case '‐', '‑':
		return '-'
	case '～': // typed for the wave dash
		return '〜'
	}
	return r
}

// foldSegment is NFKC_Casefold of a rune and what combines with it.
func foldSegment(b []byte) []byte {
	fold, plain := cases.Fold(), norm.NFKD.Bytes(b)
	if plain[0] == ' ' && b[0] != ' ' { // a spacing accent: a sign, not a space and a mark
		return norm.NFC.Bytes(b)
	}
	b = norm.NFKD.Bytes(fold.Bytes(plain))
	out := b[:0:0]
	for i, r := range string(fold.Bytes(b)) {
		if ignorable(r) || i > 0 && r == 0x0307 && out[0] == 'i' {
			continue
		}
		out = utf8.AppendRune(out, alike(r))
	}
	return norm.NFC.Bytes(out)
}

// ignorable reports whether r is invisible: Unicode's Default_Ignorable_Code_Point.
func ignorable(r rune) bool {
	switch {
	case r < 0xAD:
		return false
	case r == 0xAD, r == 0x34F, r == 0x61C, r == 0x115F, r == 0x1160, r == 0x17B4, r == 0x17B5, r == 0x3164, r == 0xFEFF, r == 0xFFA0,
		r >= 0x180B && r <= 0x180F, r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x206F,
		r >= 0xFE00 && r <= 0xFE0F, r >= 0xFFF0 && r <= 0xFFF8, r >= 0x1BCA0 && r <= 0x1BCA3, r >= 0x1D173 && r <= 0x1D17A,
		r >= 0xE0000 && r <= 0xE0FFF:
		return true
	}
	return false
}

// runeCache remembers how the runes of the last texts fold.
type runeCache [512]folding

// folding is how one rune folds.
type folding struct {
	r    rune
	kind foldKind
	mark bool // of a joining rune: it is a mark, and not a vowel
	n    uint8
	b    [9]byte
}

type foldKind uint8

const (
	replaced foldKind = iota // by b[:n]
	dropped
	blank   // white space
	joining // composes with what is before it
	long    // by more than b holds
)

func (c *runeCache) get(r rune) *folding {
	e := &c[(uint32(r)*2654435761)>>23]
	if e.r == r {
		return e
	}
	*e = folding{r: r}
	p := norm.NFKC.PropertiesString(string(r))
	switch {
	case ignorable(r):
		e.kind = dropped
	case unicode.IsSpace(r):
		e.kind = blank
	case !p.BoundaryBefore():
		e.kind, e.mark = joining, p.LeadCCC() != 0
	default:
		b := foldRune(r)
		if e.n = uint8(copy(e.b[:], b)); int(e.n) < len(b) {
			e.kind = long
		}
	}
	return e
}
