// Package app is configuration and wiring: it builds the parts of Outcry from their settings and
// runs them together. It can be started from a test, in-process.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"outcry/internal/auth"
	"outcry/internal/pgserver"
	"outcry/internal/pipeline"
	"outcry/internal/postgres"
	"outcry/internal/stream"
	"outcry/nlp"
	"outcry/nlp/names"
)

// Parts of the data directory.
const (
	postgresDir = "postgres"
	logDir      = "log"
)

// Node is one process's share of Outcry: a store, a log and the line between them, without a
// door to the outside.
type Node struct {
	Store  *postgres.Store
	Log    *stream.Log
	Runs   *pipeline.Runs
	Pushed *pipeline.Pushed
	// Forgetting takes in deletions that people ask for.
	Forgetting *pipeline.Forgetting
	Pushes     *pipeline.Pushes
	Door       *auth.Door
	// Notices are the log's live subjects: what changed of events.
	Notices *stream.Notices

	config    Config
	logger    *slog.Logger
	lock      *dirLock
	server    *pgserver.Server // nil with a database_url
	url       string           // of the database
	committer *pipeline.Committer
	namer     *pipeline.Namer
	meters    *meters
	recent    *pipeline.Recent
	list      *pipeline.Watchlist
	close     []func() error
	reset     bool // take the secret that is there, whatever was made with another
}

// Open takes the data directory and starts what the configuration leaves to the node itself: a
// private PostgreSQL without database_url, a log of its own without nats_url. It fails with
// ErrInUse while another process has the directory. Close the node when done.
func Open(ctx context.Context, c Config, logger *slog.Logger) (*Node, error) {
	n := &Node{config: c, logger: logger, meters: newMeters()}
	if err := n.open(ctx); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

func (n *Node) open(ctx context.Context) (err error) {
	if n.lock, err = lockDir(n.config.Data); err != nil {
		return err
	}
	n.onClose(n.lock.release)
	if err := n.lock.tell(Holder{PID: os.Getpid(), Started: time.Now().UTC()}); err != nil {
		return err
	}
	if n.url, err = n.database(ctx); err != nil {
		return err
	}
	if err := postgres.Migrate(ctx, n.url); err != nil {
		return err
	}
	if n.Store, err = postgres.Open(ctx, postgres.Options{URL: n.url, Grace: n.config.Grace}); err != nil {
		return err
	}
	n.onClose(func() error { n.Store.Close(); return nil })
	if n.Door, err = n.door(ctx); err != nil {
		return err
	}
	identity, err := n.Store.Identity(ctx)
	if err != nil {
		return err
	}
	n.Log, err = stream.Open(ctx, stream.Options{
		Database: identity, URL: n.config.NATSURL.Reveal(), CredsFile: n.config.NATSCredsFile,
		Dir: filepath.Join(n.config.Data, logDir), MaxBytes: int64(n.config.LogLimit), Log: n.logger,
	})
	if err != nil {
		return err
	}
	n.onClose(n.Log.Close)
	n.Notices = n.Log.Notices()
	if n.Pushed, err = pipeline.NewPushed(n.Log, n.Store, n.config.Node); err != nil {
		return err
	}
	if n.Forgetting, err = pipeline.NewForgetting(n.Log, n.Store, n.config.Node); err != nil {
		return err
	}
	n.recent = pipeline.NewRecent(time.Now)
	n.list = pipeline.NewWatchlist(n.Store, time.Now, n.logger)
	if n.Pushes, err = pipeline.NewPushes(n.Log, n.list, n.recent, nlp.HashtagKeys, n.config.Node); err != nil {
		return err
	}
	n.Runs = pipeline.NewRuns(n.Log, n.Store, n.recent, nlp.HashtagKeys)
	n.committer = pipeline.NewCommitter(n.Log, n.Store, newTagger, n.meters, n.logger)
	n.namer = pipeline.NewNamer(n.Store, names.New(), n.meters, time.Now, n.logger)
	n.namer.Accept, n.namer.Announce = int64(n.config.NamesAccept), n.announce
	n.committer.Names = n.namer
	return nil
}

// DatabaseURL is where the node's database is, for tools that look at it themselves.
func (n *Node) DatabaseURL() string { return n.url }

// database finds the database: the one configured, or a private server's.
func (n *Node) database(ctx context.Context) (url string, err error) {
	if url = n.config.DatabaseURL.Reveal(); url != "" {
		return url, nil
	}
	n.server, err = pgserver.Start(ctx, pgserver.Options{
		Dir: filepath.Join(n.config.Data, postgresDir), BinDir: n.config.PostgresBin, Log: n.logger,
	})
	if err != nil {
		return "", err
	}
	n.onClose(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		return n.server.Stop(ctx)
	})
	return n.server.URL("outcry"), nil
}

func (n *Node) onClose(f func() error) { n.close = append(n.close, f) }

// Run commits what is in the log, and tags stored posts again where that was asked for, until ctx
// ends, when it returns nil. It fails when a part that it cannot do without is lost for good.
func (n *Node) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if n.server != nil {
		go func() {
			select {
			case err := <-n.server.Failed():
				cancel(err)
			case <-ctx.Done():
			}
		}()
	}
	sources := &sourceMeter{reports: n.Store.FeedReports, logger: n.logger, now: time.Now}
	if err := n.meters.registry.Register(sources); err != nil {
		return err
	}
	defer n.meters.registry.Unregister(sources)
	beside, stop := context.WithCancel(ctx)
	defer stop()
	var naming sync.WaitGroup
	naming.Go(func() { n.namer.Run(beside) })
	g, both := errgroup.WithContext(ctx)
	g.Go(func() error { return n.committer.Run(both) })
	g.Go(func() error { return n.retagger().Run(both) })
	err := g.Wait()
	stop()
	naming.Wait()
	if cause := context.Cause(ctx); err == nil && cause != nil && !errors.Is(cause, context.Canceled) {
		err = cause
	}
	return err
}

// Close stops everything in the opposite order of its start.
func (n *Node) Close() error {
	var errs []error
	for _, v := range slices.Backward(n.close) {
		errs = append(errs, v())
	}
	n.close = nil
	return errors.Join(errs...)
}

// Check is one thing a node needs to work.
type Check struct {
	Name   string
	OK     bool
	Detail string
}

// Checks looks at the store and the log now, at both at once: one that hangs takes no time of the
// other's.
func (n *Node) Checks(ctx context.Context) []Check {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	db, log := Check{Name: "database", OK: true}, Check{Name: "log", OK: true}
	var looking sync.WaitGroup
	looking.Go(func() {
		if err := n.Store.Ping(ctx); err != nil {
			db.OK, db.Detail = false, "does not answer"
		} else if since, away := n.committer.Away(); away {
			db.OK, db.Detail = false, fmt.Sprintf("did not take posts since %s", since.UTC().Format(time.RFC3339))
		}
	})
	looking.Go(func() {
		if waiting, _, err := n.Log.Pending(ctx); err != nil {
			log.OK, log.Detail = false, "does not answer"
		} else if waiting > 0 {
			log.Detail = fmt.Sprintf("%d envelopes wait to be stored", waiting)
		}
	})
	looking.Wait()
	return []Check{db, log}
}
