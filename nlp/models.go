package nlp

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"outcry/internal/reaction"
	"outcry/nlp/fusion"
	"outcry/nlp/language"
	"outcry/nlp/linear"
)

// The heads of the linear model, in their order; the symptoms follow.
const (
	headOutage = iota
	headFirst
	headRecovery
	headAngry
	headNegative
	headPositive
	headComplaint // of any kind, about any company
	headSymptom
)

// Heads lists what the linear model of posts scores.
func Heads() []string {
	heads := []string{"outage", "first", "recovery", "angry", "negative", "positive", "complaint"}
	for _, s := range reaction.SymptomNames() {
		heads = append(heads, reaction.SymptomPrefix+s)
	}
	return heads
}

// Layers lists the last layers and what each weighs. Those that decide on an outage weigh no cue of how a post is
// made, such as its length: training texts and posts differ in that for reasons of their own.
func Layers() map[string][]string {
	lexicon := []string{"lexicon", "lexicon:sure", "lexicon:recovery", "lexicon:reported", "lexicon:personal", "lexicon:guard"}
	scores := []string{"outage", "first", "recovery", "angry", "negative", "positive", "complaint"}
	common := slices.Concat(scores, lexicon, []string{"asks", "i", "you", "links", "names:negative", "names:lexicon"})
	return map[string][]string{
		"outage": common, "first": common, "recovery": common,
		"symptom": {"head", "lift", "lexicon", "lexicon:other"},
	}
}

// Models are what the tagger has learnt: scores of hashed n-grams, and layers that weigh them with the lexicon and
// the cues.
type Models struct {
	heads                            *linear.Model
	languages                        *language.Identifier
	outage, first, recovery, symptom *fusion.Layer
}

// Files of a folder of models.
const (
	HeadsFile     = "posts.bin"
	LayersFile    = "layers.json"
	LanguagesFile = "languages.bin"
)

//go:embed models/posts.bin models/layers.json models/languages.bin
var shipped embed.FS

// Shipped gives the models that come with the program.
var Shipped = sync.OnceValue(func() *Models {
	dir, err := fs.Sub(shipped, "models")
	if err != nil {
		panic(err)
	}
	m, err := ReadModels(dir)
	if err != nil {
		panic(fmt.Sprintf("nlp: the embedded models: %v", err)) // a test reads them
	}
	return m
})

// ReadModels reads a folder of models, as outcry train writes it.
func ReadModels(dir fs.FS) (*Models, error) {
	heads, err := readLinear(dir, HeadsFile)
	if err != nil {
		return nil, err
	}
	languages, err := readLinear(dir, LanguagesFile)
	if err != nil {
		return nil, err
	}
	raw, err := fs.ReadFile(dir, LayersFile)
	if err != nil {
		return nil, err
	}
	var layers map[string]*fusion.Layer
	if err := json.Unmarshal(raw, &layers); err != nil {
		return nil, fmt.Errorf("%s: %w", LayersFile, err)
	}
	m, err := NewModels(heads, languages, layers)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", LayersFile, err)
	}
	return m, nil
}

func readLinear(dir fs.FS, name string) (*linear.Model, error) {
	raw, err := fs.ReadFile(dir, name)
	if err != nil {
		return nil, err
	}
	m, err := linear.Read(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

// NewModels joins a linear model of Heads, one of languages, and the last layers.
func NewModels(heads, languages *linear.Model, layers map[string]*fusion.Layer) (*Models, error) {
	if !slices.Equal(heads.Heads(), Heads()) {
		return nil, fmt.Errorf("a model of %q, not of %q", heads.Heads(), Heads())
	}
	for name, inputs := range Layers() {
		l := layers[name]
		if l == nil {
			return nil, errors.New("there is no layer " + name)
		}
		if err := l.Check(inputs); err != nil {
			return nil, fmt.Errorf("layer %s: %w", name, err)
		}
	}
	return &Models{heads, language.New(languages), layers["outage"], layers["first"], layers["recovery"], layers["symptom"]}, nil
}
