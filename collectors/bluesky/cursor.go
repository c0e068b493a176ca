package bluesky

import (
	"encoding/json"
	"strconv"
	"time"

	"outcry/collectors"
)

// How far behind its cursor a connection begins. A server that restarts may have handed on less
// than it had, and messages of the same moment lie in no order. What one host calls a moment
// another calls a different one: each stamps what it hears when it hears it.
const (
	rewind     = 5 * time.Second
	rewindHost = time.Minute
)

// cursor is where a connection goes on: the time that a host gave the last message.
type cursor struct {
	Host   string `json:"host"`
	TimeUS int64  `json:"time_us"`
}

// parseCursor reads a cursor; the zero cursor is the present, as is one that cannot be read: what
// was missed since is then found by the first message.
func parseCursor(raw collectors.Cursor) cursor {
	var c cursor
	if len(raw) == 0 || json.Unmarshal(raw, &c) != nil || c.TimeUS < 0 {
		return cursor{}
	}
	return c
}

// from is where to begin on a host, in microseconds; 0 for the present.
func (c cursor) from(h *host) int64 {
	back := rewind
	if c.Host != h.name {
		back = rewindHost
	}
	if c.TimeUS == 0 {
		return 0
	}
	return max(c.TimeUS-back.Microseconds(), 1)
}

// cursorAt is the cursor after a message of a host. It is written for every message, so by hand.
func cursorAt(quotedHost string, us int64) collectors.Cursor {
	b := make([]byte, 0, len(quotedHost)+40)
	b = append(append(b, `{"host":`...), quotedHost...)
	b = strconv.AppendInt(append(b, `,"time_us":`...), us, 10)
	return append(b, '}')
}
