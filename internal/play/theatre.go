package play

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"outcry/internal/reaction"
)

// Options say what a theatre works with. Fields without a default must be set.
type Options struct {
	Dir    string // of its own files, made where it is missing: the book of plays, and recordings
	Line   Line
	Events Events
	// Hashtags lists a post's hashtags, each once.
	Hashtags func(*reaction.Post) []reaction.Hashtag
	Log      *slog.Logger     // default: nothing is logged
	Now      func() time.Time // default time.Now

	Running int // plays at once; default 4
	Kept    int // plays that are remembered; default 100
	Shelf   ShelfLimits
}

// Theatre owns the plays of a server. Each is a goroutine of its own, which ends with the theatre.
// The plays are kept in a book on disk, so that one that a restart cut off is told of. A Theatre
// is safe for concurrent use.
type Theatre struct {
	o     Options
	shelf *Shelf
	book  *book
	group sync.WaitGroup

	mu     sync.Mutex
	plays  []*staged // oldest first
	closed bool
}

// staged is a play and what holds it. Its Play is guarded by the theatre's lock.
type staged struct {
	Play
	run   string // which run of which event; "" for plays of an earlier process
	stop  context.CancelCauseFunc
	ended chan struct{} // closed at the end; nil for plays of an earlier process
}

// Why a play is stopped.
var (
	errAsked  = errors.New("somebody stopped it")
	errClosed = errors.New("the server was stopped")
)

// Open makes a theatre. It reads what the last one wrote down, and removes the recordings that it
// left. Close it after use.
func Open(o Options) (*Theatre, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Running, o.Kept = cmp.Or(o.Running, 4), cmp.Or(o.Kept, 100)
	shelf, err := openShelf(o)
	if err != nil {
		return nil, err
	}
	t := &Theatre{o: o, shelf: shelf, book: newBook(o.Dir)}
	plays, err := t.book.read()
	if err != nil { // nothing hangs on it but the list
		o.Log.Warn("the list of earlier plays cannot be read; a new one is begun", "error", err)
	}
	for _, p := range plays {
		t.plays = append(t.plays, &staged{Play: p})
	}
	t.trim()
	return t, nil
}

// Shelf holds the recordings that can be played.
func (t *Theatre) Shelf() *Shelf { return t.shelf }

// Close stops every play and waits for its end. Nothing can be started afterwards.
func (t *Theatre) Close() error {
	t.mu.Lock()
	t.closed = true
	for _, s := range t.plays {
		if s.State == Running {
			s.stop(errClosed)
		}
	}
	t.mu.Unlock()
	t.group.Wait()
	return t.shelf.close()
}

// List lists the plays, newest first.
func (t *Theatre) List() []Play {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]Play, 0, len(t.plays))
	for _, s := range slices.Backward(t.plays) {
		out = append(out, s.Play)
	}
	return out
}

// Find finds one play. reaction.ErrNotFound when there is none, or none any more.
func (t *Theatre) Find(id string) (Play, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s, err := t.find(id)
	if err != nil {
		return Play{}, err
	}
	return s.Play, nil
}

func (t *Theatre) find(id string) (*staged, error) {
	if i := slices.IndexFunc(t.plays, func(s *staged) bool { return s.ID == id }); i >= 0 {
		return t.plays[i], nil
	}
	return nil, fmt.Errorf("play %q: %w", id, reaction.ErrNotFound)
}

// Stop stops a play and returns when it has ended, or when ctx has. What was sent stays. One that
// has ended already stays as it is.
func (t *Theatre) Stop(ctx context.Context, id string) error {
	t.mu.Lock()
	s, err := t.find(id)
	running := err == nil && s.State == Running
	t.mu.Unlock()
	if !running {
		return err
	}
	s.stop(errAsked)
	select {
	case <-s.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// room says whether one more play may run. The caller holds the lock.
func (t *Theatre) room() error {
	running := 0
	for _, s := range t.plays {
		if s.State == Running {
			running++
		}
	}
	switch {
	case t.closed:
		return fmt.Errorf("the server is stopping: %w", reaction.ErrAway)
	case running >= t.o.Running:
		return fmt.Errorf("%d plays are running, and no more run at once: stop one, or wait until one has ended: %w", running, reaction.ErrBusy)
	}
	return nil
}

// trim forgets the oldest plays that have ended. The caller holds the lock.
func (t *Theatre) trim() {
	for len(t.plays) > t.o.Kept {
		i := slices.IndexFunc(t.plays, func(s *staged) bool { return s.State != Running })
		if i < 0 {
			return
		}
		t.plays = slices.Delete(t.plays, i, i+1)
	}
}

// note writes the plays into the book. A book that cannot be written stops no play.
func (t *Theatre) note() {
	err := t.book.write(t.o.Now().UTC(), func() []Play {
		list := t.List()
		slices.Reverse(list)
		return list
	})
	if err != nil {
		t.o.Log.Warn("the list of plays cannot be written", "error", err)
	}
}
