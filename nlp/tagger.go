// Package nlp says what a post says: its hashtags, mentions and addresses, its language, and
// whether it complains that a live event cannot be heard or seen.
//
// Complaints are found by a lexicon of patterns, lexicon/en.txt and lexicon/ko.txt, each hit with
// the words and the rule that found it. The package is pure: a Tagger is a function of the post.
package nlp

import (
	"strings"
	"sync"

	"outcry/internal/match"
	"outcry/internal/reaction"
)

// Version of the tagger, kept with every post it tagged. It goes up whenever the same post could
// get other tags.
const Version = 2

// Threshold is the complaint score from which a post counts as a complaint.
const Threshold = 0.5

// Tagger tags posts. It is immutable and safe for concurrent use.
type Tagger struct {
	rules   *rules
	stops   map[string]uint8
	scratch sync.Pool
}

// New makes a tagger. The services and entities of events are what complaints may be about; nil
// is fine, and leaves Blamed empty.
func New(events []reaction.Event) *Tagger {
	t := &Tagger{rules: compileRules(services(events)), stops: stopWords()}
	t.scratch.New = func() any { return t.rules.newSearch() }
	return t
}

// Tag says what p says. It takes any bytes as text; offsets in the reasons lie on rune boundaries
// of p.Text. Sentiment is left 0 by this version.
func (t *Tagger) Tag(p *reaction.Post) reaction.Tags {
	s := t.scratch.Get().(*search)
	defer t.scratch.Put(s)

	tags := reaction.Tags{Version: Version}
	s.entities = entities(p, s.entities[:0])
	collect(s.entities, &tags)
	s.text.Set(p.Text)
	s.find(p.Text)
	s.judge(p, &tags)
	s.name(&tags)
	tags.Lang = t.language(p, s.entities)
	if tags.Lang == undetermined && s.lang != "" {
		tags.Lang = s.lang
	}
	tags.Fingerprint = fingerprint(s.text.Text())
	return tags
}

// FoldTag is the key under which uses of a hashtag are counted together: folded, without the
// sign.
func FoldTag(s string) string {
	return strings.TrimSpace(strings.TrimLeft(match.Fold(s), "# "))
}
