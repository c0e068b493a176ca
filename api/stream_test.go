package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"outcry/api"
	"outcry/internal/auth"
	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// bell is a Live in memory: every ring is remembered.
type bell struct {
	mu    sync.Mutex
	seq   int
	kept  []reaction.Change // by position
	away  error
	tells map[*func(string, reaction.Change)]int64
	epoch string
}

func newBell() *bell { return &bell{tells: map[*func(string, reaction.Change)]int64{}, epoch: "e"} }

func (b *bell) position() string { return fmt.Sprint(b.epoch, ".", b.seq) }

func (b *bell) Watch(event int64, tell func(string, reaction.Change)) func() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tells[&tell] = event
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.tells, &tell)
	}
}

func (b *bell) Since(_ context.Context, event int64, after string) (list []reaction.Change, at string, known bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away != nil {
		return nil, "", false, b.away
	}
	n := b.seq
	if after != "" {
		epoch, num, _ := strings.Cut(after, ".")
		if _, err := fmt.Sscan(num, &n); err != nil || epoch != b.epoch || n > b.seq {
			return nil, b.position(), false, nil
		}
	}
	for _, c := range b.kept[n:] {
		if c.Event == event || c.Event == 0 {
			list = append(list, c)
		}
	}
	return list, b.position(), true, nil
}

func (b *bell) Announce(_ context.Context, changes ...reaction.Change) error {
	for _, c := range changes {
		b.ring(c)
	}
	return nil
}

func (b *bell) ring(c reaction.Change) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seq++
	b.kept = append(b.kept, c)
	for tell, event := range b.tells {
		if event == c.Event || c.Event == 0 {
			(*tell)(b.position(), c)
		}
	}
}

func (b *bell) watchers() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.tells)
}

// counter counts the questions for figures, and may fail them.
type counter struct {
	figures
	asked atomic.Int64
	fault atomic.Pointer[error]
}

func (c *counter) Trend(ctx context.Context, q trend.Query) (trend.Result, error) {
	c.asked.Add(1)
	if err := c.fault.Load(); err != nil {
		return trend.Result{}, *err
	}
	return c.figures.Trend(ctx, q)
}

// glances makes summaries of a memory: whatever the number of posts is. It may fail them.
type glances struct {
	*memory
	asked atomic.Int64
	hours atomic.Int64
	fault atomic.Pointer[error]
}

func (g *glances) Glance(_ context.Context, e *reaction.Event, now time.Time) (*trend.Glance, error) {
	g.asked.Add(1)
	if err := g.fault.Load(); err != nil {
		return nil, *err
	}
	x := &trend.Glance{Event: e, Now: now, Standing: trend.Standing{Clock: noon.Add(-time.Hour), Moving: true}}
	x.From, x.To = x.Lately(now)
	x.Heard = []trend.Heard{{Source: reaction.X, Last: x.To, Covered: 1}}
	g.mu.Lock()
	defer g.mu.Unlock()
	x.Stretches = []trend.Stretch{{From: x.From, Posts: int64(len(g.posts[e.ID]))}}
	return x, nil
}

func (g *glances) Hours(_ context.Context, _ *reaction.Event, spans reaction.Spans) ([]trend.Hour, error) {
	if spans[0].From.IsZero() {
		g.hours.Add(1)
	}
	return nil, nil
}

// crowd is an API with a bell, whose clients are pipes in memory and whose clock is a bubble's.
type crowd struct {
	*memory
	t       *testing.T
	bell    *bell
	counter *counter
	glances *glances
	pipes   pipes
	key     string
	door    *auth.Door
	event   *reaction.Event
	stop    chan struct{}
	served  sync.WaitGroup
	srv     *http.Server
}

func gather(t *testing.T, change ...func(*api.Options)) *crowd {
	t.Helper()
	m := newMemory()
	c := &crowd{memory: m, t: t, bell: newBell(), counter: &counter{figures: figures{m}}, glances: &glances{memory: m}, pipes: make(pipes), stop: make(chan struct{})}
	c.event = (&house{memory: m}).launch(t)
	o := plainOptions(m)
	o.Figures, o.Live, o.Changes, o.Summaries, o.Stopping = c.counter, c.bell, c.bell, c.glances, c.stop
	for _, f := range change {
		f(&o)
	}
	c.door, c.key = o.Door, o.Door.LocalKey()
	handler, err := api.New(o)
	if err != nil {
		t.Fatal(err)
	}
	c.srv = &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 3 * time.Minute}
	c.served.Go(func() { _ = c.srv.Serve(c.pipes) })
	return c
}

