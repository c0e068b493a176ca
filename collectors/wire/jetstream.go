package wire

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"outcry/internal/reaction"
)

const (
	skyPost      = "app.bsky.feed.post"
	skyRepost    = "app.bsky.feed.repost"
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
	Rev        string          `json:"rev"`
	Record     json.RawMessage `json:"record"`
}

type skyAccount struct {
	Active bool   `json:"active"`
	Status string `json:"status"`
	Seq    int64  `json:"seq"` // the relay's, which stays when Jetstream tells of it again
}

// skyMessage is the payload of version 2, where the commit's fields lie beside the others.
type skyMessage struct {
	Type    string     `json:"$type"`
	DID     string     `json:"did"`
	Time    string     `json:"time"`
	Seq     int64      `json:"seq"`
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

// SkyEvent is what a message of Jetstream was about, for who follows it; its zero value is a
// message that could not be read.
type SkyEvent struct {
	Kind       string // commit, identity or account
	Operation  string // of a commit: create, update or delete
	DID        string
	Collection string // of a commit, as are RKey and Rev
	RKey       string
	Rev        string
	AccountSeq int64 // of an account's event, the relay's number
	TimeUS     int64 // the cursor of version 1: the server's time in microseconds
	Seq        int64 // the cursor of version 2
	Active     bool  // of an account
	Status     string
}

// Jetstream reads one message of Bluesky's Jetstream, version 1 or 2. Reposts are refused.
func Jetstream(data []byte, to Sink) SkyEvent { return Sky{}.Read(data, to) }

// Sky reads Jetstream where it is known what was posted before.
type Sky struct {
	// Passed finds the post that a repost passes on, for a repost has no words of its own. It is not
	// changed. nil refuses reposts.
	Passed func(uri string) (*reaction.Post, bool)
}

// Read reads one message.
func (s Sky) Read(data []byte, to Sink) SkyEvent {
	var ev skyEvent
	if err := json.Unmarshal(data, &ev); err != nil {
		to.Refuse(ReasonBadJSON, err.Error())
		return SkyEvent{}
	}
	var server time.Time
	var seq int64
	if ev.TimeUS > 0 {
		server = time.UnixMicro(ev.TimeUS).UTC()
	}
	if ev.Payload != nil {
		var m skyMessage
		if err := json.Unmarshal(ev.Payload, &m); err != nil {
			to.Refuse(ReasonBadJSON, err.Error())
			return SkyEvent{}
		}
		_, ev.Kind, _ = strings.Cut(m.Type, "#")
		ev.DID, ev.Commit, ev.Account, seq = m.DID, m.skyCommit, m.Account, m.Seq
		server, _ = jsonClock.Parse(m.Time)
	}
	switch {
	case ev.Kind == "commit" && ev.DID != "":
		ev.commit(to, server, s)
	case ev.Kind == "account" && ev.gone():
		to.Delete(&reaction.Delete{Source: reaction.Bluesky, At: server, Author: reaction.Author{ID: ev.DID}})
	default:
		to.Refuse(ReasonNotice, Shorten(cmp.Or(ev.Kind, ev.Type)))
	}
	c := &ev.Commit
	return SkyEvent{
		Kind: ev.Kind, Operation: c.Operation, DID: ev.DID, Collection: c.Collection, RKey: c.RKey, Rev: c.Rev,
		TimeUS: ev.TimeUS, Seq: seq, Active: ev.Account.Active, Status: ev.Account.Status, AccountSeq: ev.Account.Seq,
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

func (ev *skyEvent) commit(to Sink, server time.Time, s Sky) {
	c := &ev.Commit
	switch {
	case c.Collection == skyRepost && s.Passed != nil:
	case c.Collection != skyPost:
		to.Refuse(ReasonCollection, Shorten(c.Collection))
		return
	case c.RKey == "":
		to.Refuse(ReasonNoID, "")
		return
	}
	id := "at://" + ev.DID + "/" + c.Collection + "/" + c.RKey
	author := reaction.Author{ID: ev.DID}
	if c.Operation == "delete" {
		to.Delete(&reaction.Delete{Source: reaction.Bluesky, ID: id, At: server, Author: author})
		return
	}
	if c.Collection == skyRepost {
		ev.repost(to, id, server, s)
		return
	}
	var r skyRecord
	if err := json.Unmarshal(c.Record, &r); err != nil {
		to.Refuse(ReasonBadJSON, err.Error())
		return
	}
	if r.Type != skyPost || c.Operation != "create" && c.Operation != "update" {
		to.Refuse(ReasonNotAPost, Shorten(c.Operation+" "+r.Type))
		return
	}
	edit := c.Operation == "update"
	for _, l := range r.Labels.Values {
		if l.Val != skyPublicNot {
			continue
		}
		if edit { // it may have been public before
			to.Delete(&reaction.Delete{Source: reaction.Bluesky, ID: id, At: server, Author: author})
		} else {
			to.Refuse(ReasonOptedOut, skyPublicNot)
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
	ev.emit(to, &p, r.CreatedAt, server, edit)
}

// emit settles the post's time: what it claims, if that is near the server's time, and else the
// server's. An edit is ordered by the time it was made.
func (ev *skyEvent) emit(to Sink, p *reaction.Post, claimed string, server time.Time, edit bool) {
	at, reason := ParseTime(claimed)
	switch {
	case server.IsZero() && reason != "":
		to.Refuse(reason, fmt.Sprintf("%s: %s", p.ID, Shorten(claimed)))
		return
	case server.IsZero():
		p.At = at
	case reason != "" || at.Sub(server).Abs() > MaxAhead:
		p.At, p.Retimed = server, true
	default:
		p.At = at
	}
	order := p.At
	if edit && !server.IsZero() {
		order = ev.Commit.made(server)
	}
	to.Post(p, order, edit, "")
}
