package drill

import (
	"time"

	"outcry/internal/reaction"
)

// passedOn draws when a post is reposted: seldom or never for most posts, hundreds of times for a
// few (a branching of one generation with Pareto popularity).
func (p *press) passedOn(o *original) []time.Time {
	share := p.d.opts.Reposts
	if share == 0 {
		return nil
	}
	mean := share / (1 - share)
	n := poisson(p.r, min(pareto(p.r, mean, 1.9), 150*mean))
	at := make([]time.Time, n)
	for i := range at {
		at[i] = o.post.At.Add(2*time.Second + seconds(lognormal(p.r, 120, 1.2)))
	}
	return at
}

// passOn makes a repost.
func (p *press) passOn(o *original, at time.Time) item {
	source, lang := o.post.Source, o.label.Lang
	r := &original{
		post: reaction.Post{Source: source, ID: p.id(), At: at, Received: p.received(source, at), Kind: reaction.Repost,
			Author: p.people.author(p.r, source, lang), Text: o.post.Text, Lang: o.post.Lang, Repeats: o.post.ID, Passed: o.post.Author},
		label: Label{Source: source, At: at, Lang: lang, Topic: o.label.Topic, Kind: reaction.Repost},
	}
	r.label.ID = r.post.ID
	switch source {
	case reaction.X:
		r.post.Text = "RT @" + o.post.Author.Handle + ": " + o.post.Text
	case reaction.Bluesky:
		r.post.Facets = facets(r.post.Text)
	}
	return r.item()
}

// received draws when a post reached the listener: soon, with a long tail that differs from source
// to source; after a gap where the source was lost by then.
func (p *press) received(source reaction.Source, at time.Time) time.Time {
	median, sigma, slow := 0.9, 0.6, 0.01
	switch source {
	case reaction.Bluesky:
		median, sigma, slow = 0.35, 0.5, 0.005
	case reaction.Mastodon:
		median, sigma, slow = 2.5, 0.9, 0.04
	}
	delay := lognormal(p.r, median, sigma)
	if chance(p.r, slow) {
		delay += min(pareto(p.r, 25, 1.4), 540)
	}
	got := at.Add(seconds(delay))
	if i := p.d.plan.gapAt(source, got); i >= 0 {
		got = p.d.plan.gaps[i].To.Add(seconds(delay))
	}
	return got
}

// told is the language as the source tells it, which is not always the truth and often missing.
func (p *press) told(source reaction.Source, lang string) string {
	silent := 0.03
	switch source {
	case reaction.Bluesky:
		silent = 0.1
	case reaction.Mastodon:
		silent = 0.15
	}
	switch u := p.r.Float64(); {
	case u < silent:
		return ""
	case u < silent+0.02 && source == reaction.X:
		return "und"
	case u < silent+0.03 && lang != korean && lang != japanese:
		return english
	}
	return lang
}
