package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"outcry/internal/auth"
)

type auditInput struct{ PageInput }

type auditOutput struct {
	Link string `header:"Link" doc:"The next page (RFC 8288)."`
	Body struct {
		Entries []auditAnswer `json:"entries" doc:"The newest first."`
	}
}

type auditAnswer struct {
	At        time.Time    `json:"at"`
	Actor     string       `json:"actor" doc:"A person's name, key:NAME, operator (a command on the server's own machine) or anonymous."`
	Action    string       `json:"action" example:"key.create"`
	Target    string       `json:"target,omitempty" doc:"What was acted on."`
	Outcome   auth.Outcome `json:"outcome" enum:"done,refused,failed"`
	Reason    string       `json:"reason,omitempty" doc:"Why it was refused or failed."`
	Address   string       `json:"address,omitempty" doc:"Of the client."`
	RequestID string       `json:"request_id,omitempty"`
}

func (s *server) auditOperations() {
	register(s, admins, huma.Operation{
		OperationID: "list-audit", Method: http.MethodGet, Path: "/v1/audit", Tags: []string{tagDoor},
		Summary: "Who did what, and who was refused",
	}, s.listAudit)
}

func (s *server) listAudit(ctx context.Context, in *auditInput) (*auditOutput, error) {
	after, err := readCursor[int64]("audit", in.Cursor)
	if err != nil {
		return nil, err
	}
	var before int64
	if after != nil {
		before = *after
	}
	list, err := s.Door.Entries(ctx, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	list, cursor := pageOf("audit", list, in.Limit, func(e auth.Entry) int64 { return e.ID })
	out := &auditOutput{Link: in.next(cursor)}
	out.Body.Entries = make([]auditAnswer, len(list))
	for i, e := range list {
		out.Body.Entries[i] = auditAnswer{e.At.UTC(), e.Actor, e.Action, e.Target, e.Outcome, e.Reason, e.Address, e.RequestID}
	}
	return out, nil
}
