package pipeline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"outcry/internal/match"
	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/trend"
)

const (
	maxNameEvents = 200  // events whose names are counted at a time
	maxNamesHeld  = 5000 // names counted of one event
	// acceptAuthors is how many posts the rule takes an author to write: of 20 posts it wants five
	// authors.
	acceptAuthors = 4
)

// nameBook counts proposals, by event. What is in it and has not recurred yet is lost with the
// process.
type nameBook map[int64]*nameEvent

// nameEvent is what is counted of one event.
type nameEvent struct {
	names    map[string]*nameCount
	dirty    bool   // something was counted since it was settled
	recorded bool   // posts of recordings are among it
	turn     uint64 // of the last post, to tell what is old
}

type nameCount struct {
	reaction.Name // Posts in all; Authors is not kept
	fresh         int64
	unknown       int64 // posts of unknown authors
	lead          int64 // by how much Kind leads among the guesses (Boyer and Moore's majority vote)
	people        *trend.People
	turn          uint64
}

// add counts what was proposed of a post, in each of its events.
func (b nameBook) add(p *namePost, list []reaction.NameProposal) {
	for _, m := range p.events {
		if m.UpdateOnly {
			continue
		}
		e := b[m.Event]
		if e == nil {
			e = &nameEvent{names: map[string]*nameCount{}}
			b[m.Event] = e
		}
		e.recorded = e.recorded || !p.live
		for i := range list {
			e.add(&list[i], p, m.Author)
		}
	}
}

func (e *nameEvent) add(x *reaction.NameProposal, p *namePost, who reaction.Person) {
	e.dirty = true
	e.turn++
	c := e.names[x.Key]
	if c == nil {
		c = &nameCount{Name: reaction.Name{Key: x.Key, Text: x.Text, Kind: x.Kind, FirstAt: p.at, LastAt: p.at}}
		e.names[x.Key] = c
	}
	switch {
	case x.Kind == c.Kind:
		c.lead++
	case c.lead > 0:
		c.lead--
	default:
		c.Kind, c.lead = x.Kind, 1
	}
	c.turn = e.turn
	c.Posts++
	c.fresh++
	if p.at.Before(c.FirstAt) {
		c.FirstAt = p.at
	}
	if p.at.After(c.LastAt) {
		c.LastAt = p.at
	}
	if c.Text == strings.ToUpper(c.Text) && x.Text != strings.ToUpper(x.Text) {
		c.Text = x.Text // somebody shouted first
	}
	if !who.Known() {
		c.unknown++
		return
	}
	if c.people == nil {
		c.people = trend.NewPeople()
	}
	c.people.Add(who)
}

// recurs reports whether a name has been proposed often enough to be a candidate.
func (c *nameCount) recurs() bool {
	return c.unknown >= reaction.NameUnknown ||
		c.Posts >= reaction.NamePosts && c.people != nil && c.people.Count() >= reaction.NameAuthors
}

// forget leaves out what the event knows, and what somebody has decided on.
func (e *nameEvent) forget(event *reaction.Event, states map[string]reaction.NameState) {
	known := map[string]bool{}
	note := func(s string) { known[strings.TrimLeft(match.Fold(s), "#@ ")] = true }
	for i := range event.Services {
		note(event.Services[i].Name)
	}
	for i := range event.Entities {
		note(event.Entities[i].Name)
		for _, a := range event.Entities[i].Aliases {
			note(a)
		}
	}
	for key := range e.names {
		if s := states[key]; known[key] || s == reaction.NameAccepted || s == reaction.NameRefused {
			delete(e.names, key)
		}
	}
}

// due lists what is to be stored: what recurs, and what is a candidate already.
func (e *nameEvent) due(states map[string]reaction.NameState) []postgres.NameCount {
	var out []postgres.NameCount
	for key, c := range e.names {
		if c.fresh == 0 || states[key] != reaction.NameOpen && !c.recurs() {
			continue
		}
		n := postgres.NameCount{Name: c.Name, Total: c.Posts, People: c.people}
		n.Posts = c.fresh
		out = append(out, n)
	}
	return out
}

func (e *nameEvent) stored(list []postgres.NameCount) {
	for i := range list {
		e.names[list[i].Key].fresh = 0
	}
}

// bound forgets names that were proposed least and longest ago, and events that were.
func (b nameBook) bound() {
	for id, e := range b {
		if len(e.names) > maxNamesHeld {
			e.bound()
		}
		if len(b) > maxNameEvents && !e.dirty {
			delete(b, id)
		}
	}
}

func (e *nameEvent) bound() {
	list := make([]*nameCount, 0, len(e.names))
	for _, c := range e.names {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *nameCount) int { return cmp.Or(cmp.Compare(a.Posts, b.Posts), cmp.Compare(a.turn, b.turn)) })
	for _, c := range list[:len(list)-maxNamesHeld*3/4] {
		delete(e.names, c.Key)
	}
}

// because is why the rule accepts a name, for the audit log.
func (n *Namer) because(name *reaction.Name) string {
	return fmt.Sprintf("%d posts of %d authors in the sample: names_accept is %d posts", name.Posts, name.Authors, n.Accept)
}
