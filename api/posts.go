package api

import (
	"context"
	"slices"
	"strings"
	"time"

	"outcry/internal/reaction"
	"outcry/nlp/distinct"
)

type postsInput struct {
	PageInput
	Slug    string `path:"slug" maxLength:"64" doc:"The event's slug."`
	Label   string `query:"label" enum:"posts,complaints,elsewhere,first_hand,recovery,reposts" doc:"Only posts counted under this label; elsewhere are complaints of a service that the event does not follow."`
	Symptom string `query:"symptom" enum:"join,audio,video,buffering,crash,login,payment,delay,quality" doc:"Only complaints that name this symptom."`
	Tag     string `query:"tag" maxLength:"200" doc:"Only posts with this hashtag, with or without its sign."`
	Q       string `query:"q" maxLength:"200" doc:"Only posts in which each of these words occurs, without regard to case."`
	Source  string `query:"source" maxLength:"32" doc:"Only this source."`
	Lang    string `query:"lang" maxLength:"35" doc:"Only this language."`
	From    string `query:"from" doc:"Only posts from here on, RFC 3339."`
	To      string `query:"to" doc:"Only posts before, RFC 3339."`
	Fold    string `query:"fold" enum:"copies" doc:"copies: the newest of near-copies stands for the others, with their number. They are folded within the stretch of posts that a page reads, at most 1,000; of posts that are gone at their source nothing is folded."`
}

type postsOutput struct {
	Link string `header:"Link" doc:"The next page (RFC 8288)."`
	Body struct {
		Posts []postAnswer `json:"posts"`
		Kept  *keptAnswer  `json:"kept,omitempty" doc:"What is kept of the event's posts: where there are none, perhaps they were removed."`
	}
}

type postAnswer struct {
	Source    reaction.Source `json:"source"`
	ID        string          `json:"id" doc:"Unique within its source."`
	At        time.Time       `json:"at" doc:"When it was posted."`
	Received  time.Time       `json:"received,omitzero" doc:"When it was heard, where that was recorded."`
	Retimed   bool            `json:"retimed" doc:"True when the claimed time was not believable and at is the server's."`
	Kind      reaction.Kind   `json:"kind" enum:"original,reply,quote,repost"`
	Text      *string         `json:"text" doc:"null when the post is gone at its source."`
	URL       string          `json:"url,omitempty" doc:"Where people can see it."`
	Repeats   string          `json:"repeats,omitempty" doc:"Id of the post that a repost or quote passes on."`
	DeletedAt *time.Time      `json:"deleted_at,omitempty" doc:"When its source said that it is gone. Nothing that quotes it is told then."`
	Tags      postTags        `json:"tags"`
	Copies    *copiesAnswer   `json:"copies,omitempty" doc:"With fold=copies: the near-copies that this post stands for. Absent where it has none."`
}

// copiesAnswer is what a post stands for besides itself.
type copiesAnswer struct {
	Posts   int               `json:"posts" doc:"Near-copies besides this one: their fingerprints differ in at most 3 of 64 bits."`
	Sources []reaction.Source `json:"sources" doc:"Where they were posted."`
	From    time.Time         `json:"from" doc:"When the oldest of them was posted, as far back as this page reads."`
}

// postTags is reaction.Tags with its symptoms by name and without null in the place of lists.
type postTags struct {
	Version     int                `json:"version" doc:"Of the tagger."`
	Lang        string             `json:"lang" doc:"BCP 47; und where unknown."`
	Hashtags    []reaction.Hashtag `json:"hashtags"`
	Mentions    []string           `json:"mentions" doc:"Without the sign."`
	URLs        []string           `json:"urls"`
	Cashtags    []string           `json:"cashtags,omitempty" doc:"Without the sign."`
	Emoji       []string           `json:"emoji,omitempty"`
	Complaint   float32            `json:"complaint" minimum:"0" maximum:"1" doc:"How surely the post complains of an outage."`
	IsComplaint bool               `json:"is_complaint" doc:"True when complaint is past the tagger's threshold."`
	FirstHand   bool               `json:"first_hand" doc:"True when it speaks of the writer's own trouble."`
	Recovery    bool               `json:"recovery" doc:"True when it says that things work again."`
	Symptoms    []string           `json:"symptoms"`
	Sentiment   float32            `json:"sentiment" minimum:"-1" maximum:"1" doc:"0 where unknown."`
	Anger       float32            `json:"anger" minimum:"0" maximum:"1" doc:"How surely the writer is angry."`
	Blamed      string             `json:"blamed,omitempty" doc:"The service it blames."`
	Services    []string           `json:"services,omitempty" doc:"Services that it names: those of events, and well-known ones."`
	Reasons     []reaction.Reason  `json:"reasons" doc:"What made the tags. Offsets count bytes of the text in UTF-8."`
}

