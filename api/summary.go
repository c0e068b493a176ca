package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

type summaryOutput struct {
	Simulated bool `header:"Outcry-Simulated" doc:"true when nothing in the event happened."`
	Body      trend.Summary
}

func (s *server) summaryOperations() {
	if s.Summaries == nil {
		return
	}
	register(s, figures, huma.Operation{
		OperationID: "get-summary", Method: http.MethodGet, Path: eventPath + "/summary", Tags: []string{tagFigures},
		Summary: "How an event is, in one sentence",
		Description: "The last five minutes of the event's own time beside the two hours before, the state of its services, and which sources are not heard. " +
			"It says what was seen, and never a cause. Unknown is null, never zero.",
	}, s.getSummary)
	for _, name := range []string{"SummaryExtent", "SummaryTotal", "SummaryPeak"} {
		s.huma.OpenAPI().Components.Schemas.Map()[name].Nullable = true
	}
}

func (s *server) getSummary(ctx context.Context, in *slugInput) (*summaryOutput, error) {
	e, err := s.event(ctx, in.Slug)
	if err != nil {
		return nil, err
	}
	sum, err := s.summary(ctx, e, askedAgain)
	if err != nil {
		return nil, missing(err, "There is no event %q.", clip(in.Slug))
	}
	if !isMember(ctx) {
		sum = publicSummary(sum)
	}
	return &summaryOutput{Simulated: sum.Simulated, Body: *sum}, nil
}

// publicSummary is a summary as anybody may see it: which sources are not heard, and not why, since
// that names servers, addresses and accounts of the operator's.
func publicSummary(sum *trend.Summary) *trend.Summary {
	out := *sum
	out.Blind = slices.Clone(sum.Blind)
	for i := range out.Blind {
		out.Blind[i].Reason = ""
	}
	return &out
}

const (
	askedAgain   = 250 * time.Millisecond // how old a summary may be that somebody asks for, whatever changed since
	looksAgain   = 10 * time.Second       // how old, if no change was told: a feed may have fallen silent
	hoursRenewed = 10 * time.Minute       // how old the hours may be that no change was told of
	maxDesks     = 200                    // events whose last summary is kept
)

// desks keep the last summary of each event that is asked for, so that many who ask share the work,
// and the hours that it is made of, so that a long event is not summed again for each.
type desks struct {
	mu sync.Mutex
	of map[int64]*desk
}

type desk struct {
	busy chan struct{} // holds a token while the summary is made
	stop func()        // no longer watches
	used time.Time     // guarded by desks.mu

	mu      sync.Mutex
	changed bool
	spans   reaction.Spans // to be read again

	// What follows is for whoever holds the token.
	standing string               // of the event that it was made for
	hours    map[int64]trend.Hour // by their beginning
	renewed  time.Time            // when all hours were read
	made     time.Time
	last     *trend.Summary
}

// summary makes an event's summary, or gives the last one where nothing has changed since or it is
// not older than young.
func (s *server) summary(ctx context.Context, e *reaction.Event, young time.Duration) (*trend.Summary, error) {
	d := s.desk(e)
	select {
	case d.busy <- struct{}{}:
		defer func() { <-d.busy }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	now := s.Now()
	changed, spans := d.take(s.Live == nil)
	age := now.Sub(d.made)
	if d.last != nil && d.standing == standingOf(e) && age < looksAgain && (!changed || age < young) {
		d.giveBack(changed, spans)
		return d.last, nil
	}
	sum, err := s.makeSummary(ctx, d, e, now, spans)
	if err != nil {
		d.giveBack(true, spans)
		return nil, err
	}
	d.last, d.made, d.standing = sum, now, standingOf(e)
	return sum, nil
}

func (s *server) makeSummary(ctx context.Context, d *desk, e *reaction.Event, now time.Time, spans reaction.Spans) (*trend.Summary, error) {
	g, err := s.Summaries.Glance(ctx, e, now)
	if err != nil {
		return nil, err
	}
	if d.hours == nil || d.standing != standingOf(e) || now.Sub(d.renewed) >= hoursRenewed {
		spans = reaction.Whole()
	} else {
		spans = spans.Add(reaction.Span{From: g.From.Add(-time.Hour)}) // a change may have got lost
	}
	read, err := s.Summaries.Hours(ctx, e, spans)
	if err != nil {
		return nil, err
	}
	if spans[0] == (reaction.Span{}) {
		d.hours, d.renewed = map[int64]trend.Hour{}, now
	}
	for at, h := range d.hours {
		if len(spans.Within(h.From, h.From.Add(time.Hour))) > 0 {
			delete(d.hours, at)
		}
	}
	for _, h := range read {
		d.hours[h.From.Unix()] = h
	}
	hours := make([]trend.Hour, 0, len(d.hours))
	for _, h := range d.hours {
		hours = append(hours, h)
	}
	sum := trend.Summarise(g, hours)
	return &sum, nil
}

// standingOf is another wherever something of the event itself changes what is said of it.
func standingOf(e *reaction.Event) string {
	return fmt.Sprint(e.Revision, e.Status, e.StartsAt.Unix(), e.EndsAt.Unix())
}

// take says whether something changed since the last time, and what has to be read again.
func (d *desk) take(always bool) (bool, reaction.Spans) {
	d.mu.Lock()
	defer d.mu.Unlock()
	changed, spans := d.changed, d.spans
	d.changed, d.spans = false, nil
	if always {
		return true, reaction.Whole()
	}
	return changed, spans
}

func (d *desk) giveBack(changed bool, spans reaction.Spans) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.changed, d.spans = d.changed || changed, d.spans.Add(spans...)
}

// tell notes a change.
func (d *desk) tell(_ string, c reaction.Change) { d.giveBack(true, c.Spans) }

// desk finds the desk of an event, and clears the one that was used longest ago where there are
// too many.
func (s *server) desk(e *reaction.Event) *desk {
	s.desks.mu.Lock()
	defer s.desks.mu.Unlock()
	if s.desks.of == nil {
		s.desks.of = map[int64]*desk{}
	}
	d := s.desks.of[e.ID]
	if d == nil {
		if len(s.desks.of) >= maxDesks {
			s.desks.clearOldest()
		}
		d = &desk{busy: make(chan struct{}, 1), stop: func() {}}
		if s.Live != nil {
			d.stop = s.Live.Watch(e.ID, d.tell)
		}
		s.desks.of[e.ID] = d
	}
	d.used = time.Now()
	return d
}

func (d *desks) clearOldest() {
	var oldest int64
	for event, x := range d.of {
		if o := d.of[oldest]; o == nil || x.used.Before(o.used) {
			oldest = event
		}
	}
	d.of[oldest].stop()
	delete(d.of, oldest)
}
