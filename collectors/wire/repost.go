package wire

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"outcry/internal/reaction"
)

// skyPassing is a repost: it names a post, and says nothing.
type skyPassing struct {
	Type    string `json:"$type"`
	Subject struct {
		URI string `json:"uri"`
	} `json:"subject"`
	CreatedAt string `json:"createdAt"`
}

// repost takes a repost with the words of the post that it passes on.
func (ev *skyEvent) repost(to Sink, id string, server time.Time, s Sky) {
	var r skyPassing
	if err := json.Unmarshal(ev.Commit.Record, &r); err != nil {
		to.Refuse(ReasonBadJSON, err.Error())
		return
	}
	if r.Type != skyRepost || r.Subject.URI == "" || ev.Commit.Operation != "create" {
		to.Refuse(ReasonNotAPost, Shorten(ev.Commit.Operation+" "+r.Type))
		return
	}
	words, ok := s.Passed(r.Subject.URI)
	if !ok {
		to.Refuse(ReasonUnknown, Shorten(r.Subject.URI))
		return
	}
	p := reaction.Post{
		Source: reaction.Bluesky, ID: id, Received: server, Author: reaction.Author{ID: ev.DID}, Kind: reaction.Repost,
		Text: words.Text, Lang: words.Lang, URL: words.URL, Facets: slices.Clone(words.Facets), Repeats: r.Subject.URI,
		Passed: reaction.Author{ID: account(r.Subject.URI)},
	}
	ev.emit(to, &p, r.CreatedAt, server, false)
}

// account is whose record an address names; "" where it names nobody by a DID.
func account(uri string) string {
	owner, _, _ := strings.Cut(strings.TrimPrefix(uri, "at://"), "/")
	if !strings.HasPrefix(owner, "did:") {
		return ""
	}
	return owner
}
