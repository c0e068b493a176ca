package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"outcry/internal/auth"
	"outcry/internal/reaction"
)

const (
	peoplePath = "/v1/people"
	personPath = "/v1/people/{name}"
	linkPath   = "/v1/people/{name}/link"
)

type personAnswer struct {
	Name        string     `json:"name"`
	Role        auth.Role  `json:"role" enum:"viewer,operator,admin" doc:"viewer: read and export. operator: also ingest. admin: everything."`
	HasPassword bool       `json:"has_password"`
	CreatedAt   *time.Time `json:"created_at,omitempty"`
	LastSeenAt  *time.Time `json:"last_seen_at,omitempty" doc:"To the minute. Absent where never."`
	Disabled    bool       `json:"disabled" doc:"May not sign in."`
}

func answerPerson(p auth.Person) personAnswer {
	return personAnswer{p.Name, p.Role, p.HasPassword, maybe(p.CreatedAt), maybe(p.LastSeenAt), p.Disabled}
}

type peopleOutput struct {
	Body struct {
		People []personAnswer `json:"people" doc:"By name."`
	}
}

type personInput struct {
	upload
	Name string `path:"name" maxLength:"200" doc:"The person's name."`
}

type personRequest struct {
	Name     string `json:"name,omitempty" doc:"1 to 64 letters, digits, inner spaces and . _ @ -. Of a new person only."`
	Role     string `json:"role" doc:"viewer, operator or admin."`
	Disabled bool   `json:"disabled,omitempty" doc:"May not sign in, and is signed out at once."`
}

type createPersonInput struct{ upload }

type personOutput struct {
	Body struct {
		Person personAnswer `json:"person"`
	}
}

type linkOutput struct {
	Body linkAnswer
}

type linkAnswer struct {
	Person  personAnswer `json:"person"`
	Link    string       `json:"link" doc:"Opens once, for this person. It is told this once, and not kept."`
	Expires time.Time    `json:"link_expires_at"`
}

func (s *server) peopleOperations() {
	register(s, admins, huma.Operation{
		OperationID: "list-people", Method: http.MethodGet, Path: peoplePath, Tags: []string{tagDoor}, Summary: "List who may sign in",
	}, s.listPeople)
	register(s, admins, huma.Operation{
		OperationID: "create-person", Method: http.MethodPost, Path: peoplePath, Tags: []string{tagDoor},
		Summary: "Add a person, with a one-time link to come in by", DefaultStatus: http.StatusCreated,
	}, s.createPerson)
	register(s, admins, huma.Operation{
		OperationID: "change-person", Method: http.MethodPut, Path: personPath, Tags: []string{tagDoor},
		Summary: "Change a person's role, or keep them from signing in",
	}, s.changePerson)
	register(s, admins, huma.Operation{
		OperationID: "delete-person", Method: http.MethodDelete, Path: personPath, Tags: []string{tagDoor},
		Summary: "Remove a person", DefaultStatus: http.StatusNoContent,
	}, s.deletePerson)
	register(s, admins, huma.Operation{
		OperationID: "create-link", Method: http.MethodPost, Path: linkPath, Tags: []string{tagDoor},
		Summary: "Make a one-time link for a person, in the place of any before", DefaultStatus: http.StatusCreated,
	}, s.createLink)
	kinds := map[string]*huma.Schema{typeJSON: schema[personRequest](s)}
	s.body(http.MethodPost, peoplePath, "The person.", kinds)
	s.body(http.MethodPut, personPath, "Role and disabled, as they shall be.", kinds)
}

func (s *server) listPeople(ctx context.Context, _ *struct{}) (*peopleOutput, error) {
	list, err := s.Door.People(ctx)
	if err != nil {
		return nil, err
	}
	out := &peopleOutput{}
	out.Body.People = make([]personAnswer, len(list))
	for i, p := range list {
		out.Body.People[i] = answerPerson(p)
	}
	return out, nil
}

func (s *server) createPerson(ctx context.Context, in *createPersonInput) (*linkOutput, error) {
	q, err := readJSON[personRequest](&in.upload, maxCredentials)
	if err != nil {
		return nil, err
	}
	var list []Mistake
	if err := auth.CheckPersonName(q.Name); err != nil {
		list = append(list, Mistake{"body.name", clipTo(err.Error(), 200)})
	}
	role, err := auth.ParseRole(clip(q.Role))
	if err != nil {
		list = append(list, Mistake{"body.role", err.Error()})
	}
	if list != nil {
		return nil, wrong(list...)
	}
	p, l, err := s.Door.AddPerson(ctx, q.Name, role, s.Now().UTC())
	switch {
	case errors.Is(err, reaction.ErrExists):
		return nil, problem(http.StatusConflict, "There is a person %q already.", clip(q.Name))
	case err != nil:
		return nil, err
	}
	s.audit(ctx, "person.create", p.Name+" ("+string(role)+")")
	return s.answerLink(in.r, p, l), nil
}

// answerLink writes a link out with the address that the client itself uses, or the public one.
func (s *server) answerLink(r *http.Request, p auth.Person, l auth.Link) *linkOutput {
	return &linkOutput{linkAnswer{answerPerson(p), s.signInAddress(r, l), l.ExpiresAt.UTC()}}
}

// signInAddress is where a link leads. Its token stands behind the #, which browsers send to
// nobody and servers do not log.
func (s *server) signInAddress(r *http.Request, l auth.Link) string {
	base := url.URL{Scheme: "http", Host: r.Host}
	if s.Secure {
		base.Scheme = "https"
	}
	if s.PublicURL != nil {
		base = *s.PublicURL
	}
	return SignInAddress(base.String(), l)
}

func (s *server) changePerson(ctx context.Context, in *personInput) (*personOutput, error) {
	q, err := readJSON[personRequest](&in.upload, maxCredentials)
	if err != nil {
		return nil, err
	}
	role, err := auth.ParseRole(clip(q.Role))
	if err != nil {
		return nil, mistake("body.role", "%s", err)
	}
	if q.Name != "" && q.Name != in.Name {
		return nil, mistake("body.name", "a person keeps their name")
	}
	p, err := s.Door.ChangePerson(ctx, in.Name, role, q.Disabled)
	if err != nil {
		return nil, missing(err, "There is no person %q.", clip(in.Name))
	}
	target := p.Name + " (" + string(role) + ")"
	if q.Disabled {
		target += ", disabled"
	}
	s.audit(ctx, "person.change", target)
	out := &personOutput{}
	out.Body.Person = answerPerson(p)
	return out, nil
}

func (s *server) deletePerson(ctx context.Context, in *personInput) (*struct{}, error) {
	if err := s.Door.DeletePerson(ctx, in.Name); err != nil {
		return nil, missing(err, "There is no person %q.", clip(in.Name))
	}
	s.audit(ctx, "person.delete", in.Name)
	return nil, nil
}

func (s *server) createLink(ctx context.Context, in *personInput) (*linkOutput, error) {
	if in.Name == auth.Owner && principal(ctx).Kind == auth.Local {
		// Whoever runs the server is never locked out.
		if _, err := s.Door.OwnerLink(ctx, s.Now().UTC()); err != nil {
			return nil, err
		}
	}
	p, l, err := s.Door.NewLink(ctx, in.Name, s.Now().UTC())
	if err != nil {
		return nil, missing(err, "There is no person %q.", clip(in.Name))
	}
	s.audit(ctx, "link.create", p.Name)
	return s.answerLink(in.r, p, l), nil
}
