package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"outcry/internal/health"
	"outcry/internal/reaction"
	"outcry/internal/trend"
)

const (
	roundGap   = 300 * time.Millisecond // between two messages of figures
	summaryGap = time.Second            // between two summaries
	// summaryRetry is how long after a summary failed another is tried: it may have taken all the
	// time of its round, and the figures go on meanwhile.
	summaryRetry = 10 * time.Second
	lookGap      = 30 * time.Second // between two looks at what time alone may change
	tailKept     = trend.Freshness + 2*lookGap
	roundsKept   = 256 // how many rounds a reader may be behind before it has to read everything again
	roundLimit   = 10 * time.Second

	// maxPoints bounds a message of figures, to about a megabyte. Where more changed, readers are
	// told to read everything again.
	maxPoints = 12_000
)

// channel is one question that readers follow: some series of one event. However many they are,
// what changed is read and written down once a round, for all of them.
type channel struct {
	s     *server
	key   string
	slug  string
	stop  func() // no longer watches
	end   context.CancelFunc
	ended chan struct{}
	wake  chan struct{}

	mu      sync.Mutex
	query   trend.Query // without a window
	owed    news        // what changed since the last round
	round   round
	ranges  [roundsKept]reaction.Spans // what the last rounds brought, by their number
	next    chan struct{}              // closed when there is a newer round
	gone    bool                       // the event was deleted
	readers int
	answers map[string]*answering // of the present round, for those who are behind
	tails   map[reaction.Feed]tail

	// What follows is the loop's own.
	definition string // the event's, as last told
	troubled   bool
}

// news is what changed, and the position up to which.
type news struct {
	spans reaction.Spans
	kinds reaction.Changed
	at    string
}

// tail is from where on buckets were open as far as one feed goes.
type tail struct {
	from  time.Time
	until time.Time // wall clock: by then the feed has spoken again, or no longer counts
}

// round is what a channel has last told. Life and summary are the latest, with the round they are
// of; so is the last round in which everything was to be read again.
type round struct {
	n       int64
	at      string
	spans   reaction.Spans
	figures []byte
	life    []byte
	lifeN   int64
	summary []byte
	public  []byte // the summary, for strangers
	sumN    int64
	resetN  int64
}

// tell notes a change. It is called by Live.
func (c *channel) tell(at string, x reaction.Change) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.owed.at = at; !c.concerns(&x) {
		return
	}
	c.owed.kinds |= x.Kinds
	c.owed.spans = c.owed.spans.Add(x.Spans...)
	if !x.Open.IsZero() {
		c.tails[x.Feed] = tail{x.Open, time.Now().Add(tailKept)}
	}
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *channel) concerns(x *reaction.Change) bool {
	return x.Kinds.Has(reaction.ChangedAll) || x.Concerns(c.query.Event)
}

// run makes rounds until ctx ends or the event is gone.
func (c *channel) run(ctx context.Context) {
	defer close(c.ended)
	defer c.stop()
	c.seed(ctx)
	var lastRound, lastLook, nextSummary time.Time
	summaryOwed := true
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.wake:
		case <-timer.C:
		}
		if !pause(ctx, roundGap-time.Since(lastRound)) {
			return
		}
		now := time.Now()
		look := now.Sub(lastLook) >= lookGap
		n := c.takeNews(look)
		summaryOwed = summaryOwed || n.kinds != 0 || look
		withSummary := summaryOwed && !now.Before(nextSummary)
		err := c.makeRound(ctx, n, look, withSummary)
		noSummary := errors.Is(err, errNoSummary)
		lastRound = time.Now()
		var wait time.Duration
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, reaction.ErrNotFound):
			c.close()
			return
		case err != nil && !noSummary:
			c.giveBack(n)
			c.trouble(err)
			wait = time.Second
		default:
			if look {
				lastLook = now
			}
			switch {
			case noSummary:
				c.trouble(err)
				nextSummary = time.Now().Add(summaryRetry)
			case withSummary:
				nextSummary, summaryOwed = now.Add(summaryGap), false
			}
			c.troubled = noSummary || c.troubled && !withSummary
			wait = time.Until(lastLook.Add(lookGap))
			if summaryOwed {
				wait = min(wait, time.Until(nextSummary))
			}
		}
		timer.Reset(max(wait, 0))
	}
}

