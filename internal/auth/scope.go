// Package auth is who may do what: people and their passwords, sessions, API keys and their
// scopes, one-time sign-in links, and the audit log. It keeps nothing itself: a Store does. It
// takes time as an argument, and touches no network.
package auth

import (
	"fmt"
	"slices"
	"strings"
)

// Scope is one kind of thing that a key or a person may do.
type Scope string

// The scopes. None contains another: a key that should read and push has both.
const (
	Read   Scope = "read"   // see events, figures and posts
	Export Scope = "export" // take figures away in bulk: CSV
	Ingest Scope = "ingest" // send posts, health samples, recordings and drills
	Admin  Scope = "admin"  // change events, keys and people, and read the audit log
)

// AllScopes lists every scope.
func AllScopes() Scopes { return Scopes{Read, Export, Ingest, Admin} }

// ParseScope reads a scope's name.
func ParseScope(s string) (Scope, error) {
	if c := Scope(s); slices.Contains(AllScopes(), c) {
		return c, nil
	}
	return "", fmt.Errorf("scope %q is none of %s", s, AllScopes())
}

// Scopes are what somebody may do.
type Scopes []Scope

// Has reports whether s is among the scopes.
func (ss Scopes) Has(s Scope) bool { return slices.Contains(ss, s) }

// String lists the scopes with spaces between them.
func (ss Scopes) String() string {
	names := make([]string, len(ss))
	for i, s := range ss {
		names[i] = string(s)
	}
	return strings.Join(names, " ")
}
