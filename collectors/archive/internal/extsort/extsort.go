// Package extsort sorts more entries than fit in memory: full buffers are sorted and set aside on
// disk as runs, and the runs are merged while they are read.
//
// Runs are unlinked as soon as they are made, so that nothing is left behind however the process
// ends.
package extsort

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"
)

// Key orders entries: by At, then Hash, then Seq. Keys should differ; entries with equal keys come
// in any order.
type Key struct {
	At   int64
	Hash uint64
	Seq  uint64
}

// Compare is negative where k comes before o.
func (k Key) Compare(o Key) int {
	if c := cmp.Compare(k.At, o.At); c != 0 {
		return c
	}
	if c := cmp.Compare(k.Hash, o.Hash); c != 0 {
		return c
	}
	return cmp.Compare(k.Seq, o.Seq)
}

// Entry is a key and what belongs to it.
type Entry struct {
	Key
	Payload []byte // valid until the next entry is read
}

// fanIn is how many runs are merged at once: it bounds open files and buffers. Runs of one level
// that reach this number become one run of the next.
const fanIn = 32

// Sorter takes entries in any order and gives them back in the order of their keys. Add from one
// goroutine, call Finish once, then read as often as wanted, and Close.
type Sorter struct {
	dir    string
	buf    buffer
	levels [][]*run
	len    int64
}

// New makes a sorter that holds about memory bytes before it uses files in dir ("" for the
// system's temporary directory).
func New(dir string, memory int64) *Sorter {
	return &Sorter{dir: dir, buf: newBuffer(memory)}
}

// Add takes a copy of an entry.
func (s *Sorter) Add(k Key, payload []byte) error {
	if s.buf.full(len(payload)) {
		if err := s.spill(); err != nil {
			return err
		}
	}
	s.buf.add(k, payload)
	s.len++
	return nil
}

// Len is how many entries were added.
func (s *Sorter) Len() int64 { return s.len }

// Spilled reports whether files are in use.
func (s *Sorter) Spilled() bool { return len(s.levels) > 0 }

// OnDisk is how many bytes the files in use hold.
func (s *Sorter) OnDisk() (n int64) {
	for _, level := range s.levels {
		for _, r := range level {
			n += r.size
		}
	}
	return n
}

// Finish ends the adding.
func (s *Sorter) Finish() { s.buf.sort() }

// Entries reads everything in order. An error ends it.
func (s *Sorter) Entries() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		sources := []source{&memorySource{buf: &s.buf}}
		for _, level := range s.levels {
			for _, r := range level {
				sources = append(sources, r.open())
			}
		}
		for e, err := range merge(sources) {
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// Close frees memory and disk.
func (s *Sorter) Close() error {
	var errs []error
	for _, level := range s.levels {
		for _, r := range level {
			errs = append(errs, r.file.Close())
		}
	}
	s.levels, s.buf = nil, buffer{}
	return errors.Join(errs...)
}

func (s *Sorter) spill() error {
	s.buf.sort()
	r, err := writeRun(s.dir, func(yield func(Entry, error) bool) {
		for i := range s.buf.index {
			if !yield(s.buf.entry(i), nil) {
				return
			}
		}
	})
	if err != nil {
		return fmt.Errorf("sorting on disk: %w", err)
	}
	s.buf.reset()
	return s.keep(r, 0)
}

// keep adds a run to a level, and where the level is full makes one run of the next out of it.
func (s *Sorter) keep(r *run, level int) error {
	if level == len(s.levels) {
		s.levels = append(s.levels, nil)
	}
	s.levels[level] = append(s.levels[level], r)
	if len(s.levels[level]) < fanIn {
		return nil
	}
	sources := make([]source, 0, fanIn)
	for _, r := range s.levels[level] {
		sources = append(sources, r.open())
	}
	merged, err := writeRun(s.dir, merge(sources))
	if err != nil {
		return fmt.Errorf("sorting on disk: %w", err)
	}
	for _, r := range s.levels[level] {
		if err := r.file.Close(); err != nil {
			return fmt.Errorf("sorting on disk: %w", err)
		}
	}
	s.levels[level] = slices.Delete(s.levels[level], 0, len(s.levels[level]))
	return s.keep(merged, level+1)
}
