package api

import (
	"cmp"
	"context"
	"strings"
	"time"

	"outcry/internal/auth"
	"outcry/internal/health"
	"outcry/internal/reaction"
)

type healthInput struct {
	PageInput
	Slug string `path:"slug" maxLength:"64" doc:"The event's slug."`
	From string `query:"from" doc:"Start, RFC 3339. Default: where what is known begins."`
	To   string `query:"to" doc:"End, exclusive, RFC 3339. Default: where what is known ends."`
}

type healthOutput struct {
	Link string `header:"Link" doc:"The next page (RFC 8288)."`
	Body healthAnswer
}

type healthAnswer struct {
	From      time.Time      `json:"from"`
	To        time.Time      `json:"to"`
	Simulated bool           `json:"simulated" doc:"True when nothing in the event happened."`
	Probes    []healthProbe  `json:"probes" doc:"What the event names to watch its services by, in its order."`
	Samples   []healthSample `json:"samples"`
}

// healthProbe is what a reader is told of a probe; not where it asks.
type healthProbe struct {
	Service  string `json:"service"`
	Kind     string `json:"kind" example:"http"`
	Every    string `json:"every" doc:"How often it measures while the event is listened to." example:"10s"`
	Measures bool   `json:"measures" doc:"False when nothing is measured by it; note says why."`
	Note     string `json:"note,omitempty"`
}

// probesOf lists the probes of an event.
func probesOf(e *reaction.Event) []healthProbe {
	out := []healthProbe{}
	for _, s := range e.Services {
		for _, p := range s.Probes {
			x := healthProbe{Service: s.Name, Kind: p.Kind, Every: cmp.Or(p.Every, health.DefaultEvery.String()), Measures: p.Measures(), Note: p.Note()}
			if e.Simulated {
				x.Measures, x.Note = false, "the event is simulated: nothing real is measured for it"
			}
			out = append(out, x)
		}
	}
	return out
}

// healthSample is a health.Sample. Its fields are written out for their descriptions.
type healthSample struct {
	Service   string       `json:"service"`
	At        time.Time    `json:"at" doc:"When it was measured."`
	Vantage   string       `json:"vantage" doc:"Who measured: a probe of a node, or what pushed. Strangers are not told the node."`
	State     health.State `json:"state" enum:"unknown,up,degraded,down" doc:"unknown where only latency or audience was measured, or where the measuring itself failed, as detail then says."`
	LatencyMS *float64     `json:"latency_ms,omitempty" doc:"Response time in milliseconds."`
	Audience  *int64       `json:"audience,omitempty" doc:"How many people the service said were listening."`
	Detail    string       `json:"detail,omitempty" doc:"A short reason, for people."`
}

// healthPosition is a place in the list of samples: after the first Seen ones of instant At. The
// end of the window is kept, since its default moves while an event is on.
type healthPosition struct {
	At   time.Time `json:"t"`
	Seen int       `json:"n"`
	From time.Time `json:"f"`
	To   time.Time `json:"e"`
}

func (s *server) listHealth(ctx context.Context, in *healthInput) (*healthOutput, error) {
	after, err := readCursor[healthPosition]("health", in.Cursor)
	if err != nil {
		return nil, err
	}
	e, from, to, err := s.eventSpan(ctx, in.Slug, in.From, in.To)
	if err != nil {
		return nil, err
	}
	begin, seen := from, 0
	if after != nil {
		if after.Seen < 0 || after.Seen > maxSeen {
			return nil, mistake("query.cursor", "it is not a cursor of this list: take it from a Link header")
		}
		from, to, begin, seen = after.From, after.To, after.At, after.Seen
	}
	samples, err := s.Figures.Samples(ctx, e, begin, to, seen+in.Limit+1)
	if err != nil {
		return nil, missing(err, "There is no event %q.", clip(in.Slug))
	}
	samples = samples[min(seen, len(samples)):]
	cursor := ""
	if len(samples) > in.Limit {
		samples = samples[:in.Limit]
		cursor = writeCursor("health", healthPosition{samples[in.Limit-1].At, seenAt(samples, begin, seen), from, to})
	}
	out := &healthOutput{Link: in.next(cursor), Body: healthAnswer{From: from, To: to, Simulated: e.Simulated, Probes: probesOf(e)}}
	stranger := !principal(ctx).Scopes.Has(auth.Read)
	out.Body.Samples = make([]healthSample, len(samples))
	for i, x := range samples {
		if stranger {
			x = sampleForStrangers(x)
		}
		out.Body.Samples[i] = healthSample{x.Service, x.At.UTC(), x.Vantage, x.State, x.LatencyMS, x.Audience, x.Detail}
	}
	return out, nil
}

// sampleForStrangers leaves out what is about the inside: which machine measured, and why it could
// not.
func sampleForStrangers(x health.Sample) health.Sample {
	x.Vantage = x.Vantage[strings.LastIndex(x.Vantage, "/")+1:]
	if x.State == health.Unknown {
		x.Detail = ""
	}
	return x
}

// seenAt is how many samples of its last instant a page has shown, with the seen ones of earlier
// pages where it began at that instant and never left it.
func seenAt(page []health.Sample, begin time.Time, seen int) int {
	last, n := page[len(page)-1].At, 0
	for n < len(page) && page[len(page)-1-n].At.Equal(last) {
		n++
	}
	if n == len(page) && last.Equal(begin) {
		n += seen
	}
	return n
}

// maxSeen bounds how many samples of one instant a cursor may pass over: as many as an event has
// services, each measured from many places.
const maxSeen = 100_000
