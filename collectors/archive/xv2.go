package archive

import (
	"encoding/json"
	"fmt"

	"outcry/collectors/archive/internal/frame"
	"outcry/internal/reaction"
)

// xPost is a post of the X API v2, under its old and new field names.
type xPost struct {
	ID        looseID `json:"id"`
	Text      string  `json:"text"`
	CreatedAt string  `json:"created_at"`
	AuthorID  looseID `json:"author_id"`
	Lang      string  `json:"lang"`

	Author     *xUser       `json:"author"` // flattened by twarc
	Tweets     []xReference `json:"referenced_tweets"`
	Posts      []xReference `json:"referenced_posts"`
	NoteTweet  *xNote       `json:"note_tweet"`
	NotePost   *xNote       `json:"note_post"`
	TweetCount *int64       `json:"tweet_count"` // a bucket of counts, not a post
	PostCount  *int64       `json:"post_count"`
}

// xReference names a post that another one answers, quotes or passes on; twarc's flattened form
// puts the whole post beside the name.
type xReference struct {
	Type string `json:"type"`
	xReferred
}

type xReferred struct {
	ID        looseID `json:"id"`
	Text      string  `json:"text"`
	NoteTweet *xNote  `json:"note_tweet"`
	NotePost  *xNote  `json:"note_post"`
}

type xNote struct {
	Text string `json:"text"`
}

type xUser struct {
	ID       looseID `json:"id"`
	Username string  `json:"username"`
}

// xMessage is one object of a recording: a page of posts, a post of the stream, a flattened post,
// or a word about the stream itself.
type xMessage struct {
	Data     json.RawMessage `json:"data"`
	Includes struct {
		Users  []xUser     `json:"users"`
		Tweets []xReferred `json:"tweets"`
		Posts  []xReferred `json:"posts"`
	} `json:"includes"`
	Meta   json.RawMessage `json:"meta"`
	Errors json.RawMessage `json:"errors"`
	Title  string          `json:"title"`
	xPost
}

// decodeX reads what twarc 2 and other recorders of the X API v2 write.
func decodeX(row *frame.Row, e *emitter) {
	var m xMessage
	if err := json.Unmarshal(row.Data, &m); err != nil {
		e.refuse(ReasonBadJSON, err.Error())
		return
	}
	var posts []xPost
	switch {
	case len(m.Data) > 0 && m.Data[0] == '[':
		posts = xPage(m.Data, e)
	case len(m.Data) > 0 && m.Data[0] == '{':
		posts = make([]xPost, 1)
		if err := json.Unmarshal(m.Data, &posts[0]); err != nil {
			e.refuse(ReasonBadJSON, err.Error())
			return
		}
	case m.ID != "":
		posts = []xPost{m.xPost}
	case m.Errors != nil || m.Title != "" || m.Meta != nil:
		e.refuse(ReasonNotice, shorten(m.Title))
	default:
		e.refuse(ReasonNotAPost, "")
	}
	if len(posts) == 0 {
		return
	}
	handles := make(map[looseID]string, len(m.Includes.Users))
	for _, u := range m.Includes.Users {
		handles[u.ID] = u.Username
	}
	texts := make(map[looseID]string, len(m.Includes.Tweets)+len(m.Includes.Posts))
	for _, list := range [][]xReferred{m.Includes.Tweets, m.Includes.Posts} {
		for i := range list {
			texts[list[i].ID] = list[i].full()
		}
	}
	for i := range posts {
		posts[i].emit(e, handles, texts)
	}
}

// xPage reads the posts of a page; one that cannot be read does not spoil the others.
func xPage(data json.RawMessage, e *emitter) []xPost {
	var posts []xPost
	if json.Unmarshal(data, &posts) == nil {
		return posts
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		e.refuse(ReasonBadJSON, err.Error())
		return nil
	}
	posts = posts[:0]
	for _, r := range raw {
		var p xPost
		if err := json.Unmarshal(r, &p); err != nil {
			e.refuse(ReasonBadJSON, err.Error())
			continue
		}
		posts = append(posts, p)
	}
	return posts
}

func (r *xReferred) full() string { return longer(r.Text, r.NoteTweet, r.NotePost) }

func (x *xPost) emit(e *emitter, handles, texts map[looseID]string) {
	if e.crammed { // before its text is made
		e.refuse(ReasonTooLarge, crammed)
		return
	}
	text := longer(x.Text, x.NoteTweet, x.NotePost)
	if x.TweetCount != nil || x.PostCount != nil || text == "" && x.CreatedAt == "" {
		e.refuse(ReasonNotAPost, shorten(string(x.ID)))
		return
	}
	if x.ID == "" {
		e.refuse(ReasonNoID, "")
		return
	}
	at, reason := parseTime(x.CreatedAt)
	if reason != "" {
		e.refuse(reason, fmt.Sprintf("post %s: %s", shorten(string(x.ID)), shorten(x.CreatedAt)))
		return
	}
	p := reaction.Post{
		Source: reaction.X, ID: string(x.ID), At: at, Lang: x.Lang,
		Author: reaction.Author{ID: string(x.AuthorID), Handle: handles[x.AuthorID]},
	}
	if x.Author != nil {
		p.Author = reaction.Author{ID: string(x.Author.ID), Handle: x.Author.Username}
	}
	for _, list := range [][]xReference{x.Tweets, x.Posts} {
		for i := range list {
			text = list[i].apply(&p, text, texts)
		}
	}
	p.Text, p.URL = unescapeX(text), xURL(p.Author.Handle, p.ID)
	e.post(&p, at, false)
}

// apply tells the kind of p by a post it refers to: what passes on counts before what answers, and
// that before what quotes. A passed-on text that the platform cut short is made whole.
func (r *xReference) apply(p *reaction.Post, text string, texts map[looseID]string) string {
	switch r.Type {
	case "retweeted", "reposted":
		p.Kind, p.Repeats = reaction.Repost, string(r.ID)
		whole := r.full()
		if whole == "" {
			whole = texts[r.ID]
		}
		return wholeRepost(text, whole)
	case "replied_to":
		if p.Kind != reaction.Repost {
			p.Kind, p.Repeats = reaction.Reply, ""
		}
	case "quoted":
		if p.Kind == reaction.Original {
			p.Kind, p.Repeats = reaction.Quote, string(r.ID)
		}
	}
	return text
}
