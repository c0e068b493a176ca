package api

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/go-chi/chi/v5/middleware"

	"outcry/internal/auth"
)

// entry is a line for the audit log about this request.
func (s *server) entry(ctx context.Context, action, target string, outcome auth.Outcome, reason string) auth.Entry {
	return auth.Entry{
		At: s.Now().UTC(), Actor: s.actor(ctx), Action: clipTo(action, auth.MaxEntryText), Target: clipTo(printable(target), auth.MaxEntryText),
		Outcome: outcome, Reason: clipTo(printable(reason), auth.MaxEntryText), Address: middleware.GetClientIP(ctx), RequestID: requestID(ctx),
	}
}

// audit notes what was done by a request. What cannot be noted is told to the operator: by then
// the deed is done, and an error would tell the client otherwise.
func (s *server) audit(ctx context.Context, action, target string) {
	s.audited(ctx, s.entry(ctx, action, target, auth.Done, ""))
}

func (s *server) audited(ctx context.Context, e auth.Entry) {
	// Also when the client has gone: it happened.
	if err := s.Door.Audit(context.WithoutCancel(ctx), e); err != nil {
		s.log.LogAttrs(ctx, slog.LevelError, "not written to the audit log", slog.String("request_id", e.RequestID), slog.String("actor", e.Actor),
			slog.String("action", e.Action), slog.String("target", e.Target), slog.String("outcome", string(e.Outcome)), slog.Any("error", err))
	}
}

// auditRefusal notes a refusal. Of one address, and of all together, only so many are noted a minute,
// so that strangers cannot fill the disk; all are counted.
func (s *server) auditRefusal(r *http.Request, e auth.Entry) {
	s.meters.refusals.Inc()
	note, last := s.limits.noting(r)
	if !note {
		return
	}
	if last != "" {
		e.Reason = clipTo(e.Reason+"; "+last+" are not listed for a minute", auth.MaxEntryText)
	}
	s.audited(r.Context(), e)
}
