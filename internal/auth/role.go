package auth

import "fmt"

// Role is what a person is here for. It stands for scopes.
type Role string

// The roles, from the one that may least.
const (
	Viewer   Role = "viewer"   // sees and exports
	Operator Role = "operator" // also sends: recordings, drills, samples
	Chief    Role = "admin"    // everything
)

// Roles lists every role.
func Roles() []Role { return []Role{Viewer, Operator, Chief} }

// ParseRole reads a role's name.
func ParseRole(s string) (Role, error) {
	switch r := Role(s); r {
	case Viewer, Operator, Chief:
		return r, nil
	}
	return "", fmt.Errorf("role %q is none of viewer, operator, admin", s)
}

// Scopes are what a person of this role may do; none for a role that there is not.
func (r Role) Scopes() Scopes {
	switch r {
	case Viewer:
		return Scopes{Read, Export}
	case Operator:
		return Scopes{Read, Export, Ingest}
	case Chief:
		return AllScopes()
	}
	return nil
}
