package app

import (
	"encoding"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"outcry/internal/strictyaml"
)

// setting is one value of a configuration that can be written as text.
type setting struct {
	name string            // in the file; "log.level" is level under log
	in   func(*Config) any // a *string, *time.Duration or encoding.TextUnmarshaler
}

// settings lists every value, in the order of Config.
var settings = []setting{
	{"listen", func(c *Config) any { return &c.Listen }},
	{"public_url", func(c *Config) any { return &c.PublicURL }},
	{"tls_cert_file", func(c *Config) any { return &c.TLSCertFile }},
	{"tls_key_file", func(c *Config) any { return &c.TLSKeyFile }},
	{"trusted_proxies", func(c *Config) any { return &c.TrustedProxies }},
	{"secret_file", func(c *Config) any { return &c.SecretFile }},
	{"metrics_listen", func(c *Config) any { return &c.MetricsListen }},
	{"data", func(c *Config) any { return &c.Data }},
	{"roles", func(c *Config) any { return &c.Roles }},
	{"database_url", func(c *Config) any { return &c.DatabaseURL }},
	{"database_url_file", func(c *Config) any { return &c.DatabaseURLFile }},
	{"nats_url", func(c *Config) any { return &c.NATSURL }},
	{"nats_creds_file", func(c *Config) any { return &c.NATSCredsFile }},
	{"postgres_bin", func(c *Config) any { return &c.PostgresBin }},
	{"log.level", func(c *Config) any { return (*string)(&c.Log.Level) }},
	{"log.format", func(c *Config) any { return (*string)(&c.Log.Format) }},
	{"log_limit", func(c *Config) any { return &c.LogLimit }},
	{"grace", func(c *Config) any { return &c.Grace }},
	{"names_accept", func(c *Config) any { return &c.NamesAccept }},
	{"allow_networks", func(c *Config) any { return &c.AllowNetworks }},
	{"sources", func(c *Config) any { return &c.Sources }},
	{"bluesky_hosts", func(c *Config) any { return &c.BlueskyHosts }},
	{"bluesky_expect", func(c *Config) any { return &c.BlueskyExpect }},
	{"mastodon_servers", func(c *Config) any { return &c.MastodonServers }},
	{"mastodon_tokens", func(c *Config) any { return &c.MastodonTokens }},
	{"mastodon_tokens_file", func(c *Config) any { return &c.MastodonTokensFile }},
	{"x_token", func(c *Config) any { return &c.XToken }},
	{"x_token_file", func(c *Config) any { return &c.XTokenFile }},
	{"x_url", func(c *Config) any { return &c.XURL }},
	{"x_month_usd", func(c *Config) any { return &c.XMonthUSD }},
	{"node", func(c *Config) any { return &c.Node }},
}

// env is the setting's environment variable.
func (s setting) env() string {
	return EnvPrefix + strings.ToUpper(strings.ReplaceAll(s.name, ".", "_"))
}

// flag is the setting's name on the command line.
func (s setting) flag() string { return "--" + strings.NewReplacer(".", "-", "_", "-").Replace(s.name) }

// take sets the value from text that stands at where: a variable or a flag.
func (s setting) take(doc *strictyaml.Document, c *Config, text, where string) {
	doc.From(s.name, where)
	switch into := s.in(c).(type) {
	case *string:
		*into = text
	case *time.Duration:
		d, err := time.ParseDuration(text)
		if err != nil {
			doc.Bad(s.name, fmt.Sprintf("%q is not a duration with its unit, like 30s or 5m", text))
			return
		}
		*into = d
	case encoding.TextUnmarshaler:
		if err := into.UnmarshalText([]byte(text)); err != nil {
			doc.Bad(s.name, err.Error())
		}
	}
}

// environment turns os.Environ into a map.
func environment(list []string) map[string]string {
	env := make(map[string]string, len(list))
	for _, entry := range list {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	return env
}

// refuseUnknown notes variables and flags that would set nothing.
func refuseUnknown(doc *strictyaml.Document, s ConfigSources, env map[string]string) {
	variables, names := slices.Clone(s.OtherEnv), make([]string, 0, len(settings))
	for _, set := range settings {
		variables, names = append(variables, set.env()), append(names, set.name)
	}
	refuse := func(name string, known []string) {
		if slices.Contains(known, name) {
			return
		}
		text := "no setting has this name"
		if meant := strictyaml.Suggest(name, known); meant != "" {
			text += fmt.Sprintf(": did you mean %q?", meant)
		}
		doc.Add(strictyaml.Mistake{File: name, Text: text})
	}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if strings.HasPrefix(name, EnvPrefix) {
			refuse(name, variables)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Flags)) {
		refuse(name, names)
	}
}
