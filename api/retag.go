package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"outcry/internal/reaction"
)

const retagPath = eventPath + "/retag"

// Retags tags stored posts again.
type Retags interface {
	// BeginRetag sets down that the event's posts are to be tagged again, or finds that they are being:
	// it is done in the background, and gone on with after a stop. reaction.ErrConflict where no posts
	// are kept any more.
	BeginRetag(ctx context.Context, e *reaction.Event, now time.Time) (reaction.Retag, error)

	// Retag tells of the latest one. Its Number is 0 where there was none.
	Retag(ctx context.Context, e *reaction.Event) (reaction.Retag, error)
}

type retagOutput struct {
	Body struct {
		Retag *reaction.Retag `json:"retag,omitempty" doc:"The latest. Absent where posts have the tags that they came with."`
	}
}

func (s *server) retagOperations() {
	register(s, figures, huma.Operation{
		OperationID: "get-retag", Method: http.MethodGet, Path: retagPath, Tags: []string{tagFigures},
		Summary: "Whether the posts of an event were tagged again, and how far that is",
	}, s.getRetag)
	register(s, admins, huma.Operation{
		OperationID: "retag", Method: http.MethodPost, Path: retagPath, Tags: []string{tagEvents},
		Summary: "Tag the stored posts of an event again, and make its figures again from them",
		Description: "With the tagger of the running program and the definitions of events as they are now. It is done in the background, a few hundred posts at a time, beside the live line; " +
			"asked for again while it goes on, it answers how far it is. Posts that are deleted at their source, and earlier versions of edited ones, keep the labels that they had: their words are gone.",
		DefaultStatus: http.StatusAccepted,
	}, s.beginRetag)
}

func (s *server) getRetag(ctx context.Context, in *slugInput) (*retagOutput, error) {
	e, err := s.event(ctx, in.Slug)
	if err != nil {
		return nil, err
	}
	r, err := s.Retags.Retag(ctx, e)
	if err != nil {
		return nil, err
	}
	return answerRetag(r), nil
}

func (s *server) beginRetag(ctx context.Context, in *slugInput) (*retagOutput, error) {
	e, err := s.event(ctx, in.Slug)
	if err != nil {
		return nil, err
	}
	r, err := s.Retags.BeginRetag(ctx, e, s.Now())
	if err != nil {
		return nil, missing(err, "There is no event %q.", clip(in.Slug))
	}
	s.audit(ctx, "event.retag", e.Slug)
	return answerRetag(r), nil
}

func answerRetag(r reaction.Retag) *retagOutput {
	out := &retagOutput{}
	if r.Number > 0 {
		out.Body.Retag = &r
	}
	return out
}
