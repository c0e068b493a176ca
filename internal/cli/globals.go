package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"outcry/internal/app"
	"outcry/internal/play"
	"outcry/internal/reaction"
)

// globals are the flags that every command takes.
type globals struct {
	config  string
	server  string
	keyFile string
	flags   *pflag.FlagSet // settings given on the command line
}

// settingFlags are the settings that have a flag. Secrets have none: a command line can be read
// by every user of the machine.
var settingFlags = []struct{ flag, setting, help string }{
	{"data", "data", "directory that holds the database, the log and the lock"},
	{"postgres-bin", "postgres_bin", "folder of initdb and postgres, for the private PostgreSQL"},
	{"sources", "sources", "sources to collect: bluesky, mastodon, x, or none"},
	{"log-level", "log.level", "debug, info, warn or error"},
	{"log-format", "log.format", "text or json"},
}

func (g *globals) register(root *cobra.Command) {
	f := root.PersistentFlags()
	f.StringVar(&g.config, "config", "", "configuration file (docs/config.example.yaml explains it)")
	f.StringVar(&g.server, "server", "", "address of a running server to talk to, like http://127.0.0.1:8080")
	f.StringVar(&g.keyFile, "key-file", "", "file with the API key for --server (or the variable "+keyVariable+")")
	for _, s := range settingFlags {
		f.String(s.flag, "", s.help)
	}
	g.flags = f
}

// load makes the configuration; more are settings that a command has flags of its own for.
func (g *globals) load(more map[string]string) (*app.Config, error) {
	set := map[string]string{}
	for _, s := range settingFlags {
		if g.flags.Changed(s.flag) {
			set[s.setting], _ = g.flags.GetString(s.flag)
		}
	}
	maps.Copy(set, more)
	return app.LoadConfig(app.ConfigSources{File: g.config, Environ: os.Environ(), OtherEnv: otherEnv, Flags: set})
}

// otherEnv are variables beginning with OUTCRY_ that are no settings.
var otherEnv = []string{"OUTCRY_TEST_DATABASE_URL", "OUTCRY_GALLERY", "OUTCRY_SHOTS", keyVariable}

func newLogger(w io.Writer, c app.LogConfig) *slog.Logger {
	o := &slog.HandlerOptions{Level: c.Level}
	if c.Format == app.LogJSON {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// backend is what commands work on: a running server, or a node in this process.
type backend interface {
	play.Line
	Events(ctx context.Context) ([]reaction.Event, error)
	Event(ctx context.Context, slug string) (*reaction.Event, error)
	CreateEvent(ctx context.Context, e *reaction.Event) error
	ReplaceEvent(ctx context.Context, e *reaction.Event) error
	Life(ctx context.Context, e *reaction.Event) ([]reaction.Turn, error)
	// MoveEvent gives an event another status; who says so and when is the backend's to add.
	MoveEvent(ctx context.Context, slug string, m reaction.Move) (*reaction.Event, error)
	// URL is where the figures can be seen, "" where nothing serves them.
	URL() string
	Close() error
}

// open finds the backend: the server that was named, the one that owns the data directory, or a
// node of our own for as long as the command runs.
func (g *globals) open(ctx context.Context, t *terminal) (backend, error) {
	if g.server != "" {
		key, err := g.key()
		if err != nil {
			return nil, err
		}
		return newClient(g.server, key, "")
	}
	c, err := g.load(nil)
	if err != nil {
		return nil, err
	}
	h, held, err := app.FindHolder(c.Data)
	if err != nil {
		return nil, err
	}
	if held && h.URL != "" {
		b, err := newClient(h.URL, h.Key, h.Cert)
		if err != nil {
			return nil, err
		}
		b.renew = func() string {
			h, _, _ := app.FindHolder(c.Data)
			return h.Key
		}
		return b, nil
	}
	return openLocal(ctx, *c, newLogger(t.err, quiet(c.Log)))
}

// quiet leaves out what a command says better itself.
func quiet(c app.LogConfig) app.LogConfig {
	if c.Level == app.LogInfo {
		c.Level = app.LogWarn
	}
	return c
}

// keyVariable is the environment variable with the key for --server.
const keyVariable = "OUTCRY_KEY"

// key is the key for the server that was named: from a file, or from the environment. A command
// line can be read by every user of the machine.
func (g *globals) key() (string, error) {
	if g.keyFile == "" {
		return os.Getenv(keyVariable), nil
	}
	f, err := os.Open(g.keyFile)
	if err != nil {
		return "", fmt.Errorf("--key-file: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 4<<10))
	if err != nil {
		return "", fmt.Errorf("--key-file: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

// with runs a command that needs a backend.
func (g *globals) with(t *terminal, do func(ctx context.Context, b backend, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) (err error) {
		b, err := g.open(cmd.Context(), t)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, b.Close()) }()
		return do(cmd.Context(), b, args)
	}
}
