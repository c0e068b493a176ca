package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"outcry/internal/auth"
	"outcry/internal/reaction"
)

// access says who may use an operation. Every operation has to say so when it is registered, and
// the zero access lets nobody in.
type access struct {
	scope  auth.Scope // what a key or a person needs
	public bool       // anyone, where the event in the path is public
	open   bool       // anyone
	self   bool       // anyone who has signed in
}

// Who may use operations.
var (
	anyone  = access{open: true}
	self    = access{self: true}
	figures = access{scope: auth.Read, public: true} // of an event: open where the event is public
	reads   = access{scope: auth.Read}
	exports = access{scope: auth.Export, public: true}
	ingests = access{scope: auth.Ingest}
	admins  = access{scope: auth.Admin}
)

const accessKey = "access" // in an operation's metadata

// guard notes who may use an operation, for admit and for the document.
func (s *server) guard(op *huma.Operation, who access) {
	op.Metadata = map[string]any{accessKey: who}
	switch {
	case who.open:
	case who.self:
		op.Security = []map[string][]string{{schemeSession: {}}}
	default:
		op.Security = []map[string][]string{{schemeKey: {string(who.scope)}}, {schemeSession: {string(who.scope)}}}
		if who.public {
			op.Security = append(op.Security, map[string][]string{})
		}
	}
}

// Names of the ways in, in the document.
const (
	schemeKey     = "key"
	schemeSession = "session"
)

func securitySchemes() map[string]*huma.SecurityScheme {
	return map[string]*huma.SecurityScheme{
		schemeKey: {Type: "http", Scheme: "bearer",
			Description: "An API key: `Authorization: Bearer outcry_…`. The scopes that an operation needs are listed with it."},
		schemeSession: {Type: "apiKey", In: "cookie", Name: "outcry_session",
			Description: "The cookie of a person who signed in: see POST /v1/session. Its name is `__Host-outcry` over TLS, and ends in the port otherwise."},
	}
}

type principalKey struct{}

// principal is who the request comes from, as far as admit found out.
func principal(ctx context.Context) auth.Principal {
	p, _ := ctx.Value(principalKey{}).(auth.Principal)
	return p
}

// actor names who a request comes from, beside what they did.
func (s *server) actor(ctx context.Context) string { return principal(ctx).Actor() }

// admit lets a request through to its operation, or refuses it before anything of it is looked at.
func (s *server) admit(ctx huma.Context, next func(huma.Context)) {
	r, w := humachi.Unwrap(ctx)
	who, _ := ctx.Operation().Metadata[accessKey].(access)
	p, err := s.identify(r)
	if denial := (*auth.Denial)(nil); errors.As(err, &denial) {
		// A cookie may just be old, and the page signs in again; a key is meant.
		if p.Kind == auth.APIKey && !who.open {
			s.refuse(r, w, auth.Principal{}, denial.Reason, denial.Who)
			return
		}
		p, err = auth.Principal{}, nil
	}
	if err != nil {
		s.fault(r.Context(), err).write(w, r)
		return
	}
	if s.limits.busy(w, r, p, ctx.Operation().OperationID) {
		tooMany().write(w, r)
		return
	}
	allowed, err := s.mayUse(r.Context(), who, p, ctx.Param("slug"))
	switch {
	case err != nil:
		s.fault(r.Context(), err).write(w, r)
	case !allowed && p.Kind == auth.Nobody:
		s.refuse(r, w, p, "no credentials", "")
	case !allowed:
		s.refuse(r, w, p, "lacks the scope "+string(who.scope), "")
	default:
		next(huma.WithValue(ctx, principalKey{}, p))
	}
}

// identify finds out who a request comes from. With an error that is a denial, the principal says
// by what kind of credentials.
func (s *server) identify(r *http.Request) (auth.Principal, error) {
	if h := r.Header.Get("Authorization"); h != "" {
		kind, token, _ := strings.Cut(h, " ")
		if !strings.EqualFold(kind, "Bearer") {
			return auth.Principal{Kind: auth.APIKey}, &auth.Denial{Reason: "not a bearer token"}
		}
		p, err := s.Door.KeyHolder(r.Context(), strings.TrimSpace(token), s.Now())
		if err != nil {
			p.Kind = auth.APIKey
		}
		return p, err
	}
	if token := s.sessionToken(r); token != "" {
		return s.Door.SessionHolder(r.Context(), token, s.Now())
	}
	return auth.Principal{}, nil
}

// mayUse reports whether a principal may use an operation, on the event of that slug where the
// path names one.
func (s *server) mayUse(ctx context.Context, who access, p auth.Principal, slug string) (bool, error) {
	switch {
	case who.open, who.self && p.Kind == auth.Session, who.scope != "" && p.Scopes.Has(who.scope):
		return true, nil
	case !who.public || slug == "" || !plain(slug):
		return false, nil
	}
	e, err := s.Events.Event(ctx, slug)
	if errors.Is(err, reaction.ErrNotFound) {
		return false, nil // strangers cannot tell a private event from one that is not there
	}
	return err == nil && e.Public, err
}

// still says whether a request that goes on for long may go on: whether its credentials are as
// good as when it began.
func (s *server) still(r *http.Request, who access, slug string) (bool, error) {
	p, err := s.identify(r)
	if denial := (*auth.Denial)(nil); errors.As(err, &denial) {
		p, err = auth.Principal{}, nil
	}
	if err != nil {
		return false, err
	}
	return s.mayUse(r.Context(), who, p, slug)
}

// refuse answers 401 to whoever is not known, and 403 to whoever is and may not. What is wrong
// with credentials is for the audit log alone.
func (s *server) refuse(r *http.Request, w http.ResponseWriter, p auth.Principal, reason, who string) {
	// Whoever shows good credentials is never held up by others at the same address.
	if s.limits.failing(r) {
		tooMany().write(w, r)
		return
	}
	e := s.entry(r.Context(), r.Method+" "+routeOf(r), clip(r.URL.Path), auth.Refused, reason)
	if e.Actor = p.Actor(); who != "" {
		e.Actor = who
	}
	s.auditRefusal(r, e)
	if p.Kind != auth.Nobody {
		problem(http.StatusForbidden, "%s may not do this: it %s.", clip(p.Actor()), reason).write(w, r)
		return
	}
	problem(http.StatusUnauthorized, "Sign in, or send an API key that is good for this: Authorization: Bearer outcry_…").
		with("WWW-Authenticate", `Bearer realm="outcry"`).write(w, r)
}
