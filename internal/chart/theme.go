package chart

import "image/color"

// Colours. Those of lines are from the set of Okabe and Ito ("Color Universal Design", 2008),
// darkened until each has a contrast of at least 4 to 1 on white; every line also has its own
// pattern, so that the chart can be read in black and white.
var (
	white  = color.NRGBA{255, 255, 255, 255}
	ink    = color.NRGBA{0x1b, 0x1f, 0x24, 255}
	muted  = color.NRGBA{0x55, 0x5e, 0x69, 255}
	gridC  = color.NRGBA{0xe1, 0xe4, 0xe8, 255}
	axisC  = color.NRGBA{0x6b, 0x74, 0x80, 255}
	hatchC = color.NRGBA{0x9a, 0xa2, 0xac, 255}
	unseen = color.NRGBA{0xf1, 0xf2, 0xf4, 255}
	faint  = color.NRGBA{0xc3, 0xc8, 0xcf, 255}
	across = color.NRGBA{0x1b, 0x1f, 0x24, 20}
	alarm  = color.NRGBA{0x9c, 0x1c, 0x12, 255}

	amber     = color.NRGBA{0xf0, 0xa8, 0x1c, 255}
	amberBand = color.NRGBA{0xf0, 0xa8, 0x1c, 34}
	red       = color.NRGBA{0xa3, 0x1f, 0x14, 255}
	redBand   = color.NRGBA{0xc2, 0x3b, 0x22, 40}
)

// Sizes of text and space, in CSS pixels.
const (
	margin     = 24.0
	titleSize  = 22.0
	textSize   = 13.0
	tickSize   = 12.0
	noteSize   = 11.0
	noteLine   = 15.0
	laneLabel  = 20.0 // above each strip of states
	laneStrip  = 9.0
	hatchEvery = 6.0
)

// pens for the lines of a chart, in the order of its series. The first is the one the chart is
// about.
var pens = []pen{
	{2.2, color.NRGBA{0x00, 0x5f, 0x99, 255}, nil},
	{1.8, color.NRGBA{0xb8, 0x4a, 0x00, 255}, []float64{7, 3}},
	{1.3, color.NRGBA{0x1b, 0x1f, 0x24, 255}, nil},
	{1.8, color.NRGBA{0x00, 0x76, 0x55, 255}, []float64{2, 3}},
	{1.8, color.NRGBA{0x9a, 0x3f, 0x74, 255}, []float64{9, 3, 2, 3}},
	{1.3, color.NRGBA{0x8a, 0x65, 0x00, 255}, []float64{4, 2}},
	{3.0, color.NRGBA{0x6a, 0x72, 0x7c, 255}, nil},
	{1.3, color.NRGBA{0x00, 0x5f, 0x99, 255}, []float64{9, 3, 2, 3, 2, 3}},
	{1.3, color.NRGBA{0xb8, 0x4a, 0x00, 255}, nil},
	{2.6, color.NRGBA{0x1b, 0x1f, 0x24, 255}, []float64{2, 4}},
	{1.3, color.NRGBA{0x00, 0x76, 0x55, 255}, []float64{12, 4}},
	{2.6, color.NRGBA{0x9a, 0x3f, 0x74, 255}, []float64{5, 5}},
}

// filling is how the part of a line is drawn whose buckets still fill.
func filling(p pen) pen { return pen{1.4, p.ink, []float64{1.5, 2.5}} }

func faded(c color.NRGBA, alpha uint8) color.NRGBA { c.A = alpha; return c }
