package app

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"outcry/internal/health"
	"outcry/internal/reaction"
	"outcry/internal/testdb"
)

// value reads a meter as it is published.
func (m *meters) value(t *testing.T, name string, labels ...string) float64 {
	t.Helper()
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, x := range f.GetMetric() {
			if f.GetName() == name && (len(labels) == 0 || x.GetLabel()[0].GetValue() == labels[0]) {
				return x.GetCounter().GetValue() + x.GetGauge().GetValue()
			}
		}
	}
	return 0
}

// collecting runs a node that probes a server on loopback, until there are samples of it.
func collecting(t *testing.T, allow Networks) (n *Node, asked int64, list []health.Sample) {
	t.Helper()
	var hits atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		io.WriteString(w, "all well with "+r.UserAgent())
	}))
	t.Cleanup(server.Close)
	c := DefaultConfig()
	c.Data, c.DatabaseURL, c.Node, c.AllowNetworks = t.TempDir(), NewSecret(testdb.New(t)), "Node.One", allow
	c.Sources = Names{NoSources}
	if p := c.Validate(); len(p) > 0 {
		t.Fatal(p)
	}
	n, err := Open(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	now := time.Now().UTC()
	e := &reaction.Event{Slug: "night", Title: "A night", StartsAt: now, Match: reaction.Match{Any: []string{"x"}}, Services: []health.Service{{
		Name: "Rooms", Probes: []health.Probe{{Kind: "http", URL: server.URL, Every: "1s", Expect: map[string]any{"body": "all well with Outcry/1.2"}}}}}}
	e.Normalise()
	if p := e.Validate(); len(p) > 0 {
		t.Fatal(p)
	}
	if err := n.Store.CreateEvent(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ended := make(chan error, 2)
	go func() { ended <- n.Run(ctx) }()
	go func() { ended <- n.Collect(ctx, "1.2") }()
	for tick := time.Tick(20 * time.Millisecond); len(list) < 2 && ctx.Err() == nil; <-tick {
		if list, err = n.Store.Samples(t.Context(), e, now.Add(-time.Minute), now.Add(time.Hour), 100); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if len(list) < 2 {
		t.Fatalf("after a minute there are %d samples", len(list))
	}
	return n, hits.Load(), list
}

func TestANodeProbesWhatItMayReach(t *testing.T) {
	n, asked, list := collecting(t, Networks{"127.0.0.1"})
	for _, s := range list {
		if s.State != health.Up || s.LatencyMS == nil || !strings.HasPrefix(s.Vantage, "Node.One/http-") {
			t.Errorf("%+v", s)
		}
	}
	if up := n.meters.value(t, "outcry_probe_samples_total", "up"); asked < 2 || up < 2 || n.meters.value(t, "outcry_addresses_refused_total") != 0 {
		t.Errorf("asked %d times, %v were up, %v refused", asked, up, n.meters.value(t, "outcry_addresses_refused_total"))
	}
	if running := n.meters.value(t, "outcry_probes_running"); running != 0 {
		t.Errorf("%v probes run after the end", running)
	}
}

func TestANodeRefusesInnerNetworks(t *testing.T) {
	n, asked, list := collecting(t, nil)
	for _, s := range list {
		if s.State != health.Unknown || s.LatencyMS != nil || !strings.Contains(s.Detail, "allow_networks") {
			t.Errorf("%+v", s)
		}
	}
	if refused := n.meters.value(t, "outcry_addresses_refused_total"); asked != 0 || refused < 2 || n.meters.value(t, "outcry_probe_samples_total", "down") != 0 {
		t.Errorf("asked %d times, %v refused", asked, refused)
	}
}
