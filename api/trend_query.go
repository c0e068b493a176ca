package api

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

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
		if slices.Contains(q.Series, trend.Authors) || len(q.CountedBy()) > 0 {
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
