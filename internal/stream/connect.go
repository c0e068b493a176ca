package stream

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"outcry/internal/reaction"
)

// connect opens the connection that a Log lives on: to its own server, or to the one at URL. An
// open connection is made again for ever.
func connect(o *Options, own *embedded) (*nats.Conn, error) {
	opts := []nats.Option{
		nats.Name("outcry"),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(500 * time.Millisecond),
		nats.PingInterval(20 * time.Second),
		nats.NoCallbacksAfterClientClose(),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			o.Log.Warn("log connection", slog.Any("error", err))
		}),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			o.Log.Warn("log connection lost", slog.Any("error", err))
		}),
		nats.ReconnectHandler(func(*nats.Conn) { o.Log.Info("log connection made again") }),
	}
	if own != nil {
		return nats.Connect("", append(opts, nats.InProcessServer(own.nats))...)
	}
	name, err := redact(o.URL)
	if err != nil {
		return nil, err
	}
	if o.CredsFile != "" {
		opts = append(opts, nats.UserCredentials(o.CredsFile))
	}
	nc, err := nats.Connect(o.URL, opts...)
	if err != nil {
		return nil, fmt.Errorf("log server %s is %w: %w", name, reaction.ErrAway, err)
	}
	if n := nc.MaxPayload(); n < maxPayload {
		nc.Close()
		return nil, fmt.Errorf("log server %s takes messages of %d bytes at most: set max_payload to %d in its configuration",
			name, n, maxPayload)
	}
	return nc, nil
}

// redact is a list of server URLs as it may be shown: without passwords.
func redact(list string) (string, error) {
	var out []string
	for s := range strings.SplitSeq(list, ",") {
		u, err := url.Parse(strings.TrimSpace(s))
		if err != nil || u.Host == "" {
			return "", errors.New("the URL of the log server is not one like nats://host:4222")
		}
		out = append(out, u.Redacted())
	}
	return strings.Join(out, ","), nil
}
