package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"outcry/internal/health"
)

// Limits of pushed samples.
const (
	maxSampleBytes = 1 << 20         // of one body
	maxAhead       = 5 * time.Minute // how far before the server's clock a sample's may be
)

type pushInput struct {
	upload
	Name string `path:"name" maxLength:"100" doc:"The service's name, as events write it." example:"Twitter Spaces"`
}

type pushOutput struct {
	Body struct {
		Accepted int `json:"accepted" doc:"How many samples are durable now."`
	}
}

// sampleRequest describes one pushed sample.
type sampleRequest struct {
	Service   string    `json:"service,omitempty" doc:"May be left out; it must be the service of the address."`
	At        time.Time `json:"at,omitzero" doc:"When it was measured. Default now. No more than five minutes ahead."`
	Vantage   string    `json:"vantage,omitempty" maxLength:"64" doc:"Who measured. Default push."`
	State     string    `json:"state,omitempty" enum:"up,degraded,down,unknown" doc:"Usual words for these (ok, outage, ...) are read too. unknown, without figures and with a detail, says that the measuring failed: nothing is known from then on."`
	LatencyMS *float64  `json:"latency_ms,omitempty" minimum:"0" doc:"Response time in milliseconds."`
	Audience  *int64    `json:"audience,omitempty" minimum:"0" doc:"How many people are listening."`
	Detail    string    `json:"detail,omitempty" maxLength:"500" doc:"A short reason, for people."`
}

const pushPath = "/v1/services/{name}/samples"

func (s *server) sampleOperations() {
	register(s, ingests, huma.Operation{
		OperationID: "push-samples", Method: http.MethodPost, Path: pushPath, Tags: []string{tagPush},
		Summary:       "Push health samples or heartbeats of a service",
		Description:   "Takes all or none: where one sample is wrong, errors names each by its place. A sample sent again with the same time and vantage is kept once.",
		DefaultStatus: http.StatusAccepted,
	}, s.pushSamples)
	one := schema[sampleRequest](s)
	s.body(http.MethodPost, pushPath, "One sample, a list of them, or one a line; at most 1 MiB.", map[string]*huma.Schema{
		typeJSON:   {OneOf: []*huma.Schema{one, {Type: huma.TypeArray, Items: one}}},
		typeNDJSON: textBody(),
	})
}

func (s *server) pushSamples(ctx context.Context, in *pushInput) (*pushOutput, error) {
	if _, err := in.expect(typeJSON, typeNDJSON); err != nil {
		return nil, err
	}
	data, err := in.read(maxSampleBytes)
	if err != nil {
		return nil, err
	}
	items, err := sampleItems(data)
	if err != nil {
		return nil, err
	}
	now := s.Now().UTC()
	samples := make([]health.Sample, len(items))
	var wrongs []Mistake
	for i, item := range items {
		// Samples without a time are told apart by a microsecond: none may hide another.
		samples[i], err = readSample(item, indexed(i), in.Name, now.Add(time.Duration(i)*time.Microsecond))
		if p, ok := errors.AsType[*Problem](err); ok {
			wrongs = append(wrongs, p.Errors...)
		}
	}
	if len(wrongs) > 0 {
		return nil, wrong(wrongs...)
	}
	if err := s.Samples.PushSamples(ctx, in.Name, samples); err != nil {
		return nil, missing(err, "No event names a service %q.", clip(in.Name))
	}
	out := &pushOutput{}
	out.Body.Accepted = len(samples)
	return out, nil
}

// sampleItems takes apart a body that is one object, an array of them, or one after the other.
func sampleItems(data []byte) ([]json.RawMessage, error) {
	var items []json.RawMessage
	if bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("[")) {
		if err := decode(data, "body", &items); err != nil {
			return nil, err
		}
	} else {
		for d := json.NewDecoder(bytes.NewReader(data)); ; {
			var item json.RawMessage
			err := d.Decode(&item)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, misread(err, indexed(len(items)))
			}
			items = append(items, item)
		}
	}
	if len(items) == 0 {
		return nil, mistake("body", "it holds no samples")
	}
	return items, nil
}

// readSample reads one sample of the service. Its error is a *Problem.
func readSample(data []byte, at, service string, now time.Time) (health.Sample, error) {
	x := health.Sample{Service: service}
	if !bytes.HasPrefix(data, []byte("{")) {
		return x, mistake(at, "a sample is a JSON object")
	}
	if err := decode(data, at, &x); err != nil {
		return x, err
	}
	if x.At.IsZero() {
		x.At = now
	}
	if x.Vantage == "" {
		x.Vantage = "push"
	}
	x.At = x.At.UTC()
	var written struct{ State *health.State }
	if json.Unmarshal(data, &written) != nil || written.State == nil && x.LatencyMS == nil && x.Audience == nil {
		return x, mistake(at, "it says nothing: give state, latency_ms or audience")
	}
	switch {
	case x.Service != service:
		return x, mistake(at+".service", "it is %q, and the address says %q", clip(x.Service), clip(service))
	case x.At.After(now.Add(maxAhead)):
		return x, mistake(at+".at", "%s is more than %d minutes ahead of the server's clock", stamp(x.At), maxAhead/time.Minute)
	}
	return x, checkSample(&x, at)
}

// checkSample says what is wrong with a sample.
func checkSample(x *health.Sample, at string) error {
	if field, text, ok := x.Check(); !ok {
		return mistake(strings.TrimSuffix(at+"."+field, "."), "%s", text)
	}
	return nil
}

// itemAt is the place of a record that stands on a line of its own.
func itemAt(i, line int) string { return fmt.Sprintf("body[%d] (line %d)", i, line) }
