package pipeline

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

var evening = time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)

// night is an event that is on at evening, with one service.
func night(slug string, probes ...health.Probe) reaction.Event {
	e := reaction.Event{Slug: slug, Title: slug, StartsAt: evening.Add(-time.Minute), EndsAt: evening.Add(time.Hour),
		Match: reaction.Match{Any: []string{"x"}}, Services: []health.Service{{Name: "Rooms", Probes: probes}}}
	e.Normalise()
	return e
}

func TestProbesOfOneServiceAreShared(t *testing.T) {
	door := health.Probe{Kind: "http", URL: "https://example.org/", Every: "30s"}
	same := health.Probe{Kind: "http", URL: "https://example.org/#part", Every: "5s", Timeout: "10s", Expect: map[string]any{"status": "2xx"}}
	strict := health.Probe{Kind: "http", URL: "https://example.org/", Expect: map[string]any{"status": 200.0}}
	elsewhere := night("c", door)
	elsewhere.Services[0].Name = "Shop"
	got := plan([]reaction.Event{night("a", door), night("b", same, strict), elsewhere}, "n1", evening)
	if len(got.watches) != 3 || got.left != 0 || len(got.idle) != 0 {
		t.Fatalf("%+v", got)
	}
	var lines, vantages []string
	for _, w := range got.watches {
		lines = append(lines, fmt.Sprint(w.service, " ", w.every))
		vantages = append(vantages, w.vantage)
	}
	slices.Sort(lines)
	if want := []string{"Rooms 10s", "Rooms 5s", "Shop 30s"}; !slices.Equal(lines, want) {
		t.Errorf("%v, want %v", lines, want)
	}
	slices.Sort(vantages)
	if vantages = slices.Compact(vantages); len(vantages) != 2 || !strings.HasPrefix(vantages[0], "n1/http-") {
		t.Errorf("measured from %v", vantages)
	}
}

func TestOnlyRealEventsThatAreListenedToAreProbed(t *testing.T) {
	door := health.Probe{Kind: "http", URL: "https://example.org/"}
	drill, over, ended, later := night("drill", door), night("over", door), night("ended", door), night("later", door)
	drill.Simulated = true
	over.EndsAt = evening.Add(-reaction.MaxOvertime) // and nobody moved it
	ended.Status = reaction.Ended
	later.ListenFrom = evening.Add(time.Second)
	for _, e := range []reaction.Event{drill, over, ended, later} {
		if got := plan([]reaction.Event{e}, "n", evening); len(got.watches) != 0 {
			t.Errorf("%s: %+v", e.Slug, got)
		}
	}
	got := plan([]reaction.Event{night("now", door, health.Probe{Kind: "hls"}, health.Probe{Kind: "push"}, health.Probe{Kind: "audience", Space: "1"})}, "n", evening)
	if len(got.watches) != 1 || len(got.idle) != 1 || got.idle[0].path != "services[0].probes[1]" || !strings.Contains(got.idle[0].note, "hls probes are not built yet") {
		t.Errorf("%+v", got)
	}
}

func TestTooManyProbesAreBounded(t *testing.T) {
	var events []reaction.Event
	for i := range 60 {
		var probes []health.Probe
		for j := range health.MaxProbes {
			probes = append(probes, health.Probe{Kind: "http", URL: fmt.Sprintf("https://example.org/%d/%d", i, j)})
		}
		events = append(events, night(fmt.Sprint("e", i), probes...))
	}
	a, b := plan(events, "n", evening), plan(events, "n", evening)
	if len(a.watches) != maxProbes || a.left != 200 || !slices.Equal(slices.Sorted(maps.Keys(a.watches)), slices.Sorted(maps.Keys(b.watches))) {
		t.Errorf("%d run and %d are left out", len(a.watches), a.left)
	}
}

func TestNamesOfNodes(t *testing.T) {
	long := strings.Repeat("a", 64)
	seen := map[string]string{}
	for _, node := range []string{"n1", "Host.local", "host-local", "host.local", "HOST.LOCAL", "a_b", long, long[:63] + ".", long[:63] + "A", long[:62] + "bb"} {
		feed, err := nodeFeed("live/probe/", node)
		if err != nil {
			t.Errorf("%s: %v", node, err)
		}
		v := vantage(node, "http-123456")
		if len(v) > health.MaxVantageBytes || !strings.HasSuffix(v, "/http-123456") {
			t.Errorf("%s measures from %q", node, v)
		}
		for _, name := range []string{string(feed), v} {
			if who := seen[name]; who != "" {
				t.Errorf("%s and %s are both %s", who, node, name)
			}
			seen[name] = node
		}
	}
	if feed, _ := nodeFeed("push/samples/", "n1"); feed != "push/samples/n1" {
		t.Errorf("the name of a plain node's feed has changed: %s", feed)
	}
}
