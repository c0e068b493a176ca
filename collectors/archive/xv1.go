package archive

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"outcry/collectors/archive/internal/frame"
	"outcry/collectors/wire"
	"outcry/internal/reaction"
)

// oldPost is a post of the X API v1.1.
type oldPost struct {
	IDStr     wire.LooseID `json:"id_str"`
	ID        wire.LooseID `json:"id"`
	CreatedAt string       `json:"created_at"`
	FullText  string       `json:"full_text"`
	Text      string       `json:"text"`
	Extended  *oldExtended `json:"extended_tweet"`
	Lang      string       `json:"lang"`
	User      oldUser      `json:"user"`
	Retweeted *oldPost     `json:"retweeted_status"`
	Quoted    wire.LooseID `json:"quoted_status_id_str"`
	QuotedNum wire.LooseID `json:"quoted_status_id"`
	ReplyTo   wire.LooseID `json:"in_reply_to_status_id_str"`
	ReplyNum  wire.LooseID `json:"in_reply_to_status_id"`
}

type oldExtended struct {
	FullText string `json:"full_text"`
}

type oldUser struct {
	IDStr      wire.LooseID `json:"id_str"`
	ID         wire.LooseID `json:"id"`
	ScreenName string       `json:"screen_name"`
}

// oldDelete says that a post is gone.
type oldDelete struct {
	Status struct {
		IDStr     wire.LooseID `json:"id_str"`
		ID        wire.LooseID `json:"id"`
		UserIDStr wire.LooseID `json:"user_id_str"`
		UserID    wire.LooseID `json:"user_id"`
	} `json:"status"`
	TimestampMS wire.LooseID `json:"timestamp_ms"`
}

// oldMessage is one object of a recording: a post, a page of a search, or a message of the stream.
type oldMessage struct {
	Delete   *oldDelete `json:"delete"`
	Statuses []oldPost  `json:"statuses"`
	oldPost
}

// decodeOldX reads recordings of the X API v1.1.
func decodeOldX(row *frame.Row, e *emitter) {
	var m oldMessage
	if err := json.Unmarshal(row.Data, &m); err != nil {
		e.refuse(ReasonBadJSON, err.Error())
		return
	}
	switch {
	case m.Delete != nil:
		m.Delete.emit(e)
	case m.Statuses != nil:
		for i := range m.Statuses {
			m.Statuses[i].emit(e)
		}
	case m.CreatedAt == "" && m.FullText == "" && m.Text == "":
		keys, _ := topKeys(row.Data) // limit, warning, disconnect, scrub_geo, status_withheld, ...
		e.refuse(ReasonNotice, wire.Shorten(fmt.Sprint(keys)))
	default:
		m.emit(e)
	}
}

func (d *oldDelete) emit(e *emitter) {
	gone := reaction.Delete{
		Source: reaction.X, ID: string(cmp.Or(d.Status.IDStr, d.Status.ID)),
		Author: reaction.Author{ID: string(cmp.Or(d.Status.UserIDStr, d.Status.UserID))},
	}
	if gone.ID == "" { // without the post's id it must not become a deletion of all the author's posts
		e.refuse(ReasonNoID, "a deletion without an id")
		return
	}
	if ms, err := strconv.ParseInt(string(d.TimestampMS), 10, 64); err == nil {
		gone.At = time.UnixMilli(ms).UTC()
		e.delete(&gone)
		return
	}
	e.deleteLater(&gone, "")
}

func (o *oldPost) text() string {
	switch {
	case o.Extended != nil && o.Extended.FullText != "":
		return o.Extended.FullText
	case o.FullText != "":
		return o.FullText
	}
	return o.Text
}

func (o *oldPost) id() string { return string(cmp.Or(o.IDStr, o.ID)) }

func (o *oldPost) author() reaction.Author {
	return reaction.Author{ID: string(cmp.Or(o.User.IDStr, o.User.ID)), Handle: o.User.ScreenName}
}

func (o *oldPost) emit(e *emitter) {
	if e.crammed { // before its text is made
		e.refuse(ReasonTooLarge, wire.Crammed)
		return
	}
	id := o.id()
	if id == "" {
		e.refuse(ReasonNoID, "")
		return
	}
	at, reason := wire.ParseTime(o.CreatedAt)
	if reason != "" {
		e.refuse(reason, fmt.Sprintf("post %s: %s", wire.Shorten(id), wire.Shorten(o.CreatedAt)))
		return
	}
	p := reaction.Post{
		Source: reaction.X, ID: id, At: at, Lang: o.Lang,
		Author: o.author(),
		URL:    wire.XURL(o.User.ScreenName, id),
	}
	text := o.text()
	switch quoted := cmp.Or(o.Quoted, o.QuotedNum); {
	case o.Retweeted != nil:
		p.Kind, p.Repeats, p.Passed = reaction.Repost, o.Retweeted.id(), o.Retweeted.author()
		text = wire.WholeRepost(text, o.Retweeted.text())
	case cmp.Or(o.ReplyTo, o.ReplyNum) != "":
		p.Kind = reaction.Reply
	case quoted != "":
		p.Kind, p.Repeats = reaction.Quote, string(quoted)
	}
	p.Text = wire.UnescapeX(text)
	e.post(&p, at, false)
}
