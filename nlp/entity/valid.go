package entity

import (
	"regexp"
	"strings"

	"outcry/internal/reaction"
)

// ValidHandle reports whether s is a mention of X and nothing else.
func ValidHandle(s string) bool {
	e, ok := only(s, Mention)
	return ok && e.End == len(s)
}

// ValidHashtag reports whether s is a hashtag of X and nothing else.
func ValidHashtag(s string) bool {
	e, ok := only(s, Hashtag)
	return ok && e.End == len(s)
}

// ValidList reports whether s names a list of X, as "@handle/list", and nothing else.
func ValidList(s string) bool {
	e, ok := only(s, Mention)
	if !ok {
		return false
	}
	list := List(s, e)
	return list != "" && e.End+len(list) == len(s)
}

// only is the one entity of s, if it is of this kind and s begins with it.
func only(s string, k Kind) (Entity, bool) {
	list := Scan(s, reaction.X, nil)
	if len(list) != 1 || list[0].Kind != k || list[0].Start != 0 {
		return Entity{}, false
	}
	return list[0], true
}

// The parts of an address (RFC 3986), with letters of any script where browsers take them.
var (
	parts     = regexp.MustCompile(`^(?:([^:/?#]+)://)?([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?$`)
	authority = regexp.MustCompile(`^(?:(?:[\w.~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@)?(?:` + address4 + `|\[[0-9A-Fa-f:.]+\]|` + named + `)(?::[0-9]{1,5})?$`)
	path      = regexp.MustCompile(`^(?:/(?:` + char + `)*)*$`)
	query     = regexp.MustCompile(`^(?:` + char + `|[/?|])*$`)
)

const (
	octet    = `(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])`
	address4 = octet + `(?:\.` + octet + `){3}`
	letter   = `(?:[a-zA-Z0-9]|[^\x00-\x7f])`
	inner    = `(?:[a-zA-Z0-9-]|[^\x00-\x7f])*`
	above    = `(?:` + letter + `(?:(?:[a-zA-Z0-9_-]|[^\x00-\x7f])*` + letter + `)?\.)*` // may hold underscores
	domain   = letter + `(?:` + inner + letter + `)?\.`
	top      = `(?:[a-zA-Z]|[^\x00-\x7f])(?:` + inner + letter + `)?`
	named    = above + domain + top
	char     = `[\w.~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2}|\p{Cyrillic}`
)

// ValidURL reports whether s is a web address that X would take, whole. Without a scheme it is one only where
// scheme says so.
func ValidURL(s string, scheme bool) bool {
	p := parts.FindStringSubmatch(s)
	if p == nil || strings.ContainsAny(s, " \n") {
		return false
	}
	switch strings.ToLower(p[1]) {
	case "http", "https":
	case "":
		if scheme {
			return false
		}
	default:
		return false
	}
	return authority.MatchString(p[2]) && path.MatchString(p[3]) && query.MatchString(p[4]) && query.MatchString(p[5])
}
