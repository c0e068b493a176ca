package chart

import (
	"fmt"
	"image/color"
)

// Theme is the set of colours of a chart.
type Theme string

// The themes: Light for paper, Dark for dark pages. Patterns and widths are the same in both.
const (
	Light Theme = "light"
	Dark  Theme = "dark"
)

func (t Theme) palette() (*palette, error) {
	switch t {
	case "", Light:
		return &light, nil
	case Dark:
		return &dark, nil
	}
	return nil, fmt.Errorf("there is no theme %q: use light or dark", clean(string(t)))
}

// palette is what a theme paints with. Texts have a contrast of at least 4.5 to 1 on everything
// they may lie on, lines of at least 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11).
type palette struct {
	paper   color.NRGBA
	ink     color.NRGBA // texts
	muted   color.NRGBA // texts of less weight
	grid    color.NRGBA
	axis    color.NRGBA
	hatch   color.NRGBA // what is unknown, on
	unseen  color.NRGBA
	faint   color.NRGBA // what is partly heard; where a day begins
	across  color.NRGBA // the word across a simulated chart
	alarm   color.NRGBA // the plate of a simulated chart, and
	onAlarm color.NRGBA // its letters
	trouble color.NRGBA // texts on the moment a service broke

	degraded, degradedBand color.NRGBA
	down, downBand         color.NRGBA

	lines [7]color.NRGBA
}

// Colours of lines are from the set of Okabe and Ito ("Color Universal Design", 2008), darkened
// for paper and as they are, or lighter, on dark.
var light = palette{
	paper: rgb(0xffffff), ink: rgb(0x1b1f24), muted: rgb(0x555e69), grid: rgb(0xe1e4e8), axis: rgb(0x6b7480),
	hatch: rgb(0x9aa2ac), unseen: rgb(0xf1f2f4), faint: rgb(0xc3c8cf), across: faded(rgb(0x1b1f24), 17),
	alarm: rgb(0x9c1c12), onAlarm: rgb(0xffffff), trouble: rgb(0x8c1910),
	degraded: rgb(0xf0a81c), degradedBand: faded(rgb(0xf0a81c), 34),
	down: rgb(0xa31f14), downBand: faded(rgb(0xc23b22), 34),
	lines: [7]color.NRGBA{
		rgb(0x005a92), rgb(0xb34800), rgb(0x1b1f24), rgb(0x007655), rgb(0x9a3f74), rgb(0x8a6500), rgb(0x5f6771),
	},
}

var dark = palette{
	paper: rgb(0x15191e), ink: rgb(0xeceef0), muted: rgb(0xa9b2bc), grid: rgb(0x2c333b), axis: rgb(0x828c97),
	hatch: rgb(0x5c6671), unseen: rgb(0x1e242b), faint: rgb(0x49525c), across: faded(rgb(0xffffff), 15),
	alarm: rgb(0xb3261a), onAlarm: rgb(0xffffff), trouble: rgb(0xffb3a7),
	degraded: rgb(0xf0a81c), degradedBand: faded(rgb(0xf0a81c), 30),
	down: rgb(0xe0523f), downBand: faded(rgb(0xe0523f), 50),
	lines: [7]color.NRGBA{
		rgb(0x6cc1f2), rgb(0xf0975a), rgb(0xeceef0), rgb(0x2fc49a), rgb(0xe39ac6), rgb(0xe0c341), rgb(0x9aa4b0),
	},
}

// Sizes of text and space, in CSS pixels.
const (
	margin      = 24.0
	titleSize   = 22.0
	narrow      = 640.0 // below this width the title is smaller and the legend shorter
	narrowTitle = 18.0
	textSize    = 13.0
	tickSize    = 12.0
	noteSize    = 11.0
	noteLine    = 15.0
	laneLabel   = 20.0 // above each strip of states
	laneStrip   = 9.0
	hatchEvery  = 6.0
)

// patterns of the lines of a chart, in the order of its series, with the number of their colour:
// each line also has its own pattern, so that the chart can be read in black and white. The first
// is the one the chart is about.
var patterns = []struct {
	width float64
	line  int
	dash  []float64
}{
	{2.2, 0, nil},
	{1.8, 1, []float64{7, 3}},
	{1.3, 2, nil},
	{1.8, 3, []float64{2, 3}},
	{1.8, 4, []float64{9, 3, 2, 3}},
	{1.3, 5, []float64{4, 2}},
	{3.0, 6, nil},
	{1.3, 0, []float64{9, 3, 2, 3, 2, 3}},
	{1.3, 1, nil},
	{2.6, 2, []float64{2, 4}},
	{1.3, 3, []float64{12, 4}},
	{2.6, 4, []float64{5, 5}},
}

// pen is how line i is drawn.
func (p *palette) pen(i int) pen {
	x := patterns[i%len(patterns)]
	return pen{x.width, p.lines[x.line], x.dash}
}

// filling is how the part of a line is drawn whose buckets still fill.
func filling(p pen) pen { return pen{1.4, p.ink, []float64{1.5, 2.5}} }

func faded(c color.NRGBA, alpha uint8) color.NRGBA { c.A = alpha; return c }

func rgb(x uint32) color.NRGBA { return color.NRGBA{uint8(x >> 16), uint8(x >> 8), uint8(x), 255} }
