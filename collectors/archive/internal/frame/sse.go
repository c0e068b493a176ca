package frame

import (
	"bytes"
	"fmt"
	"io"
)

// SSE cuts a recorded stream of server-sent events. Comments and unknown fields are passed over.
type SSE struct {
	w    *Window
	data []byte
}

// NewSSE reads events whose data is at most Limit bytes long.
func NewSSE(w *Window) *SSE { return &SSE{w: w} }

// Next returns the next event that has a name or data, io.EOF after the last, or the stream's
// error. An event that the end of the stream cuts off is returned as well.
func (s *SSE) Next() (Row, error) {
	row := Row{}
	s.data = s.data[:0]
	for {
		n, whole := s.w.lineEnd(0)
		if err := s.w.Err(); err != nil && !whole {
			return Row{}, err
		}
		line := trimEOL(s.w.bytes(n))
		switch {
		case n == 0 && row.Line == 0:
			return Row{}, io.EOF
		case n == 0 || len(line) == 0 && row.Line != 0:
			s.w.take(n)
			return s.finish(row), nil
		case !whole && n >= Limit:
			if row.Line == 0 {
				row.Line = s.w.line
			}
			row.Fault = TooLarge
			s.w.takeLine()
			continue
		}
		name, value, _ := bytes.Cut(line, []byte{':'})
		value = bytes.TrimPrefix(value, []byte{' '})
		known := true
		switch string(name) {
		case "event":
			row.Event = string(value)
		case "data":
			if len(s.data) > 0 {
				s.data = append(s.data, '\n')
			}
			if s.data = append(s.data, value...); len(s.data) > Limit {
				row.Fault, s.data = TooLarge, s.data[:0]
			}
		default:
			known = false
		}
		if known && row.Line == 0 {
			row.Line = s.w.line
		}
		s.w.take(n)
	}
}

func (s *SSE) finish(row Row) Row {
	if row.Fault != "" {
		return fault(row, row.Fault, fmt.Sprintf("the event is longer than %d bytes", Limit))
	}
	row.Data = s.data
	return row
}
