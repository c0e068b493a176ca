package stream

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"outcry/internal/reaction"
)

// What may be wrong besides a call that can simply be made again (which is reaction.ErrAway).
// Compare with errors.Is.
var (
	// ErrInUse means that another process has the directory of an embedded log open.
	ErrInUse = errors.New("another process has it open")
	// ErrFenced means that a Feed may no longer write: someone else has written to it, or it is
	// not known whether an envelope of its own went through. Open the feed again and resume from
	// its last envelope.
	ErrFenced = errors.New("the feed has moved on: open it again and resume from its last envelope")
	// ErrLost means that the stream or its consumer was deleted or made anew while it was open.
	ErrLost = errors.New("the log was deleted or made anew")
	// ErrBroken means that an embedded log can no longer write to its directory.
	ErrBroken = errors.New("the log cannot write to its directory")
	// ErrClosed means that the Log was closed.
	ErrClosed = errors.New("the log is closed")
)

// Codes of the server's answers that nats.go has no names for.
const (
	codeInFlight    jetstream.ErrorCode = 10164 // wrong last sequence: another message is on its way
	codeStoreFailed jetstream.ErrorCode = 10077
)

// transient reports whether the same call may go through later.
func transient(err error) bool {
	if api, ok := errors.AsType[*jetstream.APIError](err); ok {
		return api.Code >= 500
	}
	for _, e := range []error{
		context.DeadlineExceeded, nats.ErrTimeout, nats.ErrNoResponders, nats.ErrDisconnected,
		nats.ErrConnectionReconnecting, nats.ErrNoServers, nats.ErrReconnectBufExceeded,
		nats.ErrStaleConnection, jetstream.ErrNoStreamResponse,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// explain says what was being done and marks what may go through later as reaction.ErrAway.
func explain(doing string, err error) error {
	switch {
	case errors.Is(err, nats.ErrConnectionClosed), errors.Is(err, nats.ErrConnectionDraining):
		return fmt.Errorf("%s: %w", doing, ErrClosed)
	case errors.Is(err, jetstream.ErrStreamNotFound), errors.Is(err, jetstream.ErrConsumerNotFound),
		errors.Is(err, jetstream.ErrConsumerDeleted):
		return fmt.Errorf("%s: %w", doing, ErrLost)
	case transient(err):
		return fmt.Errorf("%s: the log is %w: %w", doing, reaction.ErrAway, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// isFull reports whether the server refused a message because the stream is at its limit.
func isFull(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == codeStoreFailed && strings.Contains(api.Description, "maximum bytes")
}

func isWrongLast(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) &&
		(api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || api.ErrorCode == codeInFlight)
}
