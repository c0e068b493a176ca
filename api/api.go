// Package api is Outcry over HTTP: the operations under /v1 and the OpenAPI document that
// describes them, the checks of the process, and the start page's files.
//
// Every error is an RFC 9457 problem with a request id that the log has too; internal text never
// reaches a client. Unknown query parameters are errors. HEAD works wherever GET does.
//
// Nobody is let in who does not show an API key or the cookie of a session, but to what is open:
// see access. The handler answers only requests whose Host is this machine's own, or the one that
// Options.PublicURL names.
//
// A server that runs the handler bounds slow clients by these: ReadHeaderTimeout 5s, WriteTimeout
// 3m, IdleTimeout 2m, MaxHeaderBytes 32 KiB. It needs no ReadTimeout: bodies have a deadline of
// their own here.
package api

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/prometheus/client_golang/prometheus"

	"outcry/internal/auth"
	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// Options are what the API works with. Fields without a default must be set.
type Options struct {
	Events  Events
	Lives   Lives
	Figures Figures
	Posts   Posts
	Replays Replays
	Samples Samples
	Status  Status
	Heard   Heard
	Files   Files

	// Door decides who is let in.
	Door *auth.Door
	// PublicURL is where people reach the server, without a path; nil where only this machine does.
	PublicURL *url.URL
	// Secure is set where clients come by TLS, to this process or to a proxy before it.
	Secure bool
	// TrustedProxies are the networks, as CIDR, of proxies that are believed what they say of a
	// client's address.
	TrustedProxies []string

	// Plays and Recordings play in the server itself what was recorded or is simulated. nil: this
	// server plays nothing.
	Plays      Plays
	Recordings Recordings

	// Services counts posts by service. nil: nobody does.
	Services Services
	// Names keeps names that recur in posts. nil: nobody does.
	Names Names
	// Retention tells what is kept of posts. nil: that is not told.
	Retention Retention
	// PostSamples reads posts of peaks. nil: peaks have no labels.
	PostSamples PostSamples
	// Retags tags stored posts again. nil: nobody does.
	Retags Retags
	// Deletions takes in deletions that people ask for. nil: there are none.
	Deletions Deletions
	// Ingests takes in posts that are pushed from outside. nil: none are taken.
	Ingests Ingests
	// Scratch is a directory for what is too large to be held in memory while a request is answered.
	// Files in it have no names. "" is the system's.
	Scratch string

	// Fold makes the key of a hashtag, as the tagger does: uses with one key are counted together.
	Fold func(string) string

	// DecodeEvent reads an event file of another media type than JSON: "application/yaml". The
	// event need not be normalised or validated. Its error speaks of the client's text and is sent
	// to them line by line. nil: only JSON is taken.
	DecodeEvent func(contentType string, body []byte) (*reaction.Event, error)

	// Charts draws a figure. An error that wraps ErrUndrawable is the request's fault and is sent
	// to the client; any other is ours. nil: there are no pictures.
	Charts func(trend.Result, ChartRequest, io.Writer) error

	// Live tells what changes. nil: events cannot be followed.
	Live Live
	// Listening knows how sources are listened to. nil: nobody is told.
	Listening Listening
	// Changes is told what the API changes. nil: nobody is told.
	Changes Changes
	// Summaries reads what summaries are made of. nil: there are none.
	Summaries Summaries
	// Spending tells what X costs. nil: nobody is told.
	Spending Spending
	// Readers bounds how many follow events at the same time.
	Readers ReaderLimits
	// Stopping is closed when the server begins to stop: those who follow are let go. nil: never.
	Stopping <-chan struct{}

	// Web holds the start page, index.html, and what belongs to it. It is read once, by New. Files
	// under assets/ have their content's hash in their names. nil: there is no start page.
	Web fs.FS

	Version string                // of the program; default "dev"
	Log     *slog.Logger          // default: nothing is logged
	Metrics prometheus.Registerer // default: metrics are kept and not shown
	Now     func() time.Time      // default time.Now
}

// ErrUndrawable marks errors of Options.Charts that the request is to blame for, such as series
// that do not fit in one picture. Their text is sent to the client.
var ErrUndrawable = errors.New("this cannot be drawn")

// ChartRequest says how a picture is to look.
type ChartRequest struct {
	Format   string         // "svg", "png", or "txt" for what is to be seen, in words
	Location *time.Location // the zone times are shown in
	Width    int            // CSS pixels, 480 to 4096; 0 for words
	Height   int            // CSS pixels, 320 to 4096; 0 for words
	Scale    float64        // pixels of a PNG a CSS pixel, 0.5 to 4; 0 for words
	Theme    string         // "light" or "dark"; "" for words
	Locale   string         // "en" or "ko"
}

// server is the API. It does not change after New.
type server struct {
	Options
	log     *slog.Logger
	meters  *meters
	huma    huma.API
	pages   map[string]page // by path
	openAPI document
	drawing chan struct{} // holds a token for each picture being drawn
	limits  *limits
	trying  chan struct{} // holds a token for each trial of terms and each large draft
	streams *streams
	pushes  *pushGate
	desks   desks
}

