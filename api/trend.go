package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"outcry/internal/trend"
)

// FigureInput asks for series of an event. (Exported only because huma does not look into
// embedded types that are not.)
type FigureInput struct {
	Slug   string   `path:"slug" maxLength:"64" doc:"The event's slug."`
	Series []string `query:"series,explode" maxItems:"50" doc:"What to count, repeated or between commas: posts, complaints, complaint_share, first_hand, recovery, reposts, authors, tag:NAME, symptom:NAME, service:NAME (posts that name a service of the event), complaint:NAME (complaints about it), counts:SOURCE (what the source says it counted itself), and health, latency, audience, each also as health:SERVICE. Default: posts,complaints." example:"[\"posts\",\"tag:desaster\"]"`
	From   string   `query:"from" doc:"Start, RFC 3339; rounded down to the step. Default: where what is known begins." example:"2023-05-24T21:00:00Z"`
	To     string   `query:"to" doc:"End, exclusive, RFC 3339; rounded up to the step. Default: where what is known ends."`
	Step   string   `query:"step" maxLength:"20" doc:"Width of a bucket, from 10s to 1d; it must divide a day. Default: the narrowest with at most 600 buckets." example:"1m"`
	Source []string `query:"source,explode" maxItems:"50" doc:"Only these sources, repeated or between commas. Default: every source."`
	Lang   []string `query:"lang,explode" maxItems:"50" doc:"Only these languages, repeated or between commas. Default: every language."`
}

type trendInput struct {
	FigureInput
	TZ string `query:"tz" maxLength:"64" doc:"IANA time zone: adds each bucket's local time." example:"America/New_York"`
}

type csvInput struct{ FigureInput }

type chartInput struct {
	WordsInput
	Theme  string  `query:"theme" enum:"light,dark" default:"light" doc:"Colours: light for paper, dark for dark pages."`
	Width  int     `query:"width" minimum:"480" maximum:"4096" default:"960" doc:"Width in CSS pixels."`
	Height int     `query:"height" minimum:"320" maximum:"4096" default:"540" doc:"Height in CSS pixels."`
	Scale  float64 `query:"scale" minimum:"0.5" maximum:"4" default:"2" doc:"Pixels of a PNG a CSS pixel."`
}

// WordsInput asks for a figure in words. (Exported for the reason FigureInput is.)
type WordsInput struct {
	FigureInput
	TZ     string `query:"tz" maxLength:"64" doc:"IANA time zone of the time axis. Default UTC."`
	Locale string `query:"locale" enum:"en,ko" default:"en" doc:"Language of the chart's own words."`
}

const trendPath = eventPath + "/trend"

func (s *server) trendOperations() {
	const rules = "Unknown is null, never zero, and says which sources were blind. `authors` and `counts:SOURCE` need a step of a minute or more."
	register(s, figures, huma.Operation{
		OperationID: "get-trend", Method: http.MethodGet, Path: trendPath, Tags: []string{tagFigures},
		Summary: "Series of an event", Description: rules,
	}, s.getTrend)
	register(s, exports, huma.Operation{
		OperationID: "get-trend-csv", Method: http.MethodGet, Path: trendPath + ".csv", Tags: []string{tagFigures},
		Summary:     "Series of an event as CSV",
		Description: "A header `bucket,<series>,...` and one row a bucket; the bucket's start is RFC 3339 in UTC, an empty cell is unknown.",
		Responses:   answers("text/csv", passportHeaders()),
	}, s.getTrendCSV)
	if s.Charts == nil {
		return
	}
	register(s, figures, huma.Operation{
		OperationID: "get-trend-svg", Method: http.MethodGet, Path: trendPath + ".svg", Tags: []string{tagFigures},
		Summary: "Series of an event as an SVG picture", Description: rules, Responses: answers(typeSVG, passportHeaders()),
	}, s.getTrendSVG)
	register(s, figures, huma.Operation{
		OperationID: "get-trend-png", Method: http.MethodGet, Path: trendPath + ".png", Tags: []string{tagFigures},
		Summary: "Series of an event as a PNG picture", Description: rules, Responses: answers(typePNG, passportHeaders()),
	}, s.getTrendPNG)
	register(s, figures, huma.Operation{
		OperationID: "get-trend-txt", Method: http.MethodGet, Path: trendPath + ".txt", Tags: []string{tagFigures},
		Summary: "What is to be seen on the picture of an event's series, in words",
		Description: "The alternative text of the picture of the same figure, for people who hear pages and for captions. " +
			"The SVG carries it as its description, the PNG as a Description text.",
		Responses: answers("text/plain", passportHeaders()),
	}, s.getTrendTXT)
}

// answers describes an answer that is not JSON.
func answers(kind string, headers map[string]*huma.Param) map[string]*huma.Response {
	return map[string]*huma.Response{"200": {
		Description: "OK", Headers: headers, Content: map[string]*huma.MediaType{kind: {Schema: textBody()}},
	}}
}

// figure answers a query, with the passport's last stamps.
func (s *server) figure(ctx context.Context, in *FigureInput, loc *time.Location) (*trend.Query, trend.Result, error) {
	q, err := s.query(ctx, in)
	if err != nil {
		return nil, trend.Result{}, err
	}
	r, err := s.Figures.Trend(ctx, q)
	if err != nil {
		return nil, trend.Result{}, missing(err, "There is no event %q.", clip(in.Slug))
	}
	p := &r.Passport
	p.GeneratedAt, p.Permalink, p.TimeZone = s.Now().UTC(), address(&q, trendPath), loc.String()
	if f := filterOf(&q); len(f) > 0 {
		p.Filter = f
	}
	life, err := s.Lives.Life(ctx, q.Event)
	if err != nil {
		return nil, trend.Result{}, err
	}
	r.Marks = marks(&q, append(r.Marks, statusMarks(life)...))
	return &q, r, nil
}
