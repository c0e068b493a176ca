package x

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"outcry/collectors"
	"outcry/collectors/wire"
	"outcry/internal/reaction"
)

// maxRules is how many rules an app may have.
const maxRules = 1000

// rounds bounds how often the rules are listed and written in one go. A refused rule is halved in
// each round, until one term is left.
const rounds = 14

// maxRefused bounds the refused rules that are remembered.
const maxRefused = 10_000

// rulebook has X's rules follow the events. Rules are known by their values: two events that ask
// for the same share a rule, and one that another program has already need not be written.
type rulebook struct {
	client *Client
	log    *slog.Logger

	work    sync.Mutex        // one goes through the rules at a time
	refused map[string]string // by value: why X did not take it

	mu      sync.Mutex
	known   map[wire.LooseID]asked
	placed  map[int64]bool // events that X has all the rules of that it takes
	trouble []Trouble
}

// asked is what a rule is for.
type asked struct {
	events []int64
	author string // who wrote all that it finds; "" where that may be anybody
}

func newRulebook(c *Client, log *slog.Logger) *rulebook {
	return &rulebook{client: c, log: log, refused: map[string]string{}, known: map[wire.LooseID]asked{}, placed: map[int64]bool{}}
}

// plan is what X is to be asked for.
type plan struct {
	rules   []rule           // without ids
	asked   map[string]asked // by value
	trouble []Trouble
}

// plan compiles the rules of events, as many as there is room for. Where there is too little every
// event gets its first rule before any gets its second.
func (b *rulebook) plan(events []reaction.Event, room int) plan {
	p := plan{asked: map[string]asked{}}
	all := make([][]query, len(events))
	most := 0
	for i := range events {
		queries, trouble := pack(&events[i], maxRule, func(v string) string { return b.refused[v] })
		all[i], p.trouble = queries, append(p.trouble, trouble...)
		most = max(most, len(queries))
	}
	for n := range most {
		for i, queries := range all {
			if n >= len(queries) {
				continue
			}
			q, id := queries[n], events[i].ID
			switch a, known := p.asked[q.value]; {
			case known:
				p.asked[q.value] = asked{append(a.events, id), q.author}
			case len(p.rules) < room:
				p.asked[q.value] = asked{[]int64{id}, q.author}
				p.rules = append(p.rules, rule{Value: q.value, Tag: tag(id, n)})
			default:
				for _, t := range q.terms {
					p.trouble = append(p.trouble, Trouble{id, t.text, "X takes no more rules: name fewer terms, or end other events"})
				}
			}
		}
	}
	return p
}

// reconcile brings X's rules in line with what events ask for, and lists them after each write: what
// counts is what X says it has. It fails with a *collectors.Fault where that could not be done, or
// not all of it.
func (b *rulebook) reconcile(ctx context.Context, events []reaction.Event) error {
	b.work.Lock()
	defer b.work.Unlock()
	b.only(events)
	var last []rule
	for range rounds {
		have, err := b.client.rules(ctx)
		if err != nil {
			return err
		}
		p := b.plan(events, maxRules-others(have))
		add, drop := p.differs(have)
		b.settle(events, &p, have)
		if len(add) == 0 && len(drop) == 0 {
			return nil
		}
		if len(add) > 0 && slices.Equal(add, last) { // it was taken, or was it not: asking again at once is of no use
			break
		}
		last = add
		if err := b.write(ctx, add, drop, len(have)); err != nil {
			return err
		}
	}
	return &collectors.Fault{Kind: collectors.Server, Err: errors.New("X does not have the rules that it was given")}
}

// write makes room first where there is none; otherwise what is new comes before what is old goes,
// so that an event whose terms change is listened for all the while.
func (b *rulebook) write(ctx context.Context, add, drop []rule, have int) error {
	if have+len(add) > maxRules || len(add) == 0 {
		if err := b.client.dropRules(ctx, drop); err != nil {
			return err
		}
		drop = nil
	}
	refused, err := b.client.addRules(ctx, add)
	if len(b.refused) > maxRefused {
		clear(b.refused)
	}
	maps.Copy(b.refused, refused)
	if err != nil {
		return err
	}
	if len(refused) > 0 { // the old ones stand until it is known what comes in their place
		return nil
	}
	return b.client.dropRules(ctx, drop)
}

// others counts the rules of other programs.
func others(have []rule) (n int) {
	for i := range have {
		if !have[i].ours() {
			n++
		}
	}
	return n
}

// differs is what is to be added and dropped.
func (p *plan) differs(have []rule) (add, drop []rule) {
	there := map[string]bool{}
	for _, r := range have {
		if r.ours() && (p.asked[r.Value].events == nil || there[r.Value]) {
			drop = append(drop, r)
			continue
		}
		there[r.Value] = true
	}
	for _, r := range p.rules {
		if !there[r.Value] {
			add = append(add, r)
		}
	}
	return add, drop
}

// only forgets at once that rules of other events are in place.
func (b *rulebook) only(events []reaction.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id := range b.placed {
		if !slices.ContainsFunc(events, func(e reaction.Event) bool { return e.ID == id }) {
			delete(b.placed, id)
		}
	}
}

// settle takes note of which rules are there.
func (b *rulebook) settle(events []reaction.Event, p *plan, have []rule) {
	b.mu.Lock()
	defer b.mu.Unlock()
	there := map[string]bool{}
	b.known = make(map[wire.LooseID]asked, len(have))
	for _, r := range have {
		there[r.Value] = true
		if a, ok := p.asked[r.Value]; ok {
			b.known[r.ID] = a
		}
	}
	b.placed = map[int64]bool{}
	missing := map[int64]bool{}
	for value, a := range p.asked {
		for _, id := range a.events {
			b.placed[id] = true // it has a rule
			missing[id] = missing[id] || !there[value]
		}
	}
	for id, m := range missing {
		if m {
			delete(b.placed, id)
		}
	}
	b.tell(events, p.trouble)
}

// tell logs what is new among the troubles. The caller holds b.mu.
func (b *rulebook) tell(events []reaction.Event, trouble []Trouble) {
	for _, t := range trouble {
		if slices.Contains(b.trouble, t) {
			continue
		}
		slug := ""
		if i := slices.IndexFunc(events, func(e reaction.Event) bool { return e.ID == t.Event }); i >= 0 {
			slug = events[i].Slug
		}
		b.log.Warn("X is not asked for a term of an event", "event", slug, "term", t.Term, "reason", t.Text)
	}
	b.trouble = trouble
}

// of is what a post was delivered for, by the rules that it matched, and who wrote it where one of
// these tells that.
func (b *rulebook) of(rules []wire.XRule) (found asked) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range rules {
		a, ok := b.known[r.ID]
		if id := eventOf(r.Tag); !ok && id != 0 { // of a rule that is gone by now
			a.events = []int64{id}
		}
		for _, id := range a.events {
			if !slices.Contains(found.events, id) {
				found.events = append(found.events, id)
			}
		}
		found.author = cmp.Or(found.author, a.author)
	}
	return found
}

// listens reports whether X has all rules of an event.
func (b *rulebook) listens(event int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.placed[event]
}

// any reports whether X has rules for any event.
func (b *rulebook) any() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.placed) > 0
}

func (b *rulebook) troubles() []Trouble {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.trouble)
}
