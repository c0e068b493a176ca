package api

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"

	"outcry/internal/reaction"
)

// spoolMemory is how many bytes of results are kept in memory before they go to disk.
const spoolMemory = 256 << 10

// spool keeps the results of a push until it has ended. They are not sent before: many clients read
// only once they have sent everything, and both sides would wait for each other for ever. Where they
// would take more than their share of the disk, a line says after which the rest is left out. A nil
// spool keeps nothing.
type spool struct {
	dir       string        // "" is the system's
	most      int64         // bytes on disk
	all       *atomic.Int64 // bytes on disk of all spools together
	mostOfAll int64
	head      []byte
	file      *os.File // without a name, so that it goes with the process however that ends
	out       *bufio.Writer
	size      int64 // on disk
	cut       bool  // what comes now is left out
}

func (s *spool) fate(line int64, f reaction.Fate) error {
	if s == nil || s.cut {
		return nil
	}
	b := append(s.head, `{"line":`...)
	b = strconv.AppendInt(b, line, 10)
	b = append(b, `,"result":"`...)
	b = append(b, f.String()...)
	return s.keep(append(b, "\"}\n"...), line)
}

func (s *spool) refused(x PushRefusal) error {
	if s == nil || s.cut {
		return nil
	}
	b, err := json.Marshal(struct {
		Line   int64  `json:"line"`
		Result string `json:"result"`
		Reason string `json:"reason"`
		Path   string `json:"path,omitempty"`
		Text   string `json:"text"`
	}{x.Line, "refused", x.Reason, x.Path, x.Text})
	if err != nil {
		return err
	}
	return s.keep(append(append(s.head, b...), '\n'), x.Line)
}

// keep takes what is in memory now, of which line is the last, and moves it to disk where it is too
// much.
func (s *spool) keep(head []byte, line int64) error {
	s.head = head
	n := int64(len(head))
	switch {
	case n < spoolMemory:
		return nil
	case !s.room(n):
		s.cut = true
		s.head = fmt.Appendf(head, `{"cut":{"after":%d,"text":"there are too many results to keep: those of later lines are left out, and the report counts every line"}}`+"\n", line)
		return nil
	case s.file == nil:
		if err := s.open(); err != nil {
			return noRoom(err)
		}
	}
	_, err := s.out.Write(head)
	s.head = head[:0]
	return noRoom(err)
}

// room takes n bytes of the disk, where there are so many left.
func (s *spool) room(n int64) bool {
	if s.size+n > s.most {
		return false
	}
	if s.all.Add(n) > s.mostOfAll {
		s.all.Add(-n)
		return false
	}
	s.size += n
	return true
}

// open makes a file that has no name.
func (s *spool) open() error {
	f, err := os.CreateTemp(s.dir, "results-*")
	if err != nil {
		return err
	}
	if err := os.Remove(f.Name()); err != nil {
		return errors.Join(err, f.Close())
	}
	s.file, s.out = f, bufio.NewWriter(f)
	return nil
}

// copyTo writes all that was kept.
func (s *spool) copyTo(w io.Writer) error {
	if s == nil {
		return nil
	}
	if s.file != nil {
		if err := s.out.Flush(); err != nil {
			return err
		}
		if _, err := s.file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if _, err := io.Copy(w, s.file); err != nil {
			return err
		}
	}
	_, err := w.Write(s.head)
	return err
}

// close gives back what the results take. It may be called again.
func (s *spool) close() {
	if s == nil {
		return
	}
	s.all.Add(-s.size)
	s.size = 0
	if s.file != nil {
		_ = s.file.Close()
	}
}

// noRoom says of a full disk what it is.
func noRoom(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("there is no room for the result of each line: send it again without results=all: %w", reaction.ErrFull)
	}
	return err
}
