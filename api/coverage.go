package api

import (
	"context"
	"slices"
	"strings"
	"time"

	"outcry/internal/auth"
	"outcry/internal/reaction"
	"outcry/internal/trend"
)

type coverageInput struct {
	PageInput
	Slug string `path:"slug" maxLength:"64" doc:"The event's slug."`
	From string `query:"from" doc:"Start, RFC 3339. Default: where what is known begins."`
	To   string `query:"to" doc:"End, exclusive, RFC 3339. Default: where what is known ends."`
}

type coverageOutput struct {
	Link string `header:"Link" doc:"The next page (RFC 8288)."`
	Body coverageAnswer
}

type coverageAnswer struct {
	From      time.Time      `json:"from"`
	To        time.Time      `json:"to" doc:"Where the window ends, or this page of it: the next one goes on from there."`
	Simulated bool           `json:"simulated" doc:"True when nothing in the event happened."`
	Spans     []coverageSpan `json:"spans" doc:"What each feed says, by source, then by from. What no span covers was not listened to. Each is on the page in which it begins, or on the first; a page holds more than its limit only where more begin at one moment."`
	Heard     []heardSpan    `json:"heard" doc:"What that comes to for each source of which anything was said: the stretch from from to to without a gap, by source, then by from. Figures follow these."`
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

// coveragePosition is a place in what is known of coverage: the moment from which it goes on. The end
// of the window is kept, since its default moves while an event is on, and so are the sources that it
// is about, of which a page may say nothing.
type coveragePosition struct {
	At      time.Time         `json:"t"`
	To      time.Time         `json:"e"`
	Sources []reaction.Source `json:"s"`
}

func (s *server) getCoverage(ctx context.Context, in *coverageInput) (*coverageOutput, error) {
	after, err := readCursor[coveragePosition]("coverage", in.Cursor)
	if err != nil {
		return nil, err
	}
	e, from, to, err := s.eventSpan(ctx, in.Slug, in.From, in.To)
	if err != nil {
		return nil, err
	}
	if after != nil {
		if from, to = after.At, after.To; !from.Before(to) {
			return nil, mistake("query.cursor", "it is not a cursor of this list: take it from a Link header")
		}
	}
	spans, before, err := s.Figures.CoverageAround(ctx, e, from, to)
	if err != nil {
		return nil, missing(err, "There is no event %q.", clip(in.Slug))
	}
	member := isMember(ctx)
	if !member {
		spans, before = unexplained(spans), unexplained(before)
	}
	var sources []reaction.Source
	if after != nil {
		sources = after.Sources
	} else {
		sources = sourcesOf(spans, before)
	}
	end, cursor := coverageEnd(spans, from, to, in.Limit, after != nil), ""
	if end.Before(to) {
		cursor = writeCursor("coverage", coveragePosition{end, to, sources})
	}
	out := &coverageOutput{Link: in.next(cursor), Body: coverageAnswer{From: from, To: end, Simulated: e.Simulated,
		Spans: []coverageSpan{}, Heard: heardSpans(slices.Concat(spans, before), sources, from, end)}}
	for _, c := range spans {
		if !c.From.Before(end) || after != nil && c.From.Before(from) {
			continue
		}
		if !member { // its name may be that of a machine
			c.Feed = ""
		}
		out.Body.Spans = append(out.Body.Spans, coverageSpan{c.Source, c.From.UTC(), c.To.UTC(), c.State, c.Reason, c.Feed})
	}
	return out, nil
}

// coverageEnd is the moment before which no more than limit spans begin, counted from a page's
// beginning: as late as can be, and after it in any case.
func coverageEnd(spans []reaction.CoverageSpan, from, to time.Time, limit int, later bool) time.Time {
	var begins []time.Time
	for i := range spans {
		switch at := spans[i].From; {
		case !at.Before(from):
			begins = append(begins, at)
		case !later:
			begins = append(begins, from)
		}
	}
	slices.SortFunc(begins, time.Time.Compare)
	for _, at := range begins[min(limit, len(begins)):] {
		if at.After(from) {
			return at
		}
	}
	return to
}

// sourcesOf lists the sources of which anything is said.
func sourcesOf(spans, before []reaction.CoverageSpan) []reaction.Source {
	var sources []reaction.Source
	for _, list := range [][]reaction.CoverageSpan{spans, before} {
		for i := range list {
			sources = append(sources, list[i].Source)
		}
	}
	slices.Sort(sources)
	return slices.Compact(sources)
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
func heardSpans(said []reaction.CoverageSpan, sources []reaction.Source, from, to time.Time) []heardSpan {
	out := []heardSpan{}
	for _, source := range sources {
		for _, h := range trend.Hearings(said, source, from, to) {
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
