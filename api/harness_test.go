package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.yaml.in/yaml/v3"

	"outcry/api"
	"outcry/internal/auth"
	"outcry/internal/eventfile"
	"outcry/internal/health"
	"outcry/internal/match"
	"outcry/internal/reaction"
	"outcry/internal/trend"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// house is a running API over a memory.
type house struct {
	*memory
	playing  *playing
	ingest   *ingest
	url      string
	log      *logBook
	registry *prometheus.Registry
	contract contract
	door     *auth.Door
	key      string // what requests are sent with; "" for none
}

// as is the same house, asked with another key.
func (h *house) as(key string) *house {
	other := *h
	other.key = key
	return &other
}

// logBook is what the server logged.
type logBook struct {
	mu sync.Mutex
	bytes.Buffer
}

func (l *logBook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(b)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.String()
}

// start runs an API; change may alter its options.
func start(t testing.TB, change ...func(*api.Options)) *house {
	t.Helper()
	h := &house{memory: newMemory(), log: &logBook{}, registry: prometheus.NewRegistry()}
	h.door = newDoor()
	h.key = h.door.LocalKey()
	h.playing = newPlaying(h.memory)
	h.ingest = newIngest(h.memory)
	o := api.Options{
		Events: h.memory, Lives: h.memory, Heard: h.memory, Files: eventfile.Files{}, Figures: figures{h.memory}, Listening: h.memory, Posts: h.memory, Replays: h.memory, Samples: h.memory, Status: h.memory, Door: h.door,
		Names: h.memory, Plays: h.playing, Recordings: h.playing, Ingests: h.ingest,
		Fold:        match.Fold,
		DecodeEvent: decodeYAML,
		Charts:      drawText,
		Web: fstest.MapFS{
			"index.html":        {Data: []byte("<!doctype html><title>Outcry</title>")},
			"assets/app-1a2.js": {Data: []byte("export const a = 1\n")},
			".secret":           {Data: []byte("never served")},
		},
		Version: "1.2.3",
		Log:     slog.New(slog.NewJSONHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Metrics: h.registry,
		Now:     func() time.Time { return noon },
	}
	for _, c := range change {
		c(&o)
	}
	handler, err := api.New(o)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	h.url = srv.URL
	r := h.get(t, "/openapi.json")
	if err := json.Unmarshal(r.body, &h.contract.doc); err != nil {
		t.Fatal(err)
	}
	return h
}

// newDoor is a door over a memory.
func newDoor() *auth.Door {
	d, err := auth.Open(context.Background(), newDoorMemory(), []byte(strings.Repeat("s", auth.MinSecret)))
	if err != nil {
		panic(err)
	}
	return d
}

func decodeYAML(_ string, body []byte) (*reaction.Event, error) {
	var e reaction.Event
	d := yaml.NewDecoder(bytes.NewReader(body))
	d.KnownFields(true)
	return &e, d.Decode(&e)
}

// drawText stands for the drawing of charts: a picture that says what was asked for.
func drawText(r trend.Result, c api.ChartRequest, w io.Writer) error {
	if len(r.Series) > 3 {
		return fmt.Errorf("%w: %d series are too many", api.ErrUndrawable, len(r.Series))
	}
	if c.Width == 666 {
		return errors.New("the secret pencil broke")
	}
	_, err := fmt.Fprintf(w, "%s %dx%d@%v %s %s", c.Format, c.Width, c.Height, c.Scale, c.Location, r.Passport.Title)
	if err == nil && (c.Theme == "dark" || c.Locale == "ko" || c.Format == "txt") {
		_, err = fmt.Fprintf(w, " %s %s", c.Theme, c.Locale)
	}
	return err
}

// answer is what came back.
type answer struct {
	*http.Response
	body []byte
}

func (h *house) get(t testing.TB, path string) answer {
	t.Helper()
	return h.do(t, http.MethodGet, path, "", "")
}

func (h *house) post(t *testing.T, path, kind, body string) answer {
	t.Helper()
	return h.do(t, http.MethodPost, path, kind, body)
}

// do sends a request, and holds the answer against the served document and against the rules that
// hold for every answer. headers are pairs of name and value.
func (h *house) do(t testing.TB, method, path, kind, body string, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, h.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if h.key != "" {
		req.Header.Set("Authorization", "Bearer "+h.key)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req) // no redirects, no decoding
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	a := answer{Response: resp}
	if a.body, err = io.ReadAll(resp.Body); err != nil {
		t.Fatal(err)
	}
	if resp.Header.Get("X-Request-Id") == "" || resp.Header.Get("X-Content-Type-Options") != "nosniff" ||
		!strings.Contains(resp.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("%s %s: headers of every answer are missing: %v", method, path, resp.Header)
	}
	if method == http.MethodHead && len(a.body) > 0 {
		t.Errorf("HEAD %s has a body", path)
	}
	if h.contract.doc != nil {
		h.contract.check(t, method, req.URL.EscapedPath(), resp, a.body)
	}
	return a
}

// want fails the test unless the status is this one.
func (a answer) want(t testing.TB, status int) answer {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("%s %s: status %d, want %d: %s", a.Request.Method, a.Request.URL, a.StatusCode, status, a.body)
	}
	return a
}

