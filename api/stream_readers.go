package api

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"outcry/internal/auth"
	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// ReaderLimits bound how many may follow events at the same time.
type ReaderLimits struct {
	All    int // of this process; default 2000
	Client int // by one key, one person, or one address without either; default 100
	// Questions bounds how many different figures one address without a key or a session may follow:
	// readers of the same share the work, and those of different ones do not. Default 20.
	Questions int
}

// streams are the channels that readers follow, and who they are.
type streams struct {
	limits ReaderLimits
	mu     sync.Mutex
	all    int
	client map[string]int
	asked  map[string]map[string]int // by address of strangers: how many follow which question
	open   map[string]*channel       // by their question

	readers prometheus.Gauge
	cut     prometheus.Counter
}

func newStreams(l ReaderLimits, reg prometheus.Registerer) (*streams, error) {
	if l.All <= 0 {
		l.All = 2000
	}
	if l.Client <= 0 {
		l.Client = 100
	}
	if l.Questions <= 0 {
		l.Questions = 20
	}
	s := &streams{
		limits: l, client: map[string]int{}, asked: map[string]map[string]int{}, open: map[string]*channel{},
		readers: prometheus.NewGauge(prometheus.GaugeOpts{Name: "outcry_stream_readers", Help: "Readers that follow an event now."}),
		cut: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "outcry_stream_readers_cut_total", Help: "Readers that were cut off because they took nothing.",
		}),
	}
	if reg == nil {
		return s, nil
	}
	for _, c := range []prometheus.Collector{s.readers, s.cut} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// readerRetry is when a reader that was not let in should ask again.
const readerRetry = 15 * time.Second

// admit counts a reader of a question in, or says why it cannot follow now.
func (s *streams) admit(client, question string, stranger bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch asked := s.asked[client]; {
	case client != "" && s.client[client] >= s.limits.Client:
		return problem(http.StatusTooManyRequests, "You follow %d events already: stop following one first.", s.limits.Client).retryAfter(readerRetry)
	case stranger && len(asked) >= s.limits.Questions && asked[question] == 0:
		return problem(http.StatusTooManyRequests, "%d different figures are followed from your address already: follow one of these, or sign in.", s.limits.Questions).retryAfter(readerRetry)
	case s.all >= s.limits.All:
		return problem(http.StatusServiceUnavailable, "As many follow events as this server serves. Try again later, or ask for the figures now and then.").retryAfter(readerRetry)
	case stranger && asked == nil:
		s.asked[client] = map[string]int{}
	}
	s.all++
	s.client[client]++
	if stranger {
		s.asked[client][question]++
	}
	s.readers.Inc()
	return nil
}

func (s *streams) leave(client, question string, stranger bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	s.readers.Dec()
	if s.client[client]--; s.client[client] == 0 {
		delete(s.client, client)
	}
	if !stranger {
		return
	}
	asked := s.asked[client]
	if asked[question]--; asked[question] == 0 {
		delete(asked, question)
	}
	if len(asked) == 0 {
		delete(s.asked, client)
	}
}

// clientOf names who sent a request, for limits: a key, a person, or else an address. A command on
// the server's own machine has no name, and is not limited.
func clientOf(ctx context.Context, r *http.Request) string {
	switch p := principal(ctx); p.Kind {
	case auth.Local:
		return ""
	case auth.APIKey:
		return "key " + p.KeyID
	case auth.Session:
		return "person " + p.Name
	}
	return "address " + addressOf(r)
}

// join finds the channel of a question, or opens it.
func (s *streams) join(srv *server, q trend.Query) *channel {
	key := questionOf(&q)
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.open[key]
	if c != nil && !c.isGone() {
		c.readers++
		return c
	}
	ctx, end := context.WithCancel(context.Background())
	c = &channel{
		s: srv, key: key, slug: q.Event.Slug, query: q, end: end, ended: make(chan struct{}), wake: make(chan struct{}, 1),
		next: make(chan struct{}), tails: map[reaction.Feed]tail{}, readers: 1,
	}
	s.open[key] = c
	c.stop = srv.Live.Watch(q.Event.ID, c.tell)
	go c.run(ctx)
	return c
}

// part lets a reader go; with the last one the channel ends.
func (s *streams) part(c *channel) {
	s.mu.Lock()
	c.readers--
	last := c.readers == 0
	if last && s.open[c.key] == c {
		delete(s.open, c.key)
	}
	s.mu.Unlock()
	if last {
		c.end()
		<-c.ended
	}
}

// questionOf is the same for readers who follow the same.
func questionOf(q *trend.Query) string {
	b, err := json.Marshal([]any{q.Event.ID, q.Series, q.Step, q.Sources, q.Langs})
	if err != nil { // texts and numbers always marshal
		panic(err)
	}
	return string(b)
}

type lastingKey struct{}

// lasting is the context of a request without the time limit that its answer has.
func lasting(ctx context.Context) context.Context {
	if whole, ok := ctx.Value(lastingKey{}).(context.Context); ok {
		return whole
	}
	return ctx
}
