package api

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"

	"outcry/internal/auth"
)

const (
	typeSVG = "image/svg+xml"
	typePNG = "image/png"
	// typeText is what the words of a figure are sent as.
	typeText = "text/plain; charset=utf-8"

	// maxPixels bounds the memory that one PNG takes while it is drawn: four bytes a pixel.
	maxPixels = 20 << 20
	// maxPixelsOfStrangers is the same for whoever has not signed in: large ones take a second of a
	// core each. It is 1920 x 1080 at twice the scale.
	maxPixelsOfStrangers = 8 << 20
	// drawAtOnce bounds how many pictures are drawn at the same time.
	drawAtOnce = 2
)

// svgPolicy lets a picture that is opened as a page style itself, and do nothing else.
const svgPolicy = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; frame-ancestors 'none'; sandbox"

type chartOutput struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Disposition string `header:"Content-Disposition" hidden:"true"`
	Policy      string `header:"Content-Security-Policy" hidden:"true"`
	Simulated   string `header:"Outcry-Simulated" hidden:"true"`
	Coverage    string `header:"Outcry-Coverage" hidden:"true"`
	Deleted     string `header:"Outcry-Deleted" hidden:"true"`
	Filled      string `header:"Outcry-Filled" hidden:"true"`
	Link        string `header:"Link" hidden:"true"`
	Body        []byte
}

func (s *server) getTrendSVG(ctx context.Context, in *chartInput) (*chartOutput, error) {
	return s.draw(ctx, in, "svg", typeSVG)
}

func (s *server) getTrendPNG(ctx context.Context, in *chartInput) (*chartOutput, error) {
	return s.draw(ctx, in, "png", typePNG)
}

func (s *server) getTrendTXT(ctx context.Context, in *WordsInput) (*chartOutput, error) {
	return s.draw(ctx, &chartInput{WordsInput: *in}, "txt", typeText)
}

// draw draws the whole picture before it answers, so that a fault is still a problem.
func (s *server) draw(ctx context.Context, in *chartInput, format, kind string) (*chartOutput, error) {
	loc, err := readZone(in.TZ)
	if err != nil {
		return nil, err
	}
	most := maxPixels
	if principal(ctx).Kind == auth.Nobody {
		most = maxPixelsOfStrangers
	}
	if format == "png" && float64(in.Width)*float64(in.Height)*in.Scale*in.Scale > float64(most) {
		return nil, mistake("query.scale", "the picture would have more than %d million pixels", most>>20)
	}
	_, r, err := s.figure(ctx, &in.FigureInput, loc)
	if err != nil {
		return nil, err
	}
	select {
	case s.drawing <- struct{}{}:
		defer func() { <-s.drawing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	var picture bytes.Buffer
	err = s.Charts(r, ChartRequest{
		Format: format, Location: loc, Width: in.Width, Height: in.Height, Scale: in.Scale, Theme: in.Theme, Locale: in.Locale,
	}, &picture)
	switch {
	case errors.Is(err, ErrUndrawable):
		return nil, problem(http.StatusUnprocessableEntity, "%s", clipTo(err.Error(), 400))
	case err != nil:
		return nil, err
	}
	h := http.Header{}
	setPassport(h, &r.Passport)
	out := &chartOutput{
		ContentType: kind, Disposition: `inline; filename="` + r.Passport.Event + "-trend." + format + `"`,
		Simulated: h.Get("Outcry-Simulated"), Coverage: h.Get("Outcry-Coverage"),
		Deleted: h.Get("Outcry-Deleted"), Filled: h.Get("Outcry-Filled"), Link: h.Get("Link"), Body: picture.Bytes(),
	}
	if strings.HasPrefix(kind, typeSVG) {
		out.Policy = svgPolicy
	}
	return out, nil
}
