package cli

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"outcry/internal/app"
	"outcry/internal/pipeline"
	"outcry/internal/postgres"
	"outcry/internal/reaction"
)

// local is a node in this process, for as long as a command runs.
type local struct {
	*postgres.Store
	*pipeline.Runs
	node *app.Node
	stop context.CancelFunc
	done chan struct{} // closed when the line has stopped
	err  error         // why, after done
}

func openLocal(ctx context.Context, c app.Config, logger *slog.Logger) (*local, error) {
	n, err := app.Open(ctx, c, logger)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	l := &local{Store: n.Store, Runs: n.Runs, node: n, stop: stop, done: make(chan struct{})}
	go func() {
		defer close(l.done)
		l.err = n.Run(ctx)
	}()
	return l, nil
}

// operator is who says what a command on the server's own machine says, as in the audit log.
const operator = "operator"

// CreateEvent stores a new event as the operator's.
func (l *local) CreateEvent(ctx context.Context, e *reaction.Event) error {
	e.SaidBy = operator
	return l.Store.CreateEvent(ctx, e)
}

// ReplaceEvent stores a new definition as the operator's.
func (l *local) ReplaceEvent(ctx context.Context, e *reaction.Event) error {
	e.SaidBy = operator
	return l.Store.ReplaceEvent(ctx, e)
}

// MoveEvent gives an event another status. What is wrong with the move is told all at once.
func (l *local) MoveEvent(ctx context.Context, slug string, m reaction.Move) (*reaction.Event, error) {
	m.By, m.Now = operator, time.Now()
	var wrong []error
	for _, p := range m.Validate() {
		wrong = append(wrong, errors.New(p.String()))
	}
	if wrong != nil {
		return nil, errors.Join(wrong...)
	}
	return l.Store.MoveEvent(ctx, slug, m)
}

// Progress fails when the line has stopped: then nothing more will be stored.
func (l *local) Progress(ctx context.Context, e *reaction.Event, run string) (reaction.RunProgress, error) {
	select {
	case <-l.done:
		return reaction.RunProgress{}, l.err
	default:
		return l.Runs.Progress(ctx, e, run)
	}
}

// Send fails when the line has stopped: a log that nobody empties would make it wait for ever.
func (l *local) Send(ctx context.Context, e *reaction.Event, run string, after int64, records []reaction.Record) (reaction.RunProgress, error) {
	return l.whileAlive(ctx, func(ctx context.Context) (reaction.RunProgress, error) {
		return l.Runs.Send(ctx, e, run, after, records)
	})
}

// Finish fails when the line has stopped, as Send does.
func (l *local) Finish(ctx context.Context, e *reaction.Event, run string) (reaction.RunProgress, error) {
	return l.whileAlive(ctx, func(ctx context.Context) (reaction.RunProgress, error) { return l.Runs.Finish(ctx, e, run) })
}

func (l *local) whileAlive(ctx context.Context, do func(context.Context) (reaction.RunProgress, error)) (reaction.RunProgress, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-l.done:
			cancel(l.err)
		case <-ctx.Done():
		}
	}()
	p, err := do(ctx)
	if err != nil && ctx.Err() != nil {
		return p, context.Cause(ctx)
	}
	return p, err
}

// serve serves the node's API for this command alone, and makes a client for it.
func (l *local) serve(ctx context.Context) (*client, error) {
	ctx, stop := context.WithCancel(ctx)
	url, stopped, err := l.node.ServeLocally(ctx, version())
	if err != nil {
		stop()
		return nil, err
	}
	c, err := newClient(url, l.node.Door.LocalKey(), "")
	if err != nil {
		stop()
		return nil, err
	}
	c.stop = func() error { stop(); return <-stopped }
	return c, nil
}

// URL is empty: nothing serves the figures while only a command runs.
func (l *local) URL() string { return "" }

// Close stops the line and the node. What is in the log and not stored yet is stored next time.
func (l *local) Close() error {
	l.stop()
	<-l.done
	return l.node.Close()
}
