package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"outcry/api"
	"outcry/internal/chart"
	"outcry/internal/eventfile"
	"outcry/internal/pipeline"
	"outcry/internal/play"
	"outcry/internal/reaction"
	"outcry/internal/trend"
	"outcry/nlp"
	"outcry/web"
)

// Bounds on how long clients may take. The API itself bounds how long a body and an answer may
// take; profiles on the metrics listener take as long as they were asked for.
const (
	readHeaderTimeout = 5 * time.Second
	writeTimeout      = 3 * time.Minute
	idleTimeout       = 2 * time.Minute
	stopTimeout       = 10 * time.Second
	maxHeaderBytes    = 32 << 10
)

// Ready is what a person is told when the server is.
type Ready struct {
	URL    string // of the API; "" where this process serves none
	SignIn string // a one-time link for the owner, where nobody has a password yet
}

// Serve runs the roles of the configuration until ctx ends. ready is called once. Its errors are
// sentences for an operator.
func Serve(ctx context.Context, c Config, version string, logger *slog.Logger, ready func(Ready)) (err error) {
	pair, err := c.certificate()
	if err != nil {
		return err
	}
	// Ports first: one that is taken must be told before a database is started for it.
	var door, machinery net.Listener
	if c.Roles.Has(RoleAPI) {
		if door, err = listen(ctx, "--listen", c.Listen); err != nil {
			return err
		}
		defer door.Close()
	}
	if c.MetricsListen != MetricsOff {
		if machinery, err = listen(ctx, "--metrics-listen", c.MetricsListen); err != nil {
			return err
		}
		defer machinery.Close()
	}
	n, err := Open(ctx, c, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Close()) }()

	if c.Collects(reaction.Bluesky) { // which needs no key: there is something to see at once
		if err := n.EnsureReady(ctx); err != nil {
			return err
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	told, holder := Ready{}, Holder{PID: os.Getpid(), Started: time.Now().UTC()}
	var handler http.Handler
	var theatre *play.Theatre
	if door != nil {
		told.URL = "http://" + door.Addr().String()
		if pair != nil {
			told.URL = "https://" + door.Addr().String()
			door, holder.Cert = tls.NewListener(door, serverTLS(pair)), fingerprint(pair)
		}
		holder.URL, holder.Key = told.URL, n.Door.LocalKey()
		if theatre, err = n.openTheatre(); err != nil {
			return err
		}
		if handler, err = n.api(version, theatre, ctx.Done()); err != nil {
			return err
		}
		if told.SignIn, err = n.firstLink(ctx, told.URL); err != nil {
			return err
		}
	}
	if err := n.lock.tell(holder); err != nil {
		return err
	}

	if c.Roles.Has(RoleTag) {
		g.Go(func() error { return n.Run(ctx) })
	}
	if c.Roles.Has(RoleCollect) {
		g.Go(func() error { return n.Collect(ctx, version) })
	}
	if c.Roles.Has(RoleDetect) {
		g.Go(func() error { return n.keeper().Run(ctx) })
		g.Go(func() error { return n.sweeper().Run(ctx) })
	}
	if door != nil {
		g.Go(func() error { return n.Notices.Follow(ctx) })
		g.Go(func() error { return serveHTTP(ctx, door, handler, writeTimeout) })
		g.Go(func() error { <-ctx.Done(); return theatre.Close() }) // while the line still takes what is on its way
	}
	if machinery != nil {
		g.Go(func() error { return serveHTTP(ctx, machinery, api.Machinery(n.meters.registry), 0) })
	}
	ready(told)
	g.Go(func() error { <-ctx.Done(); return nil }) // a process without roles still holds its directory
	return g.Wait()
}

// ServeLocally serves the node's API on a free port of this machine until ctx ends, for a command
// that has no server to talk to. stopped yields how that ended.
func (n *Node) ServeLocally(ctx context.Context, version string) (url string, stopped <-chan error, err error) {
	door, err := listen(ctx, "--server", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	handler, err := n.api(version, nil, ctx.Done())
	if err != nil {
		return "", nil, errors.Join(err, door.Close())
	}
	end := make(chan error, 1)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return n.Notices.Follow(ctx) })
	g.Go(func() error { return serveHTTP(ctx, door, handler, writeTimeout) })
	go func() { end <- g.Wait() }()
	return "http://" + door.Addr().String(), end, nil
}

