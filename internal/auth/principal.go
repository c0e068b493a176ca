package auth

import (
	"slices"
	"time"

	"outcry/internal/reaction"
)

// Kind is what sort of principal asks.
type Kind string

// The kinds of principal.
const (
	Nobody  Kind = ""         // no credentials were given
	Session Kind = "session"  // a person who signed in
	APIKey  Kind = "key"      // a program
	Local   Kind = "operator" // a command on the server's own machine, which can read its data directory
)

// Principal is who a request comes from. The zero Principal is nobody, and may nothing.
type Principal struct {
	Kind    Kind
	Name    string // of the person or the key
	Scopes  Scopes
	Expires time.Time // zero: never

	Visit Visit  // of a session
	KeyID string // of a key
	// Sources are those that a key was made for: see SpeaksFor.
	Sources []reaction.Source
}

// SpeaksFor reports whether the principal may push what is said to come of a source. A key speaks
// for the sources that it was made for; one that was made for none for those that Outcry does not
// collect itself. Whoever else may ingest answers for what they send by name.
func (p Principal) SpeaksFor(s reaction.Source) bool {
	switch {
	case !p.Scopes.Has(Ingest):
		return false
	case p.Kind != APIKey:
		return true
	case len(p.Sources) > 0:
		return slices.Contains(p.Sources, s)
	}
	return !s.Collected()
}

// Actor names the principal in the audit log and beside what it did.
func (p Principal) Actor() string {
	switch p.Kind {
	case Session:
		return p.Name
	case APIKey:
		return "key:" + p.Name
	case Local:
		return "operator"
	}
	return "anonymous"
}

// Person is somebody who may sign in.
type Person struct {
	ID          int64
	Name        string
	Role        Role
	Disabled    bool
	HasPassword bool
	CreatedAt   time.Time
	LastSeenAt  time.Time // zero: never
}

// Visit is a session: a person who has signed in.
type Visit struct {
	Person  Person
	Began   time.Time
	Expires time.Time
	ByLink  bool // signed in by a one-time link
}

// Key is an API key without its secret, which nobody keeps.
type Key struct {
	ID        string // part of the secret, by which a key is found
	Name      string
	Scopes    Scopes
	Sources   []reaction.Source // that it may speak for; none: see Principal.SpeaksFor
	CreatedAt time.Time
	CreatedBy string
	ExpiresAt time.Time // zero: never
	LastUsed  time.Time // zero: never; kept to the minute
	RevokedAt time.Time // zero: not revoked
}

// State is what a key is good for at a time: active, expired or revoked.
func (k Key) State(now time.Time) string {
	switch {
	case !k.RevokedAt.IsZero():
		return "revoked"
	case !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt):
		return "expired"
	}
	return "active"
}

// Prefix is the part of a key's secret by which people may tell keys apart.
func (k Key) Prefix() string { return keyStart + k.ID }

// Link is a one-time way in, made by somebody for somebody. Its token is not kept.
type Link struct {
	Token     string
	ExpiresAt time.Time
}
