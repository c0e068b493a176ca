package app

import (
	"fmt"
	"slices"
	"strings"
)

// Role is a part of the work that a process does.
type Role string

// The roles.
const (
	RoleCollect Role = "collect" // listens to sources
	RoleTag     Role = "tag"     // matches, tags and stores what the log brings
	RoleDetect  Role = "detect"  // finds surges and incidents, and moves events by their plan
	RoleAPI     Role = "api"     // answers over HTTP
)

// AllRoles lists every role.
func AllRoles() Roles { return Roles{RoleCollect, RoleTag, RoleDetect, RoleAPI} }

// UnmarshalText reads a role's name.
func (r *Role) UnmarshalText(b []byte) error {
	name := Role(strings.TrimSpace(string(b)))
	if !AllRoles().Has(name) {
		return fmt.Errorf("role %q is none of collect, tag, detect, api", name)
	}
	*r = name
	return nil
}

// Roles are what a process does, written as a list or as names with commas between them.
type Roles []Role

// Has reports whether r is among the roles.
func (rs Roles) Has(r Role) bool { return slices.Contains(rs, r) }

func (rs Roles) String() string {
	names := make([]string, len(rs))
	for i, r := range rs {
		names[i] = string(r)
	}
	return strings.Join(names, ",")
}

// UnmarshalText reads names with commas between them.
func (rs *Roles) UnmarshalText(b []byte) error {
	var out Roles
	for name := range strings.SplitSeq(string(b), ",") {
		var r Role
		if err := r.UnmarshalText([]byte(name)); err != nil {
			return err
		}
		out = append(out, r)
	}
	*rs = out
	return nil
}
