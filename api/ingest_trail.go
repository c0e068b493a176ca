package api

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"outcry/internal/auth"
	"outcry/internal/reaction"
)

// deletions are how many things somebody asked to have deleted.
type deletions struct{ posts, authors int64 }

// otherSources stands for the sources past maxNoted in what the audit log says of a push. It is the
// name of none.
const otherSources reaction.Source = "other sources"

// noteDeletion counts a deletion that is in the log; nil for a line that is none. Whom it names is
// not remembered.
func (p *pushing) noteDeletion(d *reaction.Delete) {
	if d == nil {
		return
	}
	of := d.Source
	if _, ok := p.gone[of]; !ok && len(p.gone) >= maxNoted {
		of = otherSources
	}
	n := p.gone[of]
	if d.ID != "" {
		n.posts++
	} else {
		n.authors++
	}
	p.gone[of] = n
}

// leaveTrail notes in the audit log what was pushed: each push that deletes, one push an hour of those
// that do not, and that somebody tried to speak for sources which are not theirs.
func (p *pushing) leaveTrail(ctx context.Context) {
	s := p.s
	if p.report.Accepted+p.report.Duplicates > 0 && s.pushes.worthNoting(s.actor(ctx), s.Now()) {
		s.audit(ctx, "posts.push", p.summary())
	}
	if len(p.gone) > 0 {
		s.audit(ctx, "posts.delete", p.deleted())
	}
	if p.foreign > 0 {
		s.auditRefusal(p.in.r, s.entry(ctx, http.MethodPost+" "+ingestPath, count(p.foreign, "line"), auth.Refused, "of sources that the key may not speak for"))
	}
}

// summary is what the audit log says of a push.
func (p *pushing) summary() string {
	var names []string
	for _, s := range slices.Sorted(maps.Keys(p.posts)) {
		names = append(names, string(s))
	}
	return fmt.Sprintf("%d lines of %s", p.report.Lines, strings.Join(names, ", "))
}

// deleted is what the audit log says of the deletions of a push: how many of what source were asked
// for, the sum first where there are several, since the log keeps no more than a line.
func (p *pushing) deleted() string {
	var sum deletions
	var each []string
	for _, s := range slices.Sorted(maps.Keys(p.gone)) {
		n := p.gone[s]
		sum.posts, sum.authors = sum.posts+n.posts, sum.authors+n.authors
		each = append(each, string(s)+": "+n.String())
	}
	if len(each) == 1 {
		return each[0]
	}
	return sum.String() + "; " + strings.Join(each, "; ")
}

func (n deletions) String() string {
	switch {
	case n.authors == 0:
		return count(n.posts, "post")
	case n.posts == 0:
		return count(n.authors, "author")
	}
	return count(n.posts, "post") + ", " + count(n.authors, "author")
}

// count is a number of things in words.
func count(n int64, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}
