package language_test

import (
	"slices"
	"testing"

	"outcry/internal/match"
	"outcry/nlp/feature"
	"outcry/nlp/language"
	"outcry/nlp/linear"
)

// TestIdentify holds that what tells two languages apart is learnt, and that a text of neither, or of a few letters, is
// of no language.
func TestIdentify(t *testing.T) {
	var e feature.Extractor
	var examples []linear.Example
	add := func(text string, labels ...int8) {
		examples = append(examples, linear.Example{Features: slices.Clone(e.Extract([]byte(match.Fold(text)))), Labels: labels})
	}
	for range 4 {
		add("the sound of the stream is gone again and nobody knows why", 1, 0)
		add("what is the matter with the picture of this broadcast today", 1, 0)
		add("el sonido de la transmisión se ha ido otra vez y nadie sabe por qué", 0, 1)
		add("qué pasa con la imagen de esta emisión de hoy", 0, 1)
	}
	m, err := linear.Train([]string{"en", "es"}, examples, linear.Options{})
	if err != nil {
		t.Fatal(err)
	}
	id := language.New(m)
	for text, want := range map[string]string{
		"nobody knows what the matter is with the stream": "en",
		"nadie sabe qué pasa con la transmisión":          "es",
		"ok":                        language.Undetermined,
		"the is":                    language.Undetermined, // English, by too few letters to say so
		"xzqv wkjp yyqz bbrt qqqqw": language.Undetermined,
	} {
		if got := id.Identify(e.Extract([]byte(match.Fold(text)))); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
