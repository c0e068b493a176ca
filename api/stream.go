package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"outcry/internal/auth"
	"outcry/internal/reaction"
	"outcry/internal/trend"
)

const streamPath = eventPath + "/stream"

const typeEvents = "text/event-stream"

type streamInput struct {
	Slug      string   `path:"slug" maxLength:"64" doc:"The event's slug."`
	Series    []string `query:"series,explode" maxItems:"50" doc:"What to count, as of a trend. Default: posts,complaints." example:"[\"posts\",\"complaints\"]"`
	Step      string   `query:"step" maxLength:"20" doc:"Width of a bucket, as of a trend. Default: the narrowest with at most 600 buckets in what is known when the stream begins." example:"10s"`
	Source    []string `query:"source,explode" maxItems:"50" doc:"Only these sources, repeated or between commas. Default: every source."`
	Lang      []string `query:"lang,explode" maxItems:"50" doc:"Only these languages, repeated or between commas. Default: every language."`
	After     string   `query:"last_event_id" maxLength:"100" doc:"The id of the last message that was read: the stream goes on behind it. Left out, it begins a minute ago."`
	LastEvent string   `header:"Last-Event-ID" maxLength:"100" doc:"The same, as browsers send it when they connect again; it counts before the parameter."`

	r *http.Request
}

// Resolve is how huma hands over the request.
func (in *streamInput) Resolve(ctx huma.Context) []error {
	in.r, _ = humachi.Unwrap(ctx)
	return nil
}

func (s *server) streamOperations() {
	if s.Live == nil {
		return
	}
	register(s, figures, huma.Operation{
		OperationID: "follow-event", Method: http.MethodGet, Path: streamPath, Tags: []string{tagFigures},
		Summary: "Follow an event as it happens",
		Description: "Server-sent events, each with an id to go on from: `figures` (data: `{\"series\":[{\"name\",\"unit\",\"points\"}],\"step\"}`, points as of a trend, " +
			"only of buckets that changed; a bucket may come again, and the last word counts), `summary` (data as of get-summary), `life` (the event's definition or status changed; " +
			"data as get-event answers strangers), and `reset` (what was missed is no longer known: read everything again, while the stream goes on). " +
			"A comment comes every 15 seconds at least. Open the stream first and read the trend then, so that nothing falls between. " +
			"A reader that is slow gets the newest state, not every state.",
		Responses: answers(typeEvents, nil),
	}, s.followEvent)
}

// followEvent lets a reader in, or says why not, and then serves it until one of both has enough.
func (s *server) followEvent(ctx context.Context, in *streamInput) (*huma.StreamResponse, error) {
	q, err := s.streamQuery(ctx, in)
	if err != nil {
		return nil, err
	}
	after := in.LastEvent
	if after == "" {
		after = in.After
	}
	if in.r.Method == http.MethodHead {
		return &huma.StreamResponse{Body: func(ctx huma.Context) {
			_, w := humachi.Unwrap(ctx)
			streamHeaders(w.Header())
			w.WriteHeader(http.StatusOK)
		}}, nil
	}
	member := isMember(ctx)
	client, question, stranger := clientOf(ctx, in.r), questionOf(&q), principal(ctx).Kind == auth.Nobody
	if err := s.streams.admit(client, question, stranger); err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		defer s.streams.leave(client, question, stranger)
		r, w := humachi.Unwrap(ctx)
		s.serveStream(w, r.WithContext(lasting(r.Context())), q, after, member)
	}}, nil
}

// streamQuery reads what is to be followed. Its window is left open.
func (s *server) streamQuery(ctx context.Context, in *streamInput) (trend.Query, error) {
	q, err := s.query(ctx, &FigureInput{Slug: in.Slug, Series: in.Series, Step: in.Step, Source: in.Source, Lang: in.Lang})
	slices.Sort(q.Sources)
	slices.Sort(q.Langs)
	q.From, q.To = time.Time{}, time.Time{}
	return q, err
}

func streamHeaders(h http.Header) {
	h.Set("Content-Type", typeEvents)
	h.Set("X-Accel-Buffering", "no") // for proxies that would collect the answer first
}