// keeper moves events by their plan, and tells followers.
func (n *Node) keeper() *pipeline.Keeper {
	k := pipeline.NewKeeper(n.Store, time.Now, n.logger)
	k.Announce = n.announce
	return k
}

// sweeper removes what is past its retention, and tells followers.
func (n *Node) sweeper() *pipeline.Sweeper {
	s := pipeline.NewSweeper(n.Store, time.Now, n.logger)
	s.Announce = n.announce
	return s
}

// announce tells followers that an event is not what it was.
func (n *Node) announce(ctx context.Context, event int64) {
	if err := n.Notices.Announce(ctx, reaction.Change{Event: event, Kinds: reaction.ChangedLife}); err != nil {
		n.logger.Warn("a change of an event was not announced", "event", event, "error", err)
	}
}

func listen(ctx context.Context, flag, addr string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%w: is another server running? choose another address with %s", err, flag)
	}
	return l, nil
}

func serveHTTP(ctx context.Context, l net.Listener, h http.Handler, write time.Duration) error {
	s := &http.Server{
		Handler: h, ReadHeaderTimeout: readHeaderTimeout, WriteTimeout: write, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
	}
	stopped := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		err := s.Shutdown(end)
		if err != nil { // somebody holds on: their connections are cut
			err = s.Close()
		}
		stopped <- err
	})
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving %s: %w", l.Addr(), err)
	}
	return <-stopped
}

// api wires the API to the node's parts. Without a theatre it plays nothing. stopping is closed when
// the server begins to stop.
func (n *Node) api(version string, theatre *play.Theatre, stopping <-chan struct{}) (http.Handler, error) {
	pages := web.Dist()
	fonts, err := chart.LoadFonts(pages)
	if err != nil {
		return nil, err
	}
	o := api.Options{
		Events: n.Store, Figures: n.Store, Listening: n.Store, Posts: n.Store, Replays: n.Runs, Samples: n.Pushed, Status: status{n},
		Ingests: n.Pushes, Scratch: n.config.Data,
		Door: n.Door, PublicURL: n.config.Public(), Secure: n.config.Secure(), TrustedProxies: n.config.TrustedProxies,
		Services: n.Store, Names: n.Store, Retention: n.Store, Retags: retags{n.Store}, PostSamples: n.Store, Deletions: n.Forgetting,
		Lives: n.Store, Heard: n.recent, Files: eventfile.Files{},
		Live: n.Notices, Changes: n.Notices, Summaries: n.Store, Spending: spending{n}, Stopping: stopping,
		Fold:        nlp.FoldTag,
		DecodeEvent: func(_ string, body []byte) (*reaction.Event, error) { return eventfile.Parse(body, "event") },
		Charts:      func(r trend.Result, q api.ChartRequest, w io.Writer) error { return draw(r, q, fonts, w) },
		Web:         web.Site(), Version: version, Log: n.logger, Metrics: n.meters.registry,
	}
	if theatre != nil {
		o.Plays, o.Recordings = stage{theatre}, stage{theatre}
	}
	return api.New(o)
}

// draw makes the picture of a figure, or says what is to be seen on it.
func draw(r trend.Result, q api.ChartRequest, fonts *chart.Fonts, w io.Writer) error {
	o := chart.Options{
		Title: r.Passport.Title, Location: q.Location, Width: q.Width, Height: q.Height, Scale: q.Scale,
		Theme: chart.Theme(q.Theme), Locale: chart.Locale(q.Locale), Fonts: fonts,
	}
	if q.Format == "txt" {
		return undrawable(chart.Describe(w, r, o))
	}
	c, err := chart.FromTrend(r, o)
	if err != nil {
		return undrawable(err)
	}
	if q.Format == "svg" {
		return c.SVG(w)
	}
	err = c.PNG(w)
	if errors.Is(err, chart.ErrFonts) {
		return undrawable(err)
	}
	return err
}

// undrawable marks an error as the request's own fault.
func undrawable(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", api.ErrUndrawable, err)
}

// status tells the API how the node is.
type status struct{ node *Node }

func (s status) Ready(ctx context.Context) []api.Check {
	var out []api.Check
	for _, c := range s.node.Checks(ctx) {
		out = append(out, api.Check{Name: c.Name, OK: c.OK, Detail: c.Detail})
	}
	return out
}