// seed finds out where the channel begins, and what may have been open then.
func (c *channel) seed(ctx context.Context) {
	changes, at, _, err := c.s.Live.Since(ctx, c.event().ID, "")
	if err != nil {
		return // the readers are told by their own questions
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.owed.at == "" {
		c.owed.at = at
	}
	for i := range changes {
		x := &changes[i]
		if len(x.Spans) > 0 && !x.Spans[0].From.IsZero() && c.concerns(x) {
			c.tails[x.Feed] = tail{x.Spans[0].From, time.Now().Add(tailKept)}
		}
	}
}

// pause waits, and reports whether ctx goes on.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (c *channel) trouble(err error) {
	if !c.troubled {
		c.s.log.Warn("a stream cannot be served now", slog.String("event", c.slug), slog.Any("error", err))
	}
	c.troubled = true
}

// takeNews takes what is owed; for a look, what was open not long ago is added: buckets close when
// a feed falls silent, and nobody announces that.
func (c *channel) takeNews(look bool) news {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.owed
	c.owed = news{at: n.at}
	if look {
		now := time.Now()
		for feed, t := range c.tails {
			if now.After(t.until) {
				delete(c.tails, feed)
			}
			n.spans = n.spans.Add(reaction.Span{From: t.from})
		}
	}
	return n
}

func (c *channel) giveBack(n news) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.owed.spans, c.owed.kinds = c.owed.spans.Add(n.spans...), c.owed.kinds|n.kinds
}

// errNoSummary means that a round was told without the summary that was due.
var errNoSummary = errors.New("no summary")

// makeRound reads what changed and tells it. It fails with reaction.ErrNotFound where the event is
// gone, and with errNoSummary where the rest was told.
func (c *channel) makeRound(ctx context.Context, n news, look, withSummary bool) error {
	ctx, cancel := context.WithTimeout(ctx, roundLimit)
	defer cancel()
	var life []byte
	if look || n.kinds.Has(reaction.ChangedLife|reaction.ChangedAll) {
		var others bool
		var err error
		if life, others, err = c.lookAtEvent(ctx); err != nil {
			return err
		}
		if others {
			n.spans = reaction.Whole()
		}
	}
	r := round{at: n.at, spans: n.spans}
	lost := n.kinds.Has(reaction.ChangedAll)
	if !lost && len(n.spans) > 0 {
		var err error
		if r.figures, err = c.figures(ctx, n.spans); errors.Is(err, errTooMuch) {
			lost = true
		} else if err != nil {
			return err
		}
	}
	var summary, public []byte
	var failed error
	if withSummary && c.s.Summaries != nil {
		if summary, public, failed = c.summarise(ctx); errors.Is(failed, reaction.ErrNotFound) {
			return failed
		}
	}
	c.publish(r, life, summary, public, lost)
	if failed != nil {
		return fmt.Errorf("%w: %w", errNoSummary, failed)
	}
	return nil
}

// summarise makes the summary's message, and the one for strangers.
func (c *channel) summarise(ctx context.Context) (summary, public []byte, err error) {
	sum, err := c.s.summary(ctx, c.event(), 0)
	if err != nil {
		return nil, nil, err
	}
	if summary, err = message("summary", sum); err != nil {
		return nil, nil, err
	}
	public, err = message("summary", publicSummary(sum))
	return summary, public, err
}

// lookAtEvent reads the event again, and gives the message that says what it is where that is not
// what was told last. others is set where its figures may be others now, too.
func (c *channel) lookAtEvent(ctx context.Context) (life []byte, others bool, err error) {
	old := c.event()
	e, err := c.s.Events.Event(ctx, c.slug)
	if err != nil {
		return nil, false, err
	}
	if e.ID != old.ID { // another event took the name
		return nil, false, reaction.ErrNotFound
	}
	b, err := json.Marshal(e)
	if err != nil {
		return nil, false, err
	}
	c.mu.Lock()
	c.query.Event = e
	c.mu.Unlock()
	first := c.definition == ""
	if string(b) == c.definition {
		return nil, false, nil
	}
	if c.definition = string(b); first {
		return nil, false, nil
	}
	life, err = c.describe(ctx)
	return life, !slices.Equal(e.Sources, old.Sources) || !slices.EqualFunc(e.Services, old.Services, sameService), err
}

func sameService(a, b health.Service) bool { return a.Name == b.Name }

// describe says what the event is now.
func (c *channel) describe(ctx context.Context) ([]byte, error) {
	a, err := c.s.answerEvent(ctx, c.event())
	if err != nil {
		return nil, err
	}
	return message("life", a)
}

func (c *channel) event() *reaction.Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.query.Event
}

