package x

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"time"

	twitter "github.com/g8rswimmer/go-twitter/v2"

	"outcry/collectors"
	"outcry/internal/health"
	"outcry/internal/reaction"
)

const (
	spaceOften = 10 * time.Second // between two looks at a Space, at the most
	spaceEach  = 4 * time.Second  // times the number of Spaces: X allows 300 looks in 15 minutes
	spaceLate  = 5 * time.Minute  // how late a Space may begin
	spaceGone  = time.Hour        // how long a Space is not there until what was measured of it is forgotten
)

// space is what X says of a Space. Neither its title nor its people are asked for.
type space struct {
	State     string    `json:"state"`
	Audience  *int64    `json:"participant_count"`
	Scheduled time.Time `json:"scheduled_start"`
	Started   time.Time `json:"started_at"`
	Ended     time.Time `json:"ended_at"`
}

// errGone says that X does not have a Space.
var errGone = errors.New("X does not have the Space")

// readSpace reads the answer to a look at one Space.
func readSpace(body []byte) (*space, error) {
	var a struct {
		Data   *space          `json:"data"`
		Errors json.RawMessage `json:"errors"`
	}
	if err := json.Unmarshal(body, &a); err != nil {
		return nil, errors.New("X's answer about a Space cannot be read")
	}
	if a.Data != nil {
		if n := a.Data.Audience; n != nil && *n < 0 {
			a.Data.Audience = nil
		}
		return a.Data, nil
	}
	p := problem{Errors: a.Errors}
	for _, part := range p.parts() {
		if part.kind() == "resource-not-found" {
			return nil, errGone
		}
	}
	return nil, errors.New("X says nothing of a Space")
}

// space looks a Space up.
func (c *Client) space(ctx context.Context, w *collectors.Window, id string) (*space, bool, error) {
	if !health.IsSpace(id) { // it becomes a part of the address
		return nil, false, &collectors.Fault{Kind: collectors.Refused, Err: errors.New("this is not the id of a Space")}
	}
	var ex exchange
	err := c.ask(ctx, w, &ex, func(ctx context.Context, api *twitter.Client) error {
		_, err := api.SpacesLookup(ctx, []string{id}, twitter.SpacesLookupOpts{SpaceFields: []twitter.SpaceField{
			twitter.SpaceFieldState, twitter.SpaceFieldParticipantCount, twitter.SpaceFieldScheduledStart, twitter.SpaceFieldStartedAt, twitter.SpaceFieldEndedAt,
		}})
		return err
	})
	switch {
	case err != nil && ex.status == 404:
		return nil, false, errGone
	case err != nil:
		return nil, ex.charged(err), err
	}
	s, err := readSpace(ex.body)
	return s, err == nil, err
}

// sample is what a look at a Space says of its service, in fixed words. It is up while people can
// listen, and down where they could not although it was due: it has not begun some minutes after its
// own time, or has ended before the event should. Otherwise nothing is known of it.
func (s *space) sample(e *reaction.Event, now time.Time) health.Sample {
	x := health.Sample{At: now.UTC().Truncate(time.Microsecond)}
	clock := func(t time.Time) string { return t.UTC().Format("15:04") + " UTC" }
	switch s.State {
	case "live":
		x.State, x.Audience = health.Up, s.Audience
		if !s.Started.IsZero() {
			x.Detail = "began at " + clock(s.Started)
		}
	case "scheduled":
		if x.Detail = "scheduled, not started"; !s.Scheduled.IsZero() {
			x.Detail = "scheduled for " + clock(s.Scheduled) + ", not started"
			if now.Sub(s.Scheduled) >= spaceLate {
				x.State = health.Down
			}
		}
	case "ended":
		if x.Detail = "ended"; !s.Ended.IsZero() {
			x.Detail = "ended at " + clock(s.Ended)
			if e.Status == reaction.Live && !e.Endless() && now.Before(e.EndsAt) && !now.Before(e.StartsAt) {
				x.State, x.Detail = health.Down, x.Detail+", before the event's planned end"
			}
		}
	case "canceled", "cancelled":
		x.Detail = "cancelled"
	default:
		x.Detail = "in a state that is not known"
	}
	return x
}

// unasked is the sample of a Space that could not be looked at, in fixed words.
func unasked(err error, now time.Time) health.Sample {
	x := health.Sample{At: now.UTC().Truncate(time.Microsecond)}
	_, capped := reaction.IsCapReached(err)
	switch f := collectors.AsFault(err); {
	case errors.Is(err, errGone):
		x.Detail = "X does not have this Space"
	case capped:
		x.Detail = "the limit for X leaves nothing to ask with"
	case errors.Is(err, reaction.ErrAway):
		x.Detail = "the books of what is spent cannot be read"
	case f.Kind == collectors.Limited:
		x.Detail = "X takes no more requests for now"
	case f.Kind == collectors.Refused:
		x.Detail = "X does not let us ask"
	default:
		x.Detail = "X could not be asked"
	}
	return x
}

