package play

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	bookName = "plays.json"
	maxBook  = 4 << 20 // bytes that are read of one
)

// book is the list of plays on disk. It tells the next process what this one was doing; nothing
// else hangs on it.
type book struct {
	path string
	mu   sync.Mutex // orders the writing
}

// page is what the book holds.
type page struct {
	WrittenAt time.Time `json:"written_at"`
	Plays     []Play    `json:"plays"` // oldest first
}

func newBook(dir string) *book { return &book{path: filepath.Join(dir, bookName)} }

// read reads the plays of an earlier process. Those that were running were stopped with it.
func (b *book) read() ([]Play, error) {
	f, err := os.Open(b.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var p page
	if err := json.NewDecoder(io.LimitReader(f, maxBook)).Decode(&p); err != nil {
		return nil, fmt.Errorf("%s: %w", b.path, err)
	}
	for i := range p.Plays {
		if x := &p.Plays[i]; x.State == Running {
			x.State, x.Error, x.EndedAt = Stopped, cutOff(x.Kind), cmp.Or(x.EndedAt, p.WrittenAt)
		}
	}
	return p.Plays, nil
}

// write puts a new list in the place of the old one. plays is asked for it in turn, so that no
// older list replaces a newer one.
func (b *book) write(now time.Time, plays func() []Play) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	text, err := json.MarshalIndent(page{now, plays()}, "", " ")
	if err != nil {
		return err
	}
	fresh := b.path + ".new"
	f, err := os.OpenFile(fresh, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(fresh, b.path)
}