// publish makes a round the present one and wakes the readers.
func (c *channel) publish(r round, life, summary, public []byte, lost bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	old := &c.round
	if bytes.Equal(summary, old.summary) {
		summary = nil
	}
	if old.n > 0 && r.figures == nil && life == nil && summary == nil && !lost {
		old.at = r.at
		return
	}
	r.n = old.n + 1
	r.life, r.lifeN, r.summary, r.public, r.sumN, r.resetN = old.life, old.lifeN, old.summary, old.public, old.sumN, old.resetN
	if life != nil {
		r.life, r.lifeN = life, r.n
	}
	if summary != nil {
		r.summary, r.public, r.sumN = summary, public, r.n
	}
	if lost {
		r.resetN, r.figures, r.spans = r.n, nil, nil
	}
	c.ranges[r.n%roundsKept] = r.spans
	c.round, c.answers = r, nil
	close(c.next)
	c.next = make(chan struct{})
}

func (c *channel) isGone() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.gone
}

func (c *channel) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = true
	close(c.next)
	c.next = make(chan struct{})
}

// errTooMuch means that more changed than one message holds.
var errTooMuch = errors.New("more changed than one message holds")

type streamFigures struct {
	Series []streamSeries `json:"series"`
	Step   string         `json:"step"`
}

type streamSeries struct {
	Name   trend.Name   `json:"name"`
	Unit   string       `json:"unit"`
	Points []trendPoint `json:"points"`
}

// figures reads the buckets of the spans and writes them down; nil where there are none in what is
// known of the event.
func (c *channel) figures(ctx context.Context, spans reaction.Spans) ([]byte, error) {
	c.mu.Lock()
	q := c.query
	c.mu.Unlock()
	from, to, _, err := c.s.Figures.Window(ctx, q.Event)
	if err != nil {
		return nil, err
	}
	from, to = trend.Grid(from, to, q.Step)
	var parts reaction.Spans
	buckets := 0
	for _, x := range spans.Within(from, to) {
		x.From, x.To = trend.Grid(x.From, x.To, q.Step)
		parts = parts.Add(x)
	}
	for _, x := range parts {
		buckets += int(x.To.Sub(x.From) / q.Step)
	}
	switch {
	case buckets == 0:
		return nil, nil
	case buckets*len(q.Series) > maxPoints:
		return nil, errTooMuch
	}
	body := streamFigures{Step: trend.StepText(q.Step)}
	for _, x := range parts {
		q.From, q.To = x.From, x.To
		r, err := c.s.Figures.Trend(ctx, q)
		if err != nil {
			return nil, err
		}
		if body.Series == nil {
			body.Series = make([]streamSeries, len(r.Series))
		}
		for i, s := range r.Series {
			body.Series[i].Name, body.Series[i].Unit = s.Name, s.Unit
			body.Series[i].Points = append(body.Series[i].Points, trendPoints(s.Points, nil)...)
		}
	}
	return message("figures", body)
}

// message writes an event of a stream, without its id.
func message(name string, data any) ([]byte, error) {
	b, err := json.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("message %s of a stream: %w", name, err)
	}
	return fmt.Appendf(make([]byte, 0, len(b)+len(name)+20), "event: %s\ndata: %s\n\n", name, b), nil
}

// answering is the work of reading one range for readers that are behind by the same.
type answering struct {
	done  chan struct{}
	bytes []byte
	err   error
}

// catchUp reads a range for a reader that is behind. Those who are behind by the same at the same
// round share the work.
func (c *channel) catchUp(ctx context.Context, n int64, spans reaction.Spans) ([]byte, error) {
	var key strings.Builder
	for _, x := range spans {
		fmt.Fprint(&key, n, x.From.UnixNano(), x.To.UnixNano(), ";")
	}
	c.mu.Lock()
	a := c.answers[key.String()]
	mine := a == nil
	if mine {
		if c.answers == nil {
			c.answers = map[string]*answering{}
		}
		a = &answering{done: make(chan struct{})}
		c.answers[key.String()] = a
	}
	c.mu.Unlock()
	if mine {
		// Not by the reader's own context: others wait for the same.
		work, cancel := context.WithTimeout(context.WithoutCancel(ctx), roundLimit)
		a.bytes, a.err = c.figures(work, spans)
		cancel()
		if a.err != nil { // it holds for those who wait now: whoever asks again has it read again
			c.mu.Lock()
			if c.answers[key.String()] == a {
				delete(c.answers, key.String())
			}
			c.mu.Unlock()
		}
		close(a.done)
	}
	select {
	case <-a.done:
		return a.bytes, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
