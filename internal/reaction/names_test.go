package reaction_test

import (
	"errors"
	"fmt"
	"testing"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

func TestAnEventTakesNames(t *testing.T) {
	name := reaction.Name{Key: "musk", Text: "Musk", Kind: "person"}
	for what, c := range map[string]struct {
		event reaction.Event
		d     reaction.NameDecision
		want  string // entities, or the error
	}{
		"new":                  {reaction.Event{}, reaction.NameDecision{}, "[{Musk person []}]"},
		"of another kind":      {reaction.Event{}, reaction.NameDecision{Kind: "show"}, "[{Musk show []}]"},
		"with a better name":   {reaction.Event{}, reaction.NameDecision{As: " Elon Musk "}, "[{Elon Musk person [Musk]}]"},
		"of one that is there": {reaction.Event{Entities: []reaction.Entity{{Name: "Elon Musk", Kind: "person"}}}, reaction.NameDecision{As: "elon musk"}, "[{Elon Musk person [Musk]}]"},
		"known as an alias":    {reaction.Event{Entities: []reaction.Entity{{Name: "Elon", Kind: "person", Aliases: []string{"MUSK"}}}}, reaction.NameDecision{}, "[{Elon person [MUSK]}]"},
		"known as a service":   {reaction.Event{Services: []health.Service{{Name: "musk"}}}, reaction.NameDecision{}, "[]"},
		"too many":             {reaction.Event{Entities: make([]reaction.Entity, reaction.MaxEntities)}, reaction.NameDecision{}, "conflict"},
		"too many aliases":     {reaction.Event{Entities: []reaction.Entity{{Name: "E", Aliases: make([]string, 100)}}}, reaction.NameDecision{As: "E"}, "conflict"},
	} {
		e := c.event
		changed, err := e.Take(name, c.d)
		switch {
		case c.want == "conflict":
			if !errors.Is(err, reaction.ErrConflict) || changed || len(e.Entities) != len(c.event.Entities) {
				t.Errorf("%s: %v, %v", what, changed, err)
			}
		case err != nil || fmt.Sprint(e.Entities) != c.want || changed != (fmt.Sprint(c.event.Entities) != c.want):
			t.Errorf("%s: %v, %v, %v", what, e.Entities, changed, err)
		}
	}
}
