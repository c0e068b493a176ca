package api

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// FigureInput asks for series of an event. (Exported only because huma does not look into
// embedded types that are not.)
type FigureInput struct {
	Slug   string   `path:"slug" maxLength:"64" doc:"The event's slug."`
	Series []string `query:"series,explode" maxItems:"50" doc:"What to count, repeated or between commas: posts, complaints, complaint_share, first_hand, recovery, reposts, authors, tag:NAME, symptom:NAME, and health, latency, audience, each also as health:SERVICE. Default: posts,complaints." example:"[\"posts\",\"tag:desaster\"]"`
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
	FigureInput
	TZ     string  `query:"tz" maxLength:"64" doc:"IANA time zone of the time axis. Default UTC."`
	Width  int     `query:"width" minimum:"480" maximum:"4096" default:"960" doc:"Width in CSS pixels."`
	Height int     `query:"height" minimum:"320" maximum:"4096" default:"540" doc:"Height in CSS pixels."`
	Scale  float64 `query:"scale" minimum:"0.5" maximum:"4" default:"2" doc:"Pixels of a PNG a CSS pixel."`
}

const trendPath = eventPath + "/trend"

func (s *server) trendOperations() {
	const rules = "Unknown is null, never zero, and says which sources were blind. `authors` needs a step of a minute or more."
	register(s, huma.Operation{
		OperationID: "get-trend", Method: http.MethodGet, Path: trendPath, Tags: []string{tagFigures},
		Summary: "Series of an event", Description: rules,
	}, s.getTrend)
	register(s, huma.Operation{
		OperationID: "get-trend-csv", Method: http.MethodGet, Path: trendPath + ".csv", Tags: []string{tagFigures},
		Summary:     "Series of an event as CSV",
		Description: "A header `bucket,<series>,...` and one row a bucket; the bucket's start is RFC 3339 in UTC, an empty cell is unknown.",
		Responses:   answers("text/csv", passportHeaders()),
	}, s.getTrendCSV)
	if s.Charts == nil {
		return
	}
	register(s, huma.Operation{
		OperationID: "get-trend-svg", Method: http.MethodGet, Path: trendPath + ".svg", Tags: []string{tagFigures},
		Summary: "Series of an event as an SVG picture", Description: rules, Responses: answers(typeSVG, passportHeaders()),
	}, s.getTrendSVG)
	register(s, huma.Operation{
		OperationID: "get-trend-png", Method: http.MethodGet, Path: trendPath + ".png", Tags: []string{tagFigures},
		Summary: "Series of an event as a PNG picture", Description: rules, Responses: answers(typePNG, passportHeaders()),
	}, s.getTrendPNG)
}

// answers describes an answer that is not JSON.
func answers(kind string, headers map[string]*huma.Param) map[string]*huma.Response {
	return map[string]*huma.Response{"200": {
		Description: "OK", Headers: headers, Content: map[string]*huma.MediaType{kind: {Schema: textBody()}},
	}}
}

// query reads what a figure is asked for.
func (s *server) query(ctx context.Context, in *FigureInput) (q trend.Query, err error) {
	if q.Series, err = s.readSeries(in.Series); err != nil {
		return q, err
	}
	if q.Sources, err = readSources(in.Source); err != nil {
		return q, err
	}
	if q.Langs, err = readLangs(in.Lang); err != nil {
		return q, err
	}
	if in.Step != "" {
		if q.Step, err = trend.ParseStep(in.Step); err != nil {
			return q, mistake("query.step", "%q is not a duration like 10s, 1m or 1d", clip(in.Step))
		}
		if !slices.Contains(trend.Steps, q.Step) {
			return q, mistake("query.step", "%q is not a step: use one of %s", clip(in.Step), stepList())
		}
	}
	if q.From, q.To, err = readSpan(in.From, in.To); err != nil {
		return q, err
	}
	if q.Event, err = s.event(ctx, in.Slug); err != nil {
		return q, err
	}
	if q.From, q.To, err = s.span(ctx, q.Event, q.From, q.To); err != nil {
		return q, err
	}
	if q.Step == 0 {
		q.Step = trend.DefaultStep(q.To.Sub(q.From))
		if slices.Contains(q.Series, trend.Authors) {
			q.Step = max(q.Step, time.Minute)
		}
	}
	q.From, q.To = trend.Grid(q.From, q.To, q.Step)
	if err := q.Validate(); err != nil {
		// Its errors begin with the parameter's name.
		name, text, _ := strings.Cut(err.Error(), ": ")
		return q, mistake("query."+name, "%s", text)
	}
	return q, nil
}

// span puts what is known of the event in the place of a zero from or to.
func (s *server) span(ctx context.Context, e *reaction.Event, from, to time.Time) (time.Time, time.Time, error) {
	if !from.IsZero() && !to.IsZero() {
		return from, to, nil
	}
	first, last, _, err := s.Figures.Window(ctx, e)
	if err != nil {
		return from, to, err
	}
	switch {
	case from.IsZero() && to.IsZero():
		from, to = first, last
		if !to.After(from) { // an event that has not begun
			to = from.Add(time.Minute)
		}
	case from.IsZero():
		if from = first; !to.After(from) {
			return from, to, mistake("query.to", "nothing is known before then: what is known begins at %s", stamp(first))
		}
	default:
		if to = last; !to.After(from) {
			return from, to, mistake("query.from", "nothing is known after then: what is known ends at %s", stamp(last))
		}
	}
	return from.UTC(), to.UTC(), nil
}

// maxSeriesName is the longest name of a series, in bytes.
const maxSeriesName = 200

func (s *server) readSeries(values []string) ([]trend.Name, error) {
	asked := split(values)
	if len(asked) == 0 {
		return []trend.Name{trend.Posts, trend.Complaints}, nil
	}
	var out []trend.Name
	for _, v := range asked {
		n, err := trend.ParseName(v, s.Fold)
		switch {
		case len(v) > maxSeriesName:
			return nil, mistake("query.series", "%q is longer than %d bytes", clip(v), maxSeriesName)
		case err != nil:
			return nil, mistake("query.series", "%s", clipTo(err.Error(), 400))
		case !slices.Contains(out, n):
			out = append(out, n)
		}
	}
	return out, nil
}

func stepList() string {
	list := make([]string, len(trend.Steps))
	for i, d := range trend.Steps {
		list[i] = trend.StepText(d)
	}
	return strings.Join(list, ", ")
}

// address is where a figure is found again: the path with everything that was left to defaults
// written out.
func address(q *trend.Query, path string) string {
	v := url.Values{}
	names := make([]string, len(q.Series))
	for i, n := range q.Series {
		names[i] = string(n)
	}
	v.Set("series", strings.Join(names, ","))
	v.Set("from", stamp(q.From))
	v.Set("to", stamp(q.To))
	v.Set("step", trend.StepText(q.Step))
	for name, value := range filterOf(q) {
		v.Set(name, value)
	}
	return strings.Replace(path, "{slug}", q.Event.Slug, 1) + "?" + v.Encode()
}

// filterOf is what the query leaves out, by parameter.
func filterOf(q *trend.Query) map[string]string {
	f := map[string]string{}
	if len(q.Sources) > 0 {
		list := make([]string, len(q.Sources))
		for i, s := range q.Sources {
			list[i] = string(s)
		}
		f["source"] = strings.Join(list, ",")
	}
	if len(q.Langs) > 0 {
		f["lang"] = strings.Join(q.Langs, ",")
	}
	return f
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
	return &q, r, nil
}
