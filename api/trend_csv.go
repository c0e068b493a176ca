package api

import (
	"context"
	"encoding/csv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// passportHeaders describes how forms of a figure that have no room for its passport carry it.
func passportHeaders() map[string]*huma.Param {
	return map[string]*huma.Param{
		"Outcry-Simulated": {Description: "true when nothing in the event happened.", Schema: &huma.Schema{Type: huma.TypeBoolean}},
		"Outcry-Coverage":  {Description: "Share of the window during which every source was heard, 0 to 1.", Schema: &huma.Schema{Type: huma.TypeNumber}},
		"Outcry-Deleted":   {Description: "Posts of the window that were deleted at their source since: they are in no count.", Schema: &huma.Schema{Type: huma.TypeInteger}},
		"Outcry-Filled":    {Description: "Share of the window in which some source was heard only afterwards, 0 to 1.", Schema: &huma.Schema{Type: huma.TypeNumber}},
		"Link":             {Description: "The figure with its whole passport, as JSON (rel=\"describedby\").", Schema: &huma.Schema{Type: huma.TypeString}},
	}
}

func setPassport(h http.Header, p *trend.Passport) {
	h.Set("Outcry-Simulated", strconv.FormatBool(p.Simulated))
	h.Set("Outcry-Coverage", number(p.Coverage))
	h.Set("Outcry-Deleted", strconv.FormatInt(p.DeletedSince, 10))
	h.Set("Outcry-Filled", number(p.Filled))
	h.Set("Link", "<"+p.Permalink+`>; rel="describedby"; type="application/json"`)
}

func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

func (s *server) getTrendCSV(ctx context.Context, in *csvInput) (*huma.StreamResponse, error) {
	_, r, err := s.figure(ctx, &in.FigureInput, time.UTC)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		_, w := humachi.Unwrap(ctx)
		setPassport(w.Header(), &r.Passport)
		w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
		w.Header().Set("Content-Disposition", `attachment; filename="`+r.Passport.Event+`-trend.csv"`)
		if writeCSV(csv.NewWriter(w), r.Series) != nil {
			panic(http.ErrAbortHandler) // the client is gone, or must not take a part for the whole
		}
	}}, nil
}

// covering are the columns that say how each bucket was heard, after those of the series: empty where
// none of these counts posts. Sources stand between spaces.
var covering = []string{"covered", "blind", "late", "capped", "filled", "open"}

// writeCSV writes a row a bucket. Names of series begin with a word of ours, "tag:" or "health:"
// before any free text, so that no spreadsheet takes a cell for a formula.
func writeCSV(w *csv.Writer, series []trend.Series) error {
	row := make([]string, 1, 1+len(series)+len(covering))
	row[0] = "bucket"
	for _, x := range series {
		row = append(row, string(x.Name))
	}
	row = append(row, covering...)
	told := slices.IndexFunc(series, func(x trend.Series) bool { return x.Name.OfPosts() && !x.Name.OfPlatform() })
	if err := w.Write(row); err != nil {
		return err
	}
	for i := range series[0].Points {
		row = append(row[:0], series[0].Points[i].Bucket.UTC().Format(time.RFC3339))
		for _, x := range series {
			cell := ""
			if v := x.Points[i].Value; v != nil {
				cell = number(*v)
			}
			row = append(row, cell)
		}
		if told < 0 {
			row = append(row, make([]string, len(covering))...)
		} else {
			p := &series[told].Points[i]
			row = append(row, number(p.Covered), between(p.Blind), between(p.Late), between(p.Capped), between(p.Filled), strconv.FormatBool(p.Open))
		}
		if err := w.Write(row); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

func between(sources []reaction.Source) string {
	var b strings.Builder
	for i, s := range sources {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(s))
	}
	return b.String()
}
