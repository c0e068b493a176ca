package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"outcry/internal/auth"
	"outcry/internal/reaction"
)

const (
	lifePath   = eventPath + "/life"
	statusPath = eventPath + "/status"

	maxMoveBytes = 16 << 10
)

// somebody is whom strangers are told of, where a person said that an event has another status.
const somebody = "somebody"

type lifeOutput struct {
	Body struct {
		Life []changeAnswer `json:"life" doc:"Oldest first. The last is how the event stands."`
	}
}

// changeAnswer is a reaction.Turn. Its fields are written out for their descriptions.
type changeAnswer struct {
	Status   reaction.Status `json:"status" enum:"scheduled,live,postponed,cancelled,ended"`
	At       time.Time       `json:"at" doc:"When it became so."`
	By       string          `json:"by" doc:"Who said so; the plan where the clock did. Strangers, who see the life of a public event, are told somebody." example:"owner"`
	SaidAt   time.Time       `json:"said_at" doc:"When it was said."`
	Note     string          `json:"note,omitempty" doc:"Why, in the words of who said so. Not told to strangers."`
	StartsAt time.Time       `json:"starts_at,omitzero" doc:"The planned start as it was then. Absent where the event was postponed until further notice."`
	EndsAt   time.Time       `json:"ends_at,omitzero" doc:"The planned end as it was then. Absent where there was none."`
}

type statusInput struct {
	upload
	Slug string `path:"slug" maxLength:"64" doc:"The event's slug."`
}

// statusRequest describes a move to another status.
type statusRequest struct {
	Status   reaction.Status `json:"status" enum:"scheduled,live,postponed,cancelled,ended"`
	At       time.Time       `json:"at,omitzero" doc:"When it became so. Default now; not in the future."`
	StartsAt time.Time       `json:"starts_at,omitzero" doc:"A new planned start, with scheduled or postponed. The planned end moves along with it."`
	EndsAt   time.Time       `json:"ends_at,omitzero" doc:"A new planned end, with scheduled, postponed or live."`
	Note     string          `json:"note,omitempty" maxLength:"500" doc:"Why; at most 500 bytes of one line."`
	// Postponed, without a new start.
	UntilFurtherNotice bool `json:"until_further_notice,omitempty" doc:"With postponed: nobody knows the new start. A note with these words says the same."`
}

func (s *server) lifeOperations() {
	register(s, figures, huma.Operation{
		OperationID: "get-life", Method: http.MethodGet, Path: lifePath, Tags: []string{tagEvents},
		Summary: "What became of an event, and who said so", Description: "Every change of status and of the planned times, oldest first.",
	}, s.getLife)
	register(s, admins, huma.Operation{
		OperationID: "set-status", Method: http.MethodPost, Path: statusPath, Tags: []string{tagEvents},
		Summary: "Say that an event has another status",
		Description: "A postponed event needs starts_at, or until_further_notice. One that ended or was cancelled and goes on needs a note. " +
			"What the event's life does not allow is a conflict, whose detail says what to do instead.",
	}, s.setStatus)
	s.body(http.MethodPost, statusPath, "The status, and what goes with it.", map[string]*huma.Schema{typeJSON: schema[statusRequest](s)})
}

func (s *server) getLife(ctx context.Context, in *slugInput) (*lifeOutput, error) {
	e, err := s.event(ctx, in.Slug)
	if err != nil {
		return nil, err
	}
	life, err := s.Lives.Life(ctx, e)
	if err != nil {
		return nil, err
	}
	out := &lifeOutput{}
	out.Body.Life = make([]changeAnswer, len(life))
	stranger := !principal(ctx).Scopes.Has(auth.Read)
	for i, c := range life {
		if stranger { // the house's people and their words are not for everybody
			if c.Note = ""; c.By != reaction.ByPlan {
				c.By = somebody
			}
		}
		out.Body.Life[i] = changeAnswer{c.Status, c.At.UTC(), c.By, c.SaidAt.UTC(), c.Note, c.StartsAt, c.EndsAt}
	}
	return out, nil
}

func (s *server) setStatus(ctx context.Context, in *statusInput) (*eventOutput, error) {
	if _, err := in.expect(typeJSON); err != nil {
		return nil, err
	}
	data, err := in.read(maxMoveBytes)
	if err != nil {
		return nil, err
	}
	var req statusRequest
	if err := decode(data, "body", &req); err != nil {
		return nil, err
	}
	m := reaction.Move{
		Status: req.Status, At: req.At, StartsAt: req.StartsAt, EndsAt: req.EndsAt, Note: req.Note,
		UntilFurtherNotice: req.UntilFurtherNotice, By: s.actor(ctx), Now: s.Now(),
	}
	if list := m.Validate(); len(list) > 0 {
		return nil, wrong(bodyMistakes(list)...)
	}
	e, err := s.Lives.MoveEvent(ctx, in.Slug, m)
	if err != nil {
		return nil, missing(err, "There is no event %q.", clip(in.Slug))
	}
	s.audit(ctx, "event.status", e.Slug+" "+string(e.Status))
	s.announceLife(ctx, e)
	body, err := s.answerEvent(ctx, e)
	if err != nil {
		return nil, err
	}
	return &eventOutput{Body: body}, nil
}

// bodyMistakes puts problems with a value at their places in the body.
func bodyMistakes(problems []reaction.Problem) []Mistake {
	list := make([]Mistake, len(problems))
	for i, p := range problems {
		list[i] = Mistake{"body." + p.Path, clipTo(p.Text, 300)}
	}
	return list
}
