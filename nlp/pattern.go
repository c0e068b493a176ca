package nlp

import (
	"fmt"
	"slices"
	"strings"

	"outcry/internal/match"
)

// gaps are the signs between the steps of a pattern, and how many words may stand there.
var gaps = map[string]int{"+": 0, ".": 1, "..": 3, "...": 6}

// maxLiterals bounds what one step may expand to, so that a careless pattern shows; perService is how
// many of these each service of the events may add. Patterns put what follows a service into a step
// of its own, since events may follow hundreds.
const (
	maxLiterals = 1500
	perService  = 10
)

// parsePattern expands a pattern into its steps.
func parsePattern(pattern string, lists map[string]string, services []string) ([]step, error) {
	steps := []step{{}}
	var words []string
	flush := func() error {
		e := expander{in: strings.Join(words, " "), lists: lists, services: services}
		all := e.choice(0)
		if e.err == nil && e.at < len(e.in) {
			e.err = fmt.Errorf("%q has a ')' too many", e.in)
		}
		if e.err != nil {
			return e.err
		}
		last := &steps[len(steps)-1]
		for _, l := range all {
			if l = tidy(l); l == "" {
				return fmt.Errorf("%q can be empty", e.in)
			}
			last.literals = append(last.literals, l)
			if strings.Contains(l, "'") {
				last.literals = append(last.literals, strings.ReplaceAll(l, "'", ""))
			}
		}
		slices.Sort(last.literals)
		last.literals = slices.Compact(last.literals)
		words = words[:0]
		return nil
	}
	for w := range strings.SplitSeq(pattern, " ") {
		gap, ok := gaps[w]
		if !ok {
			words = append(words, w)
			continue
		}
		if err := flush(); err != nil {
			return nil, err
		}
		steps = append(steps, step{gap: gap})
	}
	return steps, flush()
}

// tidy folds a literal and makes single spaces of several. Inside a hashtag there are none.
func tidy(l string) string {
	l = strings.Trim(match.Fold(l), " ")
	l = strings.ReplaceAll(strings.ReplaceAll(l, " '", "'"), "  ", " ")
	if strings.HasPrefix(l, "#") {
		l = strings.ReplaceAll(l, " ", "")
	}
	return l
}

// expander turns choices, lists and optional spaces into every text they stand for.
type expander struct {
	in       string
	at       int
	lists    map[string]string
	services []string
	err      error
}

// choice reads alternatives up to the end or an unpaired ')'.
func (e *expander) choice(depth int) []string {
	var all []string
	for {
		all = append(all, e.sequence(depth)...)
		if e.at >= len(e.in) || e.in[e.at] != '|' {
			return all
		}
		e.at++
	}
}

func (e *expander) sequence(depth int) []string {
	out := []string{""}
	for e.at < len(e.in) && e.err == nil {
		switch c := e.in[e.at]; c {
		case '|', ')':
			return out
		case '(':
			e.at++
			out = e.product(out, e.choice(depth+1))
			if e.at >= len(e.in) || e.in[e.at] != ')' {
				e.err = fmt.Errorf("%q has a '(' too many", e.in)
				return nil
			}
			e.at++
		case '<':
			out = e.product(out, e.list(depth))
		case '~':
			e.at++
			out = e.product(out, []string{"", " "})
		default:
			end := e.at + 1
			for end < len(e.in) && strings.IndexByte("|()<~", e.in[end]) < 0 {
				end++
			}
			out = e.product(out, []string{e.in[e.at:end]})
			e.at = end
		}
	}
	return out
}

// list reads <name>.
func (e *expander) list(depth int) []string {
	name, _, ok := strings.Cut(e.in[e.at+1:], ">")
	words, known := e.lists[name]
	if !ok || !known || depth > 8 {
		e.err = fmt.Errorf("%q speaks of a list that is not there: <%s>", e.in, name)
		return nil
	}
	e.at += len(name) + len("<>")
	if name == "followed" {
		return e.services
	}
	inner := expander{in: words, lists: e.lists, services: e.services}
	all := inner.choice(depth + 1)
	e.err = inner.err
	return all
}

func (e *expander) product(heads, tails []string) []string {
	if len(heads)*len(tails) > maxLiterals+perService*len(e.services) {
		e.err = fmt.Errorf("%q expands to more than %d texts: part it with '+'", e.in, maxLiterals)
	}
	if e.err != nil {
		return nil
	}
	out := make([]string, 0, len(heads)*len(tails))
	for _, h := range heads {
		for _, t := range tails {
			out = append(out, h+t)
		}
	}
	return out
}
