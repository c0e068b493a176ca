package wire

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"outcry/internal/reaction"
)

// fediStatus is a post of Mastodon and its kin.
type fediStatus struct {
	ID         LooseID     `json:"id"` // on the server that sent it only
	URI        string      `json:"uri"`
	URL        string      `json:"url"`
	CreatedAt  string      `json:"created_at"`
	EditedAt   string      `json:"edited_at"`
	Visibility string      `json:"visibility"`
	Language   string      `json:"language"`
	Spoiler    string      `json:"spoiler_text"`
	Content    string      `json:"content"`
	ReplyTo    LooseID     `json:"in_reply_to_id"`
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
	Acct      string `json:"acct"`
	URL       string `json:"url"`
	URI       string `json:"uri"`
	NoIndex   bool   `json:"noindex"`
	Indexable *bool  `json:"indexable"`
	Note      string `json:"note"`
}

// fediEvent is a message of the streaming API over WebSocket, or a status.
type fediEvent struct {
	Event   string          `json:"event"`
	Stream  looseList       `json:"stream"`
	Payload json.RawMessage `json:"payload"` // JSON in a string
}

// FediEvent is what a message of the streaming API was about.
type FediEvent struct {
	Event  string   // update, status.update, delete, ...; "" where it could not be read
	Stream []string // which stream it came by, over WebSocket: "public", or "hashtag" and "launch"
	Local  string   // the server's own id of the status
	Tags   []string // the hashtags of the status, as the server has them
	// TagsOnly is set where the author wants to be found by hashtags only, and not by what else a
	// post says ("indexable" is false). Whoever knows how it was found honours that.
	TagsOnly bool
}

// Mastodon reads one message of Mastodon and its kin: a server-sent event of that name, or without
// a name a message as it comes over WebSocket, or a status of the REST API.
func Mastodon(event string, data []byte, to Sink) FediEvent {
	if event != "" {
		return fediMessage(event, data, to)
	}
	var ev fediEvent
	if err := json.Unmarshal(data, &ev); err != nil {
		to.Refuse(ReasonBadJSON, err.Error())
		return FediEvent{}
	}
	if ev.Event == "" {
		return fediMessage("update", data, to)
	}
	payload := []byte(ev.Payload)
	if bytes.HasPrefix(payload, []byte{'"'}) {
		var s string
		if err := json.Unmarshal(payload, &s); err != nil {
			to.Refuse(ReasonBadJSON, err.Error())
			return FediEvent{}
		}
		payload = []byte(s)
	}
	out := fediMessage(ev.Event, payload, to)
	out.Stream = ev.Stream
	return out
}

func fediMessage(event string, data []byte, to Sink) FediEvent {
	out := FediEvent{Event: event}
	switch event {
	case "delete":
		local := strings.TrimSpace(string(data))
		if local == "" || len(local) > MaxNames {
			to.Refuse(ReasonNoID, "a deletion without an id")
			break
		}
		out.Local = local
		to.DeleteLocal(reaction.Mastodon, local)
	case "update", "status.update":
		var s fediStatus
		if err := json.Unmarshal(data, &s); err != nil {
			to.Refuse(ReasonBadJSON, err.Error())
			break
		}
		out.Local = string(s.ID)
		words := s.words()
		for i := range words.Tags {
			out.Tags = append(out.Tags, words.Tags[i].Name)
		}
		out.TagsOnly = words.Account.Indexable != nil && !*words.Account.Indexable
		s.emit(to, event == "status.update")
	default:
		to.Refuse(ReasonNotice, Shorten(event))
	}
	return out
}

func (s *fediStatus) public() bool { return s.Visibility == "public" || s.Visibility == "unlisted" }

// words is the status whose words these are: of a boost the boosted one, and of the boost of a boost,
// which some software sends, the innermost.
func (s *fediStatus) words() *fediStatus {
	for range maxBoosts {
		if s.Reblog == nil {
			break
		}
		s = s.Reblog
	}
	return s
}

const maxBoosts = 5

func (s *fediStatus) emit(to Sink, edit bool) {
	words := s.words()
	switch {
	case s.CreatedAt == "" && s.URI == "" && s.Content == "":
		to.Refuse(ReasonNotAPost, "")
		return
	case s.URI == "":
		to.Refuse(ReasonNoID, "")
		return
	case !s.public() || !words.public():
		to.Refuse(ReasonNotPublic, Shorten(s.Visibility))
		return
	case s.Account.optedOut() || words.Account.optedOut():
		to.Refuse(ReasonOptedOut, "noindex")
		return
	}
	at, reason := ParseTime(s.CreatedAt)
	if reason != "" {
		to.Refuse(reason, fmt.Sprintf("%s: %s", Shorten(s.URI), Shorten(s.CreatedAt)))
		return
	}
	order := at
	if edited, reason := ParseTime(s.EditedAt); edit && reason == "" {
		order = edited
	}
	p := reaction.Post{
		Source: reaction.Mastodon, ID: s.URI, At: at, URL: cmp.Or(s.URL, words.URL), Lang: words.Language,
		Author: s.Account.author(),
	}
	p.Text, p.Facets = words.text()
	switch {
	case s.Reblog != nil:
		p.Kind, p.Repeats, p.Passed = reaction.Repost, words.URI, words.Account.author()
	case s.ReplyTo != "":
		p.Kind = reaction.Reply
	case s.Quote != nil:
		p.Kind = reaction.Quote
		if s.Quote.Status != nil {
			p.Repeats = s.Quote.Status.URI
		}
	}
	to.Post(&p, order, edit, string(s.ID))
}

// optedOut reports whether the author asks not to be read by machines: by the setting for search
// engines, or by one of the usual hashtags in the account's description.
func (a *fediAccount) optedOut() bool {
	if a.NoIndex {
		return true
	}
	if note := strings.ToLower(a.Note); !slices.ContainsFunc(optOutTags, func(t string) bool { return strings.Contains(note, t[1:]) }) {
		return false
	}
	text, _ := htmlText("", a.Note)
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return r != '#' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }) {
		if slices.Contains(optOutTags, word) {
			return true
		}
	}
	return false
}

// optOutTags are hashtags by which people ask machines to leave their posts alone.
var optOutTags = []string{"#nobot", "#nobots", "#noindex", "#noarchive", "#nosearch"}

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
