package reaction

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"outcry/internal/health"
)

// Status is where a live event stands in its life.
type Status string

// The statuses of an event.
const (
	Scheduled Status = "scheduled"
	Live      Status = "live"
	Postponed Status = "postponed"
	Cancelled Status = "cancelled"
	Ended     Status = "ended"
)

// Statuses lists every status.
var Statuses = []Status{Scheduled, Live, Postponed, Cancelled, Ended}

// Match says which posts belong to an event: those in which any of Any or Accounts is found, and
// none of None. Terms are words, phrases or #hashtags in any script, without regard to case.
type Match struct {
	Any      []string `json:"any,omitempty" yaml:"any,omitempty"`
	None     []string `json:"none,omitempty" yaml:"none,omitempty"`
	Accounts []string `json:"accounts,omitempty" yaml:"accounts,omitempty"` // written by, or mentioning: "@name"
}

// Entity is someone or something an event is about, for blends, blame and names.
type Entity struct {
	Name    string   `json:"name" yaml:"name"`
	Kind    string   `json:"kind" yaml:"kind"` // person, service, organisation, place, show, other
	Aliases []string `json:"aliases,omitempty" yaml:"aliases,omitempty"`
}

// EntityKinds are the kinds an entity may have.
var EntityKinds = []string{"person", "service", "organisation", "place", "show", "other"}

// Cap is a hard limit on what a source may cost for one event.
type Cap struct {
	USD float64 `json:"usd" yaml:"usd"`
}

// Event is a live event: what it is, when it is due, which posts belong to it and what carries it.
type Event struct {
	ID         int64            `json:"-" yaml:"-"`
	Slug       string           `json:"slug" yaml:"slug"`
	Title      string           `json:"title" yaml:"title"`
	StartsAt   time.Time        `json:"starts_at" yaml:"starts_at"`                        // planned start
	EndsAt     time.Time        `json:"ends_at,omitzero" yaml:"ends_at,omitempty"`         // planned end; zero for an endless event
	ListenFrom time.Time        `json:"listen_from,omitzero" yaml:"listen_from,omitempty"` // default an hour before StartsAt
	Status     Status           `json:"status" yaml:"status"`                              // default scheduled
	Platform   Source           `json:"platform,omitempty" yaml:"platform,omitempty"`      // a source that is also the patient
	Match      Match            `json:"match" yaml:"match"`                                //
	Entities   []Entity         `json:"entities,omitempty" yaml:"entities,omitempty"`      //
	Services   []health.Service `json:"services,omitempty" yaml:"services,omitempty"`      //
	Sources    []Source         `json:"sources,omitempty" yaml:"sources,omitempty"`        // listened to when live
	Spend      map[Source]Cap   `json:"spend,omitempty" yaml:"spend,omitempty"`            //
	Retention  Days             `json:"retention,omitempty" yaml:"retention,omitempty"`    // of posts; default 30d
	Public     bool             `json:"public,omitempty" yaml:"public,omitempty"`          // anyone may see its figures, not its posts
	Simulated  bool             `json:"simulated,omitempty" yaml:"simulated,omitempty"`    // made by a drill: nothing in it happened
	Revision   int64            `json:"-" yaml:"-"`                                        // counts new definitions; a move to another status is none
	SaidBy     string           `json:"-" yaml:"-"`                                        // who gives this definition, for the event's life; not stored with it
}

// ServiceNames lists what the event follows: the services that carry it, and its entities of that
// kind, each once.
func (e *Event) ServiceNames() []string {
	var out []string
	for i := range e.Services {
		out = append(out, strings.TrimSpace(e.Services[i].Name))
	}
	for i := range e.Entities {
		if e.Entities[i].Kind == "service" {
			out = append(out, strings.TrimSpace(e.Entities[i].Name))
		}
	}
	// What cannot be asked for as a series is not counted as one.
	out = slices.DeleteFunc(out, func(n string) bool {
		return n == "" || len(n) > 100 || strings.Contains(n, ",") || !plainText(n)
	})
	slices.Sort(out)
	return slices.Compact(out)
}

// DefaultRetention is how long posts are kept where an event does not say.
const DefaultRetention = Days(30)

