package reaction

import (
	"fmt"
	"regexp"

	"outcry/internal/health"
)

// Outline is an event without what is its own alone: its slug, times and status, and whether it is
// open to anyone, which is for somebody to decide each time.
type Outline struct {
	Title     string           `json:"title,omitempty"`
	Platform  Source           `json:"platform,omitempty"`
	Match     Match            `json:"match"`
	Entities  []Entity         `json:"entities,omitempty"`
	Services  []health.Service `json:"services,omitempty"`
	Sources   []Source         `json:"sources,omitempty"`
	Spend     map[Source]Cap   `json:"spend,omitempty"`
	Retention Days             `json:"retention,omitempty"`
}

// Outline is what of the event can serve a next one.
func (e *Event) Outline() Outline {
	return Outline{e.Title, e.Platform, e.Match, e.Entities, e.Services, e.Sources, e.Spend, e.Retention}
}

// Event makes an event of the outline: its slug and times are still to be given.
func (o Outline) Event() Event {
	return Event{
		Title: o.Title, Platform: o.Platform, Match: o.Match, Entities: o.Entities, Services: o.Services,
		Sources: o.Sources, Spend: o.Spend, Retention: o.Retention,
	}
}

// Template is what a next event can begin from.
type Template struct {
	Name    string  `json:"name"` // a word of its own, or the slug of the earlier event
	Title   string  `json:"title"`
	About   string  `json:"about"`
	BuiltIn bool    `json:"built_in"` // it came with the program
	Event   Outline `json:"event"`
	YAML    string  `json:"yaml"` // the same as a file ready to be edited
}

// Draft is an event that somebody is writing, perhaps wrong.
type Draft struct {
	Event    *Event         // what could be read, as it was written; nil where nothing could
	YAML     string         // the event as a file
	Problems []DraftProblem // every mistake, down the file
}

// DraftProblem is one mistake in a draft.
type DraftProblem struct {
	Path string `json:"path"` // "" for the draft as a whole
	Line int    `json:"line"` // of the draft's YAML, counted from 1; 0 where it is not in there
	Text string `json:"text"`
}

// placeholder is what a template has in the place of an event's own words: <SERVICE>, <HOST KO>.
var placeholder = regexp.MustCompile(`<[A-Z][A-Z0-9 _-]*>`)

// Placeholder finds a template's placeholder in a text; "" where there is none.
func Placeholder(s string) string { return placeholder.FindString(s) }

// validateFilled reports placeholders that nobody has filled in: as terms they would match nothing.
func (e *Event) validateFilled(bad func(path, format string, a ...any)) {
	check := func(path, text string) {
		if name := Placeholder(text); name != "" {
			bad(path, "%s stands for something of the event's own: write that, or take it out", name)
		}
	}
	list := func(path string, texts []string) {
		for i, t := range texts {
			check(fmt.Sprintf("%s[%d]", path, i), t)
		}
	}
	check("title", e.Title)
	list("match.any", e.Match.Any)
	list("match.none", e.Match.None)
	list("match.accounts", e.Match.Accounts)
	for i, n := range e.Entities {
		check(fmt.Sprintf("entities[%d].name", i), n.Name)
		list(fmt.Sprintf("entities[%d].aliases", i), n.Aliases)
	}
	for i, s := range e.Services {
		check(fmt.Sprintf("services[%d].name", i), s.Name)
		for j, p := range s.Probes {
			check(fmt.Sprintf("services[%d].probes[%d].url", i, j), p.URL)
			check(fmt.Sprintf("services[%d].probes[%d].space", i, j), p.Space)
		}
	}
}
