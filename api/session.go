package api

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"outcry/internal/auth"
)

const sessionPath = "/v1/session"

const maxCredentials = 4 << 10 // bytes, of the body that signs in

type sessionAnswer struct {
	SignedIn bool          `json:"signed_in"`
	Person   *personAnswer `json:"person,omitempty"`
	Scopes   []auth.Scope  `json:"scopes,omitempty" doc:"What this person may do: read, export, ingest, admin."`
	Expires  *time.Time    `json:"expires_at,omitempty" doc:"When the session ends at the latest."`
}

type sessionOutput struct {
	Cookie *http.Cookie `header:"Set-Cookie" hidden:"true"`
	Body   sessionAnswer
}

type signInInput struct{ upload }

type credentials struct {
	Link     string `json:"link,omitempty" doc:"The token of a one-time link: what follows # in it."`
	Name     string `json:"name,omitempty"`
	Password string `json:"password,omitempty"`
}

type passwordInput struct{ upload }

type newPassword struct {
	Current string `json:"current,omitempty" doc:"Left out where there is no password yet, or just after coming in by a link."`
	New     string `json:"new" doc:"10 to 200 characters."`
}

type signOutInput struct {
	upload
	Everywhere bool `query:"everywhere" doc:"End every session of this person, on every device."`
}

type signOutOutput struct {
	Cookie *http.Cookie `header:"Set-Cookie" hidden:"true"`
}

func (s *server) sessionOperations() {
	register(s, anyone, huma.Operation{
		OperationID: "get-session", Method: http.MethodGet, Path: sessionPath, Tags: []string{tagDoor},
		Summary: "Who has signed in here",
	}, s.getSession)
	register(s, anyone, huma.Operation{
		OperationID: "sign-in", Method: http.MethodPost, Path: sessionPath, Tags: []string{tagDoor},
		Summary:     "Sign in, by a one-time link or by name and password",
		Description: "The answer sets the session's cookie. An address may try ten times a minute; a name may be tried as often from all addresses together that its person has not come from.",
	}, s.signIn)
	register(s, anyone, huma.Operation{
		OperationID: "sign-out", Method: http.MethodDelete, Path: sessionPath, Tags: []string{tagDoor},
		Summary: "Sign out", DefaultStatus: http.StatusNoContent,
	}, s.signOut)
	register(s, self, huma.Operation{
		OperationID: "set-password", Method: http.MethodPut, Path: sessionPath + "/password", Tags: []string{tagDoor},
		Summary: "Set one's own password", Description: "Ends one's other sessions.", DefaultStatus: http.StatusNoContent,
	}, s.setPassword)

	s.body(http.MethodPost, sessionPath, "A link, or a name and a password.", map[string]*huma.Schema{typeJSON: schema[credentials](s)})
	s.body(http.MethodPut, sessionPath+"/password", "The new password.", map[string]*huma.Schema{typeJSON: schema[newPassword](s)})
}

// cookieName is the name of the session's cookie. Over TLS the prefix makes browsers refuse one
// that another host or a plain connection has set; without TLS the port tells servers on one
// machine apart, since cookies do not.
func (s *server) cookieName(r *http.Request) string {
	if s.Secure {
		return "__Host-outcry"
	}
	if _, port, err := net.SplitHostPort(r.Host); err == nil && port != "" {
		return "outcry_session_" + port
	}
	return "outcry_session"
}

func (s *server) sessionToken(r *http.Request) string {
	c, err := r.Cookie(s.cookieName(r))
	if err != nil {
		return ""
	}
	return c.Value
}

// cookie carries a session, or ends one where the token is empty. It is Lax, so that a link from
// elsewhere opens the page signed in; what changes anything is held to its own origin besides.
func (s *server) cookie(r *http.Request, token string, expires time.Time) *http.Cookie {
	c := &http.Cookie{
		Name: s.cookieName(r), Value: token, Path: "/", HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode, Expires: expires.UTC(),
	}
	if token == "" {
		c.MaxAge = -1
	}
	return c
}

func answerSession(p auth.Principal) sessionAnswer {
	if p.Kind != auth.Session {
		return sessionAnswer{}
	}
	who, expires := answerPerson(p.Visit.Person), p.Expires.UTC()
	return sessionAnswer{true, &who, p.Scopes, &expires}
}

