package api

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

const (
	draftsPath = "/v1/drafts"

	maxDraftBytes = 512 << 10
	largeDraft    = 32 << 10 // takes tens of milliseconds of a core, and at the limit a second
)

type draftInput struct{ upload }

type draftOutput struct {
	Body struct {
		Event    *draftEvent             `json:"event" doc:"What could be read, as it was written: without defaults. null where nothing could."`
		YAML     string                  `json:"yaml" doc:"The event as a file: what was sent, or, where that was JSON, a file with the same content."`
		Problems []reaction.DraftProblem `json:"problems" doc:"Every mistake, down the file. line counts the lines of yaml from 1, and is 0 where the mistake has none there."`
	}
}

// draftEvent is an event that may be unfinished: nothing in it is required.
type draftEvent struct {
	Slug       string                           `json:"slug,omitempty"`
	Title      string                           `json:"title,omitempty"`
	StartsAt   time.Time                        `json:"starts_at,omitzero"`
	EndsAt     time.Time                        `json:"ends_at,omitzero"`
	ListenFrom time.Time                        `json:"listen_from,omitzero"`
	Status     reaction.Status                  `json:"status,omitempty"`
	Platform   reaction.Source                  `json:"platform,omitempty"`
	Match      reaction.Match                   `json:"match"`
	Entities   []reaction.Entity                `json:"entities,omitempty"`
	Services   []health.Service                 `json:"services,omitempty"`
	Sources    []reaction.Source                `json:"sources,omitempty"`
	Spend      map[reaction.Source]reaction.Cap `json:"spend,omitempty"`
	Retention  reaction.Days                    `json:"retention,omitempty"`
	Simulated  bool                             `json:"simulated,omitempty"`
	Public     bool                             `json:"public,omitempty"`
}

// Schema describes a draft, which may be null: huma has no such form for a type that it refers to.
func (draftEvent) Schema(r huma.Registry) *huma.Schema {
	type fields draftEvent
	s := huma.SchemaFromType(r, reflect.TypeFor[fields]())
	s.Nullable = true
	return s
}

func (s *server) draftOperations() {
	register(s, reads, huma.Operation{
		OperationID: "check-draft", Method: http.MethodPost, Path: draftsPath, Tags: []string{tagEvents},
		Summary: "Read an event that is being written, and say what is wrong with it",
		Description: "Nothing is stored. A draft is answered with 200 whatever is wrong with it. " +
			"It may be sent as a form has it (JSON) or as a file (YAML): each is made from the other without loss.",
	}, s.checkDraft)
	s.body(http.MethodPost, draftsPath, "The event, perhaps unfinished or wrong; at most 512 KiB.",
		map[string]*huma.Schema{typeJSON: {Type: huma.TypeObject, AdditionalProperties: true}, typeYAML: textBody()})
}

func (s *server) checkDraft(ctx context.Context, in *draftInput) (*draftOutput, error) {
	if _, err := in.expect(typeJSON, typeYAML); err != nil {
		return nil, err
	}
	data, err := in.read(maxDraftBytes)
	if err != nil {
		return nil, err
	}
	if len(data) > largeDraft {
		done, err := s.turn(ctx)
		if err != nil {
			return nil, err
		}
		defer done()
	}
	d := s.Files.Draft(data)
	out := &draftOutput{}
	out.Body.YAML, out.Body.Problems = d.YAML, orEmpty(d.Problems)
	if e := d.Event; e != nil {
		out.Body.Event = &draftEvent{
			e.Slug, e.Title, e.StartsAt, e.EndsAt, e.ListenFrom, e.Status, e.Platform, e.Match, e.Entities, e.Services,
			e.Sources, e.Spend, e.Retention, e.Simulated, e.Public,
		}
	}
	return out, nil
}
