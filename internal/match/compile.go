package match

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"outcry/internal/reaction"
)

// Set is the compiled terms of events. It is immutable and safe for concurrent use.
type Set struct {
	events   []int64 // IDs, ascending
	patterns []pattern
	words    *Automaton
	accounts map[string]int // handle, folded -> pattern
}

// pattern is one distinct term and who uses it.
type pattern struct {
	kind kind
	uses []use
}

type use struct {
	event int    // index in Set.events
	none  bool   // from match.none: removes the post
	term  string // as it was written
}

type kind uint8

const (
	phrase kind = iota
	hashtag
	account
	address
)

// Compile prepares the terms of events, whose IDs must differ. It refuses terms that can match
// nothing or everything, and says which event and term; all such mistakes are reported together.
func Compile(events []reaction.Event) (*Set, error) {
	c := compiler{set: &Set{accounts: map[string]int{}}, index: map[string]int{}}
	for i := range events {
		c.set.events = append(c.set.events, events[i].ID)
	}
	slices.Sort(c.set.events)
	for i := range events {
		c.event(&events[i])
	}
	if err := errors.Join(c.errs...); err != nil {
		return nil, err
	}
	c.set.words = NewAutomaton(c.texts)
	return c.set, nil
}

type compiler struct {
	set   *Set
	texts []string       // by pattern: its folded text
	index map[string]int // the way back
	errs  []error
}

func (c *compiler) event(e *reaction.Event) {
	at, _ := slices.BinarySearch(c.set.events, e.ID)
	if at+1 < len(c.set.events) && c.set.events[at+1] == e.ID {
		c.errs = append(c.errs, fmt.Errorf("event %s: another event has the id %d too", e.Slug, e.ID))
	}
	for _, list := range []struct {
		name  string
		terms []string
		none  bool
	}{{"any", e.Match.Any, false}, {"none", e.Match.None, true}, {"accounts", e.Match.Accounts, false}} {
		for i, term := range list.terms {
			text, kind, err := parse(term, list.name == "accounts")
			if err != nil {
				c.errs = append(c.errs, fmt.Errorf("event %s: match.%s[%d]: %w", e.Slug, list.name, i, err))
				continue
			}
			c.add(text, kind, use{at, list.none, term})
		}
	}
}

func (c *compiler) add(text string, k kind, u use) {
	i, ok := c.index[text]
	if !ok {
		i = len(c.texts)
		c.index[text], c.texts = i, append(c.texts, text)
		c.set.patterns = append(c.set.patterns, pattern{kind: k})
		if k == account {
			c.set.accounts[text[1:]] = i
		}
	}
	p := &c.set.patterns[i]
	if !slices.Contains(p.uses, u) {
		p.uses = append(p.uses, u)
	}
}

// parse folds a term and tells its kind.
func parse(term string, wantAccount bool) (string, kind, error) {
	s := strings.Trim(Fold(term), " ")
	switch {
	case s == "":
		return "", 0, fmt.Errorf("the term %q is empty", term)
	case s[0] == '@' && isHandle(s[1:]):
		return s, account, nil
	case s[0] == '@' || wantAccount:
		return "", 0, fmt.Errorf("%q is not an account: write it as @name, or @name@host", term)
	case s[0] == '#' && isTag(s[1:]):
		return s, hashtag, nil
	case s[0] == '#':
		return "", 0, fmt.Errorf("%q is not a hashtag: after the sign come letters, digits and '_', with at least one letter", term)
	case strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://"):
		if !strings.Contains(s, ".") {
			return "", 0, fmt.Errorf("%q is not a web address: write it with its host, as https://example.org/live", term)
		}
		return s, address, nil
	case !strings.ContainsFunc(s, telling):
		return "", 0, fmt.Errorf("the term %q has no letter, digit or symbol to go by", term)
	}
	return s, phrase, nil
}

// telling reports whether a rune can tell posts apart: punctuation, spaces and marks cannot.
func telling(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.So, r)
}

func isTag(s string) bool {
	for _, r := range s {
		if !TagRune(r) {
			return false
		}
	}
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) })
}

// isHandle reports whether s is a folded handle: name, name.example.org or name@host.
func isHandle(s string) bool {
	name, host, full := strings.Cut(s, "@")
	for _, part := range []string{name, host} {
		for i := range len(part) {
			if !handleByte(part[i]) && part[i] != '.' && part[i] != '-' {
				return false
			}
		}
	}
	return name != "" && (host != "") == full && handleByte(s[0]) && handleByte(s[len(s)-1])
}

func handleByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '_'
}
