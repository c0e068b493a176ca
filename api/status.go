package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// checkTimeout bounds how long the checks of readiness may take together.
const checkTimeout = 5 * time.Second

type liveOutput struct {
	Body struct {
		Status  string `json:"status" enum:"ok"`
		Version string `json:"version" doc:"Of the program."`
	}
}

type readyOutput struct {
	Status int
	Body   readyAnswer
}

type readyAnswer struct {
	Ready  bool    `json:"ready" doc:"True when every check is."`
	Checks []Check `json:"checks"`
}

type documentInput struct {
	IfNoneMatch string `header:"If-None-Match"`
}

type documentOutput struct {
	Status       int
	ContentType  string `header:"Content-Type"`
	CacheControl string `header:"Cache-Control"`
	ETag         string `header:"ETag"`
	Body         []byte
}

func (s *server) statusOperations() {
	register(s, anyone, huma.Operation{
		OperationID: "healthz", Method: http.MethodGet, Path: "/healthz", Tags: []string{tagProcess},
		Summary: "The process lives", Description: "Says nothing of what it depends on.",
	}, func(context.Context, *struct{}) (*liveOutput, error) {
		out := &liveOutput{}
		out.Body.Status, out.Body.Version = "ok", s.Version
		return out, nil
	})
	ready := &huma.Response{Description: "Not ready: a check fails", Content: map[string]*huma.MediaType{typeJSON: {Schema: schema[readyAnswer](s)}}}
	register(s, anyone, huma.Operation{
		OperationID: "readyz", Method: http.MethodGet, Path: "/readyz", Tags: []string{tagProcess},
		Summary: "The process can do its work", Description: "503 when a check fails.",
		Responses: map[string]*huma.Response{"503": ready},
	}, s.ready)
	register(s, anyone, huma.Operation{
		OperationID: "openapi", Method: http.MethodGet, Path: "/openapi.json", Hidden: true,
	}, s.serveDocument)
}

func (s *server) ready(ctx context.Context, _ *struct{}) (*readyOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	out := &readyOutput{Status: http.StatusOK, Body: readyAnswer{Ready: true, Checks: orEmpty(s.Status.Ready(ctx))}}
	for _, c := range out.Body.Checks {
		if !c.OK {
			out.Status, out.Body.Ready = http.StatusServiceUnavailable, false
		}
	}
	return out, nil
}

func (s *server) serveDocument(_ context.Context, in *documentInput) (*documentOutput, error) {
	out := &documentOutput{
		Status: http.StatusOK, ContentType: "application/vnd.oai.openapi+json;version=3.1", CacheControl: "no-cache",
		ETag: s.openAPI.etag, Body: s.openAPI.body,
	}
	if in.IfNoneMatch == out.ETag {
		out.Status, out.Body = http.StatusNotModified, nil
	}
	return out, nil
}