// read decodes the body.
func read[T any](t *testing.T, a answer) (v T) {
	t.Helper()
	if err := json.Unmarshal(a.body, &v); err != nil {
		t.Fatalf("%s: %v: %s", a.Request.URL, err, a.body)
	}
	return v
}

// problem fails the test unless the answer is a problem with this status whose text, or the place
// or text of one of its errors, holds each of these.
func (a answer) problem(t *testing.T, status int, has ...string) api.Problem {
	t.Helper()
	a.want(t, status)
	if k := a.Header.Get("Content-Type"); k != "application/problem+json" {
		t.Fatalf("%s %s: content type %q", a.Request.Method, a.Request.URL, k)
	}
	p := read[api.Problem](t, a)
	if p.Status != status || p.Title == "" || p.Detail == "" || p.RequestID != a.Header.Get("X-Request-Id") {
		t.Fatalf("%s: incomplete problem %s", a.Request.URL, a.body)
	}
	text := p.Detail
	for _, e := range p.Errors {
		text += "\n" + e.Location + " " + e.Message
	}
	for _, s := range has {
		if !strings.Contains(text, s) {
			t.Fatalf("%s %s: %q is not in %s", a.Request.Method, a.Request.URL, s, text)
		}
	}
	return p
}

// launch stores an event of two hours with six posts, a gap at one source and health samples.
func (h *house) launch(t *testing.T) *reaction.Event {
	t.Helper()
	e := &reaction.Event{
		Slug: "launch", Title: "A launch", StartsAt: noon.Add(-2 * time.Hour), EndsAt: noon,
		Match:    reaction.Match{Any: []string{"launch"}},
		Services: []health.Service{{Name: "Big Stage"}},
		Sources:  []reaction.Source{"x", "bluesky"},
	}
	e.Normalise()
	if err := h.CreateEvent(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	begin := noon.Add(-2 * time.Hour)
	span := func(s reaction.Source, from, to time.Duration, state reaction.CoverageState) reaction.CoverageSpan {
		c := reaction.Coverage{Source: s, From: begin.Add(from), To: begin.Add(to), State: state}
		if !state.Seen() {
			c.Reason = "the stream broke off"
		}
		return reaction.CoverageSpan{Coverage: c, Feed: "replay/1/test"}
	}
	h.coverage[e.ID] = []reaction.CoverageSpan{
		span("bluesky", 0, 3*time.Minute, reaction.CoverageRecorded),
		span("x", 0, 2*time.Minute, reaction.CoverageRecorded),
		span("x", 2*time.Minute, 3*time.Minute, reaction.CoverageGap),
	}
	gone := begin.Add(time.Hour)
	audio := reaction.Tags{
		Version: 1, Lang: "en", Hashtags: []reaction.Hashtag{{Text: "LaunchFail", Key: "launchfail"}}, Complaint: 0.9, IsComplaint: true,
		FirstHand: true, Symptoms: reaction.NoAudio | reaction.CannotJoin,
		Reasons: []reaction.Reason{{Tag: "symptom:audio", Match: "no sound", Start: 0, End: 8, Rule: "lexicon"}},
	}
	quiet := reaction.Tags{Version: 1, Lang: "en"}
	korean := reaction.Tags{Version: 1, Lang: "ko", Hashtags: []reaction.Hashtag{{Text: "먹통", Key: "먹통"}}, IsComplaint: true, Complaint: 0.8}
	post := func(id string, s reaction.Source, at time.Duration, text string, tags reaction.Tags) reaction.StoredPost {
		return reaction.StoredPost{Post: reaction.Post{Source: s, ID: id, At: begin.Add(at), Text: text, URL: "https://example.org/" + id}, Tags: tags}
	}
	deleted := post("4", "bluesky", 70*time.Second, "no sound, and I say so #LaunchFail", audio)
	deleted.DeletedAt = &gone
	h.posts[e.ID] = []reaction.StoredPost{
		post("1", "x", 5*time.Second, "the launch begins", quiet),
		post("2", "x", 12*time.Second, "no sound at the launch #LaunchFail", audio),
		post("3", "bluesky", 15*time.Second, "런치 먹통 #먹통", korean),
		deleted,
		post("5", "x", 75*time.Second, "launch \u202egnihtemos\u202c with <b>marks</b>\a", quiet),
		post("6", "x", 75*time.Second, "launch at the same moment", quiet),
	}
	ms := 120.5
	h.samples = []health.Sample{
		{Service: "Big Stage", At: begin, Vantage: "a", State: health.Up, LatencyMS: &ms},
		{Service: "Big Stage", At: begin, Vantage: "b", State: health.Up},
		{Service: "Big Stage", At: begin.Add(time.Minute), Vantage: "a", State: health.Down, Detail: "status 503"},
		{Service: "Elsewhere", At: begin, Vantage: "a", State: health.Down},
	}
	return e
}
