package play

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"outcry/collectors/archive"
	"outcry/internal/reaction"
)

// ShelfLimits bound what a shelf takes. Zero fields are the defaults.
type ShelfLimits struct {
	Number   int           // recordings kept, those that arrive included; default 8
	Arriving int           // recordings that arrive at once; default 2
	Bytes    int64         // of one file as it is sent; default 512 MiB
	Unpacked int64         // of one file unpacked, and of the records in it; default 4 GiB
	OnDisk   int64         // of all recordings kept, on disk; default 4 GiB
	Memory   int64         // of the records of one recording, in memory; default 16 MiB
	Reading  time.Duration // that reading one file may take; default 5 minutes
	Keep     time.Duration // how long one is kept that nobody plays; default a day
}

func (l ShelfLimits) complete() ShelfLimits {
	const mib = 1 << 20
	l.Number, l.Arriving = cmp.Or(l.Number, 8), cmp.Or(l.Arriving, 2)
	l.Bytes, l.Unpacked, l.OnDisk = cmp.Or(l.Bytes, 512*mib), cmp.Or(l.Unpacked, 4096*mib), cmp.Or(l.OnDisk, 4096*mib)
	l.Memory = cmp.Or(l.Memory, 16*mib)
	l.Reading, l.Keep = cmp.Or(l.Reading, 5*time.Minute), cmp.Or(l.Keep, 24*time.Hour)
	return l
}

// Bounds of reading a file that a stranger may have made.
const (
	maxPage   = 4 << 20 // bytes of one JSON object
	maxWindow = 8 << 20 // bytes that unpacking zstd may look back
)

// Shelf keeps the recordings that were sent in until they have been played, were dropped or have
// stood too long. What was sent lies in a file only while it is read; what was read of it lies in
// memory, and on disk without a name, so that it goes with the process however that ends. A Shelf
// is safe for concurrent use.
type Shelf struct {
	dir    string
	limits ShelfLimits
	o      Options
	log    *slog.Logger

	reading chan struct{} // holds a token while a file is read: one at a time

	mu       sync.Mutex
	kept     map[string]*kept
	arriving int
	closed   bool
}

// kept is a recording on the shelf. Fields but Recording and archive are guarded by the shelf's
// lock.
type kept struct {
	Recording
	archive *archive.Archive
	users   int  // plays that read it
	gone    bool // off the shelf: closed when nobody reads it any more
	expiry  *time.Timer
}

// openShelf makes a shelf and removes what an earlier process left of files that were arriving.
func openShelf(o Options) (*Shelf, error) {
	s := &Shelf{dir: filepath.Join(o.Dir, "recordings"), limits: o.Shelf.complete(), o: o, log: o.Log,
		reading: make(chan struct{}, 1), kept: map[string]*kept{}}
	if err := errors.Join(os.RemoveAll(s.dir), os.MkdirAll(s.dir, 0o700)); err != nil {
		return nil, fmt.Errorf("folder of recordings: %w", err)
	}
	return s, nil
}

// Limits are the limits in force.
func (s *Shelf) Limits() ShelfLimits { return s.limits }

// Keep reads a recording from body and keeps it. name is what its sender calls it: it is only ever
// shown. Of the options, those that say how to read the file are taken. An error of body is
// returned as it is, reaction.ErrUnusable where the file is no recording, reaction.ErrBusy where
// too many arrive at once, reaction.ErrConflict where too many are kept, and reaction.ErrFull
// where the disk has no room; the texts of these are for people.
func (s *Shelf) Keep(ctx context.Context, name string, o archive.Options, body io.Reader) (Recording, error) {
	if err := s.admit(); err != nil {
		return Recording{}, err
	}
	defer s.admitted()
	k := &kept{Recording: Recording{ID: newID(), Name: shown(name)}}
	path := filepath.Join(s.dir, k.ID)
	defer os.Remove(path)
	var err error
	if k.Bytes, err = spool(ctx, path, body, s.limits.Bytes); err != nil {
		return Recording{}, err
	}
	select {
	case s.reading <- struct{}{}:
		defer func() { <-s.reading }()
	case <-ctx.Done():
		return Recording{}, ctx.Err()
	}
	if err := s.read(ctx, k, path, o); err != nil {
		return Recording{}, err
	}
	if err := s.place(k); err != nil {
		return Recording{}, errors.Join(err, k.archive.Close())
	}
	s.log.Info("recording kept", "recording", k.ID, "bytes", k.Bytes, "format", k.Format, "accepted", k.Accepted)
	return k.Recording, nil
}