func (s *server) getSession(ctx context.Context, _ *struct{}) (*sessionOutput, error) {
	return &sessionOutput{Body: answerSession(principal(ctx))}, nil
}

func (s *server) signIn(ctx context.Context, in *signInInput) (*sessionOutput, error) {
	c, err := readJSON[credentials](&in.upload, maxCredentials)
	if err != nil {
		return nil, err
	}
	byLink := c.Link != ""
	if byLink == (c.Name != "" || c.Password != "") {
		return nil, mistake("body", "give either a link, or a name and a password")
	}
	if s.limits.trying(in.w, in.r, clip(c.Name)) {
		s.auditRefusal(in.r, s.entry(ctx, "sign-in", c.Name, auth.Refused, "too many tries"))
		return nil, problem(http.StatusTooManyRequests, "Too many tries to sign in. Wait a minute, or come in by a one-time link.").retryAfter(limitWindow)
	}
	var token string
	var p auth.Principal
	if byLink {
		token, p, err = s.Door.SignInByLink(ctx, c.Link, s.Now())
	} else {
		token, p, err = s.Door.SignInByPassword(ctx, c.Name, c.Password, s.Now())
	}
	if denial := (*auth.Denial)(nil); errors.As(err, &denial) {
		s.auditRefusal(in.r, s.entry(ctx, "sign-in", c.Name, auth.Refused, denial.Reason))
		if byLink {
			return nil, problem(http.StatusUnauthorized, "This link is not good: it was used, has expired, or a newer one was made. Run 'outcry sign-in' for another.")
		}
		return nil, problem(http.StatusUnauthorized, "The name and the password do not belong together.")
	}
	if err != nil {
		return nil, err
	}
	s.limits.homes.add(p.Name, addressOf(in.r))
	if old := s.sessionToken(in.r); old != "" { // nobody could end it any more
		if err := s.Door.SignOut(ctx, old); err != nil {
			return nil, err
		}
	}
	how := "by password"
	if byLink {
		how = "by link"
	}
	e := s.entry(ctx, "sign-in", how, auth.Done, "")
	e.Actor = p.Actor()
	s.audited(ctx, e)
	return &sessionOutput{Cookie: s.cookie(in.r, token, p.Expires), Body: answerSession(p)}, nil
}

func (s *server) signOut(ctx context.Context, in *signOutInput) (*signOutOutput, error) {
	if p := principal(ctx); in.Everywhere && p.Kind == auth.Session {
		if err := s.Door.SignOutEverywhere(ctx, p.Visit.Person); err != nil {
			return nil, err
		}
		s.audit(ctx, "sign-out", "everywhere")
	} else if token := s.sessionToken(in.r); token != "" {
		if err := s.Door.SignOut(ctx, token); err != nil {
			return nil, err
		}
		if principal(ctx).Kind != auth.Nobody { // anybody can send a cookie that is none, and fill the log
			s.audit(ctx, "sign-out", "")
		}
	}
	return &signOutOutput{s.cookie(in.r, "", time.Unix(0, 0))}, nil
}

func (s *server) setPassword(ctx context.Context, in *passwordInput) (*struct{}, error) {
	c, err := readJSON[newPassword](&in.upload, maxCredentials)
	if err != nil {
		return nil, err
	}
	p := principal(ctx)
	if s.limits.confirming(in.w, in.r, p.Name) {
		return nil, problem(http.StatusTooManyRequests, "Too many tries. Wait a minute.").retryAfter(limitWindow)
	}
	err = s.Door.SetPassword(ctx, s.sessionToken(in.r), p, c.Current, c.New, s.Now())
	denial := (*auth.Denial)(nil)
	switch {
	case errors.Is(err, auth.ErrPassword):
		return nil, mistake("body.new", "%s", err)
	case errors.As(err, &denial):
		s.auditRefusal(in.r, s.entry(ctx, "password.set", p.Name, auth.Refused, denial.Reason))
		return nil, problem(http.StatusForbidden, "The current password is not that.")
	case err != nil:
		return nil, err
	}
	s.audit(ctx, "password.set", p.Name)
	return nil, nil
}
