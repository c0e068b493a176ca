package app

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"outcry/internal/reaction"
	"outcry/internal/strictyaml"
)

// NoSources as the only one of Config.Sources collects none.
const NoSources = "none"

// Bounds of bluesky_expect, and of money.
const (
	minExpect  = 5 * time.Second
	maxExpect  = 24 * time.Hour
	maxDollars = 1e6
)

// Collects reports whether this node is told to collect a source.
func (c *Config) Collects(s reaction.Source) bool {
	return c.Roles.Has(RoleCollect) && slices.Contains(c.Sources, string(s))
}

func (c *Config) checkSources(bad func(path, format string, a ...any)) {
	known := []string{string(reaction.Bluesky), string(reaction.Mastodon), string(reaction.X)}
	for i, s := range c.Sources {
		switch {
		case s == NoSources && len(c.Sources) > 1:
			bad(fmt.Sprintf("sources[%d]", i), `"none" stands alone`)
		case s != NoSources && !slices.Contains(known, s):
			bad(fmt.Sprintf("sources[%d]", i), "%q is none of bluesky, mastodon, x", s)
		}
	}
	if len(c.Sources) == 0 {
		bad("sources", `give at least one of bluesky, mastodon, x, or "none"`)
	}
	if c.BlueskyExpect < minExpect || c.BlueskyExpect > maxExpect {
		bad("bluesky_expect", "%s is not between %s and %s", c.BlueskyExpect, minExpect, maxExpect)
	}
	if c.XURL != "" {
		if u, err := url.Parse(c.XURL); err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())) {
			bad("x_url", "give an https address like https://api.x.com: a token is sent there")
		}
	}
	if c.XMonthUSD < 0 || c.XMonthUSD > maxDollars {
		bad("x_month_usd", "%v is not between 0 and %v", float64(c.XMonthUSD), maxDollars)
	}
	if c.MastodonTokens.Set() && len(c.MastodonServers) == 0 {
		bad("mastodon_servers", "there are tokens for Mastodon and no server to listen to")
	}
}

// readSecrets reads the secrets that the configuration keeps in files.
func (c *Config) readSecrets(doc *strictyaml.Document) {
	for _, s := range []struct {
		name, file string
		into       *Secret
		what       string
		lines      bool
	}{
		{"database_url", c.DatabaseURLFile, &c.DatabaseURL, "a URL alone", false},
		{"mastodon_tokens", c.MastodonTokensFile, &c.MastodonTokens, `lines of "host token"`, true},
		{"x_token", c.XTokenFile, &c.XToken, "a token alone", false},
	} {
		if s.file == "" {
			continue
		}
		if s.into.Set() {
			doc.Bad(s.name+"_file", s.name+" is given too: leave one of them out")
			continue
		}
		text, err := readSecretFile(s.file)
		switch {
		case err != nil:
			doc.Bad(s.name+"_file", err.Error())
		case text == "" || !s.lines && strings.ContainsAny(text, " \t\r\n"):
			doc.Bad(s.name+"_file", s.file+" does not hold "+s.what)
		default:
			*s.into = NewSecret(text)
			doc.From(s.name, s.file)
		}
	}
}

// readSecretFile is what a file of a secret holds, "" where it is empty or too long.
func readSecretFile(path string) (string, error) {
	const most = 64 << 10
	text, err := readLimited(path, most)
	if err != nil || len(text) > most {
		return "", err
	}
	return strings.TrimSpace(string(text)), nil
}
