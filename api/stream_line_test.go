package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"outcry/api"
	"outcry/internal/drill"
	"outcry/internal/pipeline"
	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/stream"
	"outcry/internal/testdb"
	"outcry/internal/trend"
	"outcry/nlp"
)

// realLine is a house whose API stands on a real log and a real database.
type realLine struct {
	*house
	store    *postgres.Store
	log      *stream.Log
	runs     *pipeline.Runs
	pushes   *pipeline.Pushes
	stopping chan struct{}
}

type silentMeter struct{}

func (silentMeter) Committed(*reaction.Envelope, postgres.Appended, time.Duration) {}

// startLine runs a line on the log in dir.
func startLine(t testing.TB, url, dir string, change ...func(*api.Options)) *realLine {
	t.Helper()
	l := &realLine{stopping: make(chan struct{})}
	var err error
	if l.store, err = postgres.Open(t.Context(), postgres.Options{URL: url, Grace: 30 * time.Second}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.store.Close)
	if l.log, err = stream.Open(t.Context(), stream.Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.log.Close() })
	l.runs = pipeline.NewRuns(l.log, l.store, pipeline.NewRecent(time.Now), nlp.HashtagKeys)
	l.pushes = newPushes(t, l, "one")
	build := func(events []reaction.Event) pipeline.Tagger { return nlp.New(events) }
	c := pipeline.NewCommitter(l.log, l.store, build, silentMeter{}, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { _ = c.Run(ctx) })
	work.Go(func() { _ = l.log.Notices().Follow(ctx) })
	t.Cleanup(func() { cancel(); work.Wait() })
	l.house = start(t, append([]func(*api.Options){func(o *api.Options) {
		o.Events, o.Lives, o.Figures, o.Posts, o.Replays, o.Summaries, o.Listening = l.store, l.store, l.store, l.store, l.runs, l.store, l.store
		o.Ingests, o.Scratch = l.pushes, t.TempDir()
		o.Live, o.Changes, o.Now, o.Stopping = l.log.Notices(), l.log.Notices(), time.Now, l.stopping
		o.Fold = nlp.FoldTag
	}}, change...)...)
	return l
}

// follower is a client that follows a stream as one should, and keeps what it was told.
type follower struct {
	t      testing.TB
	url    string
	key    string
	read   chan struct{} // nil, or one token for each message that may be read
	cancel context.CancelFunc
	done   chan struct{}

	mu     sync.Mutex
	points map[string]json.RawMessage // by series and bucket
	id     string
	counts map[string]int // messages by name
	last   map[string]string
	moved  chan struct{}
}

func newFollower(t testing.TB, h *house, path string) *follower {
	return &follower{t: t, url: h.url + path, key: h.key, points: map[string]json.RawMessage{}, counts: map[string]int{}, last: map[string]string{}, moved: make(chan struct{}, 1)}
}

// connect opens the stream behind the last id, as the header where there is one.
func (f *follower) connect() *follower {
	f.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	if f.key != "" {
		req.Header.Set("Authorization", "Bearer "+f.key)
	}
	if f.id != "" {
		req.Header.Set("Last-Event-ID", f.id)
	}
	resp, err := http.DefaultClient.Do(req) //nolint:bodyclose // by the goroutine that reads it
	if err != nil {
		f.t.Fatal(err)
	}
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" {
		f.t.Fatalf("%s is answered with %d %s", f.url, resp.StatusCode, resp.Header)
	}
	done := make(chan struct{})
	f.done = done
	f.cancel = func() { cancel(); <-done }
	f.t.Cleanup(f.cancel)
	go func() {
		defer close(done)
		defer resp.Body.Close()
		in := bufio.NewReader(resp.Body)
		var name, data, id string
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			field, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
			switch field {
			case "event":
				name = value
			case "data":
				data = value
			case "id":
				id = value
			case "":
				if line == "\n" && name != "" {
					if f.read != nil {
						<-f.read
					}
					f.take(name, data, id)
					name, data = "", ""
				} else if line != "\n" {
					f.take("beat", "", f.id)
				}
			}
		}
	}()
	return f
}

func (f *follower) take(name, data, id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.id = id
	f.counts[name]++
	f.last[name] = data
	switch name {
	case "figures":
		var body struct {
			Series []struct {
				Name   string
				Points []json.RawMessage
			}
		}
		if err := json.Unmarshal([]byte(data), &body); err != nil {
			f.t.Errorf("figures: %v in %s", err, data)
		}
		for _, s := range body.Series {
			for _, p := range s.Points {
				f.points[s.Name+" "+bucketOf(f.t, p)] = p
			}
		}
	case "reset":
		clear(f.points)
	}
	select {
	case f.moved <- struct{}{}:
	default:
	}
}

