package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"outcry/internal/auth"
	"outcry/internal/reaction"
)

const (
	keysPath = "/v1/keys"
	keyPath  = "/v1/keys/{id}"
)

type keyAnswer struct {
	ID        string       `json:"id" doc:"Names the key; part of its secret."`
	Name      string       `json:"name" doc:"What it is for."`
	Prefix    string       `json:"prefix" doc:"How its secret begins." example:"outcry_ab12cd34"`
	Scopes    []auth.Scope `json:"scopes"`
	Sources   []string     `json:"sources" doc:"The sources that it may push posts of. Empty: any but those that Outcry collects itself. Of no account without the scope ingest." example:"[\"nostr\"]"`
	CreatedAt time.Time    `json:"created_at"`
	CreatedBy string       `json:"created_by"`
	ExpiresAt *time.Time   `json:"expires_at,omitempty" doc:"Absent where it never expires."`
	LastUsed  *time.Time   `json:"last_used_at,omitempty" doc:"To the minute. Absent where it was never used."`
	RevokedAt *time.Time   `json:"revoked_at,omitempty"`
	State     string       `json:"state" enum:"active,expired,revoked"`
}

type keysOutput struct {
	Body struct {
		Keys []keyAnswer `json:"keys" doc:"The newest first."`
	}
}

type createKeyInput struct{ upload }

type keyRequest struct {
	Name    string   `json:"name" doc:"What the key is for: 1 to 64 letters, digits, inner spaces and . _ @ -."`
	Scopes  []string `json:"scopes" doc:"What it may do: read, export, ingest, admin. None contains another."`
	Sources []string `json:"sources,omitempty" doc:"With ingest: the sources that it may push posts of, 50 at most. Left out: any but those that Outcry collects itself (x, bluesky, mastodon), which have to be named here."`
	Expires string   `json:"expires_in,omitempty" doc:"How long it is good for, like 30d or 12h. Left out: until it is revoked."`
}

type createKeyOutput struct {
	Location string `header:"Location"`
	Body     struct {
		Key    keyAnswer `json:"key"`
		Secret string    `json:"secret" doc:"The key itself. It is told this once, and not kept."`
	}
}

type keyInput struct {
	ID string `path:"id" maxLength:"64" doc:"The key's id."`
}

func (s *server) keyOperations() {
	register(s, admins, huma.Operation{
		OperationID: "list-keys", Method: http.MethodGet, Path: keysPath, Tags: []string{tagDoor}, Summary: "List API keys",
	}, s.listKeys)
	register(s, admins, huma.Operation{
		OperationID: "create-key", Method: http.MethodPost, Path: keysPath, Tags: []string{tagDoor},
		Summary: "Make an API key", DefaultStatus: http.StatusCreated,
	}, s.createKey)
	register(s, admins, huma.Operation{
		OperationID: "revoke-key", Method: http.MethodDelete, Path: keyPath, Tags: []string{tagDoor},
		Summary: "Revoke an API key for good", DefaultStatus: http.StatusNoContent,
	}, s.revokeKey)
	s.body(http.MethodPost, keysPath, "The key.", map[string]*huma.Schema{typeJSON: schema[keyRequest](s)})
}

func (s *server) answerKey(k auth.Key) keyAnswer {
	return keyAnswer{
		k.ID, k.Name, k.Prefix(), k.Scopes, sourceNames(k.Sources), k.CreatedAt.UTC(), k.CreatedBy,
		maybe(k.ExpiresAt), maybe(k.LastUsed), maybe(k.RevokedAt), k.State(s.Now()),
	}
}

