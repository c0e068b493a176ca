package chart

import (
	"image"
	"image/color"
	"math"

	"golang.org/x/image/vector"
)

// filler gathers the outline of one shape and rasterises no more than the shape's bounding box:
// a whole canvas for every letter would cost a hundred times as much.
type filler struct {
	ops            []byte
	args           []float32
	x0, y0, x1, y1 float32
	raster         vector.Rasterizer
}

func (f *filler) add(op byte, args ...float32) {
	if len(f.ops) == 0 {
		f.x0, f.y0, f.x1, f.y1 = math.MaxFloat32, math.MaxFloat32, -math.MaxFloat32, -math.MaxFloat32
	}
	f.ops = append(f.ops, op)
	f.args = append(f.args, args...)
	for i := 0; i+1 < len(args); i += 2 {
		f.x0, f.x1 = min(f.x0, args[i]), max(f.x1, args[i])
		f.y0, f.y1 = min(f.y0, args[i+1]), max(f.y1, args[i+1])
	}
}

func (f *filler) moveTo(x, y float32)                   { f.add('M', x, y) }
func (f *filler) lineTo(x, y float32)                   { f.add('L', x, y) }
func (f *filler) quadTo(ax, ay, bx, by float32)         { f.add('Q', ax, ay, bx, by) }
func (f *filler) cubeTo(ax, ay, bx, by, cx, cy float32) { f.add('C', ax, ay, bx, by, cx, cy) }
func (f *filler) close()                                { f.add('Z') }

// fill paints what was gathered and begins anew.
func (f *filler) fill(picture *image.RGBA, c color.NRGBA) {
	if len(f.args) > 0 {
		area := image.Rect(int(math.Floor(float64(f.x0))), int(math.Floor(float64(f.y0))),
			int(math.Ceil(float64(f.x1)))+1, int(math.Ceil(float64(f.y1)))+1)
		if area = area.Intersect(picture.Bounds()); !area.Empty() {
			f.replay(area)
			f.raster.Draw(picture, area, image.NewUniform(c), image.Point{})
		}
	}
	f.ops, f.args = f.ops[:0], f.args[:0]
}

func (f *filler) replay(area image.Rectangle) {
	f.raster.Reset(area.Dx(), area.Dy())
	ox, oy := float32(area.Min.X), float32(area.Min.Y)
	v := f.args
	for _, op := range f.ops {
		n := 0
		switch op {
		case 'M':
			f.raster.MoveTo(v[0]-ox, v[1]-oy)
			n = 2
		case 'L':
			f.raster.LineTo(v[0]-ox, v[1]-oy)
			n = 2
		case 'Q':
			f.raster.QuadTo(v[0]-ox, v[1]-oy, v[2]-ox, v[3]-oy)
			n = 4
		case 'C':
			f.raster.CubeTo(v[0]-ox, v[1]-oy, v[2]-ox, v[3]-oy, v[4]-ox, v[5]-oy)
			n = 6
		case 'Z':
			f.raster.ClosePath()
		}
		v = v[n:]
	}
}
