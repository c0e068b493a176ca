package nlp

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"outcry/internal/match"
	"outcry/internal/reaction"
)

// service is a well-known service and the ways to write its name, folded.
type service struct {
	name    string
	aliases []string
}

// wellKnown are the services of lexicon/services.txt.
var wellKnown = sync.OnceValue(func() []service {
	text, err := lexicons.ReadFile("lexicon/services.txt")
	if err != nil {
		panic(fmt.Sprintf("nlp: the embedded list of services is missing: %v", err))
	}
	var out []service
	for line := range strings.SplitSeq(string(text), "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		name, rest, _ := strings.Cut(line, ":")
		s := service{name: strings.TrimPrefix(name, "!")}
		if s.name == name {
			s.aliases = append(s.aliases, match.Fold(name))
		}
		for a := range strings.SplitSeq(rest, ",") {
			if a = strings.TrimSpace(match.Fold(a)); a != "" {
				s.aliases = append(s.aliases, a)
			}
		}
		out = append(out, s)
	}
	return out
})

// isIn reports whether a name, folded, holds one of the service's own as words.
func (s *service) isIn(name string) bool {
	text := []byte(name)
	for _, a := range s.aliases {
		if i := strings.Index(name, a); i >= 0 && match.WholeWord(text, i, i+len(a)) {
			return true
		}
	}
	return false
}

// named lists the services of events that are called after this one, or run on it.
func (s *service) named(own []alias, events []reaction.Event) []string {
	var out []string
	for _, o := range own {
		if s.isIn(o.text) && !slices.Contains(out, o.service) {
			out = append(out, o.service)
		}
	}
	for i := range events {
		if s.carries(events[i].Platform) {
			out = append(out, events[i].ServiceNames()...)
		}
	}
	return out
}

// carries reports whether the service is the platform that carries an event.
func (s *service) carries(platform reaction.Source) bool {
	return strings.EqualFold(s.name, string(platform))
}

// Service is the well-known service that goes by this name in any of its ways to be written, or name itself.
func Service(name string) string {
	text := match.Fold(strings.TrimSpace(name))
	for _, s := range wellKnown() {
		if strings.EqualFold(s.name, name) || slices.Contains(s.aliases, text) {
			return s.name
		}
	}
	return name
}
