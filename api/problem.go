package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// Problem is what every error is answered with: RFC 9457 problem details. It never holds internal
// text.
type Problem struct {
	Title     string    `json:"title" doc:"What kind of problem it is; the same for every occurrence."`
	Status    int       `json:"status" doc:"The HTTP status code."`
	Detail    string    `json:"detail" doc:"What happened, in a sentence for people."`
	RequestID string    `json:"request_id" doc:"Names this request in the server's log."`
	Errors    []Mistake `json:"errors,omitempty" doc:"Each thing that is wrong with the request."`
	Sent      *int64    `json:"sent,omitempty" doc:"For records that do not follow on: how many records of the run are durable. Go on after these."`
	// Push tells how far a push of posts came.
	Push *PushReport `json:"push,omitempty" doc:"For posts that were pushed: how far that came. What it says is in is durable."`

	header http.Header
}

// Mistake is one thing that is wrong with a request.
type Mistake struct {
	Location string `json:"location,omitempty" doc:"Where: query.step, body.match.any[2], body[17].post." example:"query.step"`
	Message  string `json:"message" doc:"What is wrong, and what to do about it."`
}

// maxMistakes is how many mistakes one problem lists; the rest are only counted.
const maxMistakes = 50

const problemType = "application/problem+json"

// problem makes a problem whose detail is formatted.
func problem(status int, format string, a ...any) *Problem {
	return &Problem{Title: title(status), Status: status, Detail: fmt.Sprintf(format, a...)}
}

// wrong is the problem of a request that was understood and cannot be met as it is.
func wrong(mistakes ...Mistake) *Problem {
	p := problem(http.StatusUnprocessableEntity, "The request is not valid: see errors.")
	if len(mistakes) == 1 {
		p.Detail = "The request is not valid: " + mistakes[0].Message + "."
	}
	if more := len(mistakes) - maxMistakes; more > 0 {
		mistakes = append(mistakes[:maxMistakes:maxMistakes], Mistake{Message: fmt.Sprintf("and %d more", more)})
	}
	p.Errors = mistakes
	return p
}

// mistake is a wrong request with one mistake.
func mistake(location, format string, a ...any) *Problem {
	return wrong(Mistake{location, fmt.Sprintf(format, a...)})
}

// statusClientGone is what is logged and counted when nobody waits for the answer any more.
const statusClientGone = 499

func title(status int) string {
	if status == statusClientGone {
		return "Client Closed Request"
	}
	return http.StatusText(status)
}

// retryAfter asks the client to try again later.
func (p *Problem) retryAfter(d time.Duration) *Problem {
	return p.with("Retry-After", strconv.Itoa(int(d.Seconds())))
}

func (p *Problem) with(name, value string) *Problem {
	if p.header == nil {
		p.header = http.Header{}
	}
	p.header.Set(name, value)
	return p
}

// Error makes a Problem an error that a handler can return.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the status code. It, GetHeaders and ContentType are how huma asks for these.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders lists the headers that go with the problem.
func (p *Problem) GetHeaders() http.Header { return p.header }

// ContentType is the media type of problems.
func (p *Problem) ContentType(string) string { return problemType }

// write answers outside huma's operations.
func (p *Problem) write(w http.ResponseWriter, r *http.Request) {
	p.RequestID = requestID(r.Context())
	body, err := json.Marshal(p)
	if err != nil { // texts and numbers always marshal
		panic(err)
	}
	maps.Copy(w.Header(), p.header)
	w.Header().Set("Content-Type", problemType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(p.Status)
	_, _ = w.Write(body)
}

// problems turns the errors that huma makes itself into ours, without the values they echo, and
// puts the request's id in each.
func problems(ctx huma.Context, _ string, v any) (any, error) {
	switch e := v.(type) {
	case *huma.ErrorModel:
		if e.Status >= http.StatusInternalServerError {
			v = internal()
			break
		}
		var list []Mistake
		for _, d := range e.Errors {
			if d != nil {
				list = append(list, Mistake{d.Location, d.Message})
			}
		}
		p := wrong(list...)
		p.Status, p.Title = e.Status, title(e.Status)
		v = p
	}
	if p, ok := v.(*Problem); ok {
		p.RequestID = requestID(ctx.Context())
	}
	return v, nil
}

// internal is what a client is told of our own faults.
func internal() *Problem {
	return problem(http.StatusInternalServerError, "Something went wrong on our side. The server's log has it under this request id.")
}

// clip shortens a client's own text for an answer.
func clip(s string) string { return clipTo(s, 100) }

func clipTo(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + "…"
}
