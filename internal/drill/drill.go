// Package drill simulates a live event that fails, and knows its own truth: when the fault began,
// what people wrote because of it, and who wrote nothing at all.
//
// It exists to judge the rest of the system, so it shares nothing with it beyond the vocabulary:
// no detector, no tagger, no matcher is imported, the statistics are its own, and the posts are
// written as people write, with complaints that no word list holds and with harmless posts that
// sound like complaints. Timelines follow the public record of real evenings; every text, author
// and figure beyond that record is invented. The same options always make the same bytes.
package drill

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

// Method numbers the way drills are made. It changes whenever the same options would give other
// records, so that a stored truth is never held against another drill's posts.
const Method = 1

// Drill is one simulated event. It is safe for use by several goroutines.
type Drill struct {
	opts   Options
	script *script
	plan   *plan
	key    string // short hash of the options: keeps the ids of different drills apart
	truth  func() Truth
}

// New prepares a drill. It writes no post yet; that happens as Records is read.
func New(o Options) (*Drill, error) {
	sc, o, err := o.complete()
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(struct {
		Method  int
		Options Options
	}{Method, o})
	if err != nil {
		return nil, fmt.Errorf("drill options: %w", err)
	}
	sum := sha256.Sum256(b)
	d := &Drill{opts: o, script: sc, key: hex.EncodeToString(sum[:5])}
	if d.plan, err = newPlan(sc, o); err != nil {
		return nil, err
	}
	e := d.Event()
	if p := e.Validate(); len(p) > 0 {
		return nil, fmt.Errorf("drill event: %s", p[0])
	}
	d.truth = sync.OnceValue(d.recount)
	return d, nil
}

// Options are the options in force, with defaults filled in.
func (d *Drill) Options() Options { return d.opts }

// Event is the simulated event: what a person would have written down beforehand. It does not
// know what is about to go wrong, nor the tag that will be coined.
func (d *Drill) Event() reaction.Event {
	sc := d.script
	e := reaction.Event{
		Slug:       d.opts.Slug,
		Title:      "Simulated: " + sc.title,
		StartsAt:   d.opts.Start,
		EndsAt:     d.opts.Start.Add(sc.ends),
		ListenFrom: d.plan.from,
		Platform:   sc.platform,
		Match: reaction.Match{
			Any:      slices.Clone(sc.terms),
			Accounts: []string{"@" + sc.account},
		},
		Entities:  slices.Clone(sc.entities),
		Simulated: true,
	}
	for i := range e.Entities {
		e.Entities[i].Aliases = slices.Clone(e.Entities[i].Aliases)
	}
	for _, name := range sc.services {
		e.Services = append(e.Services, health.Service{Name: name})
	}
	for _, s := range sc.sources {
		e.Sources = append(e.Sources, s.source)
	}
	e.Normalise()
	return e
}

// Run describes the drill's records. Counting them takes one pass, made once and kept.
func (d *Drill) Run() reaction.Run {
	return reaction.Run{
		Name:      d.runName(),
		Coverage:  d.coverage(),
		Records:   d.truth().Records,
		Simulated: true,
	}
}

func (d *Drill) runName() string {
	return strings.Join([]string{"drill", string(d.opts.Scenario), d.key}, "-")
}

// coverage cuts each source's time at its gaps.
func (d *Drill) coverage() []reaction.Coverage {
	var out []reaction.Coverage
	for _, s := range d.script.sources {
		at := d.plan.from
		span := func(to time.Time, state reaction.CoverageState, reason string) {
			if to.After(at) {
				out = append(out, reaction.Coverage{Source: s.source, From: at, To: to, State: state, Reason: reason})
				at = to
			}
		}
		for _, g := range d.plan.gaps {
			if g.Source == s.source {
				span(g.From, reaction.CoverageLive, "")
				span(g.To, reaction.CoverageGap, "simulated gap")
			}
		}
		span(d.plan.to, reaction.CoverageLive, "")
	}
	return out
}

// Records are the drill's records in order of event time, without the first after of them. They
// are made as they are read, so that a large drill needs no more memory than a small one, and
// every pass makes the same ones. The caller may keep and change what it is given.
func (d *Drill) Records(after int64) iter.Seq2[reaction.Record, error] {
	return func(yield func(reaction.Record, error) bool) {
		if after < 0 {
			yield(reaction.Record{}, fmt.Errorf("records after %d: the position is less than nothing", after))
			return
		}
		var n int64
		d.each(func(it item) bool {
			n++
			return n <= after || yield(it.record, nil)
		})
	}
}

// Labels says of each post, in the order of Records, what it really is.
func (d *Drill) Labels() iter.Seq[Label] {
	return func(yield func(Label) bool) {
		d.each(func(it item) bool { return it.label == nil || yield(*it.label) })
	}
}

// Truth is what happened in the drill. The first call makes one pass over the records.
func (d *Drill) Truth() Truth { return d.truth().clone() }
