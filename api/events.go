package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"outcry/internal/reaction"
)

type slugInput struct {
	Slug string `path:"slug" maxLength:"64" doc:"The event's slug." example:"desantis-launch"`
}

type eventOutput struct {
	Location string `header:"Location" doc:"The address of a new event."`
	Body     eventAnswer
}

type eventsInput struct{ PageInput }

type eventsOutput struct {
	Link string `header:"Link" doc:"The next page (RFC 8288)."`
	Body struct {
		Events []eventAnswer `json:"events" doc:"Latest planned start first."`
	}
}

type createInput struct{ upload }

type replaceInput struct {
	upload
	Slug string `path:"slug" maxLength:"64" doc:"The event's slug."`
}

const (
	eventsPath = "/v1/events"
	eventPath  = "/v1/events/{slug}"
)

func (s *server) eventOperations() {
	register(s, reads, huma.Operation{
		OperationID: "list-events", Method: http.MethodGet, Path: eventsPath, Tags: []string{tagEvents},
		Summary: "List live events",
	}, s.listEvents)
	register(s, admins, huma.Operation{
		OperationID: "create-event", Method: http.MethodPost, Path: eventsPath, Tags: []string{tagEvents},
		Summary: "Add a live event", DefaultStatus: http.StatusCreated,
	}, s.createEvent)
	register(s, figures, huma.Operation{
		OperationID: "get-event", Method: http.MethodGet, Path: eventPath, Tags: []string{tagEvents},
		Summary: "Show a live event",
	}, s.getEvent)
	register(s, admins, huma.Operation{
		OperationID: "replace-event", Method: http.MethodPut, Path: eventPath, Tags: []string{tagEvents},
		Summary: "Change a live event", Description: "Replaces the whole definition. Posts that were stored stay as they are. The status scheduled, which is the default, leaves an event " +
			"that has gone on since where it stands, unless starts_at moves to a time still to come; any other status must be one it could be moved to.",
	}, s.replaceEvent)
	register(s, admins, huma.Operation{
		OperationID: "delete-event", Method: http.MethodDelete, Path: eventPath, Tags: []string{tagEvents},
		Summary: "Delete a live event and all that is stored of it",
	}, s.deleteEvent)

	kinds := map[string]*huma.Schema{typeJSON: schema[reaction.Event](s)}
	if s.DecodeEvent != nil {
		kinds[typeYAML] = textBody()
	}
	const text = "The event as its file has it. Fields that only answers have are ignored."
	s.body(http.MethodPost, eventsPath, text, kinds)
	s.body(http.MethodPut, eventPath, text, kinds)
}

// event finds the event that a path names.
func (s *server) event(ctx context.Context, slug string) (*reaction.Event, error) {
	e, err := s.Events.Event(ctx, slug)
	if err != nil {
		return nil, missing(err, "There is no event %q.", clip(slug))
	}
	return e, nil
}

// eventPosition is a place in the list of events.
type eventPosition struct {
	StartsAt time.Time `json:"t"`
	Slug     string    `json:"s"`
}

func positionOf(e reaction.Event) eventPosition { return eventPosition{e.StartsAt, e.Slug} }

func (p eventPosition) compare(o eventPosition) int {
	return cmp.Or(o.StartsAt.Compare(p.StartsAt), cmp.Compare(p.Slug, o.Slug))
}

func (s *server) listEvents(ctx context.Context, in *eventsInput) (*eventsOutput, error) {
	after, err := readCursor[eventPosition]("events", in.Cursor)
	if err != nil {
		return nil, err
	}
	list, err := s.Events.Events(ctx)
	if err != nil {
		return nil, err
	}
	if after != nil {
		list = slices.DeleteFunc(list, func(e reaction.Event) bool { return positionOf(e).compare(*after) <= 0 })
	}
	slices.SortFunc(list, func(a, b reaction.Event) int { return positionOf(a).compare(positionOf(b)) })
	list, cursor := pageOf("events", list, in.Limit, positionOf)

	out := &eventsOutput{Link: in.next(cursor)}
	out.Body.Events = make([]eventAnswer, 0, len(list))
	for i := range list {
		a, err := s.answerEvent(ctx, &list[i])
		switch {
		case errors.Is(err, reaction.ErrNotFound): // deleted since it was listed
			continue
		case err != nil:
			return nil, err
		}
		out.Body.Events = append(out.Body.Events, a)
	}
	return out, nil
}

func (s *server) getEvent(ctx context.Context, in *slugInput) (*eventOutput, error) {
	e, err := s.event(ctx, in.Slug)
	if err != nil {
		return nil, err
	}
	body, err := s.answerEvent(ctx, e)
	if err != nil {
		return nil, err
	}
	return &eventOutput{Body: body}, nil
}

func (s *server) createEvent(ctx context.Context, in *createInput) (*eventOutput, error) {
	e, err := s.readEvent(&in.upload, "")
	if err != nil {
		return nil, err
	}
	e.SaidBy = s.actor(ctx)
	switch err := s.Events.CreateEvent(ctx, e); {
	case errors.Is(err, reaction.ErrExists):
		return nil, problem(http.StatusConflict, "There is an event %q already: PUT changes it.", e.Slug)
	case err != nil:
		return nil, err
	}
	s.audit(ctx, "event.create", e.Slug)
	body, err := s.answerEvent(ctx, e)
	if err != nil {
		// The event is there: an error would send the client to try again, and into a conflict.
		s.log.WarnContext(ctx, "window of a new event", "request_id", requestID(ctx), "error", err)
		body = answerWith(e, e.ListenFrom, cmp.Or(e.EndsAt, e.StartsAt), false)
	}
	return &eventOutput{Location: body.Links.Self, Body: body}, nil
}

func (s *server) replaceEvent(ctx context.Context, in *replaceInput) (*eventOutput, error) {
	e, err := s.readEvent(&in.upload, in.Slug)
	if err != nil {
		return nil, err
	}
	e.SaidBy = s.actor(ctx)
	if err := s.Events.ReplaceEvent(ctx, e); err != nil {
		return nil, missing(err, "There is no event %q: POST %s adds one.", clip(in.Slug), eventsPath)
	}
	s.audit(ctx, "event.change", e.Slug)
	s.announceLife(ctx, e)
	body, err := s.answerEvent(ctx, e)
	if err != nil {
		return nil, err
	}
	return &eventOutput{Body: body}, nil
}

func (s *server) deleteEvent(ctx context.Context, in *slugInput) (*struct{}, error) {
	e, err := s.event(ctx, in.Slug)
	if err != nil {
		return nil, err
	}
	if err := s.Events.DeleteEvent(ctx, in.Slug); err != nil {
		return nil, missing(err, "There is no event %q.", clip(in.Slug))
	}
	s.audit(ctx, "event.delete", in.Slug)
	s.announceLife(ctx, e)
	return nil, nil
}
