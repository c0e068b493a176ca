package nlp

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"outcry/internal/match"
	"outcry/internal/reaction"
)

// alias is a way to write the name of a service.
type alias struct {
	text, service string
	known         bool // and of no event
}

// minAlias is how many letters a way to write a name must have.
const minAlias = 2

// services lists how services are called, each by each of its names once: those of events, by their names and the names
// and aliases of entities of that kind, and the well-known ones. Where an event's service is called after a well-known
// one, or runs on it, and has no aliases, the names of that one are its names: "Twitter is down" is about Twitter Spaces
// where an event follows these.
func services(events []reaction.Event) []alias {
	var all []alias
	add := func(text, service string, known bool) {
		text = strings.Trim(match.Fold(text), " #@")
		if a := (alias{text, service, known}); utf8.RuneCountInString(text) >= minAlias && !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	for i := range events {
		for _, s := range events[i].Services {
			s.Name = strings.TrimSpace(s.Name)
			add(s.Name, s.Name, false)
		}
		for _, e := range events[i].Entities {
			if e.Kind != "service" {
				continue
			}
			e.Name = strings.TrimSpace(e.Name)
			add(e.Name, e.Name, false)
			for _, a := range e.Aliases {
				add(a, e.Name, false)
			}
		}
	}
	own := slices.Clone(all)
	taken := func(text string) bool {
		return slices.ContainsFunc(own, func(o alias) bool { return o.text == strings.Trim(text, " #@") })
	}
	for _, k := range wellKnown() {
		free := slices.DeleteFunc(slices.Clone(k.aliases), taken) // what an event calls its own is its own
		named := k.named(own, events)
		for _, name := range named {
			if aliases(own, name) > 1 {
				continue // whoever defined the event thought of how it is called
			}
			for _, a := range free {
				add(a, name, false)
			}
		}
		for _, a := range free {
			if len(named) == 0 {
				add(a, k.name, true)
			}
		}
	}
	return all
}

// aliases counts the ways to write one service's name.
func aliases(list []alias, service string) (n int) {
	for _, a := range list {
		if a.service == service {
			n++
		}
	}
	return n
}

// rules are all lexicons, compiled: the literals of every step in one automaton.
type rules struct {
	all    []rule
	words  *match.Automaton
	uses   [][]use // by literal, later steps first
	base   []int   // by rule: the place of its first step among all steps
	steps  int
	blamed []string // by rule: the service it names, for rules of blame
}

// use says which step of which rule a literal is for, and what it asks of its edges.
type use struct {
	rule, step int
	begin, end bool // a word of any script begins, ends here
	open       bool // the word may go on
}

// compileRules reads the embedded lexicons. They are part of the program, and a test parses them:
// a mistake in them is a mistake in the program.
func compileRules(services []alias) *rules {
	r := &rules{}
	var names []string
	for _, a := range services {
		if !a.known && !slices.Contains(names, a.text) {
			names = append(names, a.text)
		}
		r.all = append(r.all, rule{label: blame, steps: []step{{literals: []string{a.text}}}})
		r.blamed = append(r.blamed, a.service)
	}
	for _, lang := range lexiconLangs {
		text, err := lexicons.ReadFile("lexicon/" + lang + ".txt")
		if err != nil {
			panic(fmt.Sprintf("nlp: the embedded lexicon %s is missing: %v", lang, err))
		}
		parsed, err := parseLexicon(lang, string(text), names)
		if err != nil {
			panic(fmt.Sprintf("nlp: the embedded %v", err))
		}
		r.all = append(r.all, parsed...)
	}
	r.compile()
	return r
}

func (r *rules) compile() {
	index := map[string]int{}
	var words []string
	for i := range r.all {
		r.base = append(r.base, r.steps)
		for j, st := range r.all[i].steps {
			for _, l := range st.literals {
				u := use{rule: i, step: j}
				l, u.begin = strings.CutPrefix(l, "^")
				l, u.end = strings.CutSuffix(l, "$")
				l, u.open = strings.CutSuffix(l, "*")
				if l = strings.Trim(l, " "); l == "" {
					continue
				}
				w, ok := index[l]
				if !ok {
					w = len(words)
					index[l], words, r.uses = w, append(words, l), append(r.uses, nil)
				}
				r.uses[w] = append(r.uses[w], u)
			}
		}
		r.steps += len(r.all[i].steps)
	}
	for _, list := range r.uses {
		slices.SortStableFunc(list, func(a, b use) int { return cmp.Compare(b.step, a.step) })
	}
	r.words = match.NewAutomaton(words)
}
