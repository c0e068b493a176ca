package archive

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"outcry/collectors/archive/internal/frame"
	"outcry/internal/reaction"
)

// fediStatus is a post of Mastodon and its kin.
type fediStatus struct {
	ID         looseID     `json:"id"` // on the server that sent it only
	URI        string      `json:"uri"`
	URL        string      `json:"url"`
	CreatedAt  string      `json:"created_at"`
	EditedAt   string      `json:"edited_at"`
	Visibility string      `json:"visibility"`
	Language   string      `json:"language"`
	Spoiler    string      `json:"spoiler_text"`
	Content    string      `json:"content"`
	ReplyTo    looseID     `json:"in_reply_to_id"`
	Reblog     *fediStatus `json:"reblog"`
	Quote      *fediQuote  `json:"quote"`
	Account    fediAccount `json:"account"`
	Tags       []struct {
		Name string `json:"name"`
	} `json:"tags"`
}

type fediQuote struct {
	Status *struct {
		URI string `json:"uri"`
	} `json:"quoted_status"`
}

type fediAccount struct {
	Acct    string `json:"acct"`
	URL     string `json:"url"`
	URI     string `json:"uri"`
	NoIndex bool   `json:"noindex"`
}

// fediEvent is a message of the streaming API over WebSocket, or a status.
type fediEvent struct {
	Event   string          `json:"event"`
	Payload json.RawMessage `json:"payload"` // JSON in a string
}

// decodeFedi reads statuses, and events as they come over WebSocket and as server-sent events.
func decodeFedi(row *frame.Row, e *emitter) {
	if row.Event != "" { // server-sent
		fediMessage(row.Event, row.Data, e)
		return
	}
	var ev fediEvent
	if err := json.Unmarshal(row.Data, &ev); err != nil {
		e.refuse(ReasonBadJSON, err.Error())
		return
	}
	if ev.Event == "" {
		fediMessage("update", row.Data, e)
		return
	}
	payload := []byte(ev.Payload)
	if bytes.HasPrefix(payload, []byte{'"'}) {
		var s string
		if err := json.Unmarshal(payload, &s); err != nil {
			e.refuse(ReasonBadJSON, err.Error())
			return
		}
		payload = []byte(s)
	}
	fediMessage(ev.Event, payload, e)
}

func fediMessage(event string, data []byte, e *emitter) {
	switch event {
	case "delete":
		local := strings.TrimSpace(string(data))
		if local == "" || len(local) > maxNames {
			e.refuse(ReasonNoID, "a deletion without an id")
			return
		}
		e.deleteLater(&reaction.Delete{Source: reaction.Mastodon}, local)
	case "update", "status.update":
		var s fediStatus
		if err := json.Unmarshal(data, &s); err != nil {
			e.refuse(ReasonBadJSON, err.Error())
			return
		}
		s.emit(e, event == "status.update")
	default:
		e.refuse(ReasonNotice, shorten(event))
	}
}

func (s *fediStatus) public() bool { return s.Visibility == "public" || s.Visibility == "unlisted" }

func (s *fediStatus) emit(e *emitter, edit bool) {
	words := s // whose words these are
	if s.Reblog != nil {
		words = s.Reblog
	}
	switch {
	case s.CreatedAt == "" && s.URI == "" && s.Content == "":
		e.refuse(ReasonNotAPost, "")
		return
	case s.URI == "":
		e.refuse(ReasonNoID, "")
		return
	case !s.public() || !words.public():
		e.refuse(ReasonNotPublic, shorten(s.Visibility))
		return
	case s.Account.NoIndex || words.Account.NoIndex:
		e.refuse(ReasonOptedOut, "noindex")
		return
	}
	at, reason := parseTime(s.CreatedAt)
	if reason != "" {
		e.refuse(reason, fmt.Sprintf("%s: %s", shorten(s.URI), shorten(s.CreatedAt)))
		return
	}
	order := at
	if edited, reason := parseTime(s.EditedAt); edit && reason == "" {
		order = edited
	}
	p := reaction.Post{
		Source: reaction.Mastodon, ID: s.URI, At: at, URL: cmp.Or(s.URL, words.URL), Lang: words.Language,
		Author: s.Account.author(),
	}
	p.Text, p.Facets = words.text()
	switch {
	case s.Reblog != nil:
		p.Kind, p.Repeats = reaction.Repost, words.URI
	case s.ReplyTo != "":
		p.Kind = reaction.Reply
	case s.Quote != nil:
		p.Kind = reaction.Quote
		if s.Quote.Status != nil {
			p.Repeats = s.Quote.Status.URI
		}
	}
	s.keep(e, &p, order, edit)
}

func (s *fediStatus) keep(e *emitter, p *reaction.Post, order time.Time, edit bool) {
	if it := e.post(p, order, edit); it != nil && len(s.ID) <= maxNames {
		it.local, it.id = string(s.ID), p.ID
	}
}

// author names an account by its address, which is the same on every server.
func (a *fediAccount) author() reaction.Author {
	return reaction.Author{ID: cmp.Or(a.URL, a.URI, a.Acct), Handle: a.Acct}
}

// text is the content warning and the content. Facets are given only if they hold every hashtag
// that the server knows of: other software does not link them all, and facets are trusted.
func (s *fediStatus) text() (string, []reaction.Facet) {
	text, facets := htmlText(strings.TrimSpace(s.Spoiler), s.Content)
	linked := map[string]bool{}
	for _, f := range facets {
		if f.Kind == reaction.FacetHashtag {
			linked[strings.ToLower(f.Value)] = true
		}
	}
	for _, t := range s.Tags {
		if !linked[strings.ToLower(t.Name)] {
			return text, nil
		}
	}
	return text, facets
}
