package api

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"outcry/internal/auth"
	"outcry/internal/match"
	"outcry/internal/reaction"
)

// Media types of bodies.
const (
	typeJSON   = "application/json"
	typeYAML   = "application/yaml"
	typeNDJSON = "application/x-ndjson"
)

const maxEventBytes = 1 << 20

// eventAnswer is an event in an answer.
type eventAnswer struct {
	reaction.Event
	Endless  bool        `json:"endless" doc:"True when the event has no planned end."`
	Recorded bool        `json:"recorded" doc:"True when at least part of what is known comes from replayed archives."`
	Window   eventWindow `json:"window" doc:"The extent of what is known, and the default of from and to: coverage, or the planned times where there is none."`
	Kept     *keptAnswer `json:"kept,omitempty" doc:"What is kept of its posts."`
	Links    eventLinks  `json:"links" doc:"Where the rest of the event is."`
}

type eventWindow struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

type eventLinks struct {
	Self     string `json:"self"`
	Trend    string `json:"trend"`
	Chart    string `json:"chart"`
	Tags     string `json:"tags"`
	Posts    string `json:"posts"`
	Coverage string `json:"coverage"`
	Health   string `json:"health"`
	Life     string `json:"life"`
	Summary  string `json:"summary"`
	Stream   string `json:"stream"`
}

func (s *server) answerEvent(ctx context.Context, e *reaction.Event) (eventAnswer, error) {
	from, to, recorded, err := s.Figures.Window(ctx, e)
	if err != nil {
		return eventAnswer{}, err
	}
	shown := *e
	if !principal(ctx).Scopes.Has(auth.Read) {
		shown = forStrangers(shown)
	}
	a := answerWith(&shown, from, to, recorded)
	a.Kept, err = s.keptOf(ctx, e)
	return a, err
}

// forStrangers leaves out of a public event what is no stranger's business: where its services are
// watched, and what listening may cost.
func forStrangers(e reaction.Event) reaction.Event {
	e.Services = slices.Clone(e.Services)
	for i := range e.Services {
		e.Services[i].Probes = nil
	}
	e.Spend = nil
	return e
}

func answerWith(e *reaction.Event, from, to time.Time, recorded bool) eventAnswer {
	self := eventsPath + "/" + e.Slug
	return eventAnswer{
		Event: *e, Endless: e.Endless(), Recorded: recorded, Window: eventWindow{from.UTC(), to.UTC()},
		Links: eventLinks{
			Self: self, Trend: self + "/trend", Chart: self + "/trend.svg", Tags: self + "/tags",
			Posts: self + "/posts", Coverage: self + "/coverage", Health: self + "/health",
			Summary: self + "/summary", Stream: self + "/stream", Life: self + "/life",
		},
	}
}

// readEvent reads an event from a body, fills in its defaults and checks it. slug is the one the
// path names, "" where it names none: the body may leave it out and may not contradict it.
func (s *server) readEvent(u *upload, slug string) (*reaction.Event, error) {
	kinds := []string{typeJSON}
	if s.DecodeEvent != nil {
		kinds = append(kinds, typeYAML)
	}
	kind, err := u.expect(kinds...)
	if err != nil {
		return nil, err
	}
	data, err := u.read(maxEventBytes)
	if err != nil {
		return nil, err
	}
	e, err := s.decodeEvent(kind, data)
	if err != nil {
		return nil, err
	}
	switch {
	case e.Slug == "":
		e.Slug = slug
	case slug != "" && e.Slug != slug:
		return nil, mistake("body.slug", "the event's slug is %q and the address says %q: a slug cannot change", clip(e.Slug), clip(slug))
	}
	e.Normalise()
	if list := match.Validate(e); len(list) > 0 {
		return nil, wrong(bodyMistakes(list)...)
	}
	return e, nil
}

func (s *server) decodeEvent(kind string, data []byte) (*reaction.Event, error) {
	if kind == typeJSON {
		return decodeEventJSON(data)
	}
	e, err := s.DecodeEvent(kind, data)
	if err != nil {
		var list []Mistake
		for line := range strings.Lines(err.Error()) {
			list = append(list, Mistake{"body", clipTo(strings.TrimSpace(line), 300)})
		}
		return nil, wrong(list...)
	}
	switch again, err := json.Marshal(e); {
	case err != nil: // YAML has values that JSON has not: .inf, keys that are no text
		return nil, mistake("body", "it holds a value that JSON has no form for")
	case hasNUL(again):
		return nil, mistake("body", "a text holds the character U+0000, which cannot be kept")
	}
	return e, nil
}

// decodeEventJSON reads an event without the fields that only answers have, so that what was read
// can be changed and sent back.
func decodeEventJSON(data []byte) (*reaction.Event, error) {
	var fields map[string]json.RawMessage
	if err := decode(data, "body", &fields); err != nil {
		return nil, err
	}
	for _, name := range []string{"endless", "recorded", "window", "kept", "links"} {
		delete(fields, name)
	}
	rest, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	e := &reaction.Event{}
	return e, decode(rest, "body", e)
}