func bucketOf(t testing.TB, point []byte) string {
	var p struct{ Bucket string }
	if err := json.Unmarshal(point, &p); err != nil {
		t.Errorf("point: %v in %s", err, point)
	}
	return p.Bucket
}

// until waits until something holds of what was told.
func (f *follower) until(what string, limit time.Duration, holds func() string) {
	f.t.Helper()
	timeout := time.NewTimer(limit)
	defer timeout.Stop()
	for {
		f.mu.Lock()
		wrong := holds()
		f.mu.Unlock()
		if wrong == "" {
			return
		}
		select {
		case <-f.moved:
		case <-timeout.C:
			f.mu.Lock()
			defer f.mu.Unlock()
			f.t.Fatalf("%s: %s; told %v", what, wrong, f.counts)
		}
	}
}

// count is how many messages of a name came, and the last of them.
func (f *follower) count(name string) (int, string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.counts[name], f.last[name]
}

func (f *follower) has(name string) {
	f.t.Helper()
	f.until("wait for "+name, 20*time.Second, func() string {
		if f.counts[name] == 0 {
			return "it did not come"
		}
		return ""
	})
}

// trend asks for the series of an event, and gives every point as the answer has it.
func (l *realLine) trend(t testing.TB, slug, query string) map[string]json.RawMessage {
	t.Helper()
	a := l.get(t, "/v1/events/"+slug+"/trend?"+query).want(t, 200)
	var body struct {
		Series []struct {
			Name   string
			Points []json.RawMessage
		}
	}
	if err := json.Unmarshal(a.body, &body); err != nil {
		t.Fatal(err)
	}
	out := map[string]json.RawMessage{}
	for _, s := range body.Series {
		for _, p := range s.Points {
			out[s.Name+" "+bucketOf(t, p)] = p
		}
	}
	return out
}

// equals waits until the follower knows what a trend says, bucket for bucket. The limit is shorter
// than the time after which a stream looks again by itself.
func (f *follower) equals(want map[string]json.RawMessage) {
	f.t.Helper()
	f.until("equal to the trend", 20*time.Second, func() string {
		for k, p := range want {
			if got := f.points[k]; string(got) != string(p) {
				return fmt.Sprintf("of %d points, %s is %s and not %s", len(want), k, got, p)
			}
		}
		return ""
	})
}

// play is a drill that is sent in pieces.
type play struct {
	l     *realLine
	event *reaction.Event
	run   reaction.Run
	list  []reaction.Record
	sent  int
}

func (l *realLine) drill(t testing.TB, slug string, scale float64) *play {
	t.Helper()
	o := drill.Defaults(drill.Launch)
	o.Scale, o.Slug = scale, slug
	d, err := drill.New(o)
	if err != nil {
		t.Fatal(err)
	}
	e := d.Event()
	if err := l.store.CreateEvent(t.Context(), &e); err != nil {
		t.Fatal(err)
	}
	p := &play{l: l, event: &e, run: d.Run()}
	for r, err := range d.Records(0) {
		if err != nil {
			t.Fatal(err)
		}
		p.list = append(p.list, r)
	}
	if _, err := l.runs.Begin(t.Context(), p.event, p.run); err != nil {
		t.Fatal(err)
	}
	return p
}

// send sends up to a share of all records, and waits until they are committed.
func (p *play) send(t testing.TB, share float64) {
	t.Helper()
	for end := int(share * float64(len(p.list))); p.sent < end; {
		n := min(p.sent+200, end)
		got, err := p.l.runs.Send(t.Context(), p.event, p.run.Name, int64(p.sent), p.list[p.sent:n])
		for err == nil && got.Committed < int64(n) {
			got, err = p.l.runs.Progress(t.Context(), p.event, p.run.Name)
		}
		if err != nil {
			t.Fatal(err)
		}
		p.sent = n
	}
	if share < 1 {
		return
	}
	got, err := p.l.runs.Finish(t.Context(), p.event, p.run.Name)
	for err == nil && !got.Done {
		got, err = p.l.runs.Progress(t.Context(), p.event, p.run.Name)
	}
	if err != nil {
		t.Fatal(err)
	}
}

const allSeries = "step=10s&series=posts,complaints,complaint_share,symptom:audio,tag:desaster,health,latency,audience"

