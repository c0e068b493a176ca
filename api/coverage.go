package api

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"outcry/internal/auth"
	"outcry/internal/health"
	"outcry/internal/reaction"
	"outcry/internal/trend"
)

type coverageInput struct {
	Slug string `path:"slug" maxLength:"64" doc:"The event's slug."`
	From string `query:"from" doc:"Start, RFC 3339. Default: where what is known begins."`
	To   string `query:"to" doc:"End, exclusive, RFC 3339. Default: where what is known ends."`
}

type coverageOutput struct{ Body coverageAnswer }

type coverageAnswer struct {
	From      time.Time      `json:"from"`
	To        time.Time      `json:"to"`
	Simulated bool           `json:"simulated" doc:"True when nothing in the event happened."`
	Spans     []coverageSpan `json:"spans" doc:"What each feed says, by source, then by from. What no span covers was not listened to."`
	Heard     []heardSpan    `json:"heard" doc:"What that comes to for each source of which anything was said: the whole window without a gap, by source, then by from. Figures follow these."`
}

// coverageSpan is a reaction.CoverageSpan. Its fields are written out for their descriptions.
type coverageSpan struct {
	Source reaction.Source        `json:"source"`
	From   time.Time              `json:"from"`
	To     time.Time              `json:"to"`
	State  reaction.CoverageState `json:"state" enum:"live,recorded,filled,late,capped,gap" doc:"In live, recorded and filled spans posts were heard; in late, capped and gap spans a count of zero means nothing."`
	Reason string                 `json:"reason,omitempty" doc:"Why there is a gap, for people; of what is listened to or pushed not told to whoever has not signed in."`
	Feed   reaction.Feed          `json:"feed" doc:"The connection or replay that heard it; not told to whoever has not signed in."`
}

// heardSpan is a trend.Hearing of a source.
type heardSpan struct {
	Source reaction.Source        `json:"source"`
	From   time.Time              `json:"from"`
	To     time.Time              `json:"to"`
	State  reaction.CoverageState `json:"state" enum:"live,recorded,filled,late,capped,gap" doc:"live: heard as it happened. recorded: from an archive. filled: fetched afterwards. late: heard, and behind. capped: left out on purpose, by a spending limit. gap: not heard."`
	Partly bool                   `json:"partly,omitempty" doc:"True where some of the source's servers were heard: counts are then those of what was heard."`
	Reason string                 `json:"reason,omitempty" doc:"Why it was not heard, for people; of what is listened to or pushed not told to whoever has not signed in."`
}

func (s *server) getCoverage(ctx context.Context, in *coverageInput) (*coverageOutput, error) {
	e, from, to, err := s.eventSpan(ctx, in.Slug, in.From, in.To)
	if err != nil {
		return nil, err
	}
	spans, before, err := s.Figures.CoverageAround(ctx, e, from, to)
	if err != nil {
		return nil, missing(err, "There is no event %q.", clip(in.Slug))
	}
	member := isMember(ctx)
	if !member {
		spans, before = unexplained(spans), unexplained(before)
	}
	out := &coverageOutput{Body: coverageAnswer{From: from, To: to, Simulated: e.Simulated, Spans: make([]coverageSpan, len(spans)), Heard: heardSpans(spans, before, from, to)}}
	for i, c := range spans {
		if !member { // its name may be that of a machine
			c.Feed = ""
		}
		out.Body.Spans[i] = coverageSpan{c.Source, c.From.UTC(), c.To.UTC(), c.State, c.Reason, c.Feed}
	}
	return out, nil
}

// isMember reports whether the one who asks may read more than what is public.
func isMember(ctx context.Context) bool { return principal(ctx).Scopes.Has(auth.Read) }

// unexplained are spans without the reasons that collectors and pushers give, which name servers,
// addresses and accounts of the operator's.
func unexplained(spans []reaction.CoverageSpan) []reaction.CoverageSpan {
	out := slices.Clone(spans)
	for i := range out {
		if f := out[i].Feed; f.Listens() || strings.HasPrefix(string(f), "push/") {
			out[i].Reason = ""
		}
	}
	return out
}

// heardSpans says how each source was heard by all its feeds together.
func heardSpans(spans, before []reaction.CoverageSpan, from, to time.Time) []heardSpan {
	all := slices.Concat(spans, before)
	var sources []reaction.Source
	for i := range all {
		sources = append(sources, all[i].Source)
	}
	slices.Sort(sources)
	out := []heardSpan{}
	for _, source := range slices.Compact(sources) {
		for _, h := range trend.Hearings(all, source, from, to) {
			out = append(out, heardSpan{source, h.From.UTC(), h.To.UTC(), h.State, h.Partly, h.Reason})
		}
	}
	return out
}

// eventSpan reads an event and a window of it.
func (s *server) eventSpan(ctx context.Context, slug, from, to string) (e *reaction.Event, f, t time.Time, err error) {
	if f, t, err = readSpan(from, to); err != nil {
		return nil, f, t, err
	}
	if e, err = s.event(ctx, slug); err != nil {
		return nil, f, t, err
	}
	f, t, err = s.span(ctx, e, f, t)
	return e, f, t, err
}

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
