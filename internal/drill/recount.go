package drill

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"outcry/internal/reaction"
)

// recount makes the truth: what the plan knows, and a count of all that was made.
func (d *Drill) recount() Truth {
	t := d.facts()
	for at := reaction.Bucket(t.From); at.Before(t.To); at = at.Add(reaction.BucketWidth) {
		t.Buckets = append(t.Buckets, Bucket{At: at, Languages: map[string]Tally{}})
	}
	coins := d.coins()
	d.every(func(it item, heard bool) bool {
		if it.label != nil {
			coins.note(it.record.Post, heard)
			if !heard {
				t.Gaps[d.plan.gapAt(it.label.Source, it.label.At)].Missed++
			}
		}
		if heard {
			t.count(it, d.plan)
		}
		return true
	})
	t.Coined = coins
	return t
}

// count adds a record that was heard.
func (t *Truth) count(it item, p *plan) {
	t.Records++
	switch {
	case it.record.Sample != nil:
		t.Samples++
	case it.record.Delete != nil:
		t.Deletes++
	default:
		gone := it.post.gone
		one := tally(it.label, !gone.IsZero() && gone.Before(p.to) && p.gapAt(it.label.Source, gone) < 0)
		t.Total = t.Total.plus(one)
		t.Sources[it.label.Source] = t.Sources[it.label.Source].plus(one)
		t.Languages[it.label.Lang] = t.Languages[it.label.Lang].plus(one)
		b := &t.Buckets[it.label.At.Sub(t.Buckets[0].At)/reaction.BucketWidth]
		b.Tally = b.Tally.plus(one)
		b.Languages[it.label.Lang] = b.Languages[it.label.Lang].plus(one)
	}
}

// tally is what one post counts as.
func tally(l *Label, deleted bool) Tally {
	n := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	if l.Kind == reaction.Repost {
		return Tally{Posts: 1, Reposts: 1, Deleted: n(deleted)}
	}
	return Tally{
		Posts: 1, Complaints: n(l.Complaint), FirstHand: n(l.FirstHand), Copies: n(l.Copy), Deleted: n(deleted),
		Jokes:      n(l.Topic == joke.String() || l.Topic == coined.String()),
		Recovery:   n(l.Topic == recovered.String()),
		Elsewhere:  n(l.Topic == elsewhere.String()),
		Lookalikes: n(l.Topic == lookalike.String()),
	}
}

func (a Tally) plus(b Tally) Tally {
	return Tally{
		Posts: a.Posts + b.Posts, Reposts: a.Reposts + b.Reposts, Complaints: a.Complaints + b.Complaints,
		FirstHand: a.FirstHand + b.FirstHand, Jokes: a.Jokes + b.Jokes, Recovery: a.Recovery + b.Recovery,
		Elsewhere: a.Elsewhere + b.Elsewhere, Lookalikes: a.Lookalikes + b.Lookalikes, Copies: a.Copies + b.Copies,
		Deleted: a.Deleted + b.Deleted,
	}
}

// facts are what the plan knows before any post is made.
func (d *Drill) facts() Truth {
	p, s := d.plan, &d.plan.story
	t := Truth{
		Method: Method, Run: d.runName(), Options: d.opts, From: p.from, To: p.to,
		Planned: d.opts.Start, Started: p.at(s.opens), Recovery: p.at(s.recovery), AttackClaimed: p.at(s.claimed),
		Postponed: p.at(s.postponed), PostponedUntil: p.at(s.until), Cancelled: p.at(s.cancelled), Lag: p.lag,
		Faults: []Fault{}, Coined: []Coined{}, Moments: []Span{}, Gaps: append([]Gap{}, p.gaps...),
		Sources: map[reaction.Source]Tally{}, Languages: map[string]Tally{},
	}
	if over := p.at(s.over); over.Before(p.to) {
		t.Over = over
	}
	for _, f := range s.faults {
		t.Faults = append(t.Faults, Fault{f.service, f.kind.name, p.at(f.from), p.at(f.to), f.kind.seen})
		if f.service == d.script.services[0] && t.FirstFault.IsZero() {
			t.FirstFault = p.at(f.from)
		}
	}
	for _, at := range s.applause {
		t.Moments = append(t.Moments, Span{"applause", p.at(at), p.at(at + time.Minute)})
	}
	for _, b := range s.pauses {
		t.Moments = append(t.Moments, Span{"break", p.at(b.from), p.at(b.to)})
	}
	slices.SortFunc(t.Moments, func(a, b Span) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.What, b.What)) })
	for i := 0; i < p.seconds; i += int(countEvery / time.Second) {
		t.Audience = append(t.Audience, Listeners{p.at(p.offset(i)), int64(math.Round(p.audience[i]))})
	}
	return t
}

// coinage is what is counted of the coined tags.
type coinage []Coined

// coins lists the tags that the scenario coins, in the order of their coming.
func (d *Drill) coins() coinage {
	var out coinage
	for _, lang := range []string{english, korean} {
		for _, tag := range d.script.words[lang].coin {
			if !slices.ContainsFunc(out, func(c Coined) bool { return c.Tag == tag }) {
				out = append(out, Coined{Tag: tag})
			}
		}
	}
	return out
}

func (cs coinage) note(p *reaction.Post, heard bool) {
	for i := range cs {
		c := &cs[i]
		if !strings.Contains(strings.ToLower(p.Text), strings.ToLower(c.Tag)) {
			continue
		}
		if c.At.IsZero() {
			c.At = p.At
		}
		if heard && c.Heard.IsZero() {
			c.Heard = p.At
		}
		if heard && p.Kind != reaction.Repost {
			c.Posts++
		}
	}
}
