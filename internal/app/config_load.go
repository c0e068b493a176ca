package app

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"outcry/internal/strictyaml"
)

// EnvPrefix begins the environment variables that set configuration: the setting log.level is
// OUTCRY_LOG_LEVEL.
const EnvPrefix = "OUTCRY_"

// ConfigSources is where the values of a configuration come from. A flag wins over the
// environment, the environment over the file, and the file over the defaults.
type ConfigSources struct {
	// File is a YAML file, as docs/config.example.yaml shows; "" where there is none.
	File string
	// Environ is the environment, as os.Environ gives it. A variable that begins with OUTCRY_ and
	// is neither a setting nor one of OtherEnv is a mistake: a mistyped name must not pass
	// unnoticed. A setting's variable that is empty counts as not set.
	Environ []string
	// OtherEnv are variables beginning with OUTCRY_ that others read.
	OtherEnv []string
	// Flags are the settings given on the command line, by their names in the file: "listen",
	// "log.level".
	Flags map[string]string
}

// LoadConfig makes a configuration. Every mistake in it is reported, each with its file and line,
// its variable or its flag, in one *strictyaml.Errors; an unreadable file is an error of its own.
func LoadConfig(s ConfigSources) (*Config, error) {
	env := environment(s.Environ)
	c := DefaultConfig()
	name, data := "configuration", []byte(nil)
	if s.File != "" {
		var err error
		if data, err = readLimited(s.File, strictyaml.MaxBytes); err != nil {
			return nil, fmt.Errorf("configuration: %w", err)
		}
		name = s.File
	}
	doc := strictyaml.Read(data, name, &c)
	for _, set := range settings {
		if value := env[set.env()]; value != "" {
			set.take(doc, &c, value, set.env())
		}
		if value, ok := s.Flags[set.name]; ok {
			set.take(doc, &c, value, set.flag())
		}
	}
	refuseUnknown(doc, s, env)
	c.complete(doc, env)
	doc.Check(c.Validate())
	if err := doc.Err(); err != nil {
		return nil, err
	}
	return &c, nil
}

// complete reads what the configuration refers to and fills in what follows from it.
func (c *Config) complete(doc *strictyaml.Document, env map[string]string) {
	if c.Data == "" {
		c.Data = defaultData(env)
	}
	if c.Data != "" {
		abs, err := filepath.Abs(c.Data)
		if err != nil {
			doc.Bad("data", err.Error())
		}
		c.Data = abs
	}
	if len(c.AllowNetworks) == 0 {
		c.AllowNetworks = nil
	}
	if len(c.TrustedProxies) == 0 {
		c.TrustedProxies = nil
	}
	if len(c.BlueskyHosts) == 0 {
		c.BlueskyHosts = nil
	}
	if len(c.MastodonServers) == 0 {
		c.MastodonServers = nil
	}
	if c.Node == "" {
		host, err := os.Hostname()
		if err != nil {
			doc.Bad("node", "give this machine a name: its own cannot be found: "+err.Error())
		}
		c.Node = host
	}
	c.readSecrets(doc)
}

// readLimited reads a file, up to limit bytes and one more by which too long a file shows.
func readLimited(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit+1))
}