func TestReadersOfADrillKnowWhatTheTrendSays(t *testing.T) {
	l := startLine(t, testdb.New(t), t.TempDir())
	p := l.drill(t, "night", 0.03)
	address := "/v1/events/night/stream?" + allSeries
	quick := newFollower(t, l.house, address).connect()
	slow := newFollower(t, l.house, address)
	slow.read = make(chan struct{}, 1)
	slow.connect()
	cut := newFollower(t, l.house, address).connect()
	coarse := newFollower(t, l.house, "/v1/events/night/stream?step=5m&series=posts,authors").connect()
	for _, f := range []*follower{quick, cut, coarse} {
		f.has("summary")
	}
	p.send(t, 0.3)
	quick.has("figures")
	quick.equals(l.trend(t, "night", allSeries))

	// One is cut off and comes back behind what it has had.
	cut.has("figures")
	cut.cancel()
	p.send(t, 0.6)
	slow.read <- struct{}{}
	cut.connect()
	p.send(t, 1)
	close(slow.read)

	want := l.trend(t, "night", allSeries)
	quick.equals(want)
	slow.equals(want)
	cut.equals(want)
	coarse.equals(l.trend(t, "night", "step=5m&series=posts,authors"))
	for name, f := range map[string]*follower{"quick": quick, "slow": slow, "cut": cut, "coarse": coarse} {
		if n, _ := f.count("reset"); n > 0 {
			t.Errorf("the %s reader was told to read everything again", name)
		}
	}

	// The sentence at the end is the one that is asked for, too.
	var sum trend.Summary
	if err := json.Unmarshal(l.get(t, "/v1/events/night/summary").want(t, 200).body, &sum); err != nil {
		t.Fatal(err)
	}
	quick.until("the last summary", 20*time.Second, func() string {
		var told trend.Summary
		if err := json.Unmarshal([]byte(quick.last["summary"]), &told); err != nil || told.Sentence != sum.Sentence {
			return fmt.Sprintf("%q is not %q (%v)", told.Sentence.EN, sum.Sentence.EN, err)
		}
		return ""
	})
	if sum.Moving || !sum.Simulated || sum.State != trend.StateCalm || sum.Total.Posts == 0 || sum.Peak == nil || *sum.Services[0].AudiencePeak < 600_000 {
		t.Errorf("summary %+v", sum)
	}
}

