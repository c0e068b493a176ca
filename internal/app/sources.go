package app

import (
	"fmt"

	"outcry/collectors"
	"outcry/collectors/bluesky"
	"outcry/collectors/mastodon"
	"outcry/collectors/x"
	"outcry/internal/reaction"
)

// listened is one feed of a source that this node collects while it holds it.
type listened struct {
	source     reaction.Source
	feed       reaction.Feed
	credential *credential // nil where none is needed
	open       func() collectors.Collector
}

// sources are the feeds that the configuration has this node collect. A source that lacks what it
// needs is left out.
func (n *Node) sources(version string) ([]listened, error) {
	var out []listened
	for _, add := range []func(version string) ([]listened, error){n.bluesky, n.mastodon, n.x} {
		more, err := add(version)
		if err != nil {
			return nil, err
		}
		for _, l := range more { // else every key that pushes could speak for it
			if !l.source.Collected() {
				return nil, fmt.Errorf("%s is collected, and reaction.Source.Collected does not say so: please report it", l.source)
			}
		}
		out = append(out, more...)
	}
	return out, nil
}

// agent is how Outcry names itself to servers.
func agent(version string) string { return "Outcry/" + version }

func (n *Node) bluesky(version string) ([]listened, error) {
	c := &n.config
	if !c.Collects(reaction.Bluesky) {
		return nil, nil
	}
	o := bluesky.Options{Hosts: c.BlueskyHosts, Expect: c.BlueskyExpect, UserAgent: agent(version)}
	if _, err := bluesky.New(o); err != nil {
		return nil, fmt.Errorf("bluesky_hosts: %w", err)
	}
	return []listened{{source: reaction.Bluesky, feed: "live/bluesky/0", open: func() collectors.Collector {
		s, _ := bluesky.New(o) // as a moment ago
		return n.station(reaction.Bluesky, s, s.Host, nil)
	}}}, nil
}

func (n *Node) mastodon(string) ([]listened, error) {
	c := &n.config
	if !c.Collects(reaction.Mastodon) {
		return nil, nil
	}
	var out []listened
	for _, server := range c.MastodonServers {
		tokens := newCredential(c.MastodonTokens, c.MastodonTokensFile)
		o, err := mastodonOptions(server, tokens.Reveal)
		if err != nil {
			return nil, err
		}
		o.Wanted, o.Log = n.list.Wants(reaction.Mastodon), n.logger
		s, err := mastodon.New(o)
		if err != nil {
			return nil, fmt.Errorf("mastodon_servers: %w", err)
		}
		out = append(out, listened{source: reaction.Mastodon, feed: s.Feed(), credential: tokens, open: func() collectors.Collector {
			s, _ := mastodon.New(o)
			return n.station(reaction.Mastodon, s, s.Host, tokens)
		}})
	}
	return out, nil
}

// mastodonOptions are those of a server whose token is one of several, which may change.
func mastodonOptions(server string, tokens func() string) (mastodon.Options, error) {
	o := mastodon.Options{Server: server}
	s, err := mastodon.New(o)
	if err != nil {
		return o, fmt.Errorf("mastodon_servers: %w", err)
	}
	if _, err := mastodon.ParseTokens(tokens()); err != nil {
		return o, fmt.Errorf("mastodon_tokens: %w", err)
	}
	o.Token = func() string {
		all, err := mastodon.ParseTokens(tokens())
		if err != nil { // half written: the next look finds it whole
			return ""
		}
		return all[s.Host()]
	}
	return o, nil
}

func (n *Node) x(string) ([]listened, error) {
	c := &n.config
	if !c.Collects(reaction.X) || !c.XToken.Set() {
		return nil, nil
	}
	token := newCredential(c.XToken, c.XTokenFile)
	client, err := x.NewClient(x.Options{URL: c.XURL, Token: token.Reveal})
	if err != nil {
		return nil, fmt.Errorf("x_url: %w", err)
	}
	month := reaction.USD(float64(c.XMonthUSD))
	return []listened{{source: reaction.X, feed: "live/x/0", credential: token, open: func() collectors.Collector {
		wants := n.list.Wants(reaction.X)
		governor := collectors.NewGovernor(collectors.GovernorOptions{
			Source: reaction.X, Ledger: n.Store, Wanted: wants, MonthCap: month, CountCost: x.CountCost, Log: n.logger,
		})
		source := x.NewSource(x.SourceOptions{Client: client, Wanted: wants, Purse: governor, Log: n.logger})
		governed := x.NewGoverned(x.GovernedOptions{
			Client: client, Governor: governor, Wanted: wants, Node: c.Node, Log: n.logger,
			Stream: n.station(reaction.X, source, client.Host, token), Events: n.Store.Events, Forget: n.Store.ForgetAudience,
		})
		rechecks := x.Rechecks{Client: client, Posts: n.Store, Ledger: n.Store, MonthCap: month, Log: n.logger}
		return rechecks.Beside(governed)
	}}}, nil
}

// station keeps a source's connection.
func (n *Node) station(source reaction.Source, from collectors.Source, host func() string, secret *credential) *collectors.Station {
	o := collectors.StationOptions{Wanted: n.list.Wants(source), Host: host, Meter: n.meters, Log: n.logger}
	if secret != nil {
		o.Mended = secret.Changed
	}
	return collectors.NewStation(source, from, o)
}