// disperse ends everything; in a bubble a goroutine that stays behind fails the test.
func (c *crowd) disperse() {
	close(c.stop)
	if err := c.srv.Shutdown(context.Background()); err != nil {
		c.t.Error(err)
	}
	c.served.Wait()
	synctest.Wait()
	if n := c.bell.watchers(); n > 1 { // the desk of the summary watches on
		c.t.Errorf("%d still watch", n)
	}
}

// letIn makes a key, which clients are to come with from now on.
func (c *crowd) letIn() (id string) {
	c.t.Helper()
	k, secret, err := c.door.CreateKey(c.t.Context(), auth.Key{Name: "reader", Scopes: auth.Scopes{auth.Read}}, auth.Principal{Kind: auth.Local}, time.Now())
	if err != nil {
		c.t.Fatal(err)
	}
	c.key = secret
	return k.ID
}

// listener is a client of a crowd that reads when it is told to.
type listener struct {
	conn net.Conn
	resp *http.Response
	in   *bufio.Reader
}

func (c *crowd) ask(request string, headers ...string) *listener {
	c.t.Helper()
	client, server := net.Pipe()
	c.pipes <- server
	l := &listener{conn: client, in: bufio.NewReaderSize(client, 64)}
	if c.key != "" {
		headers = append(headers, "Authorization: Bearer "+c.key+"\r\n")
	}
	text := request + " HTTP/1.1\r\nHost: localhost\r\n" + strings.Join(headers, "") + "\r\n"
	if _, err := io.WriteString(client, text); err != nil {
		c.t.Fatal(err)
	}
	var err error
	if l.resp, err = http.ReadResponse(bufio.NewReaderSize(client, 64), nil); err != nil { //nolint:bodyclose // the pipe is closed
		c.t.Fatal(err)
	}
	l.in = bufio.NewReaderSize(l.resp.Body, 64)
	return l
}

func (c *crowd) follow(query string, headers ...string) *listener {
	c.t.Helper()
	l := c.ask("GET /v1/events/launch/stream"+query, headers...)
	if l.resp.StatusCode != 200 {
		b, _ := io.ReadAll(l.resp.Body)
		c.t.Fatalf("answered with %d %s", l.resp.StatusCode, b)
	}
	return l
}

func (l *listener) leave() { _ = l.conn.Close() }

type told struct {
	name, id, data string
	after          time.Duration
}

// next reads one message or comment.
func (l *listener) next() (m told, err error) {
	for {
		line, err := l.in.ReadString('\n')
		if err != nil {
			return m, err
		}
		switch field, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": "); {
		case field == "id":
			m.id = value
		case field == "event":
			m.name = value
		case field == "data":
			m.data = value
		case field == "" && value != "":
			m.name = value
		case line == "\n" && m.name != "":
			return m, nil
		}
	}
}

// listen reads messages for so long, says when each came, and leaves.
func (l *listener) listen(long time.Duration) (list []told) {
	over := time.After(long)
	begin := time.Now()
	ch := make(chan told)
	stop := make(chan struct{})
	go func() {
		defer close(ch)
		for {
			m, err := l.next()
			if err != nil {
				return
			}
			select {
			case ch <- m:
			case <-stop:
				return
			}
		}
	}()
	for {
		select {
		case m, ok := <-ch:
			if !ok {
				return list
			}
			m.after = time.Since(begin)
			list = append(list, m)
		case <-over:
			close(stop)
			l.leave()
			<-ch
			return list
		}
	}
}

func names(list []told) string {
	var out []string
	for _, m := range list {
		out = append(out, m.name)
	}
	return strings.Join(out, " ")
}

func (c *crowd) changed(kinds reaction.Changed, from, to time.Duration) reaction.Change {
	at := c.event.StartsAt
	return reaction.Change{Event: c.event.ID, Kinds: kinds, Spans: reaction.Spans{{From: at.Add(from), To: at.Add(to)}}}
}

func TestAReaderIsToldAtOnceAndThenInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := gather(t)
		l := c.follow("?step=10s")
		done := make(chan []told)
		go func() { done <- l.listen(14 * time.Second) }()
		synctest.Wait()
		for i := range 100 { // ten seconds of ten changes each
			c.bell.ring(c.changed(reaction.ChangedPosts, 0, time.Duration(i%6+1)*10*time.Second))
			<-time.After(100 * time.Millisecond)
		}
		list := <-done
		if len(list) < 2 || list[0].name != "summary" || list[0].after > 0 || list[0].id != "e.0" {
			t.Fatalf("first told %+v", list)
		}
		if first := list[1]; first.name != "figures" || first.after > 400*time.Millisecond {
			t.Errorf("then told %s after %s", first.name, first.after)
		}
		figures := slices.DeleteFunc(slices.Clone(list), func(m told) bool { return m.name != "figures" })
		if n := len(figures); n < 20 || n > 40 {
			t.Errorf("%d messages of figures in ten seconds", n)
		}
		if last := figures[len(figures)-1]; last.id != "e.100" {
			t.Errorf("the last is %s", last.id)
		}
		c.disperse()
	})
}

func TestNothingNewIsABeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := gather(t)
		l := c.follow("")
		list := l.listen(16 * time.Second)
		var beats []time.Duration
		for _, m := range list {
			if m.name == "beat" {
				beats = append(beats, m.after)
			}
		}
		if len(beats) == 0 || beats[0] != 15*time.Second {
			t.Errorf("beats after %v of %s", beats, names(list))
		}
		c.disperse()
	})
}

func TestSlowReadersHoldUpNobodyAndAreCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := gather(t)
		slow, stuck, quick := c.follow("?step=10s"), c.follow("?step=10s"), c.follow("?step=10s")
		defer slow.leave()
		defer stuck.leave()
		quickTold := make(chan []told)
		go func() { quickTold <- quick.listen(25 * time.Second) }()
		if m, err := slow.next(); err != nil || m.name != "summary" {
			t.Fatalf("the slow reader is told %+v, %v", m, err)
		}
		// For twenty seconds the slow one reads nothing.
		for i := range 40 {
			c.bell.ring(c.changed(reaction.ChangedPosts, time.Duration(i%12)*10*time.Second, time.Duration(i%12+1)*10*time.Second))
			<-time.After(500 * time.Millisecond)
		}
		slowTold := make(chan []told)
		go func() { slowTold <- slow.listen(5 * time.Second) }()
		list := <-slowTold
		figures := slices.DeleteFunc(slices.Clone(list), func(m told) bool { return m.name != "figures" })
		// One was on its way when it stopped to read; the rest came as one.
		if n := len(figures); n < 1 || n > 2 || figures[n-1].id != "e.40" {
			t.Errorf("the slow reader was told %s", names(list))
		}
		if got := buckets(t, figures); got != 12 {
			t.Errorf("it knows of %d buckets, want 12", got)
		}
		if list := <-quickTold; strings.Count(names(list), "figures") < 35 {
			t.Errorf("the quick reader was told %s", names(list))
		}
		// The one that never reads again is cut off half a minute after it took the last byte.
		<-time.After(31 * time.Second)
		synctest.Wait()
		if n := c.bell.watchers(); n > 1 {
			t.Errorf("%d watch for a reader that takes nothing", n-1)
		}
		c.disperse()
	})
}

// buckets counts the buckets that messages of figures hold, each once.
func buckets(t *testing.T, list []told) int {
	t.Helper()
	seen := map[string]bool{}
	for _, m := range list {
		var body struct {
			Series []struct{ Points []struct{ Bucket string } }
		}
		if err := json.Unmarshal([]byte(m.data), &body); err != nil {
			t.Fatal(err)
		}
		for _, p := range body.Series[0].Points {
			seen[p.Bucket] = true
		}
	}
	return len(seen)
}

func TestManyReadersShareTheWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := gather(t)
		var work sync.WaitGroup
		var all sync.Map
		for i := range 50 {
			l := c.follow("?step=10s&series=posts")
			work.Go(func() { all.Store(i, l.listen(12*time.Second)) })
		}
		synctest.Wait()
		for i := range 10 {
			c.bell.ring(c.changed(reaction.ChangedPosts, 0, time.Duration(i+1)*10*time.Second))
			<-time.After(time.Second)
		}
		work.Wait()
		asked, glanced := c.counter.asked.Load(), c.glances.asked.Load()
		if asked > 11 || glanced > 13 {
			t.Errorf("50 readers of 10 changes asked %d times for figures and %d times for a summary", asked, glanced)
		}
		for i := range 50 {
			v, _ := all.Load(i)
			if list := v.([]told); strings.Count(names(list), "figures") != 10 {
				t.Errorf("reader %d was told %s", i, names(list))
			}
		}
		// Those who come back behind the same message share the work, too.
		before := c.counter.asked.Load()
		for range 50 {
			l := c.follow("?step=10s&series=posts&last_event_id=e.5")
			work.Go(func() {
				if list := l.listen(5 * time.Second); !strings.Contains(names(list), "figures") {
					t.Errorf("one that comes back is told %s", names(list))
				}
			})
		}
		work.Wait()
		if n := c.counter.asked.Load() - before; n > 2 {
			t.Errorf("50 readers that come back asked %d times", n)
		}
		c.disperse()
	})
}

