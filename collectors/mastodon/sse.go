package mastodon

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxEvent bounds one event of a stream. Posts of 5,000 letters with all that servers add are
// below a tenth of it.
const maxEvent = 1 << 20

// sseEvent is one event, or a comment, by which a server says that it is still there.
type sseEvent struct {
	name    string
	data    []byte // valid until the next call
	comment bool
	large   bool // longer than maxEvent; it has no data
}

// sseReader cuts server-sent events as the HTML standard has it: lines end with LF, CR LF or CR,
// and an event that the end cuts off is none. Mastodon's own server writes ":thump" as a line
// without the empty line behind it.
type sseReader struct {
	r      *bufio.Reader
	line   []byte
	long   bool // the line is longer than maxEvent
	skipLF bool // the last line ended with CR
	begun  bool
	data   []byte
}

func newSSE(r io.Reader) *sseReader { return &sseReader{r: bufio.NewReaderSize(r, 32<<10)} }

// next returns the next event or comment.
func (s *sseReader) next() (sseEvent, error) {
	var e sseEvent
	filled := false
	s.data = s.data[:0]
	for {
		if err := s.readLine(); err != nil {
			return sseEvent{}, err
		}
		if len(s.line) == 0 && !s.long {
			if !filled && !e.large {
				e.name = ""
				continue
			}
			e.data = s.data
			return e, nil
		}
		if s.long {
			e.large, s.data, filled = true, s.data[:0], true
			continue
		}
		name, value, _ := bytes.Cut(s.line, []byte{':'})
		value = bytes.TrimPrefix(value, []byte{' '})
		switch string(name) {
		case "": // a comment may stand between the lines of an event, which goes on behind it
			if !filled && e.name == "" {
				return sseEvent{comment: true}, nil
			}
		case "event":
			e.name = string(value[:min(len(value), 64)])
		case "data":
			if filled {
				s.data = append(s.data, '\n')
			}
			if filled = true; e.large || len(s.data)+len(value) > maxEvent {
				e.large, s.data = true, s.data[:0]
				continue
			}
			s.data = append(s.data, value...)
		}
	}
}

// byteOrder may stand at the head of a stream, and means nothing.
const byteOrder = "\uFEFF"

// readLine reads one line of at most maxEvent bytes; the rest of a longer one is passed over.
func (s *sseReader) readLine() error {
	s.line, s.long = s.line[:0], false
	if !s.begun {
		s.begun = true
		if head, _ := s.r.Peek(len(byteOrder)); string(head) == byteOrder {
			s.discard(len(byteOrder))
		}
	}
	for {
		if _, err := s.r.Peek(1); err != nil {
			return err
		}
		chunk, err := s.r.Peek(s.r.Buffered())
		if err != nil {
			return err
		}
		if s.skipLF {
			if s.skipLF = false; chunk[0] == '\n' {
				s.discard(1)
				continue
			}
		}
		at := bytes.IndexAny(chunk, "\r\n")
		part := chunk
		if at >= 0 {
			part = chunk[:at]
		}
		if s.long = s.long || len(s.line)+len(part) > maxEvent; s.long {
			s.line = s.line[:0]
		} else {
			s.line = append(s.line, part...)
		}
		if at < 0 {
			s.discard(len(chunk))
			continue
		}
		s.skipLF = chunk[at] == '\r'
		s.discard(at + 1)
		return nil
	}
}

// discard drops bytes that were looked at, which cannot fail.
func (s *sseReader) discard(n int) { _, _ = s.r.Discard(n) }

// readAll reads a message of at most maxEvent bytes. Of a longer one nothing is kept, and as much
// is passed over as anybody may send before the connection is given up.
func readAll(r io.Reader) (data []byte, large bool, err error) {
	data, err = io.ReadAll(io.LimitReader(r, maxEvent+1))
	if err != nil || len(data) <= maxEvent {
		return data, false, err
	}
	n, err := io.Copy(io.Discard, io.LimitReader(r, 16*maxEvent))
	if err == nil && n == 16*maxEvent {
		err = errors.New("a message without an end")
	}
	return nil, true, err
}
