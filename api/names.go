package api

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"outcry/internal/match"
	"outcry/internal/reaction"
)

// Names keeps names that recurred in an event's posts, and what was decided on them.
type Names interface {
	// Names lists the event's names, those of the most posts first, then by key; no more than q.Limit,
	// which is at least 1, beginning after q.After where that is set.
	Names(ctx context.Context, q reaction.NameQuery) ([]reaction.Name, error)

	// DecideName accepts or refuses the candidate with that key and gives the event as it is then:
	// what is accepted is part of its definition. reaction.ErrNotFound when there is no such event or
	// candidate.
	DecideName(ctx context.Context, slug, key string, d reaction.NameDecision) (reaction.Name, *reaction.Event, error)
}

const (
	namesPath = eventPath + "/names"
	namePath  = namesPath + "/{name}"

	maxDecisionBytes = 4 << 10
)

type namesInput struct {
	PageInput
	Slug  string             `path:"slug" maxLength:"64" doc:"The event's slug."`
	State reaction.NameState `query:"state" enum:"open,accepted,refused" doc:"Only names of this state. Default: all."`
}

type namesOutput struct {
	Link string `header:"Link" doc:"The next page (RFC 8288)."`
	Body struct {
		Names []nameAnswer `json:"names" doc:"Those of the most posts first."`
	}
}

// nameAnswer is a reaction.Name. Its fields are written out for their descriptions.
type nameAnswer struct {
	Name      string             `json:"name" doc:"Folded: the form uses are counted under, and the name's own in addresses." example:"elon musk"`
	Display   string             `json:"display" doc:"As it was first written. It is a stretch of other people's posts: escape it before you show it." example:"Elon Musk"`
	Kind      string             `json:"kind" enum:"person,service,organisation,place,show,other" doc:"A guess while the name is open."`
	Posts     int64              `json:"posts" doc:"Posts of the sample that hold it, copies left out: for comparing names, and not a count of posts."`
	Authors   int64              `json:"authors" doc:"Estimate of distinct known authors of these, as seen."`
	FirstAt   time.Time          `json:"first_at" doc:"The time of the first of these posts."`
	LastAt    time.Time          `json:"last_at" doc:"And of the last."`
	State     reaction.NameState `json:"state" enum:"open,accepted,refused"`
	By        string             `json:"by,omitempty" doc:"Who decided: a person, a key, or the rule names_accept."`
	DecidedAt *time.Time         `json:"decided_at,omitempty"`
	Examples  string             `json:"examples" doc:"Where stored posts with these words are."`
}

type nameInput struct {
	upload
	Slug string `path:"slug" maxLength:"64" doc:"The event's slug."`
	Name string `path:"name" maxLength:"200" doc:"The candidate, in any case." example:"elon musk"`
}

// nameRequest is what somebody decides on a name.
type nameRequest struct {
	Decision string `json:"decision" enum:"accept,refuse" doc:"Accept adds it to the event's entities; refused names do not come back by themselves."`
	Kind     string `json:"kind,omitempty" enum:"person,service,organisation,place,show,other" doc:"What it is. Default: the guess."`
	As       string `json:"as,omitempty" maxLength:"200" doc:"The entity that it is another name of: one of the event's, or a new one. Default: an entity of its own."`
}

type nameOutput struct {
	Body struct {
		Name     nameAnswer        `json:"name"`
		Entities []reaction.Entity `json:"entities" doc:"The event's entities as they are now."`
	}
}

func (s *server) nameOperations() {
	register(s, reads, huma.Operation{
		OperationID: "list-names", Method: http.MethodGet, Path: namesPath, Tags: []string{tagEvents},
		Summary: "Names that recur in an event's posts, and what was decided on them",
		Description: "Proposed from a sample of the English posts, in the background: often wrong, and never all. " +
			"A name is listed once five posts of three authors held it.",
	}, s.listNames)
	register(s, admins, huma.Operation{
		OperationID: "decide-name", Method: http.MethodPost, Path: namePath, Tags: []string{tagEvents},
		Summary: "Accept or refuse a name",
		Description: "What is accepted becomes an entity of the event's definition, or another name of one, as if the event had been changed: posts that come from then on are tagged by it, " +
			"and a recording that is being replayed into the event begins anew.",
	}, s.decideName)
	s.body(http.MethodPost, namePath, "What is decided.", map[string]*huma.Schema{typeJSON: schema[nameRequest](s)})
}

func (s *server) listNames(ctx context.Context, in *namesInput) (*namesOutput, error) {
	q := reaction.NameQuery{State: in.State, Limit: in.Limit + 1}
	var err error
	if q.After, err = readCursor[reaction.NamePosition]("names", in.Cursor); err != nil {
		return nil, err
	}
	if q.Event, err = s.event(ctx, in.Slug); err != nil {
		return nil, err
	}
	list, err := s.Names.Names(ctx, q)
	if err != nil {
		return nil, missing(err, "There is no event %q.", clip(in.Slug))
	}
	list, cursor := pageOf("names", list, in.Limit, func(n reaction.Name) reaction.NamePosition {
		return reaction.NamePosition{Posts: n.Posts, Key: n.Key}
	})
	out := &namesOutput{Link: in.next(cursor)}
	out.Body.Names = make([]nameAnswer, len(list))
	for i := range list {
		out.Body.Names[i] = answerName(q.Event, &list[i])
	}
	return out, nil
}

func answerName(e *reaction.Event, n *reaction.Name) nameAnswer {
	return nameAnswer{
		Name: n.Key, Display: n.Text, Kind: n.Kind, Posts: n.Posts, Authors: n.Authors, FirstAt: n.FirstAt.UTC(), LastAt: n.LastAt.UTC(),
		State: n.State, By: n.By, DecidedAt: maybe(n.DecidedAt), Examples: eventsPath + "/" + e.Slug + "/posts?" + url.Values{"q": {n.Key}}.Encode(),
	}
}

func (s *server) decideName(ctx context.Context, in *nameInput) (*nameOutput, error) {
	req, err := readJSON[nameRequest](&in.upload, maxDecisionBytes)
	if err != nil {
		return nil, err
	}
	switch {
	case req.Decision != "accept" && req.Decision != "refuse":
		return nil, mistake("body.decision", "say accept or refuse")
	case req.Decision == "refuse" && (req.Kind != "" || req.As != ""):
		return nil, mistake("body", "kind and as go with accept")
	}
	key := strings.TrimSpace(match.Fold(in.Name))
	n, e, err := s.Names.DecideName(ctx, in.Slug, key, reaction.NameDecision{
		Accept: req.Decision == "accept", Kind: req.Kind, As: req.As, By: s.actor(ctx), Now: s.Now(),
	})
	if err != nil {
		return nil, missing(err, "There is no event %q, or no name %q among its candidates.", clip(in.Slug), clip(key))
	}
	if s.audit(ctx, "name."+req.Decision, in.Slug+" "+n.Text); n.State == reaction.NameAccepted {
		s.announceLife(ctx, e)
	}
	out := &nameOutput{}
	out.Body.Name, out.Body.Entities = answerName(e, &n), orEmpty(e.Entities)
	return out, nil
}
