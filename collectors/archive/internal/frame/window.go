package frame

import (
	"bytes"
	"errors"
	"io"
)

// Window is the part of a stream that is being looked at. It begins at the first byte not yet
// cut into rows, and grows when asked for more.
type Window struct {
	r        io.Reader
	buf      []byte
	pos, end int
	line     int64 // of the byte at pos
	err      error // of the reader; io.EOF at the end
}

// NewWindow begins at the first byte of r, on line 1.
func NewWindow(r io.Reader) *Window { return &Window{r: r, line: 1} }

// Err is the error that ended the stream early, nil if none did.
func (w *Window) Err() error {
	if errors.Is(w.err, io.EOF) {
		return nil
	}
	return w.err
}

// Peek returns the next n bytes, or fewer where the stream ends, without taking them.
func (w *Window) Peek(n int) []byte {
	for w.end-w.pos < n && w.more() {
	}
	return w.buf[w.pos:min(w.pos+n, w.end)]
}

// SkipHTTPHeader takes the head of a recorded HTTP answer, if there is one, up to its blank line.
func (w *Window) SkipHTTPHeader() {
	if !bytes.HasPrefix(w.Peek(5), []byte("HTTP/")) {
		return
	}
	for {
		n, whole := w.lineEnd(0)
		blank := len(bytes.TrimSpace(w.bytes(n))) == 0
		w.take(n)
		if !whole || blank {
			return
		}
	}
}

// more reads on; false at the end of the stream. It may move the bytes of the window.
func (w *Window) more() bool {
	if w.err != nil {
		return false
	}
	if w.end == len(w.buf) {
		if w.pos > len(w.buf)/2 {
			w.end = copy(w.buf, w.buf[w.pos:w.end])
			w.pos = 0
		} else {
			grown := make([]byte, max(256<<10, 2*len(w.buf)))
			w.end = copy(grown, w.buf[w.pos:w.end])
			w.buf, w.pos = grown, 0
		}
	}
	for range 100 {
		n, err := w.r.Read(w.buf[w.end:])
		w.end += n
		if err != nil {
			w.err = err
		}
		if n > 0 {
			return true
		}
		if err != nil {
			return false
		}
	}
	w.err = io.ErrNoProgress
	return false
}

// has reports whether there is a byte at offset i of the window.
func (w *Window) has(i int) bool {
	for w.pos+i >= w.end {
		if !w.more() {
			return false
		}
	}
	return true
}

func (w *Window) at(i int) byte { return w.buf[w.pos+i] }

// bytes are the first n bytes of the window.
func (w *Window) bytes(n int) []byte { return w.buf[w.pos : w.pos+n] }

// index finds c at offset from or later. Where it is not found below limit, the offset is where
// the search ended.
func (w *Window) index(c byte, from, limit int) (int, bool) {
	for {
		if stop := min(w.end-w.pos, limit); from < stop {
			if k := bytes.IndexByte(w.buf[w.pos+from:w.pos+stop], c); k >= 0 {
				return from + k, true
			}
			from = stop
		}
		if from >= limit || !w.has(from) {
			return from, false
		}
	}
}

// lineEnd is the offset just past the line that holds offset from; whole is false where the line
// is longer than Limit or the stream ends without a line feed.
func (w *Window) lineEnd(from int) (n int, whole bool) {
	k, ok := w.index('\n', from, from+Limit)
	if ok {
		return k + 1, true
	}
	return k, false
}

// take moves the window past its first n bytes.
func (w *Window) take(n int) {
	w.line += int64(bytes.Count(w.bytes(n), []byte{'\n'}))
	w.pos += n
}

// takeLine moves the window to the next line, however long this one is.
func (w *Window) takeLine() {
	for {
		n, whole := w.lineEnd(0)
		w.take(n)
		if whole || n == 0 {
			return
		}
	}
}

// trimEOL cuts the line ending off.
func trimEOL(b []byte) []byte {
	b = bytes.TrimSuffix(b, []byte{'\n'})
	return bytes.TrimSuffix(b, []byte{'\r'})
}
