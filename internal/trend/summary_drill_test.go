package trend_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"outcry/internal/drill"
	"outcry/internal/health"
	"outcry/internal/match"
	"outcry/internal/reaction"
	"outcry/internal/trend"
	"outcry/nlp"
)

var update = flag.Bool("update", false, "write golden files anew")

// evening is a drill as the line would have taken it in: tagged and counted, with what was heard.
type evening struct {
	drill   *drill.Drill
	event   reaction.Event
	posts   []counted
	samples []health.Sample
	spans   []reaction.Coverage
}

type counted struct {
	at     time.Time
	labels []string
	gone   time.Time
}

func playThrough(t *testing.T, s drill.Scenario, change func(*drill.Options)) *evening {
	t.Helper()
	o := drill.Defaults(s)
	if change != nil {
		change(&o)
	}
	d, err := drill.New(o)
	if err != nil {
		t.Fatal(err)
	}
	v := &evening{drill: d, event: d.Event(), spans: d.Run().Coverage}
	v.event.ID = 1
	set, err := match.Compile([]reaction.Event{v.event})
	if err != nil {
		t.Fatal(err)
	}
	tagger := nlp.New([]reaction.Event{v.event})
	index := map[string]int{}
	var ids []int64
	for r, err := range d.Records(0) {
		switch {
		case err != nil:
			t.Fatal(err)
		case r.Sample != nil:
			v.samples = append(v.samples, *r.Sample)
		case r.Delete != nil:
			if i, ok := index[string(r.Delete.Source)+r.Delete.ID]; ok {
				v.posts[i].gone = r.Delete.At
			}
		case r.Post != nil:
			if ids = set.Match(r.Post, ids[:0]); len(ids) == 0 {
				continue
			}
			tags := tagger.Tag(r.Post)
			index[string(r.Post.Source)+r.Post.ID] = len(v.posts)
			v.posts = append(v.posts, counted{at: r.Post.At, labels: tags.Labels(r.Post.Kind, false, nil)})
		}
	}
	return v
}

// glance is what a store would know of the evening at a moment.
func (v *evening) glance(at time.Time) (*trend.Glance, []trend.Hour) {
	g := &trend.Glance{Event: &v.event, Now: at, Standing: trend.Standing{Clock: at, Moving: true}, Symptoms: map[string]int64{}}
	g.From, g.To = g.Lately(at)
	stretches := map[int]*trend.Stretch{}
	hour := trend.Hour{From: v.drill.Options().Start, Audience: map[string]int64{}}
	minutes := map[time.Time]int64{}
	for _, p := range v.posts {
		if !p.at.Before(g.To) || !p.gone.IsZero() && !p.gone.After(at) {
			continue
		}
		hour.Posts++
		i := int(g.From.Sub(p.at)/trend.SummaryWindow) + 1
		if !p.at.Before(g.From) {
			i = 0
		}
		x := stretches[i]
		if x == nil {
			x = &trend.Stretch{From: g.From.Add(-time.Duration(i) * trend.SummaryWindow)}
			stretches[i] = x
		}
		x.Posts++
		for _, l := range p.labels {
			switch {
			case l == reaction.LabelReposts:
				x.Reposts++
			case l == reaction.LabelComplaint:
				x.Complaints++
				hour.Complaints++
				minutes[p.at.Truncate(time.Minute)]++
			case l == reaction.LabelRecovery:
				x.Recovery++
			case i == 0 && strings.HasPrefix(l, reaction.SymptomPrefix):
				g.Symptoms[strings.TrimPrefix(l, reaction.SymptomPrefix)]++
			}
		}
	}
	for _, i := range slices.Sorted(maps.Keys(stretches)) {
		if !stretches[i].From.Before(g.From.Add(-trend.SummaryBefore)) {
			g.Stretches = append(g.Stretches, *stretches[i])
		}
	}
	for m, n := range minutes {
		if n > hour.PeakComplaints || n == hour.PeakComplaints && m.Before(hour.Peak) {
			hour.Peak, hour.PeakComplaints = m, n
		}
	}
	feeds := map[reaction.Source]*trend.FeedHeard{}
	var spans []reaction.CoverageSpan
	for _, c := range v.spans {
		if !c.From.Before(at) {
			continue
		}
		if c.To.After(at) {
			c.To = at
		}
		spans = append(spans, reaction.CoverageSpan{Coverage: c, Feed: "replay/1/drill"})
		h := feeds[c.Source]
		if h == nil {
			h = &trend.FeedHeard{Source: c.Source, Feed: "replay/1/drill"}
			feeds[c.Source] = h
		}
		h.Word, h.State, h.Reason = c.To, c.State, c.Reason
		if c.State.Seen() {
			h.Last = c.To
		}
	}
	var list []trend.FeedHeard
	for _, s := range slices.Sorted(maps.Keys(feeds)) {
		list = append(list, *feeds[s])
	}
	g.Heard = trend.Hear(list, spans, nil, g.From, g.To, at)
	for _, x := range v.samples {
		if x.At.After(at.Add(-trend.SummaryServices)) && !x.At.After(at) {
			g.Samples = append(g.Samples, x)
		}
		if x.Audience != nil && !x.At.After(at) {
			hour.Audience[x.Service] = max(hour.Audience[x.Service], *x.Audience)
		}
	}
	return g, []trend.Hour{hour}
}

