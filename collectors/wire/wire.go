// Package wire reads what platforms send: messages of their streams, answers to searches, and
// recordings of both. One decoder a platform serves all of them, so that a post is the same post
// whichever way it came. Decoders are functions of bytes; they keep nothing.
package wire

import (
	"time"

	"outcry/internal/reaction"
)

// Sink takes what a decoder finds in one message. What it is given belongs to it.
type Sink interface {
	// Post takes a post, ordered by order: the post's time, or that of its edit. local is the id
	// that the server's deletions will name it by, "" where that is the post's id. The post is as
	// the platform has it: Tidy and Unfit settle whether it can be kept.
	Post(p *reaction.Post, order time.Time, edit bool, local string)
	// Delete takes a deletion: of a post, or without an id of all posts by an author. Its time is
	// zero where the message does not tell it.
	Delete(d *reaction.Delete)
	// DeleteLocal takes the deletion of the post that the server knows by this id.
	DeleteLocal(source reaction.Source, local string)
	// Refuse takes why something was not taken: a reason of the closed list, and words for people.
	Refuse(reason, detail string)
}

// Bounded is a Sink that takes no more posts of a message once they take far more room than the
// message: many of them may share one text. They are refused before their texts are made.
type Bounded interface {
	Full() bool
}

// Crammed is why posts of a message that holds too much are refused.
const Crammed = "the posts of its page take far more room than the page"

func full(to Sink) bool {
	b, ok := to.(Bounded)
	return ok && b.Full()
}

// Bounds of what is taken.
const (
	MaxAhead  = 5 * time.Minute // how far a post's time may be from the server's, or ahead of ours
	MaxNames  = 512             // bytes of a name, a language or a detail
	MaxURL    = 2048
	MaxFacets = 200
)