// Deletions, edits, late posts and posts that fill a gap reach those who follow, wherever their
// buckets are.
func TestLateChangesReachReaders(t *testing.T) {
	l := startLine(t, testdb.New(t), t.TempDir())
	p := l.drill(t, "night", 0.02)
	p.send(t, 1)
	f := newFollower(t, l.house, "/v1/events/night/stream?"+allSeries).connect()
	f.has("summary")
	first := l.trend(t, "night", allSeries)

	at := p.event.StartsAt
	run := reaction.Run{Name: "afterwards", Simulated: true, Records: 3, Coverage: []reaction.Coverage{
		{Source: reaction.X, From: at.Add(-2 * time.Hour), To: at.Add(-100 * time.Minute), State: reaction.CoverageRecorded}}}
	if _, err := l.runs.Begin(t.Context(), p.event, run); err != nil {
		t.Fatal(err)
	}
	var victim *reaction.Post
	for i := range p.list {
		if r := &p.list[i]; r.Post != nil && !r.Edit && r.Post.Source == reaction.X && r.At.After(at) {
			victim = r.Post
			break
		}
	}
	edited := *victim
	edited.ID, edited.Text = victim.ID, "no sound on Twitter Spaces, desantis #DeSaster"
	list := []reaction.Record{
		{At: at.Add(-2 * time.Hour), Post: &reaction.Post{Source: reaction.X, ID: "early", At: at.Add(-2 * time.Hour), Text: "desantis tonight"}},
		{At: at.Add(2 * time.Hour), Post: &edited, Edit: true},
		{At: at.Add(2*time.Hour + time.Minute), Delete: &reaction.Delete{Source: reaction.X, ID: victim.ID, At: at.Add(2*time.Hour + time.Minute)}},
	}
	send := func(from, to int) {
		got, err := l.runs.Send(t.Context(), p.event, run.Name, int64(from), list[from:to])
		for err == nil && got.Committed < int64(to) {
			got, err = l.runs.Progress(t.Context(), p.event, run.Name)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	changed := func() map[string]json.RawMessage {
		out := map[string]json.RawMessage{}
		for k, v := range l.trend(t, "night", allSeries) {
			if string(first[k]) != string(v) {
				out[k] = v
			}
		}
		return out
	}
	for i := range list {
		send(i, i+1)
		want := changed()
		if len(want) == 0 {
			t.Fatalf("record %d changed nothing", i)
		}
		f.equals(want)
	}
	if n, _ := f.count("reset"); n > 0 {
		t.Error("told to read everything again")
	}
}

func TestAnotherLifeOfTheLiveSubjectsIsAReset(t *testing.T) {
	url := testdb.New(t)
	l := startLine(t, url, t.TempDir())
	p := l.drill(t, "night", 0.02)
	p.send(t, 0.2)
	f := newFollower(t, l.house, "/v1/events/night/stream").connect()
	f.has("figures")
	f.cancel()

	other := startLine(t, url, t.TempDir())
	f.url, f.key = other.url+"/v1/events/night/stream", other.key
	f.connect()
	f.has("reset")
	f.has("summary")
	if n, _ := f.count("reset"); n != 1 {
		t.Errorf("reset %d times", n)
	}
	// What came with it is a position of the new life.
	f.cancel()
	f.connect()
	f.until("a second summary", 20*time.Second, func() string {
		if f.counts["summary"] < 2 {
			return "none"
		}
		return ""
	})
	if n, _ := f.count("reset"); n != 1 {
		t.Errorf("reset again behind its own position")
	}
}

func TestAChangedEventIsTold(t *testing.T) {
	l := startLine(t, testdb.New(t), t.TempDir())
	l.drill(t, "night", 0.02)
	f := newFollower(t, l.house, "/v1/events/night/stream").connect()
	f.has("summary")
	e := read[map[string]any](t, l.get(t, "/v1/events/night"))
	e["title"] = "Simulated: another title"
	body, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	l.do(t, "PUT", "/v1/events/night", "application/json", string(body)).want(t, 200)
	f.has("life")
	if _, life := f.count("life"); !strings.Contains(life, "another title") || !strings.Contains(life, `"window"`) {
		t.Errorf("life is %s", life)
	}
	l.post(t, "/v1/events/night/status", "application/json", `{"status":"postponed","until_further_notice":true}`).want(t, 200)
	f.until("the sentence follows", 20*time.Second, func() string {
		if !strings.Contains(f.last["summary"], `"state":"postponed"`) {
			return f.last["summary"]
		}
		return ""
	})
	// Deleted, the stream ends; whoever comes again is told that there is no such event.
	l.do(t, "DELETE", "/v1/events/night", "", "").want(t, 204)
	f.ends()
	l.get(t, "/v1/events/night/stream").problem(t, 404)
}

// A stranger who follows a public event is told nothing of what it becomes once it is private.
func TestAnEventThatIsMadePrivateIsNotToldToStrangers(t *testing.T) {
	l := startLine(t, testdb.New(t), t.TempDir())
	l.drill(t, "night", 0.02)
	e := read[map[string]any](t, l.get(t, "/v1/events/night"))
	change := func(field string, to any) {
		e[field] = to
		body, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		l.do(t, "PUT", "/v1/events/night", "application/json", string(body)).want(t, 200)
	}
	change("public", true)
	stranger, member := newFollower(t, l.as(""), "/v1/events/night/stream").connect(), newFollower(t, l.house, "/v1/events/night/stream").connect()
	stranger.has("summary")
	member.has("summary")
	change("title", "Simulated: still open")
	stranger.has("life")
	e["public"] = false
	change("title", "Simulated: not for strangers")
	stranger.ends()
	if _, life := stranger.count("life"); !strings.Contains(life, "still open") {
		t.Errorf("strangers are told %s", life)
	}
	member.until("the member is told", 20*time.Second, func() string {
		if life := member.last["life"]; !strings.Contains(life, "not for strangers") {
			return "life is " + life
		}
		return ""
	})
}

func TestStreamsEndWithTheServer(t *testing.T) {
	l := startLine(t, testdb.New(t), t.TempDir())
	l.drill(t, "night", 0.02)
	var list []*follower
	for range 5 {
		f := newFollower(t, l.house, "/v1/events/night/stream").connect()
		f.has("summary")
		list = append(list, f)
	}
	close(l.stopping)
	for _, f := range list {
		f.ends()
	}
	wait := time.Now().Add(20 * time.Second)
	for left := "?"; left != ""; {
		if left = streaming(); left != "" && time.Now().After(wait) {
			t.Fatalf("streams leave behind\n%s", left)
		}
	}
}

// streaming lists the stacks of goroutines that serve streams.
func streaming() string {
	b := make([]byte, 4<<20)
	b = b[:runtime.Stack(b, true)]
	var out []string
	for g := range strings.SplitSeq(string(b), "\n\n") {
		if strings.Contains(g, "api.(*channel)") || strings.Contains(g, "api.(*server).serveStream") {
			out = append(out, g)
		}
	}
	return strings.Join(out, "\n\n")
}

// ends waits for the server to end the stream: one that goes on is a failure, not a wait for ever.
func (f *follower) ends() {
	f.t.Helper()
	select {
	case <-f.done:
	case <-time.After(20 * time.Second):
		f.t.Fatalf("%s goes on", f.url)
	}
}