func (v *evening) summary(at time.Time) trend.Summary {
	g, hours := v.glance(at)
	return trend.Summarise(g, hours)
}

// TestSummariesOfDrills holds what is said at moments of each scenario against a golden file.
func TestSummariesOfDrills(t *testing.T) {
	var b strings.Builder
	for _, info := range drill.Scenarios() {
		v := playThrough(t, info.Scenario, nil)
		truth := v.drill.Truth()
		fmt.Fprintf(&b, "== %s\n", info.Scenario)
		for _, f := range truth.Faults {
			fmt.Fprintf(&b, "   %s to %s  %s: %s\n", f.From.Format("15:04:05"), f.To.Format("15:04:05"), f.Service, f.Kind)
		}
		for at := truth.From.Add(10 * time.Minute); !at.After(truth.To); at = at.Add(10 * time.Minute) {
			s := v.summary(at)
			fmt.Fprintf(&b, "%s %s\n\t%s\n\t%s\n", at.Format("15:04"), s.State, s.Sentence.EN, s.Sentence.KO)
		}
	}
	const name = "testdata/summaries.txt"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != b.String() {
		t.Errorf("summaries are not those of %s: look at the difference after -update", name)
	}
}

// The drill knows its truth: what is said must hardly ever contradict it. The tagger calls a few of a drill's jokes and
// questions complaints, and at this scale some minutes have few posts.
func TestSummariesFollowTheTruth(t *testing.T) {
	share := func(v *evening, from, to time.Time, ok func(trend.Summary) bool) (good, all int) {
		for at := from; at.Before(to); at = at.Add(time.Minute) {
			if all++; ok(v.summary(at)) {
				good++
			}
		}
		return good, all
	}
	is := func(states ...trend.State) func(trend.Summary) bool {
		return func(s trend.Summary) bool { return slices.Contains(states, s.State) }
	}
	for seed := range uint64(2) {
		opts := func(o *drill.Options) { o.Seed, o.Scale = seed+10, 0.3 }

		calm := playThrough(t, drill.Calm, opts)
		truth := calm.drill.Truth()
		quiet := is(trend.StateCalm, trend.StateNotStarted, trend.StateOver)
		if good, all := share(calm, truth.From.Add(10*time.Minute), truth.To, quiet); 100*good < 95*all {
			t.Errorf("seed %d: a calm evening is called calm in %d of %d minutes", seed, good, all)
		}

		launch := playThrough(t, drill.Launch, opts)
		truth = launch.drill.Truth()
		if good, all := share(launch, truth.From.Add(10*time.Minute), truth.FirstFault, quiet); 100*good < 90*all {
			t.Errorf("seed %d: before the fault, calm in %d of %d minutes", seed, good, all)
		}
		if good, all := share(launch, truth.FirstFault.Add(5*time.Minute), truth.Recovery, is(trend.StateBroken)); 10*good < 9*all {
			t.Errorf("seed %d: people complain and the service fails, broken in %d of %d minutes", seed, good, all)
		}
		if good, all := share(launch, truth.Recovery.Add(4*time.Minute), truth.To, is(trend.StateRecovering, trend.StateCalm)); 100*good < 95*all {
			t.Errorf("seed %d: after it works again, recovering or calm in %d of %d minutes", seed, good, all)
		}

		// The neighbour fails: whatever people say, the event's own service looks up throughout.
		beside := playThrough(t, drill.Neighbour, opts)
		truth = beside.drill.Truth()
		if good, all := share(beside, truth.From.Add(10*time.Minute), truth.To, func(s trend.Summary) bool {
			return s.State != trend.StateBroken && s.State != trend.StateDegraded && s.Services[0].State == "up"
		}); good != all {
			t.Errorf("seed %d: the neighbour's fault is put on the event's service in %d of %d minutes", seed, all-good, all)
		}

		for _, v := range []*evening{calm, launch, beside} {
			for at := v.drill.Truth().From.Add(time.Minute); at.Before(v.drill.Truth().To); at = at.Add(7 * time.Minute) {
				s := v.summary(at)
				if !strings.HasPrefix(s.Sentence.EN, "Simulated. ") || !strings.HasPrefix(s.Sentence.KO, "모의 상황입니다. ") {
					t.Fatalf("a drill is not called simulated: %+v", s.Sentence)
				}
				for _, g := range v.drill.Truth().Gaps {
					if at.After(g.From.Add(time.Minute)) && at.Before(g.To) &&
						!slices.ContainsFunc(s.Blind, func(b trend.Blind) bool { return b.Source == g.Source && b.Since.Equal(g.From) }) {
						t.Errorf("at %s %s is blind and it is not said: %+v", at, g.Source, s.Blind)
					}
				}
			}
		}
	}
}
