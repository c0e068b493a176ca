package pipeline

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"golang.org/x/sync/errgroup"

	"outcry/internal/health"
	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/stream"
)

// Prober measures a service once. It returns within the probe's timeout, or soon after its context
// has ended. Service and Vantage of the sample are left to the caller; where the measuring itself
// failed its state is unknown, with the reason as its detail.
type Prober interface {
	Probe(ctx context.Context, def health.Probe) health.Sample
}

// ProbeMeter is told what probes do. It is safe for concurrent use.
type ProbeMeter interface {
	Probes(running int)
	Probed(state health.State)
	SamplesDropped(n int)
}

// Limits of one node's probes.
const (
	maxProbes   = 1000 // watched at a time
	maxAsking   = 64   // asking at the same moment
	followEvery = 5 * time.Second
	maxJitter   = 10 * time.Second
	quietFor    = time.Minute // between two lines about one probe
)

// Probes watches the services of the events that are being listened to, as their stored
// definitions have it, and sends what it measures through the log on a feed of this node. Samples
// of a real service belong to every event that names it, so each probe runs once, however many
// events share it.
type Probes struct {
	events  func(context.Context) ([]reaction.Event, error)
	outlet  *outlet
	prober  Prober
	meter   ProbeMeter
	logger  *slog.Logger
	node    string
	asking  chan struct{}
	running map[string]*watcher
	told    map[string]bool // what is so now and was told already
}

// watcher is a probe that runs.
type watcher struct {
	watch
	stop context.CancelFunc
}

// NewProbes makes the probes of the node of that name; Run starts them.
func NewProbes(log *stream.Log, store *postgres.Store, prober Prober, node string, meter ProbeMeter, logger *slog.Logger) (*Probes, error) {
	feed, err := nodeFeed("live/probe/", node)
	if err != nil {
		return nil, err
	}
	pub := &publisher{log: log, feed: feed}
	return newProbes(store.Events, newOutlet(pub.publish, meter, logger), prober, node, meter, logger), nil
}

func newProbes(events func(context.Context) ([]reaction.Event, error), out *outlet, prober Prober, node string, meter ProbeMeter, logger *slog.Logger) *Probes {
	return &Probes{
		events: events, outlet: out, prober: prober, meter: meter, logger: logger, node: node,
		asking: make(chan struct{}, maxAsking), running: map[string]*watcher{}, told: map[string]bool{},
	}
}

// Run watches until ctx ends, when it returns nil. While the store is away the probes go on as
// they were last known; while the log is away samples wait in memory, and the oldest are dropped
// when there are too many. It fails when the log is lost for good.
func (p *Probes) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return p.outlet.run(ctx) })
	g.Go(func() error { p.follow(ctx, g); return nil })
	if err := g.Wait(); err != nil {
		return fmt.Errorf("probes: %w", err)
	}
	return nil
}

// follow reads the events again and again, and starts and stops probes accordingly.
func (p *Probes) follow(ctx context.Context, g *errgroup.Group) {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	defer p.meter.Probes(0)
	var known []reaction.Event
	blind := false
	for {
		asking, cancel := context.WithTimeout(ctx, askTimeout)
		events, err := p.events(asking)
		cancel()
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			known, blind = events, false
		case !blind:
			blind = true
			p.logger.Warn("the events cannot be read; probes go on as they were last known", "error", err)
		}
		p.adjust(ctx, g, plan(known, p.node, time.Now()))
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// adjust makes the probes that run those that are wanted.
func (p *Probes) adjust(ctx context.Context, g *errgroup.Group, want watches) {
	p.tell(want)
	for key, w := range p.running {
		if x, ok := want.watches[key]; !ok || x.every != w.every {
			w.stop()
			delete(p.running, key)
		}
	}
	for key, w := range want.watches {
		if p.running[key] != nil {
			continue
		}
		own, stop := context.WithCancel(ctx)
		p.running[key] = &watcher{w, stop}
		g.Go(func() error { p.watch(own, w); return nil })
	}
	p.meter.Probes(len(p.running))
}

// tell warns the operator, once, of what the events want and do not get.
func (p *Probes) tell(want watches) {
	now := map[string]bool{}
	say := func(what, text string, args ...any) {
		if now[what] = true; !p.told[what] {
			p.logger.Warn(text, args...)
		}
	}
	for _, x := range want.idle {
		say(x.slug+" "+x.path+" "+x.note, "a probe measures nothing", "event", x.slug, "service", x.service, "probe", x.path, "note", x.note)
	}
	if want.left > 0 {
		say("left", fmt.Sprintf("the events name more than %d probes: the rest does not run", maxProbes), "left_out", want.left)
	}
	p.told = now
}

// watch measures one service again and again. Nobody's probes begin at the same moment, and a
// measurement that takes longer than the interval is followed by the next one when that is due.
func (p *Probes) watch(ctx context.Context, w watch) {
	if !pause(ctx, rand.N(min(w.every, maxJitter))) {
		return
	}
	tick := time.NewTicker(w.every)
	defer tick.Stop()
	say := saying{logger: p.logger, watch: &w}
	for {
		select {
		case p.asking <- struct{}{}:
		case <-ctx.Done():
			return
		}
		s := p.prober.Probe(ctx, w.def)
		<-p.asking
		if ctx.Err() != nil {
			return
		}
		s.Service, s.Vantage = w.service, w.vantage
		if field, text, ok := s.Check(); !ok { // one bad sample must never stop the line behind it
			s = health.Sample{Service: w.service, Vantage: w.vantage, At: s.At, Detail: "the sample was not one that can be kept: " + field + ": " + text}
		}
		p.meter.Probed(s.State)
		say.hear(&s)
		p.outlet.add(s)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// pause waits, and reports whether it was not interrupted.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// saying tells the operator when a probe can no longer measure, and when it can again: on a change
// and not too often.
type saying struct {
	logger *slog.Logger
	watch  *watch
	reason string // that was told; "" while it measures
	quiet  time.Time
}

func (y *saying) hear(s *health.Sample) {
	reason := ""
	if s.State == health.Unknown {
		reason = s.Detail
	}
	if reason == y.reason || s.At.Before(y.quiet) {
		return
	}
	y.reason, y.quiet = reason, s.At.Add(quietFor)
	if reason == "" {
		y.logger.Info("a probe measures again", "service", y.watch.service, "vantage", y.watch.vantage, "state", s.State.String())
		return
	}
	y.logger.Warn("a probe cannot measure; its service's state is unknown", "service", y.watch.service, "vantage", y.watch.vantage, "reason", reason)
}
