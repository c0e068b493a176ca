package pipeline

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"outcry/internal/postgres"
	"outcry/internal/reaction"
)

// NameFinder proposes names in a text. It may be slow, and keeps its own pace; it ends with ctx, and
// is called from one goroutine. asked is false where there was nothing to ask: a copy, or no text.
type NameFinder interface {
	Names(ctx context.Context, t reaction.NameText) (list []reaction.NameProposal, asked bool, err error)
}

// NameMeter is told what became of posts that might have been asked for names: asked, skipped
// (copies and what can hold no name), left_out (not of the sample), dropped (there was no time) and
// failed. It is safe for concurrent use.
type NameMeter interface {
	Named(outcome string, posts int)
}

const (
	nameQueue    = 1024            // posts that wait
	nameSample   = 64              // posts of one envelope at most, evenly spread over it
	nameText     = 4096            // bytes kept of a text
	nameEvery    = 2 * time.Second // how often counts are stored
	nameLast     = 2 * time.Second // how long they may take to be stored at the stop
	nameQuestion = 20 * time.Second
)

// Namer asks a sample of committed English posts for names, and stores those that recur as
// candidates of their events. It is beside the line and never in its way: Offer takes no time, and
// what Run has no time for is dropped and counted.
type Namer struct {
	// Accept, where it is above 0, accepts candidates of so many posts by itself: the setting
	// names_accept. Set it before Run.
	Accept int64
	// Announce, where it is set, is told of every event that a name was accepted in by that rule.
	Announce func(ctx context.Context, event int64)

	store  *postgres.Store
	finder NameFinder
	meter  NameMeter
	now    func() time.Time
	logger *slog.Logger
	queue  chan namePost
	events nameBook
	away   bool
}

// namePost is a post that waits to be asked.
type namePost struct {
	text   reaction.NameText
	at     time.Time
	live   bool // of a live feed, and not of a recording
	events []reaction.Membership
}

// NewNamer makes a Namer; now is the wall clock.
func NewNamer(store *postgres.Store, finder NameFinder, meter NameMeter, now func() time.Time, logger *slog.Logger) *Namer {
	return &Namer{store: store, finder: finder, meter: meter, now: now, logger: logger, queue: make(chan namePost, nameQueue), events: nameBook{}}
}

// Offer offers the posts of an envelope that was committed with these tags. It keeps nothing of
// either. Envelopes that hold posts which were stored before are left out: nobody would know which.
func (n *Namer) Offer(env *reaction.Envelope, tags []reaction.Tags, did postgres.Appended) {
	if did.Known || did.Duplicates > 0 || did.Stored == 0 {
		return
	}
	eligible := 0
	for i := range env.Posts {
		if nameable(&env.Posts[i], &tags[i]) {
			eligible++
		}
	}
	if eligible == 0 {
		return
	}
	step := (eligible + nameSample - 1) / nameSample
	offered, dropped, nth := 0, 0, 0
	for i := range env.Posts {
		if !nameable(&env.Posts[i], &tags[i]) {
			continue
		}
		if nth++; (nth-1)%step != 0 {
			continue
		}
		offered++
		if len(n.queue) == cap(n.queue) { // before anything is copied
			dropped++
			continue
		}
		select {
		case n.queue <- newNamePost(env, &env.Posts[i], tags[i].Fingerprint):
		default:
			dropped++
		}
	}
	n.count("left_out", eligible-offered)
	n.count("dropped", dropped)
}

// nameable reports whether a post may be asked: somebody's own words, in English.
func nameable(p *reaction.Matched, t *reaction.Tags) bool {
	return !p.Edit && p.Kind != reaction.Repost && len(p.Events) > 0 && p.Text != "" && (t.Lang == "en" || strings.HasPrefix(t.Lang, "en-"))
}

func newNamePost(env *reaction.Envelope, p *reaction.Matched, fingerprint uint64) namePost {
	text := p.Text
	if len(text) > nameText {
		end := nameText
		for end > 0 && !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end]
	}
	return namePost{
		text: reaction.NameText{Event: p.Events[0].Event, Text: strings.Clone(text), Fingerprint: fingerprint},
		at:   p.At, live: env.Feed.Live(), events: append([]reaction.Membership(nil), p.Events...),
	}
}

func (n *Namer) count(outcome string, posts int) {
	if posts > 0 {
		n.meter.Named(outcome, posts)
	}
}

// Run asks what is offered until ctx ends, when it stores what it has. It has no error: its faults are
// logged and cost names, and never stop the line.
func (n *Namer) Run(ctx context.Context) {
	tick := time.NewTicker(nameEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), nameLast)
			defer cancel()
			n.settle(last)
			return
		case <-tick.C:
			n.settle(ctx)
		case p := <-n.queue:
			n.ask(ctx, &p)
		}
	}
}

func (n *Namer) ask(ctx context.Context, p *namePost) {
	list, asked, err := n.finder.Names(ctx, p.text)
	switch {
	case ctx.Err() != nil:
	case err != nil: // at one text; a text that prose fails at is nobody's fault, and they are counted
		n.count("failed", 1)
		n.logger.Debug("a post could not be asked for names", "bytes", len(p.text.Text), "error", err)
	case !asked:
		n.count("skipped", 1)
	default:
		n.count("asked", 1)
		n.events.add(p, list)
	}
}

// settle stores what was counted. What cannot be stored now is stored later.
func (n *Namer) settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, nameQuestion)
	defer cancel()
	for id, e := range n.events {
		if !e.dirty {
			continue
		}
		err := n.settleEvent(ctx, id, e)
		switch {
		case errors.Is(err, reaction.ErrNotFound):
			delete(n.events, id)
		case err != nil && ctx.Err() == nil && !errors.Is(err, reaction.ErrAway):
			n.logger.Error("names of an event cannot be stored: please report it", "event", id, "error", err)
			delete(n.events, id)
		case err != nil:
			if !n.away && ctx.Err() == nil {
				n.logger.Warn("names cannot be stored now", "error", err)
			}
			n.away = true
			n.events.bound()
			return
		}
	}
	n.away = false
	n.events.bound()
}

// settleEvent stores the names of one event that recurred, and does what the rule says.
func (n *Namer) settleEvent(ctx context.Context, id int64, e *nameEvent) error {
	event, err := n.store.EventByID(ctx, id)
	if err != nil {
		return err
	}
	states, err := n.store.NameStates(ctx, id)
	if err != nil {
		return err
	}
	e.forget(event, states)
	if due := e.due(states); len(due) > 0 {
		if err := n.store.AddNames(ctx, id, due); err != nil {
			return err
		}
		e.stored(due)
	}
	e.dirty = false
	if n.Accept > 0 && !e.recorded && event.Listening(n.now()) {
		return n.acceptDue(ctx, event)
	}
	return nil
}

// acceptDue accepts the candidates that the rule allows.
func (n *Namer) acceptDue(ctx context.Context, event *reaction.Event) error {
	list, err := n.store.Names(ctx, reaction.NameQuery{Event: event, State: reaction.NameOpen, Limit: reaction.MaxNames})
	if err != nil {
		return err
	}
	changed := false
	for _, name := range list {
		if name.Posts < n.Accept || name.Authors < max(reaction.NameAuthors, n.Accept/acceptAuthors) || name.Kind == "other" {
			continue
		}
		did, err := n.store.AcceptByRule(ctx, event.Slug, name.Key, reaction.NameDecision{Now: n.now()}, n.because(&name))
		if err != nil {
			return err
		}
		changed = changed || did
	}
	if changed && n.Announce != nil {
		n.Announce(ctx, event.ID)
	}
	return nil
}
