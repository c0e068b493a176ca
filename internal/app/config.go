package app

import (
	"log/slog"
	"path/filepath"
	"time"
)

// Config is how one Outcry process is set up. LoadConfig makes one from a file, the environment
// and flags. docs/config.example.yaml is made from the comments here.
type Config struct {
	// The address and port of the API and the dashboard. An address that other machines can reach is
	// taken only together with an https public_url: passwords and keys do not travel in the clear.
	// Port 0 picks a free port, which is printed.
	Listen string `yaml:"listen"`

	// Where people reach the server, like https://outcry.example.org. Requests for other hosts are
	// refused, but for this machine's own names. Empty: only this machine reaches it.
	PublicURL string `yaml:"public_url"`

	// The certificate for TLS, as a PEM file with its chain. Empty: plain HTTP, for this machine alone
	// or for a proxy before it that ends TLS.
	TLSCertFile string `yaml:"tls_cert_file"`

	// The private key of tls_cert_file, as a PEM file.
	TLSKeyFile string `yaml:"tls_key_file"`

	// The networks, as CIDR, of proxies whose X-Forwarded-For is believed, like 10.0.0.0/8. Empty:
	// nobody is believed, and the address of the connection counts.
	TrustedProxies Networks `yaml:"trusted_proxies"`

	// A file with the secret under which API keys, sessions and links are kept: 32 random bytes or
	// more. Empty takes the file "secret" in the data directory, which is made where it is missing.
	// Nodes that share a database must share the secret.
	SecretFile string `yaml:"secret_file"`

	// The address and port of /metrics and pprof, on a listener of their own; loopback only.
	// "off" opens no such port. 127.0.0.1:9464 is the usual choice.
	MetricsListen string `yaml:"metrics_listen"`

	// The directory that holds everything kept on this machine: the private PostgreSQL, the durable
	// log, the lock. One process at a time owns it. A relative path starts where the process does.
	// Empty takes $XDG_DATA_HOME/outcry, or ~/.local/share/outcry; for root,
	// whose home is closed to the user that PostgreSQL has to run as, /var/lib/outcry.
	Data string `yaml:"data"`

	// What this process does: collect (listen to sources), tag (match, tag and store), detect
	// (find surges and incidents, and move events by their plan), api (answer over HTTP). All of
	// them by default.
	Roles Roles `yaml:"roles"`

	// The URL of a PostgreSQL, 15 or newer, like postgres://user:password@host/outcry. Empty runs a
	// private one in the data directory. It is a secret: it is never printed.
	DatabaseURL Secret `yaml:"database_url"`

	// A file that holds the database URL, in place of database_url.
	DatabaseURLFile string `yaml:"database_url_file"`

	// The URL of a NATS server with JetStream, or several of one cluster separated by commas, like
	// nats://host:4222. Empty runs one inside this process. It is a secret: it is never printed.
	NATSURL Secret `yaml:"nats_url"`

	// A credentials file for nats_url, as the NATS tools write it. Empty signs in without one.
	NATSCredsFile string `yaml:"nats_creds_file"`

	// The folder of the programs initdb and postgres, for the private PostgreSQL. Empty takes the
	// newest one found in PATH and where packages put them.
	PostgresBin string `yaml:"postgres_bin"`

	// What the process writes about itself to standard error. level: debug, info, warn or error;
	// info by default. format: text or json; text by default.
	Log LogConfig `yaml:"log"`

	// The most that the durable log of what is still on its way may hold on disk, in bytes or with
	// a unit: MiB, GiB, TiB, or MB, GB, TB. At the limit sources wait; nothing is lost.
	LogLimit Bytes `yaml:"log_limit"`

	// How long after its end a bucket of time stays open for late posts, in event time. 0s closes a
	// bucket as soon as the watermark has passed it. Later posts still count, as revisions.
	Grace time.Duration `yaml:"grace"`

	// When a name that recurs in an event's posts becomes one of its entities by itself, like "20
	// posts": so many of the sample that is looked at, by a quarter as many authors. "off" leaves
	// that to people. What was accepted so is labelled, and can be taken out of the event.
	NamesAccept NamesAccept `yaml:"names_accept"`

	// The inner networks that probes may reach, as CIDR or single addresses, like 10.1.0.0/16. Empty:
	// probes reach the open internet alone, and nothing on this machine, beside it or private. An
	// address at which a cloud keeps its machines' secrets is only reached where it is named alone.
	AllowNetworks Networks `yaml:"allow_networks"`

	// What this node collects where its roles have collect: bluesky, mastodon, x, or none. A source
	// that lacks what it needs (mastodon its servers, x its token) is left out, and doctor says so.
	// Several nodes may name the same source: one of them collects it.
	Sources Names `yaml:"sources"`

	// The servers of Bluesky's Jetstream, which are tried in turn. No key is needed. Empty takes
	// Bluesky's own.
	BlueskyHosts Names `yaml:"bluesky_hosts"`

	// How long nothing may be posted on Bluesky before it counts as blind. A minute is long for the
	// whole network, and short for a server of one's own.
	BlueskyExpect time.Duration `yaml:"bluesky_expect"`

	// The Mastodon servers to listen to, like mastodon.social; also GoToSocial and others that speak
	// Mastodon's API. Each needs a token of an account there.
	MastodonServers Names `yaml:"mastodon_servers"`

	// The access tokens of mastodon_servers, as host=token with commas between them. It is a secret:
	// it is never printed, and a token goes to its own server alone.
	MastodonTokens Secret `yaml:"mastodon_tokens"`

	// A file that holds the tokens, a line "host token" each, in place of mastodon_tokens.
	MastodonTokensFile string `yaml:"mastodon_tokens_file"`

	// The bearer token of an app of X's API, version 2. It is a secret: it is never printed, and goes
	// to x_url alone. Empty leaves X out. Reading X costs money: see docs/x-spend.md.
	XToken Secret `yaml:"x_token"`

	// A file that holds the token, in place of x_token.
	XTokenFile string `yaml:"x_token_file"`

	// Where X's API is. Empty is https://api.x.com.
	XURL string `yaml:"x_url"`

	// The most that X may cost in a calendar month (UTC) for all events together, in US dollars. It
	// is never exceeded. 0 reads nothing that costs; each event has a limit of its own besides.
	XMonthUSD Dollars `yaml:"x_month_usd"`

	// The name of this machine in leases, logs and health samples: letters, digits, '-', '_' and '.', at most 64.
	// Empty takes the machine's host name.
	Node string `yaml:"node"`
}

