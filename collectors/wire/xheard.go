package wire

import (
	"encoding/json"
	"path"
	"strconv"
	"time"

	"outcry/internal/reaction"
)

// XHeard is what a message of X said beside its posts.
type XHeard struct {
	Rules  []XRule // which rules of the stream a post matched
	Notice XNotice // about the stream or the request; zero where the message has posts
	Meta   XMeta   // of a page
	// Partial counts errors beside posts: parts that X could not give.
	Partial int
}

// XRule is a rule of the filtered stream. Its tag is ours.
type XRule struct {
	ID  LooseID `json:"id"`
	Tag string  `json:"tag"`
}

// XNotice is what X says about a stream or a request. Its words are X's, cut short.
type XNotice struct {
	Title  string
	Detail string
	Type   string // the last part of the problem's address: "operational-disconnect"
	// Disconnect is set where X ends the stream, or will not have this connection.
	Disconnect bool
}

// XMeta is about a page of posts.
type XMeta struct {
	Count     int     `json:"result_count"`
	NextToken string  `json:"next_token"`
	NewestID  LooseID `json:"newest_id"`
	OldestID  LooseID `json:"oldest_id"`
}

type xProblem struct {
	Title      string `json:"title"`
	Detail     string `json:"detail"`
	Type       string `json:"type"`
	Disconnect string `json:"disconnect_type"`
	Issue      string `json:"connection_issue"`
}

// heard reads what stands beside the posts. What cannot be read of it is not there.
func (m *xMessage) heard(data []byte) (h XHeard) {
	read := func(raw json.RawMessage, into any) {
		if raw != nil && json.Unmarshal(raw, into) != nil {
			return
		}
	}
	read(m.Rules, &h.Rules)
	read(m.Meta, &h.Meta)
	var problems []xProblem
	read(m.Errors, &problems)
	if m.ID != "" || len(m.Data) > 0 && (m.Data[0] == '{' || m.Data[0] == '[') {
		h.Partial = len(problems)
		return h
	}
	var top xProblem
	read(data, &top)
	for _, p := range append([]xProblem{top}, problems...) {
		h.Notice.add(&p)
	}
	return h
}

// add takes a problem: of several, the first that ends the stream is the one to know.
func (n *XNotice) add(p *xProblem) {
	kind := ""
	if p.Type != "" {
		kind = path.Base(p.Type)
	}
	ends := p.Disconnect != "" || p.Issue != "" || kind == "operational-disconnect" || kind == "streaming-connection"
	if n.Disconnect || !ends && *n != (XNotice{}) {
		return
	}
	*n = XNotice{Title: Shorten(Clean(p.Title)), Detail: Cut(Clean(p.Detail), MaxNames), Type: Shorten(Clean(kind)), Disconnect: ends}
}

// edited makes an edit of a post the first of its history, for every edit has an id of its own.
// The post keeps the time of the first; the edit is ordered by its own.
func (x *xPost) edited(p *reaction.Post) (order time.Time, edit bool) {
	history := x.Edits
	if len(history) == 0 {
		history = x.PostEdits
	}
	if len(history) == 0 || history[0] == "" || history[0] == x.ID {
		return p.At, false
	}
	order = p.At
	if t := idTime(x.ID); t.After(order) && t.Sub(order) <= editable {
		order = t
	}
	if t := idTime(history[0]); t.Before(p.At) && p.At.Sub(t) <= editable {
		p.At = t
	}
	p.ID = string(history[0])
	return order, true
}

// editable is longer than a post can be edited after it was made.
const editable = 24 * time.Hour

// idTime is when an id of X was given out, which is in its upper bits.
// https://docs.x.com/fundamentals/x-ids
func idTime(id LooseID) time.Time {
	n, err := strconv.ParseInt(string(id), 10, 64)
	if err != nil || n < 0 {
		return time.Time{}
	}
	return time.UnixMilli(n>>22 + 1288834974657).UTC()
}
