package postgres

import (
	"cmp"
	"slices"
	"time"

	"outcry/internal/reaction"
)

// word is what one feed said of an event and a stretch of time. own is set where it was said of
// that event in particular: see reaction.Coverage.Own.
type word struct {
	from, to time.Time
	state    reaction.CoverageState
	reason   string
	own      bool
}

func (w word) same(o word) bool { return w.state == o.state && w.reason == o.reason && w.own == o.own }

// settle lays what a feed says now over what it said before: the later word holds, so that what is
// kept of one feed never overlaps. What was said of one event in particular is not changed by what
// is said of all.
func settle(before, said []word) []word {
	out := make([]word, 0, len(before)+len(said))
	for _, w := range before {
		out = lay(out, w)
	}
	for _, w := range said {
		if w.own {
			out = lay(out, w)
			continue
		}
		for _, piece := range around(out, w) {
			out = lay(out, piece)
		}
	}
	return joinWords(out)
}

// lay cuts a stretch out of all others and puts it there. Words are in order of time.
func lay(words []word, w word) []word {
	if !w.from.Before(w.to) {
		return words
	}
	// Words that end before it begins, and those that begin after its end, stay as they are.
	i, _ := slices.BinarySearchFunc(words, w.from, func(x word, t time.Time) int {
		if !x.to.After(t) {
			return -1
		}
		return 1
	})
	j := i
	var left, right []word
	for ; j < len(words) && words[j].from.Before(w.to); j++ {
		x := words[j]
		if x.from.Before(w.from) {
			left = []word{{x.from, w.from, x.state, x.reason, x.own}}
		}
		if x.to.After(w.to) {
			right = []word{{w.to, x.to, x.state, x.reason, x.own}}
		}
	}
	return slices.Replace(words, i, j, slices.Concat(left, []word{w}, right)...)
}

// around is what of a word lies beside those that were said of the event in particular.
func around(words []word, w word) (out []word) {
	rest := w
	for _, x := range words {
		if !x.own || !x.to.After(rest.from) || !x.from.Before(rest.to) {
			continue
		}
		if x.from.After(rest.from) {
			piece := rest
			piece.to = x.from
			out = append(out, piece)
		}
		if rest.from = x.to; !rest.from.Before(rest.to) {
			return out
		}
	}
	return append(out, rest)
}

// joinWords makes one of neighbours that say the same.
func joinWords(words []word) []word {
	out := words[:0]
	for _, w := range words {
		if n := len(out); n > 0 && out[n-1].to.Equal(w.from) && out[n-1].same(w) {
			out[n-1].to = w.to
			continue
		}
		out = append(out, w)
	}
	return out
}

// differing are the stretches of which one list says another thing than the other.
func differing(a, b []word) (out []reaction.Span) {
	var edges []time.Time
	for _, w := range slices.Concat(a, b) {
		edges = append(edges, w.from, w.to)
	}
	slices.SortFunc(edges, time.Time.Compare)
	at := func(words []word, i *int, t time.Time) word {
		for *i < len(words) && !words[*i].to.After(t) {
			*i++
		}
		if *i < len(words) && !words[*i].from.After(t) {
			return words[*i]
		}
		return word{}
	}
	i, j := 0, 0
	for k := 1; k < len(edges); k++ {
		from, to := edges[k-1], edges[k]
		if !from.Before(to) || at(a, &i, from).same(at(b, &j, from)) {
			continue
		}
		out = append(out, reaction.Span{From: from.UTC(), To: to.UTC()})
	}
	return out
}

// wordOf is a span as a word. PostgreSQL keeps microseconds: what is finer would leave slits
// between words that follow each other.
func wordOf(c *reaction.Coverage) word {
	return word{
		from: c.From.UTC().Truncate(time.Microsecond), to: c.To.UTC().Truncate(time.Microsecond),
		state: c.State, reason: plainText(c.Reason), own: c.Own && len(c.Events) > 0,
	}
}

// maxReason bounds what is kept of why something is as it is, in runes.
const maxReason = 300

// plainText makes a text of a collector's fit to be kept: reasons may hold what the other side said.
func plainText(s string) string {
	out := make([]rune, 0, min(len(s), maxReason))
	for _, r := range s {
		if r < ' ' || r == 0x7f {
			r = ' '
		}
		if out = append(out, r); len(out) == maxReason {
			break
		}
	}
	return string(out)
}

func compareWords(a, b word) int { return cmp.Or(a.from.Compare(b.from), a.to.Compare(b.to)) }
