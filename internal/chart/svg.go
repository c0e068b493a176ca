package chart

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"hash/fnv"
	"image/color"
	"io"
	"strconv"
)

// families are the fonts an SVG asks its reader for, best first.
const families = "Pretendard, 'Apple SD Gothic Neo', 'Malgun Gothic', 'Noto Sans KR', 'Noto Sans CJK KR', 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

// svg paints on an SVG document.
type svg struct{ b bytes.Buffer }

func newSVG(c *Chart) *svg {
	s := &svg{}
	// Several charts may stand in one page: the ids follow from what they name.
	h := fnv.New32a()
	h.Write([]byte(c.title + "\x00" + c.alt))
	id := strconv.FormatUint(uint64(h.Sum32()), 36)
	fmt.Fprintf(&s.b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" lang="%s" aria-labelledby="t%s d%s" font-family="%s">`+"\n",
		c.width, c.height, c.width, c.height, c.lang.lang, id, id, families)
	s.b.WriteString(`<title id="t` + id + `">`)
	s.escape(c.title)
	s.b.WriteString("</title>\n" + `<desc id="d` + id + `">`)
	s.escape(c.alt)
	s.b.WriteString("</desc>\n")
	return s
}

func (s *svg) finish(w io.Writer) error {
	s.b.WriteString("</svg>\n")
	if _, err := w.Write(s.b.Bytes()); err != nil {
		return fmt.Errorf("writing the SVG: %w", err)
	}
	return nil
}

func (s *svg) rect(b box, fill color.NRGBA) {
	s.b.WriteString("<rect")
	s.attr("x", b.x)
	s.attr("y", b.y)
	s.attr("width", b.w)
	s.attr("height", b.h)
	s.fill(fill)
	s.b.WriteString("/>\n")
}

func (s *svg) area(outline []point, fill color.NRGBA) {
	s.b.WriteString(`<path d="`)
	s.path(outline)
	s.b.WriteString(`Z"`)
	s.fill(fill)
	s.b.WriteString("/>\n")
}

func (s *svg) stroke(lines [][]point, p pen) {
	s.b.WriteString(`<path d="`)
	for _, l := range lines {
		s.path(l)
	}
	fmt.Fprintf(&s.b, `" fill="none" stroke="%s"`, hex(p.ink))
	if p.ink.A < 255 {
		s.attr("stroke-opacity", float64(p.ink.A)/255)
	}
	s.attr("stroke-width", p.width)
	s.b.WriteString(` stroke-linejoin="round"`)
	for i, d := range p.dash {
		if i == 0 {
			s.b.WriteString(` stroke-dasharray="`)
		} else {
			s.b.WriteByte(' ')
		}
		s.number(d)
	}
	if len(p.dash) > 0 {
		s.b.WriteByte('"')
	}
	s.b.WriteString("/>\n")
}

// text is held to the width that was measured, so that a layout without collisions stays one in
// the fonts of whoever looks at it.
func (s *svg) text(l label) {
	s.b.WriteString("<text")
	s.attr("x", l.x)
	s.attr("y", l.y)
	s.attr("font-size", l.size)
	if l.bold {
		s.b.WriteString(` font-weight="600"`)
	}
	if l.anchor != start {
		s.b.WriteString(` text-anchor="` + [...]string{"start", "middle", "end"}[l.anchor] + `"`)
	}
	if l.exact && l.width > 0 {
		s.attr("textLength", l.width)
		s.b.WriteString(` lengthAdjust="spacingAndGlyphs"`)
	}
	s.fill(l.ink)
	s.b.WriteByte('>')
	s.escape(l.text)
	s.b.WriteString("</text>\n")
}

// escape writes text as XML. Writing to a buffer cannot fail.
func (s *svg) escape(text string) { _ = xml.EscapeText(&s.b, []byte(text)) }

func (s *svg) path(pts []point) {
	for i, p := range pts {
		if i == 0 {
			s.b.WriteByte('M')
		} else {
			s.b.WriteByte('L')
		}
		s.number(p.x)
		s.b.WriteByte(' ')
		s.number(p.y)
	}
}

func (s *svg) attr(name string, v float64) {
	s.b.WriteByte(' ')
	s.b.WriteString(name)
	s.b.WriteString(`="`)
	s.number(v)
	s.b.WriteByte('"')
}

func (s *svg) fill(c color.NRGBA) {
	s.b.WriteString(` fill="` + hex(c) + `"`)
	if c.A < 255 {
		s.attr("fill-opacity", float64(c.A)/255)
	}
}

// number writes at most two decimals.
func (s *svg) number(v float64) {
	b := strconv.AppendFloat(s.b.AvailableBuffer(), v, 'f', 2, 64)
	b = bytes.TrimRight(b, "0")
	b = bytes.TrimSuffix(b, []byte("."))
	if string(b) == "-0" {
		b = b[1:]
	}
	s.b.Write(b)
}

func hex(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }
