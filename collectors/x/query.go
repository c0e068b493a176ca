package x

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"outcry/internal/match"
	"outcry/internal/reaction"
)

// How long what is asked for may be. X counts characters, and does not say of which kind; the
// library counts bytes, which are never fewer.
const (
	maxRule   = 1024 // of the stream
	maxSearch = 512
)

// Trouble is a part of an event that X is not asked for as it stands, and why. The line still
// looks for it in the posts that come.
type Trouble struct {
	Event int64
	Term  string // as the event's definition writes it
	Text  string // why, for people
}

// term is what finds one term of an event, in X's own words.
type term struct {
	text     string // as the definition writes it
	operator string
	author   string // whose posts it finds, where it does that and nothing else
}

// query is what X is asked for: some of an event's terms, and without what the event rules out.
type query struct {
	value  string
	terms  []term
	author string // who wrote all that it finds; "" where that may be anybody
}

// terms puts an event's terms into X's syntax. What an account wrote is a term apart: X tells the
// names of authors only for money, but which rule a post matched for nothing. What cannot be an account of X is left out in
// silence: it is one of another network.
// https://docs.x.com/x-api/posts/filtered-stream/integrate/operators
func terms(e *reaction.Event) (any, none []term, out []Trouble) {
	seen := map[string]bool{}
	read := func(list []string, into *[]term) {
		for _, t := range list {
			alts, why := alternatives(t)
			if why != "" {
				out = append(out, Trouble{e.ID, t, why})
			}
			for _, a := range alts {
				if key := strings.ToLower(a); !seen[key] {
					seen[key] = true
					author, _ := strings.CutPrefix(a, "from:")
					if author == a {
						author = ""
					}
					*into = append(*into, term{t, a, author})
				}
			}
		}
	}
	read(e.Match.Any, &any)
	read(e.Match.Accounts, &any)
	clear(seen)
	read(e.Match.None, &none)
	return any, none, out
}

// alternatives are the operators, any of which finds a term, or why there are none.
func alternatives(text string) (alts []string, why string) {
	s := norm.NFC.String(strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == unicode.ReplacementChar
	}), " "))
	s = strings.Replace(s, "＃", "#", 1)
	switch {
	case strings.HasPrefix(s, "@"):
		name := s[1:]
		if !isName(name) {
			return nil, ""
		}
		return []string{"from:" + name, "@" + name}, ""
	case strings.HasPrefix(s, "#"):
		if tag := s[1:]; tag != "" && !strings.ContainsFunc(tag, func(r rune) bool { return !match.TagRune(r) }) {
			return []string{s}, ""
		}
		return nil, "it is no hashtag that X knows"
	case strings.HasPrefix(strings.ToLower(s), "http://"), strings.HasPrefix(strings.ToLower(s), "https://"):
		if strings.ContainsAny(s, "\"\\ ") {
			return nil, "it is no web address that X can look for"
		}
		return []string{`url:"` + s + `"`}, ""
	}
	s = strings.Join(strings.Fields(strings.NewReplacer(`"`, " ", `\`, " ").Replace(s)), " ")
	if !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.So, r)
	}) {
		return nil, "it has no letter, digit or symbol that X could look for"
	}
	return []string{`"` + s + `"`}, ""
}

// isName reports whether X can have an account of this name.
func isName(s string) bool {
	return len(s) >= 1 && len(s) <= 15 && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
	})
}

// packing puts terms into as few queries as hold them, in order.
type packing struct {
	event   int64
	max     int                       // bytes of a query
	refused func(value string) string // why X did not take a query, "" where it did or was not asked
	queries []query
	trouble []Trouble
}

// pack compiles what an event asks for. A query that X refused is halved, until it is known which
// term it was.
func pack(e *reaction.Event, size int, refused func(value string) string) ([]query, []Trouble) {
	anyOf, noneOf, trouble := terms(e)
	p := packing{event: e.ID, max: size, refused: refused, trouble: trouble}
	without := p.without(noneOf)
	var group []term
	for _, t := range anyOf {
		if t.author != "" {
			continue
		}
		if len(write(append(group, t), without)) > size && len(group) > 0 {
			p.put(group, without)
			group = nil
		}
		group = append(group, t)
	}
	if len(group) > 0 {
		p.put(group, without)
	}
	for _, t := range anyOf {
		if t.author != "" {
			p.put([]term{t}, without)
		}
	}
	return p.queries, p.trouble
}

// without is what rules posts out, in at most half of a query. Posts that are not ruled out there
// are by the line: they only cost money.
func (p *packing) without(none []term) string {
	var b strings.Builder
	for _, t := range none {
		if b.Len()+len(" -")+len(t.operator) > p.max/2 {
			p.trouble = append(p.trouble, Trouble{p.event, t.text, "X is not told to leave it out, for want of room: posts with it cost money and are not counted"})
			continue
		}
		b.WriteString(" -" + t.operator)
	}
	return b.String()
}

// write is the query for some terms.
func write(terms []term, without string) string {
	operators := make([]string, len(terms))
	for i, t := range terms {
		operators[i] = t.operator
	}
	s := strings.Join(operators, " OR ")
	if len(terms) > 1 {
		s = "(" + s + ")"
	}
	return s + without
}

func (p *packing) put(terms []term, without string) {
	value := write(terms, without)
	why := p.refused(value)
	switch {
	case why == "":
		p.queries = append(p.queries, query{value, slices.Clone(terms), terms[0].author})
	case len(terms) > 1:
		p.put(terms[:len(terms)/2], without)
		p.put(terms[len(terms)/2:], without)
	case without != "": // it may have been this
		p.put(terms, "")
	default:
		p.trouble = append(p.trouble, Trouble{p.event, terms[0].text, "X does not take it: " + why})
	}
}
