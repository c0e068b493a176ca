package app

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"outcry/internal/reaction"
)

// Limits of a configuration.
const (
	MinLogLimit = 64 * MiB
	MaxGrace    = time.Hour
)

var nodePattern = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$`)

// Validate lists every mistake in c. No problem's text holds a secret.
func (c *Config) Validate() []reaction.Problem {
	var p []reaction.Problem
	bad := func(path, format string, a ...any) {
		p = append(p, reaction.Problem{Path: path, Text: fmt.Sprintf(format, a...)})
	}
	c.checkDoor(bad)
	if c.MetricsListen != MetricsOff {
		if err := checkLoopback(c.MetricsListen); err != nil {
			bad("metrics_listen", `%v; "off" opens no port`, err)
		}
	}
	if c.Data == "" {
		bad("data", "give a directory: without HOME there is no default")
	}
	if len(c.Roles) == 0 {
		bad("roles", "give at least one of collect, tag, detect, api")
	}
	c.checkServers(bad)
	if !slices.Contains([]LogLevel{LogDebug, LogInfo, LogWarn, LogError}, c.Log.Level) {
		bad("log.level", "%q is none of debug, info, warn, error", c.Log.Level)
	}
	if !slices.Contains([]LogFormat{LogText, LogJSON}, c.Log.Format) {
		bad("log.format", "%q is none of text, json", c.Log.Format)
	}
	if c.LogLimit < MinLogLimit {
		bad("log_limit", "%s is less than %s", c.LogLimit, MinLogLimit)
	}
	if c.Grace < 0 || c.Grace > MaxGrace {
		bad("grace", "%s is not between 0s and %s", c.Grace, MaxGrace)
	}
	c.checkAllowed(bad)
	c.checkSources(bad)
	if !nodePattern.MatchString(c.Node) {
		bad("node", "%q is not 1 to 64 letters, digits or inner '-', '_', '.'", c.Node)
	}
	return p
}

// checkServers looks at what points to servers and programs outside this process.
func (c *Config) checkServers(bad func(path, format string, a ...any)) {
	if c.DatabaseURL.Set() && !isURL(c.DatabaseURL.Reveal(), "postgres", "postgresql") {
		bad("database_url", "this is not a URL like postgres://user:password@host/outcry")
	}
	if c.NATSURL.Set() {
		for one := range strings.SplitSeq(c.NATSURL.Reveal(), ",") {
			if !isURL(strings.TrimSpace(one), "nats", "tls", "ws", "wss") {
				bad("nats_url", "this is not a URL like nats://host:4222, or several with commas between them")
				break
			}
		}
	}
	if f := c.NATSCredsFile; f != "" {
		if !c.NATSURL.Set() {
			bad("nats_creds_file", "there is no nats_url to sign in at")
		}
		if info, err := os.Stat(f); err != nil {
			bad("nats_creds_file", "%v", err)
		} else if info.IsDir() {
			bad("nats_creds_file", "%s is a directory", f)
		}
	}
	if dir := c.PostgresBin; dir != "" {
		if info, err := os.Stat(dir); err != nil {
			bad("postgres_bin", "%v", err)
		} else if !info.IsDir() {
			bad("postgres_bin", "%s is not a directory", dir)
		}
	}
}

func isURL(s string, schemes ...string) bool {
	u, err := url.Parse(s)
	return err == nil && slices.Contains(schemes, u.Scheme)
}

// checkLoopback refuses an address that anyone but this machine could reach.
func checkLoopback(addr string) error {
	host, port, err := splitAddress(addr)
	if err != nil {
		return err
	}
	if !isLoopback(host) {
		return fmt.Errorf("%q can be reached from other machines: use 127.0.0.1:%s", addr, port)
	}
	return nil
}

// splitAddress reads an address to listen on.
func splitAddress(addr string) (host, port string, err error) {
	host, port, err = net.SplitHostPort(addr)
	if err != nil {
		return "", "", fmt.Errorf("%q is not an address and port, like 127.0.0.1:8080", addr)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", "", fmt.Errorf("port %q is not a number from 0 to %d", port, 1<<16-1)
	}
	return host, port, nil
}
