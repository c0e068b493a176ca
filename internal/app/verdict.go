package app

import (
	"context"
	"fmt"
	"time"

	"outcry/collectors"
	"outcry/collectors/bluesky"
	"outcry/collectors/mastodon"
	"outcry/collectors/x"
	"outcry/internal/reaction"
)

// Verdict is what one cheap call showed of a source: whether it can be collected with what is
// configured, and what a person should do. It holds no secret.
type Verdict struct {
	Source string
	OK     bool
	Off    bool   // it is left out, which is no fault
	Text   string // what was found
	Mend   string // what to do about it; "" for nothing
}

// verdictTimeout bounds the look at one source.
const verdictTimeout = 20 * time.Second

// Verdicts asks every source of the configuration, one after another, each with one cheap call.
func (c *Config) Verdicts(ctx context.Context, version string) []Verdict {
	if !c.Roles.Has(RoleCollect) {
		return []Verdict{{Source: "sources", Off: true, Text: "none are collected here: roles leave out collect"}}
	}
	var out []Verdict
	if c.Collects(reaction.Bluesky) {
		out = append(out, c.lookAtBluesky(ctx, version))
	}
	if c.Collects(reaction.Mastodon) {
		out = append(out, c.lookAtMastodon(ctx)...)
	}
	if c.Collects(reaction.X) {
		out = append(out, c.lookAtX(ctx))
	}
	if len(out) == 0 {
		out = append(out, Verdict{Source: "sources", Off: true, Text: "none are collected here (sources)"})
	}
	return out
}

// lookAtBluesky opens a connection and closes it again.
func (c *Config) lookAtBluesky(ctx context.Context, version string) Verdict {
	v := Verdict{Source: "bluesky"}
	s, err := bluesky.New(bluesky.Options{Hosts: c.BlueskyHosts, UserAgent: agent(version)})
	if err != nil {
		v.Text, v.Mend = err.Error(), "mend bluesky_hosts"
		return v
	}
	ctx, cancel := context.WithTimeout(ctx, verdictTimeout)
	defer cancel()
	conn, err := s.Dial(ctx, nil)
	if err != nil {
		f := collectors.AsFault(err)
		v.Text, v.Mend = f.Err.Error(), f.Mend
		if v.Mend == "" {
			v.Mend = "see that this machine reaches the internet, or that bluesky_hosts is right; until then it is tried again and again"
		}
		return v
	}
	conn.Close()
	v.OK, v.Text = true, s.Host()+" answers; no key is needed"
	return v
}

func (c *Config) lookAtMastodon(ctx context.Context) []Verdict {
	if len(c.MastodonServers) == 0 {
		return []Verdict{{Source: "mastodon", Off: true, Text: "left out: no servers are given (mastodon_servers)"}}
	}
	var out []Verdict
	for _, server := range c.MastodonServers {
		v := Verdict{Source: "mastodon"}
		o, err := mastodonOptions(server, c.MastodonTokens.Reveal)
		if err != nil {
			v.Text = err.Error()
			out = append(out, v)
			continue
		}
		s, err := mastodon.New(o)
		if err != nil {
			v.Text = err.Error()
			out = append(out, v)
			continue
		}
		found := s.Check(ctx)
		v.OK, v.Text, v.Mend = found.OK, found.Text, found.Mend
		out = append(out, v)
	}
	return out
}

func (c *Config) lookAtX(ctx context.Context) Verdict {
	v := Verdict{Source: "x"}
	if !c.XToken.Set() {
		v.Off, v.Text = true, "left out: there is no token (x_token)"
		return v
	}
	client, err := x.NewClient(x.Options{URL: c.XURL, Token: c.XToken.Reveal})
	if err != nil {
		v.Text = err.Error()
		return v
	}
	ctx, cancel := context.WithTimeout(ctx, verdictTimeout)
	defer cancel()
	found := client.Check(ctx)
	v.OK, v.Text, v.Mend = found.State == x.StateRight, found.Text, found.Mend
	if found.State == x.StateUnreachable && v.Mend == "" {
		v.Text, v.Mend = "X cannot be reached: "+v.Text, "see that this machine reaches the internet, and that x_url is right"
	}
	if v.OK && c.XMonthUSD == 0 {
		v.Text += fmt.Sprintf("; nothing is read, since x_month_usd is %v", float64(c.XMonthUSD))
		v.Mend = "give x_month_usd, and each event its spend.x.usd"
	}
	return v
}
