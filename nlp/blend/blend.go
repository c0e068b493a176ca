// Package blend says whether a hashtag or word was coined from a name of the event and a word of failure:
// "#DeSaster" is de-SA-ster, DeSantis and disaster sharing "sa"; "#jiodown" is Jio and down.
//
// Every split is tried of which one part begins or ends a name of the watch-list and the other ends or begins
// a word of it, sharing letters or not; a word put whole into a name; and, by package segment, tags of
// several words. A split's price is what it would cost to say which name, which word and how they were cut
// (nats); it is held against what the tag would cost as plain words or an unknown one. The difference,
// less the odds against any tag being coined, is the confidence, so that a plain word is no blend unless
// its split is better than plain.
package blend

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"outcry/nlp/segment"
)

// The kinds of coined tags.
const (
	Joined      = "blend"        // the beginning of one, the end of the other
	Substituted = "substitution" // a whole word within a name, or a name within a word
	Compound    = "compound"     // whole words side by side
)

// Fires is the confidence from which a tag counts as coined.
const Fires = 0.5

// MaxBlends bounds the splits of a tag that are given.
const MaxBlends = 5

// Part is a stretch of the tag and what it is of.
type Part struct {
	Text  string `json:"text"`
	Start int    `json:"start"` // bytes of the tag as it was given
	End   int    `json:"end"`
	Of    string `json:"of"` // the name or the word, whole
}

// Blend is one reading of a tag as coined.
type Blend struct {
	Kind       string   `json:"kind"`
	Entity     string   `json:"entity"` // as the watch-list has it
	Word       string   `json:"word"`
	Says       string   `json:"says"` // of the word: outage, scandal or negative
	Parts      []Part   `json:"parts"`
	Overlap    string   `json:"overlap,omitempty"` // letters that both parts share
	Confidence float32  `json:"confidence"`        // 0 to 0.99, to a hundredth
	Reasons    []string `json:"reasons"`
}

// Lexicon is the words to look for, with a segmentation model. It is immutable and safe for concurrent use, and
// serves any number of Finders.
type Lexicon struct {
	model *segment.Model
	words []Word
	forms []form
	price []float32      // of each form, in nats
	whole map[string]int // form by its letters
}

// NewLexicon takes words; of those with the same letters the first counts.
func NewLexicon(model *segment.Model, words []Word) (*Lexicon, error) {
	if len(words) > MaxWords {
		return nil, fmt.Errorf("a lexicon has at most %d words, not %d", MaxWords, len(words))
	}
	if model == nil {
		return nil, errors.New("a lexicon needs a segmentation model")
	}
	l := &Lexicon{model: model, words: words, forms: wordForms(words), whole: map[string]int{}}
	for i, w := range l.forms {
		l.whole[string(w.letters)] = i
		l.price = append(l.price, l.wordPrice(w))
	}
	return l, nil
}

// Finder looks for blends of one event's entities. It is immutable and safe for concurrent use.
type Finder struct {
	*Lexicon
	names    *segment.Names
	entities []Entity
	ef       []form
	called   map[string]int // form by its letters
	which    float32        // what it costs to say which entity
}

// New makes a watch-list of entities with the words of l.
func New(l *Lexicon, entities []Entity) (*Finder, error) {
	if len(entities) > MaxEntities {
		return nil, fmt.Errorf("a watch-list has at most %d entities, not %d", MaxEntities, len(entities))
	}
	f := &Finder{Lexicon: l, entities: entities, ef: forms(entities), called: map[string]int{}, which: nats(len(entities))}
	var names []string
	for i, e := range f.ef {
		names = append(names, e.text)
		if latin(e.letters) {
			_, cost := l.model.Append(nil, e.text, nil)
			f.ef[i].common = cost < commonName
		}
		if _, ok := f.called[string(e.letters)]; !ok {
			f.called[string(e.letters)] = i
		}
	}
	f.names = segment.NewNames(names)
	return f, nil
}

// Words reads the words of a tag, with the watch-list's names.
func (f *Finder) Words(text string) []segment.Span { return f.model.Words(text, f.names) }

// Find gives the readings of a hashtag or word as coined, the best first, at most MaxBlends, those below
// the confidence of least left out. A text of more than MaxTag bytes has none.
func (f *Finder) Find(text string, least float32) []Blend {
	if len(text) > MaxTag || len(f.ef) == 0 {
		return nil
	}
	var s search
	s.f = f
	s.look(text, len(text))
	if n := particle(text); s.n == 0 && n > 0 {
		s.look(text, len(text)-n)
	}
	s.compounds(text)
	var out []Blend
	for i, c := range s.found[:s.n] {
		b := s.blend(c)
		b.Confidence = s.confidence(i)
		if b.Confidence >= least && len(out) < MaxBlends && !slices.ContainsFunc(out, func(o Blend) bool { return o.Entity == b.Entity && o.Word == b.Word }) {
			out = append(out, b)
		}
	}
	return out
}

// String is the first reason.
func (b *Blend) String() string {
	if len(b.Reasons) == 0 {
		return strings.Join([]string{b.Entity, b.Word}, " + ")
	}
	return b.Reasons[0]
}