func (s *Shelf) admit() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch n := s.limits.Number; {
	case s.closed:
		return fmt.Errorf("the server is stopping: %w", reaction.ErrAway)
	case s.arriving == s.limits.Arriving:
		return fmt.Errorf("%d recordings are arriving, and no more may at once: wait until one has arrived: %w", s.arriving, reaction.ErrBusy)
	case len(s.kept)+s.arriving >= n:
		return fmt.Errorf("%d recordings are kept already, and no more may be: delete one, or wait until one is played or expires: %w", n, reaction.ErrConflict)
	}
	s.arriving++
	return nil
}

func (s *Shelf) admitted() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arriving--
}

// place puts a recording that was read on the shelf.
func (s *Shelf) place(k *kept) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return fmt.Errorf("the server is stopping: %w", reaction.ErrAway)
	}
	total := k.archive.OnDisk()
	for _, other := range s.kept {
		total += other.archive.OnDisk()
	}
	if total > s.limits.OnDisk {
		return fmt.Errorf("with this one the recordings that are kept would take more than %d MiB on disk: delete one, or wait until one is played or expires: %w",
			s.limits.OnDisk>>20, reaction.ErrConflict)
	}
	k.ExpiresAt = s.o.Now().UTC().Add(s.limits.Keep)
	k.expiry = time.AfterFunc(s.limits.Keep, func() { _ = s.Drop(k.ID) }) // dropped meanwhile is as good
	s.kept[k.ID] = k
	return nil
}

// List lists the recordings, those that expire last first.
func (s *Shelf) List() []Recording {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Recording, 0, len(s.kept))
	for _, k := range s.kept {
		out = append(out, k.Recording)
	}
	slices.SortFunc(out, func(a, b Recording) int {
		return cmp.Or(b.ExpiresAt.Compare(a.ExpiresAt), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// Find finds one recording. reaction.ErrNotFound when there is none, or none any more.
func (s *Shelf) Find(id string) (Recording, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, err := s.find(id)
	if err != nil {
		return Recording{}, err
	}
	return k.Recording, nil
}

func (s *Shelf) find(id string) (*kept, error) {
	if k := s.kept[id]; k != nil {
		return k, nil
	}
	return nil, fmt.Errorf("recording %q: %w", id, reaction.ErrNotFound)
}

// Drop takes a recording off the shelf. A play that reads it reads on to its end.
func (s *Shelf) Drop(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, err := s.find(id)
	if err != nil {
		return err
	}
	s.remove(k)
	return nil
}

// remove takes k off the shelf. The caller holds the lock.
func (s *Shelf) remove(k *kept) {
	k.expiry.Stop()
	delete(s.kept, k.ID)
	k.gone = true
	s.free(k)
}

// free gives back what k takes when nobody needs it any more. The caller holds the lock.
func (s *Shelf) free(k *kept) {
	if k.gone && k.users == 0 {
		if err := k.archive.Close(); err != nil {
			s.log.Warn("a recording cannot be removed", "recording", k.ID, "error", err)
		}
	}
}

// borrow finds a recording for a play, which gives it back.
func (s *Shelf) borrow(id string) (*kept, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, err := s.find(id)
	if err == nil {
		k.users++
	}
	return k, err
}

// giveBack ends a play's use of a recording. One that was played to its end is of no more use.
func (s *Shelf) giveBack(k *kept, played bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k.users--
	if played && !k.gone && k.users == 0 {
		s.remove(k)
		return
	}
	s.free(k)
}

// close drops every recording.
func (s *Shelf) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, k := range s.kept {
		s.remove(k)
	}
	return nil
}
