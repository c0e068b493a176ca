package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"outcry/internal/pipeline"
	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/testdb"
	"outcry/internal/trend"
	"outcry/nlp"
)

// capitals proposes every word of a text that begins with a capital letter; "Fail" fails.
type capitals struct{}

func (capitals) Names(_ context.Context, t reaction.NameText) (list []reaction.NameProposal, asked bool, err error) {
	for word := range strings.FieldsSeq(t.Text) {
		switch {
		case word == "Fail":
			return nil, true, errors.New("prose failed")
		case word == "Copy":
			return nil, false, nil
		case word[0] >= 'A' && word[0] <= 'Z':
			key, kind, guessed := strings.Cut(strings.ToLower(word), ":") // Musk:place
			if !guessed {
				kind = "service"
			}
			list = append(list, reaction.NameProposal{Key: key, Text: word[:len(key)], Kind: kind})
		}
	}
	return list, true, nil
}

// stuck never answers.
type stuck struct{ called chan struct{} }

func (s stuck) Names(ctx context.Context, _ reaction.NameText) ([]reaction.NameProposal, bool, error) {
	select {
	case s.called <- struct{}{}:
	default:
	}
	<-ctx.Done()
	return nil, false, ctx.Err()
}

// outcomes counts what became of posts.
type outcomes struct {
	mu   sync.Mutex
	seen map[string]int
}

func (o *outcomes) Named(outcome string, posts int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.seen == nil {
		o.seen = map[string]int{}
	}
	o.seen[outcome] += posts
}

func (o *outcomes) all() map[string]int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return maps.Clone(o.seen)
}

func newNamer(store *postgres.Store, finder pipeline.NameFinder, meter pipeline.NameMeter) *pipeline.Namer {
	return pipeline.NewNamer(store, finder, meter, func() time.Time { return t0 }, slog.New(slog.DiscardHandler))
}

// run runs a namer until the returned function is called.
func run(t *testing.T, n *pipeline.Namer) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); n.Run(ctx) }()
	stop = sync.OnceFunc(func() { cancel(); <-ended })
	t.Cleanup(stop)
	return stop
}

// until waits for something that is true soon.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("not within half a minute: %s", what)
		}
	}
}