func (s *server) listPosts(ctx context.Context, in *postsInput) (*postsOutput, error) {
	q := reaction.PostQuery{Label: in.Label, Symptom: in.Symptom, Text: in.Q, Lang: in.Lang, Limit: in.Limit + 1}
	var err error
	if q.After, err = readCursor[reaction.PostPosition]("posts", in.Cursor); err != nil {
		return nil, err
	}
	if in.Tag != "" {
		name := strings.Trim(in.Tag, "#＃ ")
		if name == "" {
			return nil, mistake("query.tag", "the hashtag has no name")
		}
		q.Tag = s.Fold(name)
	}
	if in.Source != "" {
		if q.Source, err = reaction.ParseSource(in.Source); err != nil {
			return nil, mistake("query.source", "%s", err)
		}
	}
	if q.From, q.To, err = readSpan(in.From, in.To); err != nil {
		return nil, err
	}
	if q.Event, err = s.event(ctx, in.Slug); err != nil {
		return nil, err
	}
	if in.Fold != "" {
		done, err := s.turn(ctx)
		if err != nil {
			return nil, err
		}
		defer done()
		q.Limit = foldRead + 1
	}
	posts, err := s.Posts.Posts(ctx, q)
	if err != nil {
		return nil, missing(err, "There is no event %q.", clip(in.Slug))
	}
	out := &postsOutput{}
	if in.Fold != "" {
		folded, read := foldCopies(posts[:min(len(posts), foldRead)], in.Limit)
		if out.Body.Posts = folded; read < len(posts) {
			out.Link = in.next(writeCursor("posts", postPlace(posts[read-1])))
		}
	} else {
		posts, cursor := pageOf("posts", posts, in.Limit, postPlace)
		out.Link = in.next(cursor)
		out.Body.Posts = make([]postAnswer, len(posts))
		for i := range posts {
			out.Body.Posts[i] = answerPost(&posts[i])
		}
	}
	out.Body.Kept, err = s.keptOf(ctx, q.Event)
	return out, err
}

func postPlace(p reaction.StoredPost) reaction.PostPosition {
	return reaction.PostPosition{At: p.At, Source: p.Source, ID: p.ID}
}

// foldRead is how many posts one page of folded ones is made of at most.
const foldRead = 1_000

// foldCopies makes at most that many answers of posts, each of which stands for its near-copies, and
// tells how many posts it has read. A post that is gone stands for itself: what it is a copy of would
// tell its text.
func foldCopies(posts []reaction.StoredPost, limit int) (out []postAnswer, read int) {
	out = []postAnswer{}
	copies := distinct.NewCopies()
	for i := range posts {
		p := &posts[i]
		print := p.Tags.Fingerprint
		if p.DeletedAt != nil {
			print = 0
		}
		of, again := copies.Near(print)
		if !again {
			if len(out) == limit {
				return out, i
			}
			copies.Add(print)
			out = append(out, answerPost(p))
			continue
		}
		c := out[of].Copies
		if c == nil {
			c = &copiesAnswer{}
			out[of].Copies = c
		}
		c.Posts++
		c.From = p.At.UTC()
		if !slices.Contains(c.Sources, p.Source) {
			c.Sources = append(c.Sources, p.Source)
		}
	}
	return out, len(posts)
}

func answerPost(p *reaction.StoredPost) postAnswer {
	t := &p.Tags
	a := postAnswer{
		Source: p.Source, ID: p.ID, At: p.At.UTC(), Received: p.Received, Retimed: p.Retimed, Kind: p.Kind,
		Text: &p.Text, URL: p.URL, Repeats: p.Repeats, DeletedAt: p.DeletedAt,
		Tags: postTags{
			Version: t.Version, Lang: t.Lang, Hashtags: orEmpty(t.Hashtags), Mentions: orEmpty(t.Mentions), URLs: orEmpty(t.URLs),
			Complaint: t.Complaint, IsComplaint: t.IsComplaint, FirstHand: t.FirstHand, Recovery: t.Recovery,
			Symptoms: t.Symptoms.Names(), Sentiment: t.Sentiment, Anger: t.Anger, Cashtags: t.Cashtags, Emoji: t.Emoji, Blamed: t.Blamed, Services: t.Services, Reasons: orEmpty(t.Reasons),
		},
	}
	if p.DeletedAt != nil {
		// Tags and reasons quote the text, and the address leads to copies of it.
		a.Text, a.URL = nil, ""
		a.Tags.Cashtags, a.Tags.Emoji = nil, nil
		a.Tags.Hashtags, a.Tags.Mentions, a.Tags.URLs, a.Tags.Reasons = []reaction.Hashtag{}, []string{}, []string{}, []reaction.Reason{}
	}
	return a
}
