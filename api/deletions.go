package api

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"outcry/internal/reaction"
)

const deletionsPath = "/v1/deletions"

type forgetInput struct{ upload }

// forgetRequest is a deletion that somebody asks for.
type forgetRequest struct {
	Source string `json:"source" doc:"Where it was posted." example:"bluesky"`
	ID     string `json:"id,omitempty" doc:"The post, by its id at the source as lists of posts show it."`
	Author string `json:"author,omitempty" doc:"All that somebody has posted until now, by the account's own id at the source, not its name: a DID on Bluesky, a number on X, the account's address (https://…/users/…) on Mastodon."`
}

type forgetOutput struct {
	Body struct {
		Target string `json:"target" doc:"How the audit log names this deletion: by a random reference that only this answer ties to it, so that the log does not keep what is to be forgotten. Give it to whoever asked."`
	}
}

type rechecksOutput struct {
	Body struct {
		Rechecks []recheckAnswer `json:"rechecks"`
	}
}

type recheckAnswer struct {
	Source  reaction.Source `json:"source"`
	Posts   int64           `json:"posts" doc:"Stored posts that the source is asked for again, since it does not tell of deletions."`
	Overdue int64           `json:"overdue" doc:"Of these, the posts not asked for within the last 24 hours: for want of money under the spending limits, or because the source is not collected. They may have been deleted since."`
	Oldest  time.Time       `json:"oldest" doc:"When the post that was seen longest ago was."`
}

func (s *server) deletionOperations() {
	register(s, admins, huma.Operation{
		OperationID: "forget", Method: http.MethodPost, Path: deletionsPath, Tags: []string{tagDoor},
		Summary: "Delete a post, or all that somebody has posted, from every event",
		Description: "For the request of a person. It is durable when it is answered, and done within seconds: texts and addresses are blanked, net figures follow, gross ones stay. " +
			"It holds for what comes later and was posted before, for two days at least. Whether anything was stored is not told.",
		DefaultStatus: http.StatusAccepted,
	}, s.forget)
	register(s, reads, huma.Operation{
		OperationID: "list-rechecks", Method: http.MethodGet, Path: deletionsPath, Tags: []string{tagFigures},
		Summary: "How many posts could not be asked for again, of sources that do not tell what is deleted",
	}, s.listRechecks)
	s.body(http.MethodPost, deletionsPath, "The source, and either id or author.", map[string]*huma.Schema{typeJSON: schema[forgetRequest](s)})
}

func (s *server) forget(ctx context.Context, in *forgetInput) (*forgetOutput, error) {
	q, err := readJSON[forgetRequest](&in.upload, 8<<10)
	if err != nil {
		return nil, err
	}
	d := reaction.Delete{ID: q.ID, Author: reaction.Author{ID: q.Author}, At: s.Now().UTC()}
	if d.Source, err = reaction.ParseSource(q.Source); err != nil {
		return nil, mistake("body.source", "%s", err)
	}
	kind := "post"
	switch {
	case (q.ID == "") == (q.Author == ""):
		return nil, mistake("body", "give either the id of a post or its author")
	case q.ID == "":
		kind = "author"
	}
	if err := s.Deletions.Forget(ctx, d); err != nil {
		return nil, err
	}
	out := &forgetOutput{}
	out.Body.Target = string(d.Source) + " " + kind + " ref:" + newReference()
	s.audit(ctx, "posts.forget", out.Body.Target)
	return out, nil
}

// newReference makes a name of 80 bits for something that must not be found by guessing at it.
func newReference() string { return strings.ToLower(rand.Text()[:16]) }

func (s *server) listRechecks(ctx context.Context, _ *struct{}) (*rechecksOutput, error) {
	list, err := s.Deletions.Rechecks(ctx, s.Now().Add(-reaction.RecheckWithin))
	if err != nil {
		return nil, err
	}
	out := &rechecksOutput{}
	out.Body.Rechecks = make([]recheckAnswer, len(list))
	for i, r := range list {
		out.Body.Rechecks[i] = recheckAnswer{r.Source, r.Posts, r.Overdue, r.Oldest}
	}
	return out, nil
}

// keptAnswer is what is kept of an event's posts.
type keptAnswer struct {
	Until     *time.Time `json:"until,omitempty" doc:"When all posts will be removed, if none come until then: the event's retention after its end or the last arrival. Absent while that is not known, and for an endless event, whose posts go day by day."`
	From      *time.Time `json:"from,omitempty" doc:"Posts from before were removed, of an endless event."`
	RemovedAt *time.Time `json:"removed_at,omitempty" doc:"When posts were removed last. Figures stay."`
	Emptied   bool       `json:"emptied" doc:"True when all posts were removed, with the key that their authors were known by: nothing more can be collected, replayed or tagged anew."`
}

// keptOf says what is kept of an event's posts; nil where nobody knows.
func (s *server) keptOf(ctx context.Context, e *reaction.Event) (*keptAnswer, error) {
	if s.Retention == nil {
		return nil, nil
	}
	k, err := s.Retention.Kept(ctx, e)
	if err != nil {
		return nil, missing(err, "There is no event %q.", e.Slug)
	}
	return &keptAnswer{maybe(k.Until), maybe(k.From), maybe(k.RemovedAt), k.Emptied}, nil
}
