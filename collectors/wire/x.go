package wire

import (
	"cmp"
	"encoding/json"
	"fmt"

	"outcry/internal/reaction"
)

// xPost is a post of the X API v2, under its old and new field names.
type xPost struct {
	ID        LooseID `json:"id"`
	Text      string  `json:"text"`
	CreatedAt string  `json:"created_at"`
	AuthorID  LooseID `json:"author_id"`
	Lang      string  `json:"lang"`

	Author     *xUser       `json:"author"` // flattened by twarc
	Tweets     []xReference `json:"referenced_tweets"`
	Posts      []xReference `json:"referenced_posts"`
	NoteTweet  *xNote       `json:"note_tweet"`
	NotePost   *xNote       `json:"note_post"`
	Edits      looseIDs     `json:"edit_history_tweet_ids"` // oldest first, itself included
	PostEdits  looseIDs     `json:"edit_history_post_ids"`
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
	ID        LooseID `json:"id"`
	AuthorID  LooseID `json:"author_id"`
	Text      string  `json:"text"`
	NoteTweet *xNote  `json:"note_tweet"`
	NotePost  *xNote  `json:"note_post"`
}

type xNote struct {
	Text string `json:"text"`
}

type xUser struct {
	ID       LooseID `json:"id"`
	Username string  `json:"username"`
}

// xMessage is one object of a stream, a search or a recording: a page of posts, a post of the
// stream, a flattened post, or a word about the stream itself.
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
	Rules  json.RawMessage `json:"matching_rules"`
	xPost
}

// X reads one message of the X API v2: of the filtered stream, an answer to a search, or what
// twarc 2 and other recorders write. Errors beside posts are no refusal: they concern what the
// posts refer to.
func X(data []byte, to Sink) XHeard {
	var m xMessage
	if err := json.Unmarshal(data, &m); err != nil {
		to.Refuse(ReasonBadJSON, err.Error())
		return XHeard{}
	}
	var posts []xPost
	switch {
	case len(m.Data) > 0 && m.Data[0] == '[':
		posts = xPage(m.Data, to)
	case len(m.Data) > 0 && m.Data[0] == '{':
		posts = make([]xPost, 1)
		if err := json.Unmarshal(m.Data, &posts[0]); err != nil {
			to.Refuse(ReasonBadJSON, err.Error())
			return m.heard(data)
		}
	case m.ID != "":
		posts = []xPost{m.xPost}
	case m.Errors != nil || m.Title != "" || m.Meta != nil:
		to.Refuse(ReasonNotice, Shorten(m.Title))
	default:
		to.Refuse(ReasonNotAPost, "")
	}
	heard := m.heard(data)
	if len(posts) == 0 {
		return heard
	}
	handles := make(map[LooseID]string, len(m.Includes.Users))
	for _, u := range m.Includes.Users {
		handles[u.ID] = u.Username
	}
	referred := make(map[LooseID]*xReferred, len(m.Includes.Tweets)+len(m.Includes.Posts))
	for _, list := range [][]xReferred{m.Includes.Tweets, m.Includes.Posts} {
		for i := range list {
			referred[list[i].ID] = &list[i]
		}
	}
	for i := range posts {
		posts[i].emit(to, handles, referred)
	}
	return heard
}

// xPage reads the posts of a page; one that cannot be read does not spoil the others.
func xPage(data json.RawMessage, to Sink) []xPost {
	var posts []xPost
	if json.Unmarshal(data, &posts) == nil {
		return posts
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		to.Refuse(ReasonBadJSON, err.Error())
		return nil
	}
	posts = posts[:0]
	for _, r := range raw {
		var p xPost
		if err := json.Unmarshal(r, &p); err != nil {
			to.Refuse(ReasonBadJSON, err.Error())
			continue
		}
		posts = append(posts, p)
	}
	return posts
}

func (r *xReferred) full() string { return longer(r.Text, r.NoteTweet, r.NotePost) }

func (x *xPost) emit(to Sink, handles map[LooseID]string, referred map[LooseID]*xReferred) {
	if full(to) { // before its text is made
		to.Refuse(ReasonTooLarge, Crammed)
		return
	}
	text := longer(x.Text, x.NoteTweet, x.NotePost)
	if x.TweetCount != nil || x.PostCount != nil || text == "" && x.CreatedAt == "" {
		to.Refuse(ReasonNotAPost, Shorten(string(x.ID)))
		return
	}
	if x.ID == "" {
		to.Refuse(ReasonNoID, "")
		return
	}
	at, reason := ParseTime(x.CreatedAt)
	if reason != "" {
		to.Refuse(reason, fmt.Sprintf("post %s: %s", Shorten(string(x.ID)), Shorten(x.CreatedAt)))
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
			text = list[i].apply(&p, text, referred)
		}
	}
	p.Text, p.URL = UnescapeX(text), XURL(p.Author.Handle, p.ID)
	order, edit := x.edited(&p)
	to.Post(&p, order, edit, "")
}

// apply tells the kind of p by a post it refers to: what passes on counts before what answers, and
// that before what quotes. A passed-on text that the platform cut short is made whole.
func (r *xReference) apply(p *reaction.Post, text string, referred map[LooseID]*xReferred) string {
	switch r.Type {
	case "retweeted", "reposted":
		p.Kind, p.Repeats = reaction.Repost, string(r.ID)
		whole, author := r.full(), r.AuthorID
		if o := referred[r.ID]; o != nil {
			whole, author = cmp.Or(whole, o.full()), cmp.Or(author, o.AuthorID)
		}
		p.Passed = reaction.Author{ID: string(author)}
		return WholeRepost(text, whole)
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
