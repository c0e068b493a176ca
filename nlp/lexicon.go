package nlp

import (
	"embed"
	"fmt"
	"strconv"
	"strings"

	"outcry/internal/reaction"
)

//go:embed lexicon/*.txt
var lexicons embed.FS

// lexiconLangs are the languages that have a lexicon.
var lexiconLangs = []string{"en", "ko"}

// label is what a rule speaks for.
type label uint8

const (
	complaint label = iota // with symptoms, or with none: an outage
	contextual
	guard
	recovery
	reported
	personal
	blame // the name of a service
)

// rule is one line of a lexicon.
type rule struct {
	label   label
	lang    string
	name    string // where it stands: "en.txt:87", a line of this version's lexicon
	symptom reaction.Symptoms
	weight  float32
	first   bool // the writer's own trouble
	steps   []step
}

// step is one part of a rule's pattern: any of its literals, at most gap words after the step
// before.
type step struct {
	gap      int
	literals []string
}

// parseLexicon reads a lexicon; see lexicon/en.txt for its form. services are further words for
// its <service> list.
func parseLexicon(lang, text string, services []string) ([]rule, error) {
	lists := map[string]string{}
	var rules []rule
	for n, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		if name, words, ok := strings.Cut(line, "="); ok && line[0] == '@' {
			lists[strings.TrimSpace(name[1:])] = strings.TrimSpace(words)
			continue
		}
		r, pattern, err := parseHead(line)
		if err != nil {
			return nil, fmt.Errorf("lexicon %s, line %d: %w", lang, n+1, err)
		}
		r.lang, r.name = lang, fmt.Sprintf("%s.txt:%d", lang, n+1)
		if r.steps, err = parsePattern(pattern, lists, services); err != nil {
			return nil, fmt.Errorf("lexicon %s, line %d: %w", lang, n+1, err)
		}
		rules = append(rules, r)
	}
	return rules, nil
}

var labels = map[string]label{
	"outage": complaint, "context": contextual, "guard": guard, "recovery": recovery, "reported": reported, "personal": personal,
}

// parseHead reads what stands before the pattern: `label weight [first]:`.
func parseHead(line string) (r rule, pattern string, err error) {
	head, pattern, ok := strings.Cut(line, ":")
	words := strings.Fields(head)
	if !ok || len(words) == 0 {
		return r, "", fmt.Errorf("%q has no label", line)
	}
	if l, ok := labels[words[0]]; ok {
		r.label = l
	} else if r.symptom, err = reaction.ParseSymptom(words[0]); err != nil {
		return r, "", err
	}
	for _, w := range words[1:] {
		if w == "first" {
			r.first = true
			continue
		}
		v, err := strconv.ParseFloat(w, 32)
		if err != nil || v <= 0 || v > 1 {
			return r, "", fmt.Errorf("%q is neither a weight nor a flag", w)
		}
		r.weight = float32(v)
	}
	if (r.label == complaint || r.label == contextual || r.label == recovery) != (r.weight > 0) {
		return r, "", fmt.Errorf("%s: a complaint, context or recovery has a weight, and nothing else has", words[0])
	}
	return r, strings.TrimSpace(pattern), nil
}
