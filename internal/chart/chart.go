// Package chart draws the answer to a trend query as SVG or PNG. A chart is laid out once, as a
// list of shapes and measured texts, and painted on either of two surfaces; there is no chart
// library in it. What is unknown is drawn as unknown, and the same figures give the same bytes.
package chart

import (
	"fmt"
	"io"
	"time"

	"outcry/internal/trend"
)

// Options say how a chart is to look. Zero fields take the defaults.
type Options struct {
	Title    string         // default the event's title
	Subtitle string         // default what is counted, and per which step
	Location *time.Location // the zone times are shown in; default UTC
	Width    int            // in CSS pixels; default 960
	Height   int            // in CSS pixels; default 540
	Scale    float64        // PNG pixels a CSS pixel, 0.5 to 4; default 2
	Fonts    *Fonts         // default Go's own Latin fonts
}

// Sizes a chart may have, in CSS pixels.
const (
	MinWidth  = 480
	MaxWidth  = 4096
	MinHeight = 320
	MaxHeight = 4096
	maxPixels = 40 << 20 // of a PNG
)

// Chart is a laid-out chart. It does not change, and may be painted by several goroutines.
type Chart struct {
	width, height int
	scale         float64
	fonts         *Fonts
	title, alt    string
	shapes        []shape
}

// FromTrend lays out the series of a result: counts of posts on the left axis, another unit on
// the right, states as bands and strips. It is an error when the series have more than two units
// besides states, or do not fit each other, or when the chart is too small for what it must show.
func FromTrend(r trend.Result, o Options) (*Chart, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	r.Series = withoutThin(r.Series)
	f, err := readFrame(r, o.Location)
	if err != nil {
		return nil, err
	}
	lines, states, axes, err := readTracks(r, f)
	if err != nil {
		return nil, err
	}
	l := &layout{
		ruler: ruler{fonts: o.Fonts}, w: float64(o.Width), h: float64(o.Height),
		frame: f, lines: lines, states: states, axes: axes, passport: &r.Passport, series: r.Series,
	}
	l.title = clean(o.Title)
	if l.title == "" {
		l.title = clean(r.Passport.Title)
	}
	l.subtitle = clean(o.Subtitle)
	if l.subtitle == "" {
		l.subtitle = l.counted()
	}
	if err := l.run(); err != nil {
		return nil, err
	}
	return &Chart{
		width: o.Width, height: o.Height, scale: o.Scale, fonts: o.Fonts,
		title: l.title, alt: l.alt(), shapes: l.shapes,
	}, nil
}

func (o *Options) complete() error {
	if o.Width == 0 {
		o.Width = 960
	}
	if o.Height == 0 {
		o.Height = 540
	}
	if o.Scale == 0 {
		o.Scale = 2
	}
	if o.Location == nil {
		o.Location = time.UTC
	}
	switch {
	case o.Width < MinWidth || o.Width > MaxWidth || o.Height < MinHeight || o.Height > MaxHeight:
		return fmt.Errorf("a chart of %d x %d pixels cannot be drawn: it may be %d x %d to %d x %d",
			o.Width, o.Height, MinWidth, MinHeight, MaxWidth, MaxHeight)
	case !(o.Scale >= 0.5 && o.Scale <= 4):
		return fmt.Errorf("a scale of %v is not between 0.5 and 4", o.Scale)
	case float64(o.Width)*float64(o.Height)*o.Scale*o.Scale > maxPixels:
		return fmt.Errorf("a chart of %d x %d pixels at scale %v is larger than %d million pixels",
			o.Width, o.Height, o.Scale, maxPixels>>20)
	}
	if o.Fonts == nil {
		f, err := LoadFonts(nil)
		if err != nil {
			return err
		}
		o.Fonts = f
	}
	return nil
}

// Alt says in words what is to be seen: the title, the window and its zone, the peak of each
// series and when it was, and how much is unknown.
func (c *Chart) Alt() string { return c.alt }

// SVG writes the chart as an SVG document.
func (c *Chart) SVG(w io.Writer) error {
	s := newSVG(c)
	for _, sh := range c.shapes {
		sh.paint(s)
	}
	return s.finish(w)
}

// PNG writes the chart as a PNG picture of Width x Scale by Height x Scale pixels.
func (c *Chart) PNG(w io.Writer) error {
	s := newRaster(c)
	for _, sh := range c.shapes {
		sh.paint(s)
	}
	return s.finish(w)
}
