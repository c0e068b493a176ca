package app

import (
	"context"
	"fmt"
	"net/netip"

	"outcry/collectors/probe"
	"outcry/internal/netguard"
	"outcry/internal/pipeline"
)

// Collect listens to the world until ctx ends, when it returns nil: at present it probes the
// services of live events. version is Outcry's, for those who are asked.
func (n *Node) Collect(ctx context.Context, version string) error {
	guard := netguard.New(n.config.allowed()...)
	guard.Refused = func(*netguard.Refusal) { n.meters.refused.Inc() }
	probes, err := pipeline.NewProbes(n.Log, n.Store, probe.New(guard, version), n.config.Node, n.meters, n.logger)
	if err != nil {
		return err
	}
	return probes.Run(ctx)
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