// LogConfig is what a process writes about itself.
type LogConfig struct {
	Level  LogLevel  `yaml:"level"`
	Format LogFormat `yaml:"format"`
}

// LogLevel is the least severe of what is written. It is a slog.Leveler.
type LogLevel string

// The levels.
const (
	LogDebug LogLevel = "debug"
	LogInfo  LogLevel = "info"
	LogWarn  LogLevel = "warn"
	LogError LogLevel = "error"
)

// Level is the level in slog's terms; info where l is none of the four.
func (l LogLevel) Level() slog.Level {
	switch l {
	case LogDebug:
		return slog.LevelDebug
	case LogWarn:
		return slog.LevelWarn
	case LogError:
		return slog.LevelError
	}
	return slog.LevelInfo
}

// LogFormat is the form of the lines a process writes about itself.
type LogFormat string

// The forms.
const (
	LogText LogFormat = "text"
	LogJSON LogFormat = "json"
)

// MetricsOff as Config.MetricsListen opens no port for metrics.
const MetricsOff = "off"

// DefaultConfig is the configuration of a process that was told nothing. What is empty in it and
// depends on the machine, LoadConfig fills in.
func DefaultConfig() Config {
	return Config{
		Listen:        "127.0.0.1:8080",
		MetricsListen: MetricsOff,
		Roles:         AllRoles(),
		Log:           LogConfig{Level: LogInfo, Format: LogText},
		LogLimit:      8 * GiB,
		Grace:         30 * time.Second,
		Sources:       Names{"bluesky", "mastodon", "x"},
		BlueskyExpect: time.Minute,
	}
}

// defaultData follows the XDG base directory specification, by which relative paths are ignored.
func defaultData(env map[string]string) string {
	if dir := env["XDG_DATA_HOME"]; filepath.IsAbs(dir) {
		return filepath.Join(dir, "outcry")
	}
	switch home := env["HOME"]; {
	case home == "/root": // closed to the user that PostgreSQL has to run as
		return "/var/lib/outcry"
	case filepath.IsAbs(home):
		return filepath.Join(home, ".local", "share", "outcry")
	}
	return ""
}
