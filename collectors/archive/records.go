package archive

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"unicode/utf8"

	"outcry/collectors/archive/internal/frame"
	"outcry/collectors/wire"
	"outcry/internal/health"
	"outcry/internal/reaction"
)

// Write saves records as FormatRecords: one JSON object a line, as reaction.Record says. It
// returns how many were written.
func Write(w io.Writer, records iter.Seq2[reaction.Record, error]) (int64, error) {
	buf := bufio.NewWriterSize(w, 64<<10)
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	var n int64
	for rec, err := range records {
		if err != nil {
			return n, err
		}
		if err := enc.Encode(rec); err != nil {
			return n, fmt.Errorf("writing record %d: %w", n+1, err)
		}
		n++
	}
	if err := buf.Flush(); err != nil {
		return n, fmt.Errorf("writing records: %w", err)
	}
	return n, nil
}

// decodeOurs reads what Write wrote.
func decodeOurs(row *frame.Row, e *emitter) {
	var rec reaction.Record
	if err := json.Unmarshal(row.Data, &rec); err != nil {
		e.refuse(ReasonBadJSON, err.Error())
		return
	}
	set := 0
	for _, on := range []bool{rec.Post != nil, rec.Delete != nil, rec.Sample != nil} {
		if on {
			set++
		}
	}
	switch {
	case set != 1:
		e.refuse(ReasonNotAPost, "exactly one of post, delete and sample must be given")
	case rec.Post != nil:
		p := *rec.Post
		if _, err := reaction.ParseSource(string(p.Source)); err != nil {
			e.refuse(ReasonBadSource, wire.Shorten(string(p.Source)))
			return
		}
		if p.At.IsZero() {
			p.At = rec.At
		}
		order := p.At
		if rec.Edit && !rec.At.IsZero() {
			order = rec.At
		}
		p.Facets = fitting(p.Facets, p.Text)
		e.post(&p, order, rec.Edit)
	case rec.Delete != nil:
		if _, err := reaction.ParseSource(string(rec.Delete.Source)); err != nil {
			e.refuse(ReasonBadSource, wire.Shorten(string(rec.Delete.Source)))
			return
		}
		if rec.Delete.At.IsZero() {
			rec.Delete.At = rec.At
		}
		e.delete(rec.Delete)
	default:
		if rec.Sample.At.IsZero() {
			rec.Sample.At = rec.At
		}
		e.sample(rec.Sample)
	}
}

// fitting are the facets that are of a known kind and lie within the text.
func fitting(facets []reaction.Facet, text string) []reaction.Facet {
	edge := func(i int) bool { return i >= 0 && i <= len(text) && (i == len(text) || utf8.RuneStart(text[i])) }
	out := facets[:0]
	for _, f := range facets {
		known := f.Kind == reaction.FacetHashtag || f.Kind == reaction.FacetMention || f.Kind == reaction.FacetURL
		if f.Value = wire.Clean(f.Value); known && edge(f.Start) && edge(f.End) && f.Start <= f.End && f.Value != "" && len(f.Value) <= wire.MaxURL && len(out) < wire.MaxFacets {
			out = append(out, f)
		}
	}
	return out
}

// jsonSample is a health sample as other tools write it.
type jsonSample struct {
	Service   string       `json:"service"`
	At        jsonTime     `json:"at"`
	Time      jsonTime     `json:"time"`
	Timestamp jsonTime     `json:"timestamp"`
	State     jsonState    `json:"state"`
	Status    jsonState    `json:"status"`
	LatencyMS *float64     `json:"latency_ms"`
	Audience  *json.Number `json:"audience"`
	Vantage   string       `json:"vantage"`
	Detail    string       `json:"detail"`
}

// jsonTime is a time in a string or a number.
type jsonTime string

// UnmarshalJSON keeps the text of the time.
func (t *jsonTime) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(t))
	}
	if string(b) != "null" {
		*t = jsonTime(b)
	}
	return nil
}

// jsonState is a state in a string, a number or true and false.
type jsonState = jsonTime

func (o *Options) decodeJSONSample(row *frame.Row, e *emitter) {
	var j jsonSample
	if err := json.Unmarshal(row.Data, &j); err != nil {
		e.refuse(ReasonBadJSON, err.Error())
		return
	}
	written := cmp.Or(j.At, j.Time, j.Timestamp)
	if written == "" {
		e.refuse(ReasonNoTime, "")
		return
	}
	c := clock{zone: o.Zone, layout: o.TimeLayout}
	at, ok := c.parse(string(written))
	if !ok {
		e.refuse(ReasonBadTime, wire.Shorten(string(written)))
		return
	}
	s := health.Sample{Service: j.Service, At: at, Vantage: j.Vantage, LatencyMS: j.LatencyMS, Detail: j.Detail}
	var err error
	if s.State, err = health.ParseState(string(cmp.Or(j.State, j.Status))); err != nil {
		e.refuse(ReasonBadValue, wire.Shorten(err.Error()))
		return
	}
	if j.Audience != nil {
		n, ok := wholeNumber(j.Audience.String())
		if !ok {
			e.refuse(ReasonBadValue, wire.Shorten("audience "+j.Audience.String()))
			return
		}
		s.Audience = &n
	}
	e.sample(&s)
}
