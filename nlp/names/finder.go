// Package names proposes names of people, places and organisations: what an English text may
// speak of, by the library prose, and Korean words without their particles, by rule.
//
// It is the slow path. Prose tags some 380 posts a second on one core, panics at some valid texts,
// and finds names with an F1 of 0.35 (WNUT-17, kinds left aside): what it says are proposals, which
// count where they recur and somebody accepts them. A Finder holds it on a short lead.
package names

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/jdkato/prose/v2"

	"outcry/internal/reaction"
)

// MaxText is how many bytes of a text are looked at, once it is cleared of what cannot be a name:
// prose's time grows with the square of a word's length.
const MaxText = 400

// maxProposals bounds the names of one text: a list of names is about none of them.
const maxProposals = 8

// ErrFailed marks the panics of prose. The text itself is not in the error.
var ErrFailed = errors.New("prose failed at a text")

// Finder proposes names. It is for one goroutine; finders share one model, some 90 MB, that the
// first text loads.
type Finder struct {
	copies copies
	pace   pace
}

// New makes a Finder that looks at no more than PostsPerSecond texts a second and rests for the
// greater part of each.
func New() *Finder { return &Finder{} }

// Names proposes names in t, each once. It waits for its turn, and ends with ctx. asked is false
// where there was nothing to ask: a copy of a text that was asked lately, or nothing that could
// hold a name. It fails with ErrFailed where prose does.
func (f *Finder) Names(ctx context.Context, t reaction.NameText) (list []reaction.NameProposal, asked bool, err error) {
	text := prepare(t.Text)
	if !promising(text) || f.copies.seen(t.Event, t.Fingerprint, text) {
		return nil, false, nil
	}
	if err := f.pace.turn(ctx); err != nil {
		return nil, false, err
	}
	defer f.pace.done()
	found, err := ask(text)
	if err != nil {
		return nil, true, err
	}
	for _, e := range found {
		list = gather(list, e.Text, kindOf(e.Label))
	}
	return list, true, nil
}

// model is the one model of the process.
var model = sync.OnceValues(func() (m *prose.Model, err error) {
	defer recovered(&err)
	doc, err := prose.NewDocument("", prose.WithSegmentation(false))
	if err != nil {
		return nil, err
	}
	return doc.Model, nil
})

// ask has prose look at a prepared text. Prose gives up a name that ends the text, so that a stop
// is put behind it.
func ask(text string) (found []prose.Entity, err error) {
	m, err := model()
	if err != nil {
		return nil, err
	}
	defer recovered(&err)
	doc, err := prose.NewDocument(text+" .", prose.UsingModel(m), prose.WithSegmentation(false))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFailed, err)
	}
	return doc.Entities(), nil
}

// recovered makes an error of a panic. What it says may hold words of the text, and is left out.
func recovered(err *error) {
	if recover() != nil {
		*err = ErrFailed
	}
}

func kindOf(label string) string {
	switch label {
	case "PERSON":
		return "person"
	case "GPE", "LOC", "FACILITY":
		return "place"
	case "ORG", "ORGANIZATION":
		return "organisation"
	}
	return "other"
}