// The line goes on while whoever is asked for names never answers: posts are stored and counted,
// what is not asked is counted as dropped, and nothing is left running.
func TestNamesNeverHoldTheLineUp(t *testing.T) {
	url := testdb.New(t)
	before := goleak.IgnoreCurrent()
	l := newLine(t, url)
	var did outcomes
	finder := stuck{make(chan struct{}, 1)}
	n := newNamer(l.store, finder, &did)
	n.Queue(4)
	stopNaming := run(t, n)
	c := pipeline.NewCommitter(l.log, l.store, func(e []reaction.Event) pipeline.Tagger { return nlp.New(e) }, l.meter, slog.New(slog.DiscardHandler))
	c.Names = n
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()

	l.begin(t, 100)
	l.send(t, 0, 20)
	<-finder.called // it hangs from here on
	l.send(t, 20, 100)
	if p := l.finish(t); p.Stored != 80 {
		t.Errorf("%+v", p)
	}
	if posts := l.total(t, trend.Posts); posts != 80 {
		t.Errorf("%v posts", posts)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	stopNaming()
	if got := did.all(); got["dropped"] < 80-4-64 || got["asked"] != 0 || got["failed"] != 0 {
		t.Errorf("outcomes %v", got)
	}
	if err := l.log.Close(); err != nil {
		t.Error(err)
	}
	l.store.Close()
	goleak.VerifyNone(t, before)
}

// envelope is a batch of a live feed: each text by an author of its own, from the author numbered
// first on; author 0 is unknown.
func envelope(e *reaction.Event, first int, texts ...string) (*reaction.Envelope, []reaction.Tags) {
	env := &reaction.Envelope{Feed: "live/x/0", Listening: []int64{e.ID}}
	for i, text := range texts {
		m := reaction.Membership{Event: e.ID}
		if a := byte(first + i); first > 0 {
			m.Author = reaction.Person{a, 1, a, 2, a, 3, a, 4}
		}
		env.Posts = append(env.Posts, reaction.Matched{Post: reaction.Post{Source: reaction.X, ID: fmt.Sprint(first, i, text), At: t0.Add(time.Duration(first+i) * time.Second), Text: text}, Events: []reaction.Membership{m}})
	}
	return env, slices.Repeat([]reaction.Tags{{Lang: "en"}}, len(texts))
}

// offer offers texts as stored, waits until they were asked, and stores what came of it.
func offer(t *testing.T, n *pipeline.Namer, did *outcomes, e *reaction.Event, first int, texts ...string) {
	t.Helper()
	env, tags := envelope(e, first, texts...)
	offerEnvelope(t, n, did, env, tags)
}

func offerEnvelope(t *testing.T, n *pipeline.Namer, did *outcomes, env *reaction.Envelope, tags []reaction.Tags) {
	t.Helper()
	was := did.all()
	n.Offer(env, tags, postgres.Appended{Stored: len(env.Posts)})
	stop := run(t, n)
	until(t, "every post was asked", func() bool {
		now := did.all()
		return now["asked"]+now["failed"]+now["skipped"]+now["left_out"]-was["asked"]-was["failed"]-was["skipped"]-was["left_out"] >= len(env.Posts)
	})
	stop() // which stores it
}

func candidates(t *testing.T, s *postgres.Store, e *reaction.Event) string {
	t.Helper()
	list, err := s.Names(t.Context(), reaction.NameQuery{Event: e, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, n := range list {
		out = append(out, fmt.Sprintf("%s %d/%d %s", n.Text, n.Posts, n.Authors, n.State))
	}
	return strings.Join(out, ", ")
}

func TestNamesThatRecurBecomeCandidates(t *testing.T) {
	l := newLine(t, testdb.New(t))
	var did outcomes
	n := newNamer(l.store, capitals{}, &did)
	offer(t, n, &did, l.event, 1, "Musk talks", "Musk", "hello Musk", "Musk again", "Bills", "Bills", "Fail Bills", "Copy Bills", "Rooms Rooms")
	if got := candidates(t, l.store, l.event); got != "" {
		t.Errorf("candidates before they recur: %s", got)
	}
	offer(t, n, &did, l.event, 20, "MUSK is on", "Rooms", "Rooms", "Rooms", "Rooms") // which is a service of the event
	if got := candidates(t, l.store, l.event); got != "Musk 5/5 open" {
		t.Errorf("candidates: %s", got)
	}
	offer(t, n, &did, l.event, 0, "Bills", "Bills", "Bills", "Nobody", "Nobody", "Nobody", "Nobody", "Nobody") // by unknown authors
	if got := candidates(t, l.store, l.event); got != "Musk 5/5 open" {
		t.Errorf("unknown authors make candidates: %s", got)
	}
	if got := did.all(); got["asked"] != 20 || got["failed"] != 1 || got["skipped"] != 1 {
		t.Errorf("outcomes %v", got)
	}

	// Another process knows what is stored, and goes on counting.
	again := newNamer(l.store, capitals{}, &did)
	offer(t, again, &did, l.event, 4, "Musk", "Musk")
	if got := candidates(t, l.store, l.event); got != "Musk 7/6 open" { // 4 is known, 5 is new
		t.Errorf("after a restart: %s", got)
	}

	// What is refused does not come back, and is not held.
	if _, _, err := l.store.DecideName(t.Context(), "night", "musk", reaction.NameDecision{Now: t0, By: "me"}); err != nil {
		t.Fatal(err)
	}
	offer(t, again, &did, l.event, 50, "Musk", "Musk", "Musk", "Musk", "Musk", "Musk")
	if got := candidates(t, l.store, l.event); got != "Musk 7/6 refused" || again.Held(l.event.ID) != 0 {
		t.Errorf("after it was refused: %s, %d held", got, again.Held(l.event.ID))
	}
}

// The kind that most posts guess is told.
func TestTheKindOfMostPostsCounts(t *testing.T) {
	l := newLine(t, testdb.New(t))
	var did outcomes
	n := newNamer(l.store, capitals{}, &did)
	offer(t, n, &did, l.event, 1, "Musk:place", "Musk:person", "Musk:person", "Musk:place", "Musk:person", "Musk:place", "Musk:person", "Musk:person")
	list, err := l.store.Names(t.Context(), reaction.NameQuery{Event: l.event, Limit: 10})
	if err != nil || len(list) != 1 || list[0].Kind != "person" || list[0].Posts != 8 {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestWhichPostsAreAsked(t *testing.T) {
	l := newLine(t, testdb.New(t))
	var did outcomes
	n := newNamer(l.store, capitals{}, &did)
	for name, change := range map[string]func(env *reaction.Envelope, tags []reaction.Tags, a *postgres.Appended){
		"another language": func(_ *reaction.Envelope, tags []reaction.Tags, _ *postgres.Appended) { tags[0].Lang = "ko" },
		"a repost": func(env *reaction.Envelope, _ []reaction.Tags, _ *postgres.Appended) {
			env.Posts[0].Kind = reaction.Repost
		},
		"an edit":          func(env *reaction.Envelope, _ []reaction.Tags, _ *postgres.Appended) { env.Posts[0].Edit = true },
		"no event":         func(env *reaction.Envelope, _ []reaction.Tags, _ *postgres.Appended) { env.Posts[0].Events = nil },
		"committed before": func(_ *reaction.Envelope, _ []reaction.Tags, a *postgres.Appended) { a.Known = true },
		"stored before":    func(_ *reaction.Envelope, _ []reaction.Tags, a *postgres.Appended) { a.Duplicates = 1 },
		"not stored":       func(_ *reaction.Envelope, _ []reaction.Tags, a *postgres.Appended) { a.Stored = 0 },
	} {
		n.Queue(8)
		env, tags := envelope(l.event, 1, "Musk")
		a := postgres.Appended{Stored: 1}
		change(env, tags, &a)
		n.Offer(env, tags, a)
		if w := n.Waiting(); w != 0 {
			t.Errorf("%s is asked", name)
		}
	}
	// A large envelope is sampled evenly, and a long text is cut.
	n.Queue(1000)
	texts := make([]string, 1000)
	for i := range texts {
		texts[i] = strings.Repeat("é", 5000)
	}
	env, tags := envelope(l.event, 1, texts...)
	n.Offer(env, tags, postgres.Appended{Stored: 1000})
	if w := n.Waiting(); w < 32 || w > 64 || did.all()["left_out"] != 1000-w {
		t.Errorf("%d of 1000 wait, outcomes %v", w, did.all())
	}
}

// What is accepted is known to the line with the next envelope.
func TestAnAcceptedNameIsKnownToTheLine(t *testing.T) {
	l := newLine(t, testdb.New(t))
	var did outcomes
	n := newNamer(l.store, capitals{}, &did)
	offer(t, n, &did, l.event, 1, "Peacock", "Peacock", "Peacock", "Peacock", "Peacock")
	l.commit(t)
	say := func(id string, after time.Duration) {
		feed, err := l.log.Feed(t.Context(), reaction.Feed("live/x/"+id))
		if err != nil {
			t.Fatal(err)
		}
		at := t0.Add(after)
		env := &reaction.Envelope{Feed: reaction.Feed("live/x/" + id), Listening: []int64{l.event.ID}, Clock: at, Made: time.Now().UTC(), Posts: []reaction.Matched{{
			Post: reaction.Post{Source: reaction.X, ID: id, At: at, Text: "Peacock is down, I can't get in, no audio on the stream"}, Events: []reaction.Membership{{Event: l.event.ID}}}}}
		if _, err := feed.Publish(t.Context(), env); err != nil {
			t.Fatal(err)
		}
		until(t, "the post is stored", func() bool {
			list, err := l.store.Posts(t.Context(), reaction.PostQuery{Event: l.event, Limit: 10})
			if err != nil {
				t.Fatal(err)
			}
			return len(list) == int(after/time.Second)
		})
	}
	named := func() (posts int64) {
		e, err := l.store.Event(t.Context(), "night")
		if err != nil {
			t.Fatal(err)
		}
		list, err := l.store.ServiceCounts(t.Context(), e, t0, t0.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list {
			if s.Service == "Peacock" {
				posts += s.Posts
			}
		}
		return posts
	}
	say("0", time.Second)
	if _, _, err := l.store.DecideName(t.Context(), "night", "peacock", reaction.NameDecision{Accept: true, Kind: "service", Now: t0, By: "me"}); err != nil {
		t.Fatal(err)
	}
	if got := named(); got != 0 {
		t.Errorf("%d posts named it before", got)
	}
	say("1", 2*time.Second)
	if got := named(); got != 1 {
		t.Errorf("%d posts name it", got)
	}
}

// The rule accepts what recurs enough in a real event, labelled, and nothing of a recording: that
// would begin its run anew.
func TestTheRuleAcceptsNames(t *testing.T) {
	l := newLine(t, testdb.New(t))
	var did outcomes
	var told []int64
	n := newNamer(l.store, capitals{}, &did)
	n.Accept = 8
	n.Announce = func(_ context.Context, event int64) { told = append(told, event) }
	offer(t, n, &did, l.event, 1, "Musk", "Musk", "Musk", "Musk", "Musk", "Musk", "Musk")
	if got := candidates(t, l.store, l.event); got != "Musk 7/7 open" || told != nil {
		t.Errorf("%s, told %v", got, told)
	}
	offer(t, n, &did, l.event, 9, "Musk")
	list, err := l.store.Names(t.Context(), reaction.NameQuery{Event: l.event, Limit: 10})
	if err != nil || len(list) != 1 || list[0].State != reaction.NameAccepted || list[0].By != reaction.ByNameRule || !slices.Equal(told, []int64{l.event.ID}) {
		t.Errorf("%+v, %v, told %v", list, err, told)
	}
	env, tags := envelope(l.event, 30, "Bills", "Bills", "Bills", "Bills", "Bills", "Bills", "Bills", "Bills", "Bills")
	env.Feed = "replay/night/1"
	offerEnvelope(t, n, &did, env, tags)
	if got := candidates(t, l.store, l.event); !strings.Contains(got, "Bills 9/9 open") {
		t.Errorf("of a recording: %s", got)
	}
}

// What is counted is bounded, and what was proposed least goes first.
func TestNamesHeldAreBounded(t *testing.T) {
	l := newLine(t, testdb.New(t))
	var did outcomes
	n := newNamer(l.store, capitals{}, &did)
	n.Queue(10_000)
	offer(t, n, &did, l.event, 1, "Musk", "Musk")
	for i := range 110 {
		texts := make([]string, 60)
		for j := range texts {
			texts[j] = fmt.Sprint("N", i, "x", j)
		}
		env, tags := envelope(l.event, 1, texts...)
		n.Offer(env, tags, postgres.Appended{Stored: 60})
	}
	stop := run(t, n)
	until(t, "all were asked", func() bool { return did.all()["asked"] == 110*60+2 })
	stop()
	if held := n.Held(l.event.ID); held > 5000 || held < 3000 {
		t.Errorf("%d names are held", held)
	}
	offer(t, n, &did, l.event, 5, "Musk", "Musk", "Musk")
	if got := candidates(t, l.store, l.event); got != "Musk 5/5 open" {
		t.Errorf("candidates: %s", got)
	}
}

// What a commit pays for names: some hundred nanoseconds a post that is offered, less for others.
func BenchmarkOfferNames(b *testing.B) {
	n := newNamer(nil, capitals{}, &outcomes{})
	env, tags := envelope(&reaction.Event{ID: 1}, 1, slices.Repeat([]string{"Peacock is down again, anyone else? I can't get in since kickoff"}, 1000)...)
	b.ReportAllocs()
	for b.Loop() {
		n.Queue(64)
		n.Offer(env, tags, postgres.Appended{Stored: 1000})
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/post")
}
