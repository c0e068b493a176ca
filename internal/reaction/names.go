package reaction

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// NameText is a text that is asked for names. Copies are told by Fingerprint, within one Event.
type NameText struct {
	Event       int64
	Text        string
	Fingerprint uint64 // of the text, as in Tags; 0 where none was made
}

// NameProposal is a name that was found in a text: a proposal, and often wrong.
type NameProposal struct {
	Key  string // folded: the form in which uses are counted together
	Text string // as written
	Kind string // one of EntityKinds, guessed
}

// NameState is what became of a proposed name in an event.
type NameState string

// The states of a name.
const (
	NameOpen     NameState = "open"     // nobody has decided
	NameAccepted NameState = "accepted" // it is among the event's entities
	NameRefused  NameState = "refused"  // it does not come back
)

// When proposals become a candidate, which is stored. Posts of unknown authors may all be one
// person's, so that more of them are asked for.
const (
	NamePosts   = 5
	NameAuthors = 3
	NameUnknown = 15
)

// MaxNames is how many open candidates an event keeps, those of the most posts.
const MaxNames = 500

// ByNameRule is who accepts names where the setting names_accept does.
const ByNameRule = "the rule names_accept"

// Name is a candidate: a name that recurred in a sample of an event's posts.
type Name struct {
	Key       string
	Text      string    // as it was written first
	Kind      string    // guessed, or as it was accepted
	Posts     int64     // of the sample, copies counted once
	Authors   int64     // estimate of distinct known authors of these
	FirstAt   time.Time // event time of the first
	LastAt    time.Time // and of the last
	State     NameState
	By        string    // who decided; "" while open
	DecidedAt time.Time // zero while open
}

// NameQuery asks for names of an event, those of the most posts first, then by key.
type NameQuery struct {
	Event *Event
	State NameState // "" for all
	Limit int
	After *NamePosition
}

// NamePosition is a place in a list of names.
type NamePosition struct {
	Posts int64  `json:"p"`
	Key   string `json:"k"`
}

// NameDecision accepts or refuses a name.
type NameDecision struct {
	Accept bool
	Kind   string // of the new entity; "" takes the guess
	// As names the entity that the name stands for: one of the event's, or a new one. "" makes an
	// entity of the name itself.
	As  string
	By  string
	Now time.Time
}

// maxAliases bounds how many names one entity gathers by decisions.
const maxAliases = 100

// Take adds an accepted name to the event's entities and reports whether that changed anything. It
// fails with ErrUnusable or ErrConflict, in words for whoever decided; then nothing is changed.
func (e *Event) Take(n Name, d NameDecision) (changed bool, err error) {
	name, kind := cmp.Or(strings.TrimSpace(d.As), n.Text), cmp.Or(d.Kind, n.Kind)
	switch {
	case !slices.Contains(EntityKinds, kind):
		return false, fmt.Errorf("kind %q is none of %s: %w", kind, strings.Join(EntityKinds, ", "), ErrUnusable)
	case len(name) > MaxTermBytes || !plainText(name):
		return false, fmt.Errorf("the entity's name is longer than %d bytes or more than one line: %w", MaxTermBytes, ErrUnusable)
	case e.Knows(n.Text):
		return false, nil
	}
	list := slices.Clone(e.Entities)
	i := slices.IndexFunc(list, func(o Entity) bool { return strings.EqualFold(strings.TrimSpace(o.Name), name) })
	switch {
	case i < 0 && len(list) >= MaxEntities:
		return false, fmt.Errorf("the event has %d entities, and may not have more: take one out of its definition first: %w", len(list), ErrConflict)
	case i < 0:
		list = append(list, Entity{Name: name, Kind: kind})
		i = len(list) - 1
	case d.Kind != "" && d.Kind != list[i].Kind:
		return false, fmt.Errorf("%q is in the event's definition as %s, not %s: %w", list[i].Name, list[i].Kind, d.Kind, ErrConflict)
	case len(list[i].Aliases) >= maxAliases:
		return false, fmt.Errorf("%q has %d aliases, and may not gather more: %w", list[i].Name, len(list[i].Aliases), ErrConflict)
	}
	if !strings.EqualFold(list[i].Name, n.Text) {
		list[i].Aliases = append(slices.Clone(list[i].Aliases), n.Text)
	}
	e.Entities = list
	return true, nil
}

// Knows reports whether a name is one of the event's entities or services, or an alias of one.
func (e *Event) Knows(name string) bool {
	same := func(o string) bool { return strings.EqualFold(strings.TrimSpace(o), name) }
	for i := range e.Services {
		if same(e.Services[i].Name) {
			return true
		}
	}
	return slices.ContainsFunc(e.Entities, func(o Entity) bool { return same(o.Name) || slices.ContainsFunc(o.Aliases, same) })
}
