package mastodon

import (
	"slices"
	"strings"

	"outcry/internal/match"
	"outcry/internal/reaction"
)

// stream names one of a server's streams: "public", or a hashtag with its sign.
type stream string

const public stream = "public"

// tag is the hashtag of a stream, "" for the public stream.
func (s stream) tag() string {
	if strings.HasPrefix(string(s), "#") {
		return string(s[1:])
	}
	return ""
}

// tagTrust is whether a server's hashtag streams deliver.
type tagTrust uint8

const (
	tagsUnproven tagTrust = iota // they may: the public stream is heard as well until they do
	tagsDeliver
	tagsDeaf // they are accepted and deliver nothing
)

// policy is what can be asked of a server.
type policy struct {
	tags     tagTrust
	noPublic bool
	most     int // streams
}

// asks are the streams that an event needs: hashtags as the server writes them, and whether it
// has terms that no hashtag finds.
func asks(e *reaction.Event) (tags []stream, words bool) {
	words = len(e.Match.Accounts) > 0
	for _, term := range e.Match.Any {
		term = strings.TrimSpace(match.Fold(term))
		if len(term) > 1 && term[0] == '#' {
			tags = append(tags, stream(term))
		} else {
			words = true
		}
	}
	return tags, words
}

// asked are the hashtags of all events, in order.
func asked(events []reaction.Event) (tags []stream, words bool) {
	for i := range events {
		t, w := asks(&events[i])
		tags, words = append(tags, t...), words || w
	}
	slices.Sort(tags)
	return slices.Compact(tags), words
}

// plan says which streams to hold for the events. Hashtag streams are held beside the public one
// too: they bring replies, which the public stream leaves out.
func plan(events []reaction.Event, p policy) []stream {
	tags, words := asked(events)
	open := words || len(tags) > p.most || len(tags) > 0 && p.tags != tagsDeliver
	if p.noPublic || !open {
		if p.tags == tagsDeaf {
			return nil
		}
		return tags[:min(len(tags), p.most)]
	}
	if p.tags == tagsDeaf {
		return []stream{public}
	}
	return append([]stream{public}, tags[:min(len(tags), max(p.most-1, 0))]...)
}

// serves reports whether the streams hold all that an event asks for.
func serves(e *reaction.Event, streams []stream, p policy) bool {
	if slices.Contains(streams, public) {
		return true
	}
	tags, words := asks(e)
	return !words && p.tags != tagsDeaf && !slices.ContainsFunc(tags, func(t stream) bool { return !slices.Contains(streams, t) })
}

// timelines says which timelines hold what the events ask for. They hold hashtags on every server,
// whether its streams do or not.
func timelines(events []reaction.Event, p policy) []stream {
	p.tags = tagsDeliver
	return plan(events, p)
}