func TestWhatIsNotKnownAnyMoreIsAReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := gather(t)
		c.bell.ring(c.changed(reaction.ChangedPosts, 0, time.Minute))
		for name, l := range map[string]*listener{
			"unknown":       c.follow("?last_event_id=never"),
			"other life":    c.follow("", "Last-Event-ID: f.1\r\n"),
			"still to come": c.follow("?last_event_id=e.99"),
		} {
			if list := l.listen(time.Second); names(list) != "reset summary" || list[1].id != "e.1" {
				t.Errorf("%s: told %+v", name, list)
			}
		}
		// The header counts before the parameter; what it names is known.
		if list := c.follow("?step=10s&last_event_id=never", "Last-Event-ID: e.0\r\n").listen(time.Second); names(list) != "summary figures" || list[0].id != "e.0" || list[1].id != "e.1" {
			t.Errorf("resumed: %+v", list)
		}
		if list := c.follow("?last_event_id=e.1").listen(time.Second); names(list) != "summary" {
			t.Errorf("resumed behind the last: %+v", list)
		}
		// More than a message holds.
		e := *c.event
		e.ListenFrom = e.StartsAt.Add(-40 * 24 * time.Hour)
		if err := c.ReplaceEvent(t.Context(), &e); err != nil {
			t.Fatal(err)
		}
		c.memory.mu.Lock()
		c.coverage[e.ID] = append(c.coverage[e.ID], reaction.CoverageSpan{Coverage: reaction.Coverage{
			Source: "x", From: e.StartsAt.Add(-24 * time.Hour), To: e.StartsAt, State: reaction.CoverageRecorded}})
		c.memory.mu.Unlock()
		l := c.follow("?step=10s&series=posts,complaints")
		done := make(chan []told)
		go func() { done <- l.listen(2 * time.Second) }()
		<-time.After(time.Second)
		c.bell.ring(reaction.Change{Event: e.ID, Kinds: reaction.ChangedCoverage, Spans: reaction.Whole()})
		if list := <-done; !strings.Contains(names(list), "reset") || strings.Contains(names(list), "figures") {
			t.Errorf("a change of 17,000 points: %s", names(list))
		}
		// Announcements that were lost.
		l = c.follow("")
		go func() { done <- l.listen(2 * time.Second) }()
		<-time.After(time.Second)
		c.bell.ring(reaction.Change{Event: e.ID, Kinds: reaction.ChangedAll, Spans: reaction.Whole()})
		if list := <-done; !strings.Contains(names(list), "reset") {
			t.Errorf("lost announcements: %s", names(list))
		}
		c.disperse()
	})
}

// A bucket closes when a feed falls silent, and nobody announces that: streams look again.
func TestStreamsLookAgainByThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := gather(t)
		l := c.follow("?step=10s")
		done := make(chan []told)
		go func() { done <- l.listen(50 * time.Second) }()
		<-time.After(time.Second)
		x := c.changed(reaction.ChangedPosts, 0, 10*time.Second)
		x.Feed, x.Open = "live/x/0", c.event.StartsAt.Add(time.Minute)
		c.bell.ring(x)
		<-time.After(40 * time.Second)
		l.leave()
		list := <-done
		var figures []told
		for _, m := range list {
			if m.name == "figures" {
				figures = append(figures, m)
			}
		}
		if len(figures) != 2 || figures[1].after < 29*time.Second || figures[1].after > 31*time.Second || buckets(t, figures[1:]) < 12 {
			t.Errorf("told %s", names(list))
		}
		c.disperse()
	})
}

func TestAStoreThatIsAwayIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := gather(t)
		l := c.follow("?step=10s")
		done := make(chan []told)
		go func() { done <- l.listen(10 * time.Second) }()
		<-time.After(time.Second)
		away := fmt.Errorf("database: %w", reaction.ErrAway)
		c.counter.fault.Store(&away)
		c.bell.ring(c.changed(reaction.ChangedPosts, 0, time.Minute))
		<-time.After(5 * time.Second)
		c.counter.fault.Store(nil)
		list := <-done
		if names(list) != "summary figures" || list[1].after < 5*time.Second || list[1].after > 8*time.Second || list[1].id != "e.1" {
			t.Errorf("told %+v", list)
		}
		c.disperse()
	})
}

// What could not be read for one reader is read again when it asks again, also while nothing new
// happens.
func TestAReaderBehindWaitsForAStoreThatWasAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := gather(t)
		first := c.follow("?step=10s")
		go first.listen(30 * time.Second)
		<-time.After(2 * time.Second)
		c.bell.ring(c.changed(reaction.ChangedPosts, 0, time.Minute))
		<-time.After(2 * time.Second)
		away := fmt.Errorf("database: %w", reaction.ErrAway)
		c.counter.fault.Store(&away)
		l := c.follow("?step=10s", "Last-Event-ID: e.0\r\n")
		done := make(chan []told)
		go func() { done <- l.listen(10 * time.Second) }()
		<-time.After(5 * time.Second)
		c.counter.fault.Store(nil)
		if list := <-done; names(list) != "summary figures" || list[1].after < 5*time.Second || list[1].after > 7*time.Second {
			t.Errorf("told %+v", list)
		}
		first.leave()
		c.disperse()
	})
}

func TestFiguresDoNotWaitForASummary(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := gather(t)
		fault := errors.New("this takes too long")
		c.glances.fault.Store(&fault)
		l := c.follow("?step=10s")
		done := make(chan []told)
		go func() { done <- l.listen(25 * time.Second) }()
		<-time.After(time.Second)
		c.bell.ring(c.changed(reaction.ChangedPosts, 0, time.Minute))
		<-time.After(5 * time.Second)
		c.bell.ring(c.changed(reaction.ChangedPosts, 0, time.Minute))
		<-time.After(5 * time.Second)
		if n := c.glances.asked.Load(); n != 2 {
			t.Errorf("a summary that fails was asked for %d times in 11 seconds", n)
		}
		c.glances.fault.Store(nil)
		if list := <-done; names(list) != "figures figures summary" || list[0].after > 2*time.Second || list[1].after > 7*time.Second {
			t.Errorf("told %+v", list)
		}
		c.disperse()
	})
}

func TestReadersAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := gather(t, func(o *api.Options) { o.Readers = api.ReaderLimits{All: 3, Client: 2} })
		local := c.key
		c.letIn()
		refused := func(want int) {
			t.Helper()
			l := c.ask("GET /v1/events/launch/stream")
			defer l.leave()
			b, _ := io.ReadAll(io.LimitReader(l.resp.Body, 1000))
			if l.resp.StatusCode != want || l.resp.Header.Get("Retry-After") == "" || !strings.Contains(string(b), `"request_id"`) {
				t.Errorf("answered with %d %s %s", l.resp.StatusCode, l.resp.Header, b)
			}
		}
		one, two := c.follow(""), c.follow("")
		refused(429)
		// Another key has its own, and a command on the server's own machine none.
		c.letIn()
		other := c.follow("")
		c.key = local
		refused(503)
		other.leave()
		// A HEAD is answered and follows nothing.
		h := c.ask("HEAD /v1/events/launch/stream")
		if h.resp.StatusCode != 200 || h.resp.Header.Get("Content-Type") != "text/event-stream" {
			t.Errorf("HEAD is answered with %d %v", h.resp.StatusCode, h.resp.Header)
		}
		h.leave()
		one.leave()
		<-time.After(20 * time.Second) // a beat finds out
		synctest.Wait()
		again := c.follow("")
		again.leave()
		two.leave()
		<-time.After(20 * time.Second)
		c.disperse()
	})
	synctest.Test(t, func(t *testing.T) {
		c := gather(t, func(o *api.Options) { o.Readers = api.ReaderLimits{All: 1, Client: 2} })
		l := c.follow("")
		r := c.ask("GET /v1/events/launch/stream")
		if r.resp.StatusCode != 503 || r.resp.Header.Get("Retry-After") == "" {
			t.Errorf("answered with %d %v", r.resp.StatusCode, r.resp.Header)
		}
		r.leave()
		l.leave()
		<-time.After(20 * time.Second)
		c.disperse()
	})
}

