package api

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"syscall"

	"outcry/internal/reaction"
)

// spoolMemory is how many bytes of results are kept in memory before they go to disk.
const spoolMemory = 256 << 10

// spool keeps the results of a push until it has ended. They are not sent before: many clients read
// only once they have sent everything, and both sides would wait for each other for ever. A nil
// spool keeps nothing.
type spool struct {
	dir  string // "" is the system's
	head []byte
	file *os.File // without a name, so that it goes with the process however that ends
	out  *bufio.Writer
}

func (s *spool) fate(line int64, f reaction.Fate) error {
	if s == nil {
		return nil
	}
	b := append(s.head, `{"line":`...)
	b = strconv.AppendInt(b, line, 10)
	b = append(b, `,"result":"`...)
	b = append(b, f.String()...)
	return s.keep(append(b, "\"}\n"...))
}

func (s *spool) refused(x PushRefusal) error {
	if s == nil {
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
	return s.keep(append(append(s.head, b...), '\n'))
}

// keep takes what is in memory now, and moves it to disk where it is too much.
func (s *spool) keep(head []byte) error {
	s.head = head
	if len(head) < spoolMemory {
		return nil
	}
	if s.file == nil {
		f, err := os.CreateTemp(s.dir, "results-*")
		if err != nil {
			return noRoom(err)
		}
		s.file, s.out = f, bufio.NewWriter(f)
		if err := os.Remove(f.Name()); err != nil {
			return noRoom(err)
		}
	}
	_, err := s.out.Write(head)
	s.head = head[:0]
	return noRoom(err)
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

func (s *spool) close() {
	if s != nil && s.file != nil {
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
