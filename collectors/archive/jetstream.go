package archive

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"outcry/collectors/archive/internal/frame"
	"outcry/internal/reaction"
)

const (
	skyPost      = "app.bsky.feed.post"
	skyPublicNot = "!no-unauthenticated" // a label by which authors ask to be shown to signed-in people only
)

// skyEvent is what Jetstream sends, version 1; or what is left of version 2 without its wrapping.
type skyEvent struct {
	DID     string     `json:"did"`
	TimeUS  int64      `json:"time_us"`
	Kind    string     `json:"kind"`
	Commit  skyCommit  `json:"commit"`
	Account skyAccount `json:"account"`

	Type    string          `json:"$type"` // version 2: "message"
	Payload json.RawMessage `json:"payload"`
}

type skyCommit struct {
	Operation  string          `json:"operation"`
	Collection string          `json:"collection"`
	RKey       string          `json:"rkey"`
	Record     json.RawMessage `json:"record"`
}

type skyAccount struct {
	Active bool   `json:"active"`
	Status string `json:"status"`
}

// skyMessage is the payload of version 2, where the commit's fields lie beside the others.
type skyMessage struct {
	Type    string     `json:"$type"`
	DID     string     `json:"did"`
	Time    string     `json:"time"`
	Account skyAccount `json:"account"`
	skyCommit
}

// skyRecord is a post.
type skyRecord struct {
	Type      string     `json:"$type"`
	Text      string     `json:"text"`
	CreatedAt string     `json:"createdAt"`
	Langs     []string   `json:"langs"`
	Tags      []string   `json:"tags"` // beside the text
	Facets    []skyFacet `json:"facets"`
	Reply     *struct{}  `json:"reply"`
	Embed     struct {
		Type   string `json:"$type"`
		Record struct {
			URI    string `json:"uri"`
			Record struct {
				URI string `json:"uri"`
			} `json:"record"`
		} `json:"record"`
	} `json:"embed"`
	Labels struct {
		Values []struct {
			Val string `json:"val"`
		} `json:"values"`
	} `json:"labels"`
}

// decodeSky reads dumps of Jetstream, versions 1 and 2.
func decodeSky(row *frame.Row, e *emitter) {
	var ev skyEvent
	if err := json.Unmarshal(row.Data, &ev); err != nil {
		e.refuse(ReasonBadJSON, err.Error())
		return
	}
	var server time.Time
	if ev.TimeUS > 0 {
		server = time.UnixMicro(ev.TimeUS).UTC()
	}
	if ev.Payload != nil {
		var m skyMessage
		if err := json.Unmarshal(ev.Payload, &m); err != nil {
			e.refuse(ReasonBadJSON, err.Error())
			return
		}
		_, ev.Kind, _ = strings.Cut(m.Type, "#")
		ev.DID, ev.Commit, ev.Account = m.DID, m.skyCommit, m.Account
		server, _ = jsonClock.parse(m.Time)
	}
	switch {
	case ev.Kind == "commit" && ev.DID != "":
		ev.commit(e, server)
	case ev.Kind == "account" && ev.gone():
		e.delete(&reaction.Delete{Source: reaction.Bluesky, At: server, Author: reaction.Author{ID: ev.DID}})
	default:
		e.refuse(ReasonNotice, shorten(cmp.Or(ev.Kind, ev.Type)))
	}
}

// gone reports whether the account's posts are no longer to be shown.
func (ev *skyEvent) gone() bool {
	switch ev.Account.Status {
	case "deleted", "takendown", "suspended", "deactivated":
		return ev.DID != "" && !ev.Account.Active
	}
	return false
}

func (ev *skyEvent) commit(e *emitter, server time.Time) {
	c := &ev.Commit
	switch {
	case c.Collection != skyPost:
		e.refuse(ReasonCollection, shorten(c.Collection))
		return
	case c.RKey == "":
		e.refuse(ReasonNoID, "")
		return
	}
	id := "at://" + ev.DID + "/" + c.Collection + "/" + c.RKey
	author := reaction.Author{ID: ev.DID}
	if c.Operation == "delete" {
		e.delete(&reaction.Delete{Source: reaction.Bluesky, ID: id, At: server, Author: author})
		return
	}
	var r skyRecord
	if err := json.Unmarshal(c.Record, &r); err != nil {
		e.refuse(ReasonBadJSON, err.Error())
		return
	}
	if r.Type != skyPost || c.Operation != "create" && c.Operation != "update" {
		e.refuse(ReasonNotAPost, shorten(c.Operation+" "+r.Type))
		return
	}
	edit := c.Operation == "update"
	for _, l := range r.Labels.Values {
		if l.Val != skyPublicNot {
			continue
		}
		if edit { // it may have been public before
			e.delete(&reaction.Delete{Source: reaction.Bluesky, ID: id, At: server, Author: author})
		} else {
			e.refuse(ReasonOptedOut, skyPublicNot)
		}
		return
	}
	p := reaction.Post{
		Source: reaction.Bluesky, ID: id, Received: server, Author: author, Text: r.Text,
		URL: "https://bsky.app/profile/" + ev.DID + "/post/" + c.RKey, Facets: r.facets(),
	}
	if len(r.Langs) > 0 {
		p.Lang = r.Langs[0]
	}
	switch {
	case r.Reply != nil:
		p.Kind = reaction.Reply
	case strings.HasPrefix(r.Embed.Type, "app.bsky.embed.record"): // and recordWithMedia
		p.Kind, p.Repeats = reaction.Quote, cmp.Or(r.Embed.Record.URI, r.Embed.Record.Record.URI)
	}
	ev.emit(e, &p, r.CreatedAt, server, edit)
}

// emit settles the post's time: what it claims, if that is near the server's time, and else the
// server's. An edit is ordered by the time it was made.
func (ev *skyEvent) emit(e *emitter, p *reaction.Post, claimed string, server time.Time, edit bool) {
	at, reason := parseTime(claimed)
	switch {
	case server.IsZero() && reason != "":
		e.refuse(reason, fmt.Sprintf("%s: %s", p.ID, shorten(claimed)))
		return
	case server.IsZero():
		p.At = at
	case reason != "" || at.Sub(server).Abs() > maxAhead:
		p.At, p.Retimed = server, true
	default:
		p.At = at
	}
	order := p.At
	if edit && !server.IsZero() {
		order = server
	}
	e.post(p, order, edit)
}
