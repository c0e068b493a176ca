package drill

import (
	"regexp"
	"strings"
	"testing"
)

var slotPattern = regexp.MustCompile(`\{(who|service|tag|event|coin|other|min|url|dev|food|place)\}`)

// Every language can speak on every topic, and no phrase has a loose bracket or an unknown part.
func TestPhrases(t *testing.T) {
	ok := func(where string, list []string) {
		if len(list) == 0 {
			t.Errorf("%s has no phrase", where)
		}
		for _, p := range list {
			depth := 0
			for _, r := range p {
				switch r {
				case '[':
					depth++
				case ']':
					depth--
				}
				if depth < 0 || r == '|' && depth == 0 {
					t.Errorf("%s: %q has a loose sign", where, p)
				}
			}
			if depth != 0 || strings.ContainsAny(slotPattern.ReplaceAllString(p, ""), "{}") {
				t.Errorf("%s: %q has a loose sign or an unknown part", where, p)
			}
		}
	}
	for _, lang := range languages {
		book := books[lang]
		for t := range topicCount {
			if t != trouble {
				ok(lang+" "+t.String(), book.topics[t])
			}
		}
		for _, kind := range []faultKind{audioDead, cutting, crashed, closed, noEntry, lateStart, unheard} {
			for _, s := range kind.symptoms {
				ok(lang+" "+s.symptom, book.trouble[s.symptom])
			}
		}
	}
	for _, f := range scripts {
		s := f()
		for _, lang := range languages {
			v := s.words[lang]
			if len(v.who) == 0 || len(v.service) == 0 || len(v.tag) == 0 || len(v.event) == 0 {
				t.Errorf("%s has no words in %s", s.name, lang)
			}
		}
	}
}

func TestChoices(t *testing.T) {
	options, rest := choices("[a|b [c|d]|] e [f]")
	if len(options) != 3 || options[1] != "b [c|d]" || options[2] != "" || rest != " e [f]" {
		t.Errorf("%q, %q", options, rest)
	}
}