// watched is a Space that events name, as often as the most impatient of them wants it.
type watched struct {
	id       string
	services []string
	payer    reaction.Event // the first that pays for anything
	every    time.Duration
}

// spacesOf lists the Spaces that events name.
func spacesOf(events []reaction.Event) []watched {
	var out []watched
	for _, e := range events {
		for _, s := range e.Services {
			for i := range s.Probes {
				p := &s.Probes[i]
				if p.Kind != health.ProbeAudience || !health.IsSpace(p.Space) {
					continue
				}
				at := slices.IndexFunc(out, func(w watched) bool { return w.id == p.Space })
				if at < 0 {
					at = len(out)
					out = append(out, watched{id: p.Space, payer: e, every: p.Interval()})
				}
				w := &out[at]
				w.every = min(w.every, p.Interval())
				if w.payer.CapOf(reaction.X) < collectors.SpaceRead {
					w.payer = e
				}
				if !slices.Contains(w.services, s.Name) {
					w.services = append(w.services, s.Name)
				}
			}
		}
	}
	for i := range out {
		out[i].every = max(out[i].every, spaceOften, spaceEach*time.Duration(len(out)))
	}
	return out
}

// vantage names the probe of a Space without naming the Space.
func vantage(node, id string) string {
	if most := health.MaxVantageBytes - len("/") - len(probeOf(id)); len(node) > most {
		node = node[:most]
	}
	return node + "/" + probeOf(id)
}

func probeOf(id string) string {
	sum := sha256.Sum256([]byte(id))
	return "audience-" + hex.EncodeToString(sum[:6])
}

// spacesDue looks at the Spaces that are due.
func (g *Governed) spacesDue(ctx context.Context, _ *schedule, emit collectors.Emit, now time.Time) (first error) {
	list := spacesOf(g.o.Wanted.Events())
	for id := range g.spaces {
		if !slices.ContainsFunc(list, func(w watched) bool { return w.id == id }) {
			delete(g.spaces, id)
		}
	}
	for _, w := range list {
		seen := g.spaces[w.id]
		if seen == nil {
			seen = &spaceSeen{}
			g.spaces[w.id] = seen
		}
		if now.Before(seen.next) {
			continue
		}
		seen.next = now.Add(w.every)
		err := g.lookAt(ctx, &w, seen, emit, now)
		switch {
		case ofLine(err):
			return err
		case (err == nil) == (seen.trouble == nil):
		case err != nil && first == nil:
			first = err
		}
		seen.trouble = err
	}
	return first
}

// spaceSeen is what is remembered of a Space between two looks.
type spaceSeen struct {
	next    time.Time
	gone    time.Time // since when X does not have it
	trouble error
}

func (g *Governed) lookAt(ctx context.Context, w *watched, seen *spaceSeen, emit collectors.Emit, now time.Time) error {
	var s *space
	err := g.o.Governor.Pay(ctx, &w.payer, collectors.SpaceRead, "space/"+w.id, func() (charged bool, err error) {
		s, charged, err = g.o.Client.space(ctx, g.spacesWindow, w.id)
		return charged, err
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	sample := unasked(err, now)
	if err == nil {
		sample = s.sample(&w.payer, now)
	}
	items := make([]collectors.Item, len(w.services))
	for i, name := range w.services {
		x := sample
		x.Service, x.Vantage = name, vantage(g.o.Node, w.id)
		items[i] = collectors.Item{Record: reaction.Record{At: x.At, Sample: &x}}
	}
	if err := emit(ctx, items...); err != nil {
		return err
	}
	return errors.Join(ignoreGone(err), g.forget(ctx, w, seen, errors.Is(err, errGone), now))
}

func ignoreGone(err error) error {
	if _, capped := reaction.IsCapReached(err); capped || errors.Is(err, errGone) {
		return nil // said by the samples
	}
	return err
}

// forget has what was measured of a Space removed once X has not had it for a while, as its terms
// ask, and again as long as it has not: something may have been on its way.
func (g *Governed) forget(ctx context.Context, w *watched, seen *spaceSeen, gone bool, now time.Time) error {
	switch {
	case !gone:
		seen.gone = time.Time{}
		return nil
	case seen.gone.IsZero():
		seen.gone = now
	case g.o.Forget != nil && now.Sub(seen.gone) >= spaceGone:
		seen.gone = now
		for _, name := range w.services {
			if err := g.o.Forget(ctx, name, probeOf(w.id)); err != nil {
				return err
			}
		}
	}
	return nil
}
