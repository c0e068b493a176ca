package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"outcry/internal/reaction"
)

// Groups of operations in the OpenAPI document.
const (
	tagEvents  = "events"
	tagFigures = "figures"
	tagPush    = "push"
	tagRuns    = "runs"
	tagPlays   = "plays"
	tagProcess = "process"
	tagDoor    = "door"
)

// config is huma's configuration without what its default adds: a documentation page that loads
// from elsewhere, links to schemas in every answer, and the document served a second time.
func (s *server) config() huma.Config {
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title:   "Outcry",
				Version: s.Version,
				Description: "What the public says during a live event, held against the health of the service that carries it. " +
					"Times are RFC 3339 in UTC. Unknown is null, never zero. Errors are RFC 9457 problems.",
			},
			Components: &huma.Components{Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer), SecuritySchemes: securitySchemes()},
			Tags: []*huma.Tag{
				{Name: tagEvents, Description: "Live events: what they are and which posts belong to them."},
				{Name: tagFigures, Description: "What was counted and found of an event."},
				{Name: tagPush, Description: "Posts and health samples from outside."},
				{Name: tagRuns, Description: "Recordings and drills sent through the live path. Made for outcry's own commands."},
				{Name: tagDoor, Description: "Who may do what: sessions, keys, people and the audit log."},
				{Name: tagPlays, Description: "Drills and recordings that the server itself sends into events."},
				{Name: tagProcess, Description: "Whether the process lives and can work."},
			},
		},
		Formats:       huma.DefaultFormats,
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{problems},
	}
}

// register adds an operation that those may use whom who lets in. Any error of its handler is
// answered by fault.
func register[I, O any](s *server, who access, op huma.Operation, handle func(context.Context, *I) (*O, error)) {
	s.guard(&op, who)
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	op.Responses["default"] = &huma.Response{
		Description: "A problem",
		Content:     map[string]*huma.MediaType{problemType: {Schema: schema[Problem](s)}},
	}
	huma.Register(s.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, s.fault(ctx, err)
		}
		return out, nil
	})
}

// schema is the JSON Schema of T, registered in the document.
func schema[T any](s *server) *huma.Schema {
	return s.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[T](), true, "")
}

// body describes the body of an operation that reads it itself. It is added after the operation
// is registered: huma would read a body that it knows of.
func (s *server) body(method, path, text string, kinds map[string]*huma.Schema) {
	item := s.huma.OpenAPI().Paths[path]
	op := item.Post
	if method == http.MethodPut {
		op = item.Put
	}
	op.RequestBody = &huma.RequestBody{Description: text, Required: true, Content: map[string]*huma.MediaType{}}
	for kind, schema := range kinds {
		op.RequestBody.Content[kind] = &huma.MediaType{Schema: schema}
	}
}

// textBody is the schema of a body that is not JSON.
func textBody() *huma.Schema { return &huma.Schema{Type: huma.TypeString} }

// document is the OpenAPI document as it is served.
type document struct {
	body []byte
	etag string
}

// describe writes the OpenAPI document, once all operations are registered.
func (s *server) describe() (document, error) {
	doc := s.huma.OpenAPI()
	schemas := doc.Components.Schemas.Map()
	// Huma's own errors never leave: see problems.
	delete(schemas, "ErrorModel")
	delete(schemas, "ErrorDetail")
	schema[reaction.Event](s)
	// The rest of an event has defaults: see reaction.Event.Normalise.
	schemas["Event"].Required = []string{"slug", "title", "starts_at", "match"}
	for _, sc := range schemas {
		noNullLists(sc)
	}
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Delete} {
			if op == nil {
				continue
			}
			for _, p := range op.Parameters {
				noNullLists(p.Schema)
			}
		}
	}
	body, err := json.Marshal(doc)
	if err != nil {
		return document{}, err
	}
	return document{body, etag(body)}, nil
}

// noNullLists takes back huma's default that a list may be null. It could be switched off for the
// whole process only, by a variable.
func noNullLists(s *huma.Schema) {
	if s == nil {
		return
	}
	if s.Type == huma.TypeArray {
		s.Nullable = false
		noNullLists(s.Items)
	}
	for _, p := range s.Properties {
		noNullLists(p)
	}
	if of, ok := s.AdditionalProperties.(*huma.Schema); ok {
		noNullLists(of)
	}
}

// etag is a strong validator of these bytes.
func etag(b []byte) string {
	sum := sha256.Sum256(b)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}