// A stranger may not have the server read many different figures over and over.
func TestStrangersFollowFewDifferentFigures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := gather(t, func(o *api.Options) { o.Readers = api.ReaderLimits{Questions: 2} })
		e := *c.event
		e.Public = true
		if err := c.ReplaceEvent(t.Context(), &e); err != nil {
			t.Fatal(err)
		}
		c.key = ""
		list := []*listener{c.follow("?series=posts"), c.follow("?series=complaints"), c.follow("?series=posts"), c.follow("?series=posts")}
		l := c.ask("GET /v1/events/launch/stream?series=recovery")
		if l.resp.StatusCode != 429 || l.resp.Header.Get("Retry-After") == "" {
			t.Errorf("answered with %d %v", l.resp.StatusCode, l.resp.Header)
		}
		l.leave()
		list[1].leave()
		<-time.After(20 * time.Second) // a beat finds out
		synctest.Wait()
		list = append(list, c.follow("?series=recovery"))
		c.letIn()
		for _, series := range []string{"posts", "complaints", "reposts"} { // a member may
			list = append(list, c.follow("?series="+series))
		}
		for _, l := range list {
			l.leave()
		}
		<-time.After(20 * time.Second)
		c.disperse()
	})
}

// Whoever may not read any more is let go.
func TestAReaderWhoMayNotReadAnyMoreIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := gather(t)
		id := c.letIn()
		l := c.follow("")
		done := make(chan []told)
		go func() { done <- l.listen(10 * time.Minute) }()
		<-time.After(2 * time.Minute)
		begin := time.Now()
		if _, err := c.door.RevokeKey(t.Context(), id, time.Now()); err != nil {
			t.Fatal(err)
		}
		<-done
		if took := time.Since(begin); took > 31*time.Second {
			t.Errorf("let go after %s", took)
		}
		c.disperse()
	})
}

func TestStreamMistakes(t *testing.T) {
	b := newBell()
	h := start(t, func(o *api.Options) { o.Live = b })
	h.launch(t)
	h.get(t, "/v1/events/none/stream").problem(t, 404, "none")
	h.get(t, "/v1/events/launch/stream?step=7s").problem(t, 422, "query.step")
	h.get(t, "/v1/events/launch/stream?series=nonsense").problem(t, 422, "query.series")
	h.get(t, "/v1/events/launch/stream?from=2026-03-01T10:00:00Z").problem(t, 422, "query.from")
	h.get(t, "/v1/events/launch/stream?last_event_id="+strings.Repeat("x", 200)).problem(t, 422, "last_event_id")
	b.away = fmt.Errorf("the log is %w", reaction.ErrAway)
	a := h.get(t, "/v1/events/launch/stream")
	if a.problem(t, 503); a.Header.Get("Retry-After") == "" {
		t.Error("a log that is away is not worth coming back for")
	}
	if n := len(b.tells); n != 0 {
		t.Errorf("%d watch", n)
	}
	h.do(t, "POST", "/v1/events/launch/stream", "", "").problem(t, 405)
	plain := start(t)
	plain.launch(t)
	plain.get(t, "/v1/events/launch/stream").problem(t, 404)
	plain.get(t, "/v1/events/launch/summary").problem(t, 404)
}

func TestSummaryIsMadeOnceForMany(t *testing.T) {
	b, m := newBell(), (*glances)(nil)
	h := start(t, func(o *api.Options) {
		m = &glances{memory: o.Events.(*memory)}
		o.Live, o.Summaries = b, m
	})
	e := h.launch(t)
	for range 20 {
		h.get(t, "/v1/events/launch/summary").want(t, 200)
	}
	if n := m.asked.Load(); n != 1 {
		t.Errorf("20 questions made %d summaries", n)
	}
	// A change makes it anew, though not more often than four times a second, which stands still here.
	b.ring(reaction.Change{Event: e.ID, Kinds: reaction.ChangedPosts})
	h.get(t, "/v1/events/launch/summary")
	if n := m.asked.Load(); n != 1 {
		t.Errorf("at the same moment %d summaries", n)
	}
	if a := h.do(t, "HEAD", "/v1/events/launch/summary", "", ""); a.StatusCode != 200 {
		t.Errorf("HEAD is answered with %d", a.StatusCode)
	}
	h.get(t, "/v1/events/none/summary").problem(t, 404)
}
