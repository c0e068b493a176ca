package chart

import "image/color"

// point is a place on the canvas in CSS pixels, from the top left.
type point struct{ x, y float64 }

// box is a rectangle in CSS pixels.
type box struct{ x, y, w, h float64 }

// pen says how a line is drawn. Dashes are lengths of line and gap in turn; none is a solid line.
type pen struct {
	width float64
	ink   color.NRGBA
	dash  []float64
}

// anchor says which part of a text its x belongs to.
type anchor uint8

const (
	start anchor = iota
	middle
	end
)

// label is one line of text with its baseline at y. Its width was measured when it was laid out.
type label struct {
	x, y   float64
	text   string
	size   float64
	bold   bool
	anchor anchor
	ink    color.NRGBA
	width  float64
	// exact is set where every character was in the font, so that width is not an estimate.
	exact bool
	// behind marks a text that others may lie on: the word across a simulated chart.
	behind bool
}

// box is the space the text takes, from ascender to descender.
func (l label) box() box {
	return box{l.x - l.width*float64(l.anchor)/2, l.y - 0.78*l.size, l.width, l.size}
}

// surface is what a chart is painted on. A chart is laid out once and painted on either of two:
// SVG text or a raster.
type surface interface {
	rect(b box, fill color.NRGBA)
	area(outline []point, fill color.NRGBA)
	stroke(lines [][]point, p pen)
	text(l label)
}

// shape is one thing on a laid-out chart.
type shape interface{ paint(s surface) }

type rectShape struct {
	box  box
	fill color.NRGBA
}

type areaShape struct {
	outline []point
	fill    color.NRGBA
}

type strokeShape struct {
	lines [][]point
	pen   pen
}

func (r rectShape) paint(s surface)   { s.rect(r.box, r.fill) }
func (a areaShape) paint(s surface)   { s.area(a.outline, a.fill) }
func (l strokeShape) paint(s surface) { s.stroke(l.lines, l.pen) }
func (l label) paint(s surface)       { s.text(l) }
