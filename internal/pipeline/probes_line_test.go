package pipeline_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"outcry/collectors/probe"
	"outcry/internal/health"
	"outcry/internal/netguard"
	"outcry/internal/pipeline"
	"outcry/internal/reaction"
	"outcry/internal/testdb"
	"outcry/internal/trend"
)

// quiet is a meter that forgets.
type quiet struct{}

func (quiet) Probes(int)          {}
func (quiet) Probed(health.State) {}
func (quiet) SamplesDropped(int)  {}

// stepping measures truly, and says of each measurement that it was ten seconds after the one
// before it: a bucket each, without waiting for them.
type stepping struct {
	*probe.Prober
	mu   sync.Mutex
	next time.Time
}

func (s *stepping) Probe(ctx context.Context, def health.Probe) health.Sample {
	x := s.Prober.Probe(ctx, def)
	s.mu.Lock()
	defer s.mu.Unlock()
	x.At, s.next = s.next, s.next.Add(reaction.BucketWidth)
	return x
}

// watched makes the line's event one that is on now, with probes of a URL.
func (l *line) watched(t *testing.T, probes ...health.Probe) {
	t.Helper()
	now := time.Now().UTC()
	l.event.StartsAt, l.event.ListenFrom, l.event.EndsAt = now.Add(-30*time.Minute), now.Add(-time.Hour), now.Add(time.Hour)
	l.event.Services = []health.Service{{Name: "Rooms", Probes: probes}}
	if list := l.event.Validate(); len(list) > 0 {
		t.Fatal(list)
	}
	if err := l.store.ReplaceEvent(t.Context(), l.event); err != nil {
		t.Fatal(err)
	}
}

// probe runs the probes of a node until the test ends.
func (l *line) probe(t *testing.T, node string, prober pipeline.Prober) {
	t.Helper()
	p, err := pipeline.NewProbes(l.log, l.store, prober, node, quiet{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// stored waits until the samples of the last hours are as wanted.
func (l *line) stored(t *testing.T, enough func([]health.Sample) bool) []health.Sample {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for tick := time.Tick(20 * time.Millisecond); ; {
		now := time.Now()
		list, err := l.store.Samples(ctx, l.event, now.Add(-2*time.Hour), now.Add(time.Hour), 1000)
		if err != nil {
			t.Fatalf("%v; the last were %+v", err, list)
		}
		if enough(list) {
			return list
		}
		select {
		case <-tick:
		case <-ctx.Done():
			t.Fatalf("after a minute there are %+v", list)
		}
	}
}

// A service that breaks, is slow and recovers is up, down, degraded and up on the second axis.
func TestHealthOfAProbedServiceOnTheSecondAxis(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch asked.Add(1) {
		case 2:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 3:
			select {
			case <-time.After(1600 * time.Millisecond):
			case <-r.Context().Done():
			}
		}
	}))
	t.Cleanup(server.Close)
	l := newLine(t, testdb.New(t))
	l.watched(t, health.Probe{Kind: "http", URL: server.URL, Every: "1s", Expect: map[string]any{"status": 200, "max_latency": "1500ms"}})
	l.commit(t)
	from := reaction.Bucket(time.Now()).Add(-10 * time.Minute)
	l.probe(t, "n1", &stepping{Prober: probe.New(netguard.New(netip.MustParsePrefix("127.0.0.0/8")), "test"), next: from})
	list := l.stored(t, func(list []health.Sample) bool { return len(list) >= 4 })
	for i, s := range list {
		if s.Service != "Rooms" || !strings.HasPrefix(s.Vantage, "n1/http-") || s.LatencyMS == nil {
			t.Errorf("sample %d: %+v", i, s)
		}
	}

	q := trend.Query{Event: l.event, Series: []trend.Name{trend.Health, trend.Latency, "health:Rooms"}, From: from, To: from.Add(4 * reaction.BucketWidth), Step: reaction.BucketWidth}
	r, err := l.store.Trend(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []int{0, 2} {
		for i, want := range []float64{0, 2, 1, 0} { // up, down, degraded, up
			if p := r.Series[k].Points[i]; p.Value == nil || *p.Value != want {
				t.Errorf("%s in bucket %d: %+v, want %v", r.Series[k].Name, i, p, want)
			}
		}
	}
	if p := r.Series[1].Points[2]; p.Value == nil || *p.Value < 1600 {
		t.Errorf("latency while it was slow: %+v", p)
	}
	if p := r.Series[1].Points[0]; p.Value == nil || *p.Value <= 0 || *p.Value > 1500 {
		t.Errorf("latency while it was up: %+v", p)
	}
}

// Where the guard refuses, nobody is asked, and what is stored says so and states nothing.
func TestARefusedProbeStatesNothing(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("asked") }))
	t.Cleanup(server.Close)
	l := newLine(t, testdb.New(t))
	l.watched(t, health.Probe{Kind: "http", URL: server.URL, Every: "1s"})
	l.commit(t)
	from := reaction.Bucket(time.Now()).Add(-10 * time.Minute)
	l.probe(t, "n1", &stepping{Prober: probe.New(netguard.New(), "test"), next: from})
	for _, s := range l.stored(t, func(list []health.Sample) bool { return len(list) >= 2 }) {
		if s.State != health.Unknown || s.LatencyMS != nil || !strings.Contains(s.Detail, "loopback") || !strings.Contains(s.Detail, "allow_networks") {
			t.Errorf("%+v", s)
		}
	}
	r, err := l.store.Trend(t.Context(), trend.Query{Event: l.event, Series: []trend.Name{trend.Health, trend.Latency}, From: from, To: from.Add(time.Minute), Step: reaction.BucketWidth})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range r.Series {
		for _, p := range s.Points {
			if p.Value != nil {
				t.Errorf("%s is %v at %s", s.Name, *p.Value, p.Bucket)
			}
		}
	}
}

// Two nodes that were given one name disturb each other, and lose nothing by it.
func TestNodesOfOneNameBothMeasure(t *testing.T) {
	l := newLine(t, testdb.New(t))
	l.watched(t, health.Probe{Kind: "http", URL: "https://example.org/", Every: "1s"})
	l.commit(t)
	for _, who := range []string{"one", "other"} {
		l.probe(t, "n1", saying(who))
	}
	l.stored(t, func(list []health.Sample) bool {
		n := map[string]int{}
		for _, s := range list {
			n[s.Detail]++
		}
		return n["one"] >= 3 && n["other"] >= 3
	})
}

// saying is a prober that measures nothing and says who it is.
type saying string

func (s saying) Probe(context.Context, health.Probe) health.Sample {
	return health.Sample{At: time.Now().UTC(), State: health.Up, Detail: string(s)}
}
