package bluesky

import (
	"errors"
	"io"
	"testing"

	"github.com/coder/websocket"
)

// What a host says when it hangs up is not told on.
func TestAHostsLastWordsAreItsOwn(t *testing.T) {
	c := &conn{h: &host{name: "one.example"}}
	if got := c.ending(websocket.CloseError{Code: websocket.StatusPolicyViolation, Reason: "call 555-1234"}).Error(); got != "one.example closed the connection (1008)" {
		t.Errorf("it is told as %q", got)
	}
	if err := c.ending(io.ErrUnexpectedEOF); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a connection that broke is told as %v", err)
	}
}
