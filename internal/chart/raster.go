package chart

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// raster paints on a picture of k pixels a CSS pixel.
type raster struct {
	picture *image.RGBA
	k       float64
	ruler   ruler
	filler  filler
}

func newRaster(c *Chart) *raster {
	w, h := math.Round(float64(c.width)*c.scale), math.Round(float64(c.height)*c.scale)
	return &raster{
		picture: image.NewRGBA(image.Rect(0, 0, int(w), int(h))),
		k:       c.scale,
		ruler:   ruler{fonts: c.fonts},
	}
}

// rect is laid on whole pixels, at least one wide and high, so that edges are sharp.
func (r *raster) rect(b box, fill color.NRGBA) {
	x0, y0 := int(math.Round(b.x*r.k)), int(math.Round(b.y*r.k))
	x1, y1 := int(math.Round((b.x+b.w)*r.k)), int(math.Round((b.y+b.h)*r.k))
	at := image.Rect(x0, y0, max(x1, x0+1), max(y1, y0+1))
	draw.Draw(r.picture, at, image.NewUniform(fill), image.Point{}, draw.Over)
}

func (r *raster) area(outline []point, fill color.NRGBA) {
	r.polygon(outline)
	r.filler.fill(r.picture, fill)
}

func (r *raster) polygon(pts []point) {
	for i, p := range pts {
		x, y := float32(p.x*r.k), float32(p.y*r.k)
		if i == 0 {
			r.filler.moveTo(x, y)
		} else {
			r.filler.lineTo(x, y)
		}
	}
	r.filler.close()
}

// stroke fills one quadrilateral a segment and an octagon at each joint, all wound the same way,
// so that they merge.
func (r *raster) stroke(lines [][]point, p pen) {
	half := p.width / 2
	for _, line := range lines {
		for _, piece := range dashed(line, p.dash) {
			for i := 1; i < len(piece); i++ {
				r.segment(piece[i-1], piece[i], half)
			}
			for _, q := range piece[1:max(len(piece)-1, 1)] {
				if p.width*r.k > 1.5 {
					r.joint(q, half)
				}
			}
		}
	}
	r.filler.fill(r.picture, p.ink)
}

func (r *raster) segment(a, b point, half float64) {
	dx, dy := b.x-a.x, b.y-a.y
	length := math.Hypot(dx, dy)
	if length == 0 {
		return
	}
	nx, ny := -dy/length*half, dx/length*half
	r.polygon([]point{{a.x + nx, a.y + ny}, {b.x + nx, b.y + ny}, {b.x - nx, b.y - ny}, {a.x - nx, a.y - ny}})
}

func (r *raster) joint(q point, half float64) {
	var o [8]point
	for i := range o {
		sin, cos := math.Sincos(-float64(i) * math.Pi / 4)
		o[i] = point{q.x + half*cos, q.y + half*sin}
	}
	r.polygon(o[:])
}

// dashed cuts a line into the pieces that a pattern of dashes and gaps leaves.
func dashed(line []point, dash []float64) [][]point {
	if len(dash) == 0 || len(line) < 2 {
		return [][]point{line}
	}
	var out [][]point
	k, left := 0, dash[0]
	piece := []point{line[0]}
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		for {
			d := math.Hypot(b.x-a.x, b.y-a.y)
			if d <= left {
				left -= d
				break
			}
			a = point{a.x + (b.x-a.x)*left/d, a.y + (b.y-a.y)*left/d}
			if k%2 == 0 {
				out = append(out, append(piece, a))
			}
			k++
			left, piece = dash[k%len(dash)], []point{a}
		}
		piece = append(piece, b)
	}
	if k%2 == 0 && len(piece) > 1 {
		out = append(out, piece)
	}
	return out
}

func (r *raster) text(l label) {
	size := l.size * r.k
	ppem := fixed.Int26_6(size*64 + 0.5)
	font := r.ruler.fonts.weight(l.bold)
	glyphs, _ := r.ruler.set(l.text, size, l.bold)
	x0, y0 := float32(l.box().x*r.k), float32(l.y*r.k)
	for _, g := range glyphs {
		x := x0 + float32(g.x)
		if g.missing {
			r.emptyBox(float64(x)/r.k, l, g.advance/r.k)
			continue
		}
		if segments, err := font.LoadGlyph(&r.ruler.buf, g.index, ppem, nil); err == nil {
			r.filler.glyph(segments, x, y0)
		}
	}
	r.filler.fill(r.picture, l.ink)
}

// emptyBox stands for a character that the font has not got.
func (r *raster) emptyBox(x float64, l label, w float64) {
	if w == 0 {
		return
	}
	a, b, top, bottom, t := x+w*0.1, x+w*0.9, l.y-0.72*l.size, l.y, l.size/16
	r.polygon([]point{{a, top}, {b, top}, {b, bottom}, {a, bottom}})
	r.polygon([]point{{a + t, top + t}, {a + t, bottom - t}, {b - t, bottom - t}, {b - t, top + t}})
}

// glyph adds the outline of a character with its origin at x, y.
func (f *filler) glyph(segments sfnt.Segments, x, y float32) {
	at := func(p fixed.Point26_6) (float32, float32) { return x + float32(p.X)/64, y + float32(p.Y)/64 }
	for i, s := range segments {
		ax, ay := at(s.Args[0])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			if i > 0 {
				f.close()
			}
			f.moveTo(ax, ay)
		case sfnt.SegmentOpLineTo:
			f.lineTo(ax, ay)
		case sfnt.SegmentOpQuadTo:
			bx, by := at(s.Args[1])
			f.quadTo(ax, ay, bx, by)
		case sfnt.SegmentOpCubeTo:
			bx, by := at(s.Args[1])
			cx, cy := at(s.Args[2])
			f.cubeTo(ax, ay, bx, by, cx, cy)
		}
	}
	if len(segments) > 0 {
		f.close()
	}
}