var slugPattern = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$`)

// Problem is one mistake in a value a person wrote: where it is, and what to do about it.
type Problem struct {
	Path string // e.g. "match.any[2]"
	Text string
}

func (p Problem) String() string { return p.Path + ": " + p.Text }

// Limits of an event's definition.
const (
	MaxTerms     = 500 // in each of match.any, match.none, match.accounts
	MaxTermBytes = 200
	MaxServices  = 50
	MaxEntities  = 200
	MaxCapUSD    = 1_000_000
)

// Normalise fills in defaults and puts times in UTC. Call it before Validate.
func (e *Event) Normalise() {
	e.StartsAt, e.EndsAt, e.ListenFrom = utc(e.StartsAt), utc(e.EndsAt), utc(e.ListenFrom)
	if e.ListenFrom.IsZero() && !e.StartsAt.IsZero() {
		e.ListenFrom = e.StartsAt.Add(-time.Hour)
	}
	if e.Status == "" {
		e.Status = Scheduled
	}
	if e.Retention == 0 {
		e.Retention = DefaultRetention
	}
	if len(e.Sources) == 0 {
		e.Sources = []Source{Bluesky, Mastodon, X}
	}
}

func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC()
}

// Endless reports whether the event has no planned end.
func (e *Event) Endless() bool { return e.EndsAt.IsZero() }

// Validate lists every mistake in a normalised event.
func (e *Event) Validate() []Problem {
	var p []Problem
	bad := func(path, format string, a ...any) { p = append(p, Problem{path, fmt.Sprintf(format, a...)}) }

	if !slugPattern.MatchString(e.Slug) {
		bad("slug", "%q is not 1 to 64 lower-case letters, digits or inner '-'", e.Slug)
	}
	if e.Title = strings.TrimSpace(e.Title); e.Title == "" || len(e.Title) > 300 {
		bad("title", "give the event a title of at most 300 bytes")
	} else if !plainText(e.Title) {
		bad("title", "it holds control characters: write it in one line")
	}
	if e.StartsAt.IsZero() {
		bad("starts_at", "give the planned start, for example 2023-05-24T18:00:00-04:00")
	}
	believable(bad, "starts_at", e.StartsAt)
	believable(bad, "ends_at", e.EndsAt)
	believable(bad, "listen_from", e.ListenFrom)
	if !e.EndsAt.IsZero() && !e.EndsAt.After(e.StartsAt) {
		bad("ends_at", "%s is not after starts_at", e.EndsAt.Format(time.RFC3339))
	}
	if e.ListenFrom.After(e.StartsAt) {
		bad("listen_from", "%s is after starts_at", e.ListenFrom.Format(time.RFC3339))
	}
	if !slices.Contains(Statuses, e.Status) {
		bad("status", "%q is none of scheduled, live, postponed, cancelled, ended", e.Status)
	}
	e.validateMatch(bad)
	e.validateParts(bad)
	e.validateFilled(bad)
	return p
}

// believable reports a time that cannot be meant.
func believable(bad func(path, format string, a ...any), path string, t time.Time) {
	if !t.IsZero() && !inRange(t) {
		bad(path, "%s is not between the years 1970 and 2200", t.Format(time.RFC3339))
	}
}

func (e *Event) validateMatch(bad func(path, format string, a ...any)) {
	if len(e.Match.Any) == 0 && len(e.Match.Accounts) == 0 {
		bad("match", "give at least one term in any, or one account: without them no post belongs to the event")
	}
	terms := func(path string, list []string, account bool) {
		if len(list) > MaxTerms {
			bad(path, "%d terms are more than %d", len(list), MaxTerms)
		}
		for i, t := range list {
			at := fmt.Sprintf("%s[%d]", path, i)
			switch t = strings.TrimSpace(t); {
			case t == "" || t == "#" || t == "@":
				bad(at, "the term is empty")
			case len(t) > MaxTermBytes:
				bad(at, "the term is longer than %d bytes", MaxTermBytes)
			case account && (!strings.HasPrefix(t, "@") || strings.ContainsAny(t, " \t")):
				bad(at, "%q is not an account: write it as @name", t)
			}
		}
	}
	terms("match.any", e.Match.Any, false)
	terms("match.none", e.Match.None, false)
	terms("match.accounts", e.Match.Accounts, true)
}

func (e *Event) validateParts(bad func(path, format string, a ...any)) {
	if len(e.Entities) > MaxEntities {
		bad("entities", "%d are more than %d", len(e.Entities), MaxEntities)
	}
	for i, n := range e.Entities {
		if strings.TrimSpace(n.Name) == "" {
			bad(fmt.Sprintf("entities[%d].name", i), "give the entity a name")
		}
		if !slices.Contains(EntityKinds, n.Kind) {
			bad(fmt.Sprintf("entities[%d].kind", i), "%q is none of %s", n.Kind, strings.Join(EntityKinds, ", "))
		}
	}
	if len(e.Services) > MaxServices {
		bad("services", "%d are more than %d", len(e.Services), MaxServices)
	}
	seen := map[string]bool{}
	for i, s := range e.Services {
		at := fmt.Sprintf("services[%d]", i)
		name := strings.TrimSpace(s.Name)
		switch {
		case name == "" || len(name) > 100:
			bad(at+".name", "give the service a name of at most 100 bytes")
		case !plainText(name): // a series of that name could not be asked for
			bad(at+".name", "it holds control characters: write it in one line")
		case strings.Contains(name, ","):
			bad(at+".name", "write it without a comma: names of series are separated by them")
		case seen[name]:
			bad(at+".name", "%q is listed twice", name)
		}
		seen[name] = true
		if len(s.Probes) > health.MaxProbes {
			bad(at+".probes", "%d are more than %d", len(s.Probes), health.MaxProbes)
		}
		for j := range s.Probes {
			for _, f := range s.Probes[j].Check() {
				bad(fmt.Sprintf("%s.probes[%d].%s", at, j, f.Field), "%s", f.Text)
			}
		}
	}
	for i, s := range e.Sources {
		if _, err := ParseSource(string(s)); err != nil {
			bad(fmt.Sprintf("sources[%d]", i), "%v", err)
		}
	}
	if e.Platform != "" {
		if _, err := ParseSource(string(e.Platform)); err != nil {
			bad("platform", "%v", err)
		}
	}
	for s, c := range e.Spend {
		if !(c.USD >= 0 && c.USD <= MaxCapUSD) { // what is no number, too
			bad(fmt.Sprintf("spend.%s.usd", s), "%v is not between 0 and %d US dollars", c.USD, MaxCapUSD)
		}
	}
	if e.Retention < 1 || e.Retention > 3650 {
		bad("retention", "%s is not between 1d and 3650d", e.Retention)
	}
}

// Notes lists what a valid event names that has no effect at present, and why: nobody should wait
// for it.
func (e *Event) Notes() []Problem {
	var out []Problem
	for i := range e.Services {
		for j := range e.Services[i].Probes {
			if note := e.Services[i].Probes[j].Note(); note != "" {
				out = append(out, Problem{fmt.Sprintf("services[%d].probes[%d]", i, j), note})
			}
		}
	}
	return out
}
