package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"outcry/internal/reaction"
)

// maxTemplates is how many earlier events are offered as templates: the last ones.
const maxTemplates = 20

type templatesOutput struct {
	Body struct {
		Templates []reaction.Template `json:"templates" doc:"Those that came with the program, then the last events' own, latest planned start first."`
	}
}

func (s *server) templateOperations() {
	register(s, reads, huma.Operation{
		OperationID: "list-templates", Method: http.MethodGet, Path: "/v1/templates", Tags: []string{tagEvents},
		Summary: "What a next event can begin from",
		Description: "Templates that came with the program have placeholders such as <SERVICE> in the place of an event's own words; " +
			"an event that still has one is not taken. Simulated events make no templates.",
	}, s.listTemplates)
}

func (s *server) listTemplates(ctx context.Context, _ *struct{}) (*templatesOutput, error) {
	list, err := s.Files.Templates()
	if err != nil {
		return nil, err
	}
	events, err := s.Events.Events(ctx)
	if err != nil {
		return nil, err
	}
	events = slices.DeleteFunc(events, func(e reaction.Event) bool {
		return e.Simulated || slices.ContainsFunc(list, func(t reaction.Template) bool { return t.Name == e.Slug })
	})
	slices.SortFunc(events, func(a, b reaction.Event) int {
		return cmp.Or(b.StartsAt.Compare(a.StartsAt), cmp.Compare(a.Slug, b.Slug))
	})
	for i := range events[:min(len(events), maxTemplates)] {
		t, err := s.Files.TemplateOf(&events[i])
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	out := &templatesOutput{}
	out.Body.Templates = orEmpty(list)
	return out, nil
}