// maybe is a time for an answer, absent where it is zero.
func maybe(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func (s *server) listKeys(ctx context.Context, _ *struct{}) (*keysOutput, error) {
	list, err := s.Door.Keys(ctx)
	if err != nil {
		return nil, err
	}
	out := &keysOutput{}
	out.Body.Keys = make([]keyAnswer, len(list))
	for i, k := range list {
		out.Body.Keys[i] = s.answerKey(k)
	}
	return out, nil
}

func (s *server) createKey(ctx context.Context, in *createKeyInput) (*createKeyOutput, error) {
	q, err := readJSON[keyRequest](&in.upload, maxCredentials)
	if err != nil {
		return nil, err
	}
	var list []Mistake
	if err := auth.CheckName(q.Name); err != nil {
		list = append(list, Mistake{"body.name", clipTo(err.Error(), 200)})
	}
	var scopes auth.Scopes
	for _, v := range q.Scopes {
		c, err := auth.ParseScope(clip(v))
		switch {
		case err != nil:
			list = append(list, Mistake{"body.scopes", err.Error()})
		case !slices.Contains(scopes, c):
			scopes = append(scopes, c)
		}
	}
	if len(q.Scopes) == 0 {
		list = append(list, Mistake{"body.scopes", "give at least one of " + auth.AllScopes().String()})
	}
	sources, wrongSources := keySources(q.Sources, scopes)
	list = append(list, wrongSources...)
	now := s.Now().UTC()
	expires, err := expiry(q.Expires, now)
	if err != nil {
		list = append(list, Mistake{"body.expires_in", err.Error()})
	}
	if list != nil {
		return nil, wrong(list...)
	}
	k, secret, err := s.Door.CreateKey(ctx, auth.Key{Name: q.Name, Scopes: scopes, Sources: sources, ExpiresAt: expires}, principal(ctx), now)
	if err != nil {
		return nil, err
	}
	s.audit(ctx, "key.create", k.ID+" "+k.Name+" ("+scopes.String()+")"+spokenFor(sources))
	out := &createKeyOutput{Location: keysPath + "/" + k.ID}
	out.Body.Key, out.Body.Secret = s.answerKey(k), secret
	return out, nil
}

// keySources reads the sources that a key is to speak for.
func keySources(names []string, scopes auth.Scopes) (out []reaction.Source, list []Mistake) {
	bad := func(format string, a ...any) { list = append(list, Mistake{"body.sources", fmt.Sprintf(format, a...)}) }
	switch {
	case len(names) > auth.MaxKeySources:
		bad("give at most %d sources", auth.MaxKeySources)
		return nil, list
	case len(names) > 0 && !scopes.Has(auth.Ingest):
		bad("only a key with the scope ingest speaks for sources")
		return nil, list
	}
	for _, v := range names {
		name, err := reaction.ParseSource(v)
		switch {
		case err != nil:
			bad("%s", clipTo(err.Error(), 200))
		case slices.Contains(reserved, v):
			bad("%q is taken: nothing that is pushed may pass for simulated or recorded", v)
		case !slices.Contains(out, name):
			out = append(out, name)
		}
	}
	return out, list
}

func sourceNames(list []reaction.Source) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

// spokenFor says in the audit log which sources a key speaks for.
func spokenFor(list []reaction.Source) string {
	if len(list) == 0 {
		return ""
	}
	return " for " + strings.Join(sourceNames(list), ", ")
}

// longest is the longest time a key may be good for that expires at all.
const longest = 10 * 365 * 24 * time.Hour

// expiry reads how long something is good for; zero for never.
func expiry(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	var days reaction.Days
	d, err := time.ParseDuration(text)
	if err != nil {
		if err = days.UnmarshalText([]byte(text)); err == nil && days < 5000 {
			d = days.Duration()
		}
	}
	if err != nil || d < time.Minute || d > longest {
		return time.Time{}, fmt.Errorf("%q is not a time from a minute to ten years, like 12h or 30d", clip(text))
	}
	return now.Add(d), nil
}

func (s *server) revokeKey(ctx context.Context, in *keyInput) (*struct{}, error) {
	k, err := s.Door.RevokeKey(ctx, in.ID, s.Now().UTC())
	if err != nil {
		return nil, missing(err, "There is no key %q.", clip(in.ID))
	}
	s.audit(ctx, "key.revoke", k.ID+" "+k.Name)
	return nil, nil
}
