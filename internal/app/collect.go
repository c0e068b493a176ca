package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/netip"

	"golang.org/x/sync/errgroup"

	"outcry/collectors/probe"
	"outcry/internal/netguard"
	"outcry/internal/pipeline"
	"outcry/nlp"
)

// Collect listens to the world until ctx ends, when it returns nil: it collects the sources of the
// configuration and probes the services of live events. version is Outcry's, for those who are
// asked.
func (n *Node) Collect(ctx context.Context, version string) error {
	guard := netguard.New(n.config.allowed()...)
	guard.Refused = func(*netguard.Refusal) { n.meters.refused.Inc() }
	probes, err := pipeline.NewProbes(n.Log, n.Store, probe.New(guard, version), n.config.Node, n.meters, n.logger)
	if err != nil {
		return err
	}
	sources, err := n.sources(version)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return probes.Run(ctx) })
	g.Go(func() error { return n.list.Run(ctx) })
	live := pipeline.NewLive(n.Log, n.list, n.recent, nlp.HashtagKeys, n.config.Node+"/"+rand.Text(), n.logger)
	for _, s := range sources {
		if s.credential != nil {
			g.Go(func() error { return s.credential.watch(ctx) })
		}
		g.Go(func() error { return live.Collect(ctx, s.source, s.feed, s.open) })
	}
	return g.Wait()
}

// allowed are the inner networks that may be reached. Validate has checked them.
func (c *Config) allowed() []netip.Prefix {
	var out []netip.Prefix
	for _, s := range c.AllowNetworks {
		if p, err := netguard.ParseNetwork(s); err == nil {
			out = append(out, p)
		}
	}
	return out
}

func (c *Config) checkAllowed(bad func(path, format string, a ...any)) {
	for i, s := range c.AllowNetworks {
		if _, err := netguard.ParseNetwork(s); err != nil {
			bad(fmt.Sprintf("allow_networks[%d]", i), "%v", err)
		}
	}
}
