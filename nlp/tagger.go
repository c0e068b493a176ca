// Package nlp says what a post says: its hashtags, mentions and addresses, its language, and
// whether it complains that a live event cannot be heard or seen.
//
// Two things look for complaints: a lexicon of patterns, lexicon/*.txt, each hit with the words and the rule that
// found it; and a linear model over hashed n-grams. A last layer weighs both into one probability. The package is
// pure: a Tagger is a function of the post.
package nlp

import (
	"strings"
	"sync"

	"outcry/internal/match"
	"outcry/internal/reaction"
)

// Version of the tagger, kept with every post it tagged. It goes up whenever the same post could
// get other tags.
const Version = 3

// Tagger tags posts. It is immutable and safe for concurrent use.
type Tagger struct {
	rules   *rules
	models  *Models
	scratch sync.Pool
}

// New makes a tagger with the models that are shipped. The services and entities of events are what complaints may be
// about; nil is fine.
func New(events []reaction.Event) *Tagger { return NewWith(Shipped(), events) }

// NewWith makes a tagger with other models.
func NewWith(models *Models, events []reaction.Event) *Tagger {
	t := &Tagger{rules: compileRules(services(events)), models: models}
	t.scratch.New = func() any { return t.newSearch() }
	return t
}

// Tag says what p says. It takes any bytes as text; offsets in the reasons lie on rune boundaries of p.Text.
func (t *Tagger) Tag(p *reaction.Post) reaction.Tags {
	var tags reaction.Tags
	t.TagInto(p, &tags)
	return tags
}

// TagInto is Tag into tags that may have been used before: what they held is overwritten, and their room is used again,
// so that nothing needs to be allocated.
func (t *Tagger) TagInto(p *reaction.Post, tags *reaction.Tags) {
	s := t.scratch.Get().(*search)
	defer t.scratch.Put(s)
	reset(tags)
	s.read(p, tags)
	s.decide(p, tags)
	s.explain(p, tags)
	if tags.IsComplaint {
		s.accuse(tags)
	}
	s.name(tags)
	tags.Lang = s.language(p)
	if tags.Lang == undetermined && s.lang != "" {
		tags.Lang = s.lang
	}
	tags.Fingerprint = fingerprint(s.text.Text())
}

// read finds all that speaks for the labels of p, and its entities.
func (s *search) read(p *reaction.Post, tags *reaction.Tags) {
	s.entities = entities(p, s.entities[:0])
	s.collect(tags)
	s.text.Set(p.Text)
	s.find(p.Text)
	s.gather(p)
}

// reset empties tags and keeps their room. Lists that an answer shows are never nil.
func reset(tags *reaction.Tags) {
	*tags = reaction.Tags{
		Version: Version, Hashtags: tags.Hashtags[:0], Mentions: tags.Mentions[:0], URLs: tags.URLs[:0], Cashtags: tags.Cashtags[:0],
		Emoji: tags.Emoji[:0], Services: tags.Services[:0], Accused: tags.Accused[:0], Reasons: tags.Reasons[:0],
	}
	if tags.Hashtags == nil {
		tags.Hashtags, tags.Mentions, tags.URLs, tags.Reasons = []reaction.Hashtag{}, []string{}, []string{}, []reaction.Reason{}
	}
}

// FoldTag is the key under which uses of a hashtag are counted together: folded, without the
// sign.
func FoldTag(s string) string {
	return strings.TrimSpace(strings.TrimLeft(match.Fold(s), "# "))
}
