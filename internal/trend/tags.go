package trend

import (
	"time"

	"outcry/internal/reaction"
)

// TagsQuery asks for the hashtags of an event, most used first.
type TagsQuery struct {
	Event    *reaction.Event
	From, To time.Time // zero: the whole event
	Sources  []reaction.Source
	Limit    int
	After    *TagPosition
}

// TagPosition is a place in the list of tags.
type TagPosition struct {
	Posts int64  `json:"posts"`
	Tag   string `json:"tag"`
}

// TagRow is one hashtag of an event.
type TagRow struct {
	Tag     string            `json:"tag"`     // folded, without the sign
	Display string            `json:"display"` // as it was first written
	Posts   int64             `json:"posts"`   // posts that carry it, net of deletions, in the window asked for
	Gross   int64             `json:"gross"`   // the same, deleted ones included
	FirstAt time.Time         `json:"first_at"`
	FirstIn reaction.Source   `json:"first_source"`
	Sources []reaction.Source `json:"sources"`
	Authors *int64            `json:"authors"` // estimate of distinct known authors over the whole event; null where none is known
	Unknown int64             `json:"posts_of_unknown_authors"`
}
