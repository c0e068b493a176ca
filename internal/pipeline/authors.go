package pipeline

import (
	"maps"
	"slices"
	"time"

	"outcry/internal/reaction"
)

// Authors makes the keyed hashes of authors in every event whose key is alive. It is not safe for
// concurrent use; whoever holds one takes another when events or months have changed.
type Authors struct{ events map[int64]*eventAuthors }

type eventAuthors struct {
	key    reaction.AuthorKey
	months map[int]*persons // nil where the key is gone
}

// NewAuthors makes an Authors of the keys that a store lists.
func NewAuthors(keys ...reaction.AuthorKey) *Authors {
	a := &Authors{map[int64]*eventAuthors{}}
	for _, k := range keys {
		a.events[k.Event] = &eventAuthors{key: k, months: map[int]*persons{}}
	}
	return a
}

// Of is who wrote a post of that time, in the event's terms: the zero Person where the author is
// unknown, or the key is gone.
func (a *Authors) Of(event int64, at time.Time, s reaction.Source, who reaction.Author) reaction.Person {
	e := a.events[event]
	if e == nil {
		return reaction.Person{}
	}
	return e.of(e.month(at), s, who)
}

// Everywhere lists who an author is in every event, under every key that may have hashed a stored
// post: what an account that is gone, or a person who asks for deletion, is found by.
func (a *Authors) Everywhere(s reaction.Source, who reaction.Author) []reaction.Membership {
	var out []reaction.Membership
	for _, id := range slices.Sorted(maps.Keys(a.events)) {
		e := a.events[id]
		used := make([]int, 0, len(e.months))
		for m := range e.months {
			used = append(used, m)
		}
		for _, m := range e.key.Span(used...) {
			if p := e.of(m, s, who); p.Known() {
				out = append(out, reaction.Membership{Event: id, Author: p})
			}
		}
	}
	return out
}

func (e *eventAuthors) month(at time.Time) int {
	if !e.key.Monthly {
		return 0
	}
	return reaction.MonthOf(at)
}

func (e *eventAuthors) of(month int, s reaction.Source, who reaction.Author) reaction.Person {
	p, ok := e.months[month]
	if !ok {
		if key := e.key.Of(month); len(key) > 0 {
			p = newPersons(key)
		}
		e.months[month] = p
	}
	if p == nil {
		return reaction.Person{}
	}
	return p.of(s, who)
}
