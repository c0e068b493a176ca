package training

import (
	"slices"

	"outcry/nlp/corpus"
	"outcry/nlp/feature"
	"outcry/nlp/linear"
)

// latin are the languages that the model of languages tells apart; "hi" is Hindi in Latin letters.
var latin = []string{"en", "es", "pt", "fr", "de", "it", "hi"}

// LanguageTexts gives texts by language, Domain, to learn from, or those kept for measuring: of xlm-t-umsab every second
// text of its part "test" is kept, since four languages have no other.
func LanguageTexts(dir string, kept bool) ([]Text, error) {
	var out []Text
	tests, err := Sentiments(dir, "test")
	if err != nil {
		return nil, err
	}
	for i, t := range tests {
		if (i%2 == 1) == kept {
			out = append(out, t)
		}
	}
	if kept {
		return out, nil
	}
	train, err := Sentiments(dir, "train")
	if err != nil {
		return nil, err
	}
	out = append(out, train...)
	for _, lang := range corpus.Langs() {
		if !slices.Contains(latin, lang) {
			continue
		}
		own, err := corpus.Own(lang)
		if err != nil {
			return nil, err
		}
		for _, t := range own {
			out = append(out, Text{Text: t.Text, Domain: lang})
		}
	}
	return out, nil
}

// Languages trains the model of languages: the bytes of nlp.LanguagesFile.
func Languages(dir string) ([]byte, error) {
	texts, err := LanguageTexts(dir, false)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for _, t := range texts {
		counts[t.Domain]++
	}
	var heads []string
	for _, l := range latin {
		if counts[l] > 0 {
			heads = append(heads, l)
		}
	}
	var e feature.Extractor
	var examples []linear.Example
	for _, t := range texts {
		x := linear.Example{Features: features(&e, t.Text), Labels: make([]int8, len(heads)), Weight: 1}
		at := slices.Index(heads, t.Domain)
		if at < 0 {
			continue
		}
		x.Labels[at] = 1
		examples = append(examples, x)
	}
	m, err := linear.Train(heads, examples, linear.Options{Seed: Seed})
	if err != nil {
		return nil, err
	}
	return m.Append(nil), nil
}
