package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"outcry/internal/reaction"
)

// awayRetry is when a client should ask again for what is away.
const awayRetry = 5 * time.Second

// busyRetry is when a client should ask again for what is being done too often at once.
const busyRetry = 30 * time.Second

// told is the text of an error that was written for people, without the mark that says so.
func told(err, mark error) string { return strings.TrimSuffix(err.Error(), ": "+mark.Error()) }

// fault makes a Problem of any error. It is the one place where errors of stores get their
// status; those without a meaning to the client are logged here and never shown.
func (s *server) fault(ctx context.Context, err error) *Problem {
	var p *Problem
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return problem(statusClientGone, "The client went away.")
	case errors.Is(err, reaction.ErrAway):
		s.log.WarnContext(ctx, "a store is away", "request_id", requestID(ctx), "error", err)
		return problem(http.StatusServiceUnavailable, "What this needs cannot be reached now. Try again in a few seconds.").retryAfter(awayRetry)
	case errors.Is(err, context.DeadlineExceeded):
		return problem(http.StatusServiceUnavailable, "The answer took too long to make. Ask for less, or try again.").retryAfter(awayRetry)
	case errors.Is(err, reaction.ErrNotFound):
		return problem(http.StatusNotFound, "What was asked for is not there, or no longer.")
	case errors.Is(err, reaction.ErrExists):
		return problem(http.StatusConflict, "It exists already.")
	case errors.Is(err, reaction.ErrConflict):
		return problem(http.StatusConflict, "%s", told(err, reaction.ErrConflict))
	case errors.Is(err, reaction.ErrUnusable):
		return wrong(Mistake{Location: "body", Message: told(err, reaction.ErrUnusable)})
	case errors.Is(err, reaction.ErrBusy):
		return problem(http.StatusTooManyRequests, "%s", told(err, reaction.ErrBusy)).retryAfter(busyRetry)
	case errors.Is(err, reaction.ErrFull):
		s.log.ErrorContext(ctx, "no room", "request_id", requestID(ctx), "error", err)
		return problem(http.StatusInsufficientStorage, "%s", told(err, reaction.ErrFull))
	}
	s.log.LogAttrs(ctx, slog.LevelError, "request failed", slog.String("request_id", requestID(ctx)), slog.Any("error", err))
	return internal()
}

// missing turns reaction.ErrNotFound into a problem with this sentence, and leaves other errors.
func missing(err error, format string, a ...any) error {
	if errors.Is(err, reaction.ErrNotFound) {
		return problem(http.StatusNotFound, format, a...)
	}
	return err
}
