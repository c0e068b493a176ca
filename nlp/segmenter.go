package nlp

import (
	_ "embed"
	"sync"

	"outcry/nlp/blend"
	"outcry/nlp/segment"
)

//go:embed models/segment.bin
var segmentModel []byte

//go:embed models/negative.txt
var negativeWords string

// Segmenter is the shipped model that reads the words of hashtags. It is read once, when first asked for.
var Segmenter = sync.OnceValue(func() *segment.Model {
	m, err := segment.Read(segmentModel)
	if err != nil {
		panic("nlp/models/segment.bin: " + err.Error()) // it is part of the program, and a test reads it
	}
	return m
})

// BlendWords are the shipped words that coined tags are made of: our own of failure, then negative ones.
var BlendWords = sync.OnceValue(func() *blend.Lexicon {
	l, err := blend.NewLexicon(Segmenter(), append(blend.OwnWords(), blend.Negative(negativeWords)...))
	if err != nil {
		panic("nlp/models/negative.txt: " + err.Error()) // as above
	}
	return l
})
