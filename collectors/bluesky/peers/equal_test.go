//go:build peers

package peers_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// verdict is how the database compares with the truth.
type verdict struct {
	wrong         []string
	stored        []post
	blank, absent int
	others        map[string]reaction.StoredPost // that nobody wrote
	twice         int                            // uses of tags counted twice
}

func (v *verdict) say(format string, a ...any) { v.wrong = append(v.wrong, fmt.Sprintf(format, a...)) }

// compare holds everything that is stored and counted against the truth.
func (l *line) compare(ctx context.Context, tr *truth) (*verdict, error) {
	v, err := l.hold(ctx, tr, func(*post) bool { return true })
	for id, s := range v.others {
		v.say("%s %q was never written", id, s.Text)
	}
	if err != nil || len(v.wrong) > 0 {
		return v, err
	}
	return v, l.figures(ctx, v)
}

// hold holds the posts that are chosen against what is stored of them.
func (l *line) hold(ctx context.Context, tr *truth, chosen func(*post) bool) (*verdict, error) {
	v := &verdict{}
	got, err := l.posts(ctx)
	if err != nil {
		return v, err
	}
	for _, p := range tr.copy() {
		s, has := got[p.uri]
		delete(got, p.uri)
		switch {
		case !chosen(&p):
		case has != p.stored && p.of != nil:
			v.say("%s of a post of %s by %s at %s is stored: %v, and should be: %v", p.uri, p.of.wrote.Format(clock), p.by.Handle, p.at.Format(clock), has, p.stored)
		case has != p.stored:
			v.say("%s %q by %s at %s is stored: %v, and should be: %v", p.uri, p.text, p.by.Handle, p.at.Format(clock), has, p.stored)
		case !has:
			v.absent++
		default:
			if p.goes() {
				v.blank++
			}
			v.same(&p, &s)
			p.at = s.At // near enough, or found wrong
			v.stored = append(v.stored, p)
		}
	}
	v.others = got
	return v, nil
}

// same holds one post against what is stored of it.
func (v *verdict) same(p *post, s *reaction.StoredPost) {
	bad := func(what string, got, want any) {
		v.say("%s by %s at %s: %s is %v, and should be %v", p.uri, p.by.Handle, p.at.Format(clock), what, got, want)
	}
	if s.Kind != p.kind {
		bad("kind", s.Kind, p.kind)
	}
	if s.Repeats != p.repeats {
		bad("repeats", s.Repeats, p.repeats)
	}
	if s.Retimed != p.retimed {
		bad("retimed", s.Retimed, p.retimed)
	}
	if !p.retimed && !s.At.Equal(p.at) || p.retimed && time.Since(s.At).Abs() > time.Hour {
		bad("time", s.At, p.at)
	}
	if (s.DeletedAt != nil) != p.goes() {
		bad("deleted", s.DeletedAt, p.goes())
		return
	}
	if p.goes() {
		if s.Text != "" || s.URL != "" || len(s.Tags.Hashtags)+len(s.Tags.Mentions)+len(s.Tags.URLs)+len(s.Tags.Reasons) > 0 {
			bad("what is left of it", s, "nothing")
		}
		return
	}
	if s.Text != p.text {
		bad("text", s.Text, p.text)
	}
	if s.Lang != p.lang {
		bad("language of "+p.text, s.Lang, p.lang)
	}
	var tags []string
	for _, h := range s.Tags.Hashtags {
		tags = append(tags, h.Key)
	}
	if !sameSet(tags, p.tags) {
		bad("hashtags of "+p.text, tags, p.tags)
	}
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// figures holds what is counted against the posts that are stored.
func (l *line) figures(ctx context.Context, v *verdict) error {
	want := v.stored
	from := slices.MinFunc(want, func(a, b post) int { return a.at.Compare(b.at) }).at.Truncate(trend.Steps[0])
	to := slices.MaxFunc(want, func(a, b post) int { return a.at.Compare(b.at) }).at.Truncate(trend.Steps[0]).Add(trend.Steps[0])
	for _, lang := range []string{"", "en", "ko", "pt"} {
		q := trend.Query{Event: l.event, Series: []trend.Name{trend.Posts, trend.Reposts}, From: from, To: to, Step: trend.Steps[0]}
		if lang != "" {
			q.Langs = []string{lang}
		}
		r, err := l.store.Trend(ctx, q)
		if err != nil {
			return err
		}
		posts, reposts, gone := map[time.Time]int{}, map[time.Time]int{}, 0
		for _, p := range want {
			switch at := reaction.Bucket(p.at); {
			case lang != "" && p.lang != lang:
			case p.goes():
				gone++
			default:
				posts[at]++
				if p.kind == reaction.Repost {
					reposts[at]++
				}
			}
		}
		v.series(lang, r.Series[0], posts)
		v.series(lang, r.Series[1], reposts)
		if r.Passport.DeletedSince != int64(gone) {
			v.say("%d posts %s are deleted since, and should be %d", r.Passport.DeletedSince, lang, gone)
		}
	}
	return l.tags(ctx, v)
}

// heard says which whole buckets of a time are not known to have been heard, then or afterwards.
func (l *line) heard(ctx context.Context, from, to time.Time) error {
	step := trend.Steps[0]
	q := trend.Query{Event: l.event, Series: []trend.Name{trend.Posts}, From: from.Truncate(step).Add(step), To: to.Truncate(step), Step: step}
	r, err := l.store.Trend(ctx, q)
	if err != nil {
		return err
	}
	for _, p := range r.Series[0].Points {
		if p.Value == nil || p.Covered < 1 {
			return fmt.Errorf("of the bucket at %s only %v is known to have been heard", p.Bucket.Format(time.TimeOnly), p.Covered)
		}
	}
	return nil
}

func (v *verdict) series(lang string, s trend.Series, want map[time.Time]int) {
	for _, p := range s.Points {
		n := cmp.Or(p.Value, p.AtLeast)
		if n == nil || *n != float64(want[p.Bucket]) {
			v.say("%s %s at %s: %v, and should be %d", s.Name, lang, p.Bucket.Format(time.TimeOnly), n, want[p.Bucket])
		}
	}
}

func (l *line) tags(ctx context.Context, v *verdict) error {
	rows, err := l.store.Tags(ctx, trend.TagsQuery{Event: l.event, Limit: 1000})
	if err != nil {
		return err
	}
	// A tag that an edit took away and another brought back counts once or twice in gross figures.
	net, gross, most := map[string]int64{}, map[string]int64{}, map[string]int64{}
	for _, p := range v.stored {
		for i, tag := range p.ever {
			if most[tag]++; !slices.Contains(p.ever[:i], tag) {
				gross[tag]++
			}
		}
		for _, tag := range p.tags {
			if !p.goes() {
				net[tag]++
			}
		}
	}
	for _, r := range rows {
		v.twice += int(r.Gross - gross[r.Tag])
		if r.Posts != net[r.Tag] || r.Gross < gross[r.Tag] || r.Gross > most[r.Tag] {
			v.say("#%s: %d of %d, and should be %d of %d", r.Tag, r.Posts, r.Gross, net[r.Tag], gross[r.Tag])
		}
		delete(gross, r.Tag)
	}
	for tag, n := range gross {
		v.say("#%s: none, and should be of %d", tag, n)
	}
	return nil
}

func (v *verdict) String() string {
	if len(v.wrong) == 0 {
		return "equal"
	}
	return fmt.Sprintf("%d differences:\n%s", len(v.wrong), strings.Join(v.wrong[:min(len(v.wrong), 12)], "\n"))
}
