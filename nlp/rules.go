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
type alias struct{ text, service string }

// services lists how the services of events are called, each by each of its names once: their names, and the names
// and aliases of entities of that kind.
func services(events []reaction.Event) []alias {
	var all []alias
	add := func(text, service string) {
		text = strings.Trim(match.Fold(text), " #@")
		if a := (alias{text, service}); utf8.RuneCountInString(text) > 1 && !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	for i := range events {
		for _, s := range events[i].Services {
			s.Name = strings.TrimSpace(s.Name)
			add(s.Name, s.Name)
		}
		for _, e := range events[i].Entities {
			if e.Kind != "service" {
				continue
			}
			e.Name = strings.TrimSpace(e.Name)
			add(e.Name, e.Name)
			for _, a := range e.Aliases {
				add(a, e.Name)
			}
		}
	}
	return all
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
		if !slices.Contains(names, a.text) {
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
