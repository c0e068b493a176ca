// Package chart draws the answer to a trend query as SVG or PNG. A chart is laid out once, as a
// list of shapes and measured texts, and painted on either of two surfaces; there is no chart
// library in it. What is unknown is drawn as unknown, and the same figures give the same bytes.
package chart

import (
	"errors"
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
	Theme    Theme          // default Light
	Locale   Locale         // of the chart's own words; default English
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
	lang          *words
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
	l, err := read(r, o)
	if err != nil {
		return nil, err
	}
	if err := twoUnits(l.axes); err != nil {
		return nil, err
	}
	alt := l.alt()
	if err := l.run(); err != nil {
		return nil, err
	}
	return &Chart{
		width: o.Width, height: o.Height, scale: o.Scale, fonts: o.Fonts, lang: l.lang,
		title: l.title, alt: alt, shapes: l.shapes,
	}, nil
}

// read checks a result and makes ready what is to be laid out.
func read(r trend.Result, o Options) (*layout, error) {
	hue, err := o.Theme.palette()
	if err != nil {
		return nil, err
	}
	lang, err := o.Locale.words()
	if err != nil {
		return nil, err
	}
	zone := o.Location
	if zone == nil {
		zone = time.UTC
	}
	l := &layout{
		ruler: ruler{fonts: o.Fonts}, hue: hue, lang: lang, w: float64(o.Width), h: float64(o.Height),
		passport: &r.Passport, marks: r.Marks,
	}
	l.series, l.thinned = withoutThin(r.Series)
	r.Series = l.series
	if l.frame, err = readFrame(r, zone); err != nil {
		return nil, err
	}
	l.lines, l.states, l.axes = readTracks(r, l.frame, lang, hue)
	l.title = clean(o.Title)
	if l.title == "" {
		l.title = clean(r.Passport.Title)
	}
	l.subtitle = clean(o.Subtitle)
	if l.subtitle == "" {
		l.subtitle = l.counted()
	}
	l.look()
	return l, nil
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

// Alt says in words what is to be seen: the title, the window and its zone, how each series began,
// its peak and how it ended, how the services were, what is marked, and how much is unknown.
func (c *Chart) Alt() string { return c.alt }

// SVG writes the chart as an SVG document.
func (c *Chart) SVG(w io.Writer) error {
	s := newSVG(c)
	for _, sh := range c.shapes {
		sh.paint(s)
	}
	return s.finish(w)
}

// ErrFonts is returned for a PNG in a language that the fonts at hand cannot write.
var ErrFonts = errors.New("a PNG in Korean needs fonts with Hangul, which this program was built without: " +
	"run 'make web' and build again, or ask for the SVG, or for the locale en")

// PNG writes the chart as a PNG picture of Width x Scale by Height x Scale pixels, with its
// alternative text inside.
func (c *Chart) PNG(w io.Writer) error {
	if c.lang == &korean && !c.fonts.Complete() {
		return ErrFonts
	}
	s := newRaster(c)
	for _, sh := range c.shapes {
		sh.paint(s)
	}
	return writePNG(w, s.picture, c.lang.lang, c.title, c.alt)
}
