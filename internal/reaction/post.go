// Package reaction is the vocabulary of the line a post travels: Post, Tags, Event, Envelope,
// Coverage. It has no behaviour beyond keeping its own values right, and imports only the
// standard library and package health.
package reaction

import (
	"fmt"
	"regexp"
	"time"
)

// Source is the platform a post was made on: "x", "bluesky", "mastodon", or another short
// lower-case name for posts that come in from outside.
type Source string

// The sources Outcry has collectors for.
const (
	X        Source = "x"
	Bluesky  Source = "bluesky"
	Mastodon Source = "mastodon"
)

// Collected reports whether Outcry has a collector for the source, so that its name is that
// collector's to speak for.
func (s Source) Collected() bool { return s == X || s == Bluesky || s == Mastodon }

var sourcePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)

// ParseSource checks a source's name: 1 to 32 lower-case letters, digits, '-' or '_'.
func ParseSource(s string) (Source, error) {
	if !sourcePattern.MatchString(s) {
		return "", fmt.Errorf("source %q is not 1 to 32 lower-case letters, digits, '-' or '_'", s)
	}
	return Source(s), nil
}

// Kind tells an author's own words from those passed on.
type Kind uint8

// The kinds of post.
const (
	Original Kind = iota
	Reply
	Quote
	Repost // another person's post passed on: counted, never a complaint of its own
)

var kindNames = [...]string{"original", "reply", "quote", "repost"}

// String returns the kind's name.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// MarshalText writes the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a kind's name.
func (k *Kind) UnmarshalText(b []byte) error {
	for i, n := range kindNames {
		if n == string(b) {
			*k = Kind(i)
			return nil
		}
	}
	return fmt.Errorf("kind %q is none of original, reply, quote, repost", b)
}

// Limits of a post. A collector refuses what is larger, with a reason.
const (
	MaxTextBytes = 64 << 10 // longest text, in bytes of UTF-8
	MaxIDBytes   = 512      // longest id
)

// Author is who wrote a post, as the source names them. It is used to match and to make a keyed
// hash per event, and is never written to the log or the database. An empty ID means unknown:
// each such post counts as unknown people, never as one person.
type Author struct {
	ID     string `json:"id,omitempty"`
	Handle string `json:"handle,omitempty"` // without '@'; "" if not told
}

// FacetKind is what a platform marked a stretch of text as.
type FacetKind string

// The kinds of facet Outcry reads.
const (
	FacetHashtag FacetKind = "hashtag"
	FacetMention FacetKind = "mention"
	FacetURL     FacetKind = "url"
)

// Facet is a stretch of a post's text that its platform marked itself. Facets are trusted over
// scanning where a post has any.
type Facet struct {
	Kind  FacetKind `json:"k"`
	Start int       `json:"b"` // first byte in Text
	End   int       `json:"e"` // one past the last byte
	Value string    `json:"v"` // tag or handle without its sign; the URL
}

// Post is one public post.
type Post struct {
	Source   Source    `json:"source"`
	ID       string    `json:"id"`                // unique within Source
	At       time.Time `json:"at"`                // event time: UTC, microseconds
	Received time.Time `json:"received,omitzero"` // when it was recorded as it happened; zero where unknown
	Retimed  bool      `json:"retimed,omitempty"` // the claimed time was not believable and At is the server's
	Kind     Kind      `json:"kind"`              //
	Author   Author    `json:"author,omitzero"`   // emptied before the post becomes durable
	Text     string    `json:"text"`              // plain text, valid UTF-8
	Lang     string    `json:"lang,omitempty"`    // the platform's own tag, BCP 47; "" where none
	URL      string    `json:"url,omitempty"`     // where people can see it
	Facets   []Facet   `json:"facets,omitempty"`  // marked by the platform
	Repeats  string    `json:"repeats,omitempty"` // id of the post that a repost or quote passes on
	Passed   Author    `json:"passed,omitzero"`   // who wrote what a repost passes on; emptied as Author is
}

// Person is a keyed hash of an author, made with a key of one event that is destroyed with it.
// The zero Person is an unknown author.
type Person [16]byte

// Known reports whether the author was known.
func (p Person) Known() bool { return p != Person{} }

// Membership says that a post belongs to an event, and who wrote it in that event's terms.
type Membership struct {
	Event  int64  `json:"e"`
	Author Person `json:"a,omitzero"`
	// Passed is who wrote what a repost passes on, in the event's terms.
	Passed Person `json:"p,omitzero"`
	// UpdateOnly marks an edit after which the post no longer matches the event: it replaces the
	// text of a post that is stored and adds none.
	UpdateOnly bool `json:"u,omitempty"`
}

// Matched is a post as the log carries it: with the events it belongs to and without its
// author's name.
type Matched struct {
	Post
	Events []Membership `json:"events"`
	Edit   bool         `json:"edit,omitempty"` // replaces the text of a post already sent
	// EditedAt is when an edit was made; of two edits of a post the later one stands.
	EditedAt time.Time `json:"edited_at,omitzero"`
}

// Delete says that posts are gone at their source: one, or all by an author.
type Delete struct {
	Source Source    `json:"source"`
	ID     string    `json:"id,omitempty"`    // the post; "" for all posts of the author
	At     time.Time `json:"at"`              // when the source said so
	Author Author    `json:"author,omitzero"` // emptied before the delete becomes durable
	// Authors are the author's hashes in each event, where ID is "".
	Authors []Membership `json:"authors,omitempty"`
}
