package api

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"
)

const (
	// stallLimit is how long a reader may take nothing before it is cut off.
	stallLimit = 30 * time.Second
	// pieceBytes are written with one deadline: a reader that is slow and takes them is not cut off.
	pieceBytes = 16 << 10
)

// errStalled means that a reader took nothing for too long.
var errStalled = errors.New("the reader takes nothing")

// eventWriter writes events to a reader, and never waits for it longer than stallLimit.
type eventWriter struct {
	w  http.ResponseWriter
	rc *http.ResponseController
}

func newEventWriter(w http.ResponseWriter) *eventWriter {
	return &eventWriter{w, http.NewResponseController(w)}
}

// event writes one message under an id. What it writes may wait for flush.
func (e *eventWriter) event(id string, message []byte) error {
	if id != "" {
		if err := e.put(fmt.Appendf(nil, "id: %s\n", id)); err != nil {
			return err
		}
	}
	return e.put(message)
}

// write writes and flushes.
func (e *eventWriter) write(b []byte) error {
	if err := e.put(b); err != nil {
		return err
	}
	return e.flush()
}

func (e *eventWriter) put(b []byte) error {
	for len(b) > 0 {
		n := min(len(b), pieceBytes)
		e.deadline()
		if _, err := e.w.Write(b[:n]); err != nil {
			return stalled(err)
		}
		b = b[n:]
	}
	return nil
}

func (e *eventWriter) flush() error {
	e.deadline()
	return stalled(e.rc.Flush())
}

func (e *eventWriter) deadline() {
	// Not every writer can (httptest's cannot); the server's own always does.
	_ = e.rc.SetWriteDeadline(time.Now().Add(stallLimit))
}

func stalled(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return errStalled
	}
	return err
}
