package chart

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Limits of text that comes from outside.
const (
	maxRunes = 300 // of one text; more is cut with an ellipsis
	maxMarks = 4   // combining marks on one character; more are left out
)

// clean makes a text from outside harmless: no control, format or private characters (so that
// nothing can turn the direction of what follows), white space as single spaces, a bounded number
// of combining marks and a bounded length, Hangul composed.
func clean(s string) string {
	var b strings.Builder
	n, marks, gap := 0, 0, false
	for _, c := range s {
		switch {
		case unicode.IsSpace(c):
			gap = n > 0
			continue
		case isMark(c):
			if marks++; marks > maxMarks || n == 0 || unicode.Is(unicode.Variation_Selector, c) {
				continue
			}
		case !unicode.IsGraphic(c) || unicode.Is(unicode.Noncharacter_Code_Point, c):
			continue
		default:
			marks = 0
		}
		if n++; n > maxRunes {
			b.WriteRune('…')
			break
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(c)
	}
	return norm.NFC.String(b.String())
}

func isMark(c rune) bool { return unicode.Is(unicode.M, c) }

// wrap breaks a text into at most `most` lines no wider than w, at spaces where it can and inside
// a word where it must. What does not fit ends in an ellipsis.
func (r *ruler) wrap(text string, w, size float64, bold bool, most int) []string {
	var lines []string
	for text != "" && len(lines) < most {
		if len(lines) == most-1 {
			return append(lines, r.shorten(text, w, size, bold))
		}
		n := r.fits(text, w, size, bold)
		if n < len(text) {
			if i := strings.LastIndexByte(text[:n+1], ' '); i > 0 {
				n = i
			}
		}
		lines = append(lines, strings.TrimSpace(text[:n]))
		text = strings.TrimSpace(text[n:])
	}
	return lines
}

// shorten cuts a text to width w, with an ellipsis where something is left out.
func (r *ruler) shorten(text string, w, size float64, bold bool) string {
	if r.fits(text, w, size, bold) == len(text) {
		return text
	}
	dots, _ := r.measure("…", size, bold)
	n := r.fits(text, w-dots, size, bold)
	return strings.TrimRight(text[:n], " ,;·") + "…"
}

// fits is how many bytes of the text fit in width w: whole characters with their marks, and at
// least one.
func (r *ruler) fits(text string, w, size float64, bold bool) int {
	glyphs, total := r.set(text, size, bold)
	if total <= w {
		return len(text)
	}
	k, best := -1, 0
	for i, c := range text {
		k++
		switch {
		case i == 0 || isMark(c):
		case glyphs[k].x <= w || best == 0:
			best = i
		default:
			return best
		}
	}
	if best == 0 || glyphs[k].x+glyphs[k].advance <= w {
		return len(text)
	}
	return best
}