// New makes the API's handler. It fails when an option is missing, when Web cannot be read and
// when the metrics are registered already.
func New(o Options) (http.Handler, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	s := &server{Options: o, log: o.Log, drawing: make(chan struct{}, drawAtOnce), trying: make(chan struct{}, trialsAtOnce), limits: newLimits(), pushes: newPushGate()}
	var err error
	if s.meters, err = newMeters(o.Metrics); err != nil {
		return nil, fmt.Errorf("metrics of the API: %w", err)
	}
	if s.streams, err = newStreams(o.Readers, o.Metrics); err != nil {
		return nil, fmt.Errorf("metrics of streams: %w", err)
	}
	if s.pages, err = loadPages(o.Web); err != nil {
		return nil, fmt.Errorf("files of the start page: %w", err)
	}

	mux := chi.NewMux()
	mux.Use(s.observe, headers)
	if s.Secure {
		mux.Use(strictTransport)
	}
	mux.Use(s.recovered, hostOnly(s.PublicURL), clientAddress(s.TrustedProxies), sameOrigin(s.PublicURL), deadlines, middleware.GetHead)
	mux.NotFound(s.notFound)
	mux.MethodNotAllowed(methodNotAllowed)
	s.huma = humachi.New(mux, s.config())
	s.huma.UseMiddleware(s.admit, parameters)
	s.operations()
	if s.openAPI, err = s.describe(); err != nil {
		return nil, fmt.Errorf("OpenAPI document: %w", err)
	}
	return mux, nil
}

func (o *Options) complete() error {
	var lacking []string
	need := func(name string, set bool) {
		if !set {
			lacking = append(lacking, name)
		}
	}
	need("Events", o.Events != nil)
	need("Lives", o.Lives != nil)
	need("Figures", o.Figures != nil)
	need("Posts", o.Posts != nil)
	need("Replays", o.Replays != nil)
	need("Samples", o.Samples != nil)
	need("Status", o.Status != nil)
	need("Heard", o.Heard != nil)
	need("Files", o.Files != nil)
	need("Door", o.Door != nil)
	need("Fold", o.Fold != nil)
	if lacking != nil {
		return fmt.Errorf("api options: %s must be set", strings.Join(lacking, ", "))
	}
	if o.Version == "" {
		o.Version = "dev"
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return nil
}

// operations registers everything that is answered.
func (s *server) operations() {
	s.eventOperations()
	s.lifeOperations()
	s.sourceOperations()
	s.templateOperations()
	s.draftOperations()
	s.trialOperations()
	s.trendOperations()
	s.summaryOperations()
	s.spendOperations()
	s.streamOperations()
	s.listOperations()
	if s.Services != nil {
		s.serviceOperations()
	}
	if s.Names != nil {
		s.nameOperations()
	}
	s.sampleOperations()
	if s.Ingests != nil {
		s.ingestOperations()
	}
	s.runOperations()
	if s.PostSamples != nil {
		s.peakOperations()
	}
	if s.Retags != nil {
		s.retagOperations()
	}
	if s.Deletions != nil {
		s.deletionOperations()
	}
	if s.Plays != nil && s.Recordings != nil {
		s.drillOperations()
		s.recordingOperations()
		s.playOperations()
	}
	s.statusOperations()
	s.sessionOperations()
	s.keyOperations()
	s.peopleOperations()
	s.auditOperations()
}

// notFound serves the start page's files, and says of anything else that it is not there: to people
// with a page, to programs with a problem.
func (s *server) notFound(w http.ResponseWriter, r *http.Request) {
	p, ok := s.pageAt(r.URL.Path)
	switch start, has := s.pages["/"]; {
	case !ok && has && navigates(r):
		start.serveMissing(w, r)
	case !ok:
		problem(http.StatusNotFound, "There is nothing at this address. GET /openapi.json lists what there is.").write(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		notAllowed(w, r, "GET, HEAD")
	default:
		p.serve(w, r)
	}
}

// methodNotAllowed answers for paths that have other methods, and names them: chi tells its own
// handler which, but not one that replaces it.
func methodNotAllowed(w http.ResponseWriter, r *http.Request) {
	routes := chi.RouteContext(r.Context()).Routes
	path := r.URL.RawPath
	if path == "" {
		path = r.URL.Path
	}
	var allow []string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		if !routes.Match(chi.NewRouteContext(), m, path) {
			continue
		}
		if allow = append(allow, m); m == http.MethodGet {
			allow = append(allow, http.MethodHead)
		}
	}
	if allow == nil { // a method chi does not know, on a path that is not there
		problem(http.StatusNotImplemented, "This method is not known here.").write(w, r)
		return
	}
	notAllowed(w, r, strings.Join(allow, ", "))
}

func notAllowed(w http.ResponseWriter, r *http.Request, allow string) {
	problem(http.StatusMethodNotAllowed, "This address answers to %s.", allow).with("Allow", allow).write(w, r)
}

// SignInPath is the page that a one-time link leads to.
const SignInPath = "/sign-in"

// SignInAddress is where a link leads, at a server that is reached at base.
func SignInAddress(base string, l auth.Link) string {
	return strings.TrimSuffix(base, "/") + SignInPath + "#" + l.Token
}
