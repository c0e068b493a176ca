package nlp

import (
	"strings"
	"testing"
)

func TestLexiconsParse(t *testing.T) {
	for _, lang := range lexiconLangs {
		text, err := lexicons.ReadFile("lexicon/" + lang + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		bad, literals := false, 0
		for n, line := range strings.Split(string(text), "\n") {
			if strings.Contains(line, "@") && !strings.HasPrefix(line, "#") || strings.HasPrefix(line, "#") || line == "" {
				continue
			}
			rules, err := parseLexicon(lang, lists(string(text))+line, nil)
			if err != nil {
				bad = true
				t.Errorf("%s.txt:%d: %v", lang, n+1, err)
				continue
			}
			for _, s := range rules[0].steps {
				literals += len(s.literals)
			}
		}
		if !bad {
			t.Logf("%s: %d literals", lang, literals)
		}
	}
}

// lists are the lines of a lexicon that define lists.
func lists(text string) string {
	var b strings.Builder
	for _, line := range strings.SplitAfter(text, "\n") {
		if strings.HasPrefix(line, "@") {
			b.WriteString(line)
		}
	}
	return b.String()
}
