package chart

import (
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/width"
)

// Where the fonts lie in the built web files.
const (
	regularFile  = "fonts/Pretendard-Regular.otf"
	semiBoldFile = "fonts/Pretendard-SemiBold.otf"
)

// Fonts are the two weights that charts are set in. They are safe for concurrent use.
type Fonts struct {
	regular, bold *sfnt.Font
	complete      bool
}

// LoadFonts reads Pretendard from the built web files. Where it is not there, or fsys is nil, it
// falls back on Go's own Latin fonts, and Complete reports false.
func LoadFonts(fsys fs.FS) (*Fonts, error) {
	regular, bold, complete := goregular.TTF, gobold.TTF, false
	if fsys != nil {
		r, err1 := fs.ReadFile(fsys, regularFile)
		b, err2 := fs.ReadFile(fsys, semiBoldFile)
		err := errors.Join(err1, err2)
		switch {
		case err == nil:
			regular, bold, complete = r, b, true
		case !errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("reading the chart fonts: %w", err)
		}
	}
	f := &Fonts{complete: complete}
	var err error
	if f.regular, err = sfnt.Parse(regular); err != nil {
		return nil, fmt.Errorf("the regular chart font: %w", err)
	}
	if f.bold, err = sfnt.Parse(bold); err != nil {
		return nil, fmt.Errorf("the bold chart font: %w", err)
	}
	return f, nil
}

// Complete reports whether the fonts have Hangul and Kana as well as Latin. Without them a PNG
// shows an empty box for each such character; an SVG leaves them to its reader's fonts.
func (f *Fonts) Complete() bool { return f.complete }

func (f *Fonts) weight(bold bool) *sfnt.Font {
	if bold {
		return f.bold
	}
	return f.regular
}

// ruler measures text. It is not safe for concurrent use: each chart and each raster has its own.
type ruler struct {
	fonts *Fonts
	buf   sfnt.Buffer
}

// glyph is one character set at x, in the unit of the size it was set in.
type glyph struct {
	index   sfnt.GlyphIndex
	x       float64
	advance float64
	missing bool
}

// set places the glyphs of a line of text and gives its width.
func (r *ruler) set(text string, size float64, bold bool) ([]glyph, float64) {
	f := r.fonts.weight(bold)
	ppem := fixed.Int26_6(size*64 + 0.5)
	out := make([]glyph, 0, len(text))
	x := 0.0
	var prev sfnt.GlyphIndex
	for _, c := range text {
		index, err := f.GlyphIndex(&r.buf, c)
		if err != nil || index == 0 {
			w := size * missingWidth(c)
			out, x, prev = append(out, glyph{x: x, advance: w, missing: true}), x+w, 0
			continue
		}
		if prev != 0 {
			if k, err := f.Kern(&r.buf, prev, index, ppem, font.HintingNone); err == nil {
				x += float64(k) / 64
			}
		}
		advance, err := f.GlyphAdvance(&r.buf, index, ppem, font.HintingNone)
		if err != nil {
			advance = ppem / 2
		}
		w := float64(advance) / 64
		out, x, prev = append(out, glyph{index: index, x: x, advance: w}), x+w, index
	}
	return out, x
}

// measure gives the width of a text, and whether every character of it is in the font.
func (r *ruler) measure(text string, size float64, bold bool) (w float64, exact bool) {
	glyphs, w := r.set(text, size, bold)
	for _, g := range glyphs {
		if g.missing {
			return w, false
		}
	}
	return w, true
}

// missingWidth is the space kept, in ems, for a character the font has not got.
func missingWidth(c rune) float64 {
	switch k := width.LookupRune(c).Kind(); {
	case isMark(c):
		return 0
	case k == width.EastAsianWide || k == width.EastAsianFullwidth:
		return 1
	}
	return 0.6
}
