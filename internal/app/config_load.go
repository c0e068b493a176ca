package app

import (
	"encoding"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

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
	c := DefaultConfig(func(name string) (string, bool) { v, ok := env[name]; return v, ok })
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
	c.complete(doc)
	doc.Check(c.Validate())
	if err := doc.Err(); err != nil {
		return nil, err
	}
	return &c, nil
}

// complete reads what the configuration refers to and fills in what follows from it.
func (c *Config) complete(doc *strictyaml.Document) {
	if c.Data != "" {
		if abs, err := filepath.Abs(c.Data); err != nil {
			doc.Bad("data", err.Error())
		} else {
			c.Data = abs
		}
	}
	if c.Node == "" {
		host, err := os.Hostname()
		if err != nil {
			doc.Bad("node", "give this machine a name: its host name cannot be found: "+err.Error())
			host = "unnamed"
		}
		c.Node = host
	}
	if f := c.DatabaseURLFile; f != "" {
		if c.DatabaseURL.Set() {
			doc.Bad("database_url_file", "database_url is given too: leave one of them out")
			return
		}
		text, err := readLimited(f, 64<<10)
		switch url := strings.TrimSpace(string(text)); {
		case err != nil:
			doc.Bad("database_url_file", err.Error())
		case url == "":
			doc.Bad("database_url_file", f+" is empty")
		default:
			c.DatabaseURL = NewSecret(url)
		}
	}
}

// readLimited reads a regular file, or a pipe, of at most limit bytes and one more, by which a
// reader can tell that there is more.
func readLimited(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readUpTo(f, limit+1)
}

// setting is one scalar value of a configuration.
type setting struct {
	name string // in the file
	in   func(*Config) any
}

// settings lists every value, in the order of Config.
var settings = []setting{
	{"listen", func(c *Config) any { return &c.Listen }},
	{"metrics_listen", func(c *Config) any { return &c.MetricsListen }},
	{"data", func(c *Config) any { return &c.Data }},
	{"roles", func(c *Config) any { return &c.Roles }},
	{"database_url", func(c *Config) any { return &c.DatabaseURL }},
	{"database_url_file", func(c *Config) any { return &c.DatabaseURLFile }},
	{"nats_url", func(c *Config) any { return &c.NATSURL }},
	{"nats_creds_file", func(c *Config) any { return &c.NATSCredsFile }},
	{"postgres_bin", func(c *Config) any { return &c.PostgresBin }},
	{"log.level", func(c *Config) any { return &c.Log.Level }},
	{"log.format", func(c *Config) any { return (*string)(&c.Log.Format) }},
	{"log_limit", func(c *Config) any { return &c.LogLimit }},
	{"grace", func(c *Config) any { return &c.Grace }},
	{"node", func(c *Config) any { return &c.Node }},
}

var errKind = errors.New("a setting of a kind that cannot be set from text")
