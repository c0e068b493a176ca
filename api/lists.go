package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

func (s *server) listOperations() {
	register(s, figures, huma.Operation{
		OperationID: "list-tags", Method: http.MethodGet, Path: eventPath + "/tags", Tags: []string{tagFigures},
		Summary: "Hashtags of an event, most used first",
	}, s.listTags)
	register(s, reads, huma.Operation{
		OperationID: "list-posts", Method: http.MethodGet, Path: eventPath + "/posts", Tags: []string{tagFigures},
		Summary:     "Posts of an event, newest first, each with why it was tagged",
		Description: "Text is as it was posted, control characters and all: escape it before you show it.",
	}, s.listPosts)
	register(s, figures, huma.Operation{
		OperationID: "get-coverage", Method: http.MethodGet, Path: eventPath + "/coverage", Tags: []string{tagFigures},
		Summary: "When each source of an event was heard, and when it was not, in order of time",
	}, s.getCoverage)
	register(s, figures, huma.Operation{
		OperationID: "list-health", Method: http.MethodGet, Path: eventPath + "/health", Tags: []string{tagFigures},
		Summary: "Health samples of an event's services, oldest first",
	}, s.listHealth)
}

type tagsInput struct {
	PageInput
	Slug   string   `path:"slug" maxLength:"64" doc:"The event's slug."`
	From   string   `query:"from" doc:"Only uses from here on, RFC 3339; rounded down to ten seconds."`
	To     string   `query:"to" doc:"Only uses before, RFC 3339; rounded up to ten seconds."`
	Source []string `query:"source,explode" maxItems:"50" doc:"Only these sources, repeated or between commas."`
}

type tagsOutput struct {
	Link string `header:"Link" doc:"The next page (RFC 8288)."`
	Body struct {
		Tags []tagAnswer `json:"tags"`
	}
}

// tagAnswer is a trend.TagRow. Its fields are written out for their descriptions.
type tagAnswer struct {
	Tag     string            `json:"tag" doc:"Folded, without the sign: the form uses are counted under." example:"desaster"`
	Display string            `json:"display" doc:"As it was first written." example:"DeSaster"`
	Posts   int64             `json:"posts" doc:"Posts that carry it in the window, without those deleted since."`
	Gross   int64             `json:"gross" doc:"The same with deleted ones."`
	FirstAt time.Time         `json:"first_at" doc:"When it was first seen in the event."`
	FirstIn reaction.Source   `json:"first_source" doc:"Where."`
	Sources []reaction.Source `json:"sources" doc:"Sources it was used on in the window."`
	Authors *int64            `json:"authors" doc:"Estimate of distinct known authors over the whole event; null where none is known."`
	Unknown int64             `json:"posts_of_unknown_authors" doc:"Posts over the whole event whose author is unknown."`
}

func (s *server) listTags(ctx context.Context, in *tagsInput) (*tagsOutput, error) {
	q := trend.TagsQuery{Limit: in.Limit + 1}
	var err error
	if q.After, err = readCursor[trend.TagPosition]("tags", in.Cursor); err != nil {
		return nil, err
	}
	if q.Sources, err = readSources(in.Source); err != nil {
		return nil, err
	}
	if q.From, q.To, err = readSpan(in.From, in.To); err != nil {
		return nil, err
	}
	if !q.From.IsZero() {
		q.From = reaction.Bucket(q.From)
	}
	if !q.To.IsZero() {
		_, q.To = trend.Grid(q.To, q.To, reaction.BucketWidth)
	}
	if q.Event, err = s.event(ctx, in.Slug); err != nil {
		return nil, err
	}
	rows, err := s.Figures.Tags(ctx, q)
	if err != nil {
		return nil, missing(err, "There is no event %q.", clip(in.Slug))
	}
	rows, cursor := pageOf("tags", rows, in.Limit, func(t trend.TagRow) trend.TagPosition {
		return trend.TagPosition{Posts: t.Posts, Tag: t.Tag}
	})
	out := &tagsOutput{Link: in.next(cursor)}
	out.Body.Tags = make([]tagAnswer, len(rows))
	for i, t := range rows {
		out.Body.Tags[i] = tagAnswer{
			t.Tag, t.Display, t.Posts, t.Gross, t.FirstAt.UTC(), t.FirstIn, orEmpty(t.Sources), t.Authors, t.Unknown,
		}
	}
	return out, nil
}

// orEmpty makes a list of nothing an empty list: in JSON, nil would be null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