// serveStream serves one reader until it leaves, is too slow or may no longer read, the event is
// deleted, or the server stops. member tells whether it may see more than what is public.
func (s *server) serveStream(w http.ResponseWriter, req *http.Request, q trend.Query, after string, member bool) {
	ctx, cancel := context.WithCancel(req.Context())
	defer cancel()
	if s.Stopping != nil {
		go func() {
			select {
			case <-s.Stopping:
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	c := s.streams.join(s, q)
	defer s.streams.part(c)
	r := &reader{s: s, c: c, out: newEventWriter(w), req: req.WithContext(ctx), member: member}
	if err := r.begin(ctx, after); err != nil {
		s.fault(ctx, err).write(w, req)
		return
	}
	streamHeaders(w.Header())
	if err := r.serve(ctx); errors.Is(err, errStalled) {
		s.streams.cut.Inc()
	}
}

// reader is one who follows a channel. What it holds does not grow, however far it falls behind.
type reader struct {
	s   *server
	c   *channel
	out *eventWriter
	req *http.Request

	member bool // sees more than what is public

	n     int64  // the round it has had
	at    string // the id it has had
	greet bool   // it has had nothing yet
	own   news   // what it missed before it came
	reset bool
}

// begin finds out what the reader missed.
func (r *reader) begin(ctx context.Context, after string) error {
	r.greet = true
	r.c.mu.Lock()
	r.n = r.c.round.n
	r.c.mu.Unlock()
	changes, at, known, err := r.s.Live.Since(ctx, r.c.event().ID, after)
	switch {
	case err != nil:
		return err
	case !known:
		r.at, r.reset = at, true
		return nil
	}
	r.at = at
	if after != "" {
		r.at = after // until it has had what it missed
	}
	r.own.at = at
	e := r.c.event()
	for i := range changes {
		if x := &changes[i]; x.Concerns(e) {
			r.own.kinds |= x.Kinds
			r.own.spans = r.own.spans.Add(x.Spans...)
		}
	}
	if after == "" {
		r.own.kinds &^= reaction.ChangedLife // it is about to read the event, or just has
	}
	return nil
}

const (
	beatEvery  = 15 * time.Second
	stillEvery = 30 * time.Second
)

// serve sends the reader what it has not had, until it leaves.
func (r *reader) serve(ctx context.Context) error {
	if err := r.out.write([]byte("retry: 2000\n\n")); err != nil {
		return err
	}
	beat, still := time.NewTicker(beatEvery), time.NewTicker(stillEvery)
	defer beat.Stop()
	defer still.Stop()
	for {
		r.c.mu.Lock()
		now, next, gone := r.c.round, r.c.next, r.c.gone
		r.c.mu.Unlock()
		if gone {
			return reaction.ErrNotFound
		}
		if now.n > r.n || now.n > 0 && r.greet {
			switch err := r.send(ctx, &now); {
			case err == nil:
				beat.Reset(beatEvery)
			case ctx.Err() != nil || !passing(err) || !pause(ctx, time.Second):
				return err
			}
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-next:
		case <-beat.C:
			if err := r.out.write([]byte(": beat\n\n")); err != nil {
				return err
			}
		case <-still.C:
			if err := r.mayStill(); err != nil && !passing(err) {
				return err
			}
		}
	}
}

// errMayNot means that a reader may no longer read what it was let in for.
var errMayNot = errors.New("the reader may no longer read")

// mayStill fails with errMayNot where the reader may no longer read.
func (r *reader) mayStill() error {
	may, err := r.s.still(r.req, figures, r.c.slug)
	if err == nil && !may || err != nil && !passing(err) {
		return errMayNot
	}
	return err
}

// passing reports whether an error may be gone in a moment. A reader that was let go for such would
// be refused when it came back, and browsers take a refusal for the last word.
func passing(err error) bool {
	return errors.Is(err, reaction.ErrAway) || errors.Is(err, context.DeadlineExceeded)
}

// send brings the reader to a round. Nothing is written before all of it is at hand. Its messages
// carry the id that the reader had before, but for the last one: whoever is cut off in between gets
// all of them again.
func (r *reader) send(ctx context.Context, now *round) error {
	var list [][]byte
	add := func(b []byte) {
		if b != nil {
			list = append(list, b)
		}
	}
	at := now.at
	if r.own.at != "" {
		at = r.own.at
	}
	figures, err := r.figures(ctx, now)
	switch {
	case errors.Is(err, errTooMuch):
		r.reset, figures = true, nil
	case err != nil:
		return err
	}
	if r.reset || now.resetN > r.n {
		add(resetMessage)
		figures = nil
	}
	switch {
	case now.lifeN > r.n:
		if err := r.mayStill(); err != nil { // it may have been made private by this very change
			return err
		}
		add(now.life)
	case r.own.kinds.Has(reaction.ChangedLife):
		life, err := r.c.describe(ctx)
		if err != nil {
			return err
		}
		add(life)
	}
	if now.sumN > r.n || r.greet {
		if r.member {
			add(now.summary)
		} else {
			add(now.public)
		}
	}
	add(figures)
	for i, b := range list {
		if i == len(list)-1 && at != "" {
			r.at = at
		}
		if err := r.out.event(r.at, b); err != nil {
			return err
		}
	}
	r.n, r.greet, r.reset, r.own = now.n, false, false, news{}
	return r.out.flush()
}

var resetMessage = []byte("event: reset\ndata: {}\n\n")

// figures is what the reader has not had: the round's own message where it is the next one, and
// what a reader that is behind has to be read for itself.
func (r *reader) figures(ctx context.Context, now *round) ([]byte, error) {
	if r.reset || now.resetN > r.n {
		return nil, nil
	}
	if len(r.own.spans) == 0 && now.n-r.n <= 1 {
		if now.n == r.n {
			return nil, nil
		}
		return now.figures, nil
	}
	spans := r.own.spans
	r.c.mu.Lock()
	forgotten := r.c.round.n-r.n >= roundsKept // of the channel's round: it may have gone on since now
	for n := r.n + 1; n <= now.n && !forgotten; n++ {
		spans = spans.Add(r.c.ranges[n%roundsKept]...)
	}
	r.c.mu.Unlock()
	if forgotten {
		return nil, errTooMuch
	}
	if len(spans) == 0 {
		return nil, nil
	}
	return r.c.catchUp(ctx, now.n, spans)
}
