package trend

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"outcry/internal/reaction"
)

func from(feed reaction.Feed, from, to float64, state reaction.CoverageState, reason ...string) reaction.CoverageSpan {
	c := seen(reaction.Mastodon, from, to, state)
	c.Feed, c.Reason = feed, strings.Join(reason, "")
	return c
}

// heardAs writes hearings as "state from-to", in minutes, with + where some feeds were heard.
func heardAs(list []Hearing) string {
	var out []string
	for _, h := range list {
		state := string(h.State)
		if h.Partly {
			state += "+"
		}
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %v-%v %s", state, h.From.Sub(t0).Minutes(), h.To.Sub(t0).Minutes(), h.Reason)))
	}
	return strings.Join(out, ", ")
}

func TestHowFeedsAreHeardTogether(t *testing.T) {
	const a, b, replay, push reaction.Feed = "live/mastodon/a", "live/mastodon/b", "replay/1/x", "push/posts/x"
	const live, gap, late, capped, filled, recorded = reaction.CoverageLive, reaction.CoverageGap, reaction.CoverageLate,
		reaction.CoverageCapped, reaction.CoverageFilled, reaction.CoverageRecorded
	for _, c := range []struct {
		name  string
		spans []reaction.CoverageSpan
		want  string
	}{
		{"nobody says anything", nil, "gap 0-10"},
		{"one server, and nothing before its first word", []reaction.CoverageSpan{from(a, 2, 10, live)}, "gap 0-2, live 2-10"},
		{"two servers", []reaction.CoverageSpan{from(a, 0, 10, live), from(b, 0, 10, live)}, "live 0-10"},
		{"one of two is lost", []reaction.CoverageSpan{from(a, 0, 10, live), from(b, 0, 3, live), from(b, 3, 6, gap, "no answer"), from(b, 6, 10, live)},
			"live 0-3, gap+ 3-6 no answer, live 6-10"},
		{"and fetched afterwards", []reaction.CoverageSpan{from(a, 0, 10, live), from(b, 0, 3, live), from(b, 3, 6, filled), from(b, 6, 10, live)},
			"live 0-3, filled 3-6, live 6-10"},
		{"both are lost: the graver reason counts", []reaction.CoverageSpan{from(a, 0, 5, capped, "spent"), from(b, 0, 5, late), from(a, 5, 10, capped, "spent"), from(b, 5, 10, gap, "no answer")},
			"late 0-5, gap 5-10 no answer"},
		{"one begins later", []reaction.CoverageSpan{from(a, 0, 10, live), from(b, 4, 10, live)}, "live 0-10"},
		{"one falls silent", []reaction.CoverageSpan{from(a, 0, 10, live), from(b, 0, 4, live)}, "live 0-4, gap+ 4-10"},
		{"and spoke last long ago", []reaction.CoverageSpan{from(a, 0, 10, live), from(b, -60*24, -60*24+4, live)}, "gap+ 0-4, live 4-10"},
		{"and says nothing for a while in between", []reaction.CoverageSpan{from(a, 0, 10, live), from(b, 0, 4, live), from(b, 7, 10, live)}, "live 0-4, gap+ 4-7, live 7-10"},
		{"one came back long after", []reaction.CoverageSpan{from(a, 0, 10, live), from(b, -60*25, -60*24+3, live), from(b, 7, 10, live)}, "gap+ 0-3, live 3-10"},
		{"a recording of what was missed", []reaction.CoverageSpan{from(a, 0, 4, live), from(a, 4, 8, gap), from(a, 8, 10, live), from(replay, 5, 7, recorded)},
			"live 0-4, gap 4-5, recorded 5-7, gap 7-8, live 8-10"},
		{"a recording that has a gap of its own", []reaction.CoverageSpan{from(a, 0, 10, live), from(replay, 3, 5, gap)}, "live 0-10"},
		{"a drill with a gap", []reaction.CoverageSpan{from(replay, 0, 3, live), from(replay, 3, 5, gap, "simulated gap"), from(replay, 5, 10, live)},
			"live 0-3, gap 3-5 simulated gap, live 5-10"},
		{"a push that ends is not missed", []reaction.CoverageSpan{from(a, 0, 10, live), from(push, 0, 4, live)}, "live 0-10"},
		{"capped", []reaction.CoverageSpan{from(a, 0, 3, live), from(a, 3, 10, capped, "spent")}, "live 0-3, capped 3-10 spent"},
		{"another source", []reaction.CoverageSpan{seen(reaction.X, 0, 10, live)}, "gap 0-10"},
	} {
		if got := heardAs(Hearings(c.spans, reaction.Mastodon, t0, minute(10))); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// Moment for moment the merged list says what its feeds say there.
func TestHearingsAreMadeMomentForMoment(t *testing.T) {
	states := []reaction.CoverageState{reaction.CoverageLive, reaction.CoverageFilled, reaction.CoverageRecorded, reaction.CoverageLate, reaction.CoverageCapped, reaction.CoverageGap}
	for round := range 300 {
		r := rand.New(rand.NewPCG(uint64(round), 9))
		var spans []reaction.CoverageSpan
		said := map[reaction.Feed][20]reaction.CoverageState{}
		for _, f := range []reaction.Feed{"live/mastodon/a", "live/mastodon/b", "replay/1/x"} {
			var own [20]reaction.CoverageState
			for at := r.IntN(8); at < 20; {
				to := min(20, at+1+r.IntN(5))
				if r.IntN(4) > 0 {
					s := states[r.IntN(len(states))]
					spans = append(spans, from(f, float64(at), float64(to), s))
					for i := at; i < to; i++ {
						own[i] = s
					}
				}
				at = to
			}
			said[f] = own
		}
		list := Hearings(spans, reaction.Mastodon, t0, minute(20))
		if !list[0].From.Equal(t0) || !list[len(list)-1].To.Equal(minute(20)) {
			t.Fatalf("round %d: %s", round, heardAs(list))
		}
		for i := range 20 {
			k := slices.IndexFunc(list, func(h Hearing) bool { return !minute(float64(i)).Before(h.From) && minute(float64(i)).Before(h.To) })
			live, whole, other := false, true, said["replay/1/x"][i].Seen()
			for _, f := range []reaction.Feed{"live/mastodon/a", "live/mastodon/b"} {
				own := said[f]
				begun := slices.ContainsFunc(own[:i+1], func(s reaction.CoverageState) bool { return s != "" })
				live = live || own[i].Seen()
				whole = whole && (own[i].Seen() || !begun)
			}
			if h := list[k]; h.State.Seen() != (other || live && whole) || h.Partly != (!other && live && !whole) {
				t.Fatalf("round %d: minute %d is %s of %v", round, i, heardAs(list[k:k+1]), said)
			}
		}
	}
}

func TestWhyAFigureIsNotKnown(t *testing.T) {
	mastodon := func(spans ...reaction.CoverageSpan) []reaction.CoverageSpan { return spans }
	in := inputs(append(mastodon(
		from("live/mastodon/a", 0, 6, reaction.CoverageLive),
		from("live/mastodon/b", 0, 1, reaction.CoverageLive), from("live/mastodon/b", 1, 2, reaction.CoverageGap), from("live/mastodon/b", 2, 3, reaction.CoverageFilled),
		from("live/mastodon/b", 3, 6, reaction.CoverageLive)),
		seen(reaction.X, 0, 3, reaction.CoverageLive), seen(reaction.X, 3, 4, reaction.CoverageCapped), seen(reaction.X, 4, 5, reaction.CoverageLate), seen(reaction.X, 5, 6, reaction.CoverageFilled))...).
		posts("posts", reaction.X, 1, 1, 1, 1, 1, 1)
	s, p := one(t, query(Posts), in)
	if got, want := show(s), "1 1 1 1+ 1+ 1"; got != want {
		t.Errorf("the series is %s, want %s: what some servers heard is a value", got, want)
	}
	for i, want := range []string{"[] [] [] [] 1", "[mastodon] [] [] [] 0", "[] [] [] [mastodon] 1", "[x] [] [x] [] 0", "[x] [x] [] [] 0", "[] [] [] [x] 1"} {
		x := s.Points[i]
		if got := fmt.Sprint(x.Blind, x.Late, x.Capped, x.Filled, x.Covered); got != want {
			t.Errorf("bucket %d: blind, late, capped, filled, covered are %s, want %s", i, got, want)
		}
	}
	sixth := 1.0 / 6
	want := []SourceCoverage{
		{Source: reaction.Mastodon, Listened: true, Coverage: 5 * sixth, Filled: sixth, Partly: sixth},
		{Source: reaction.X, Listened: true, Coverage: 4 * sixth, Filled: sixth, Late: sixth, Capped: sixth},
	}
	for i, w := range want {
		g := p.Sources[i]
		for name, pair := range map[string][2]float64{"coverage": {g.Coverage, w.Coverage}, "filled": {g.Filled, w.Filled}, "gap": {g.Gap, w.Gap},
			"late": {g.Late, w.Late}, "capped": {g.Capped, w.Capped}, "partly": {g.Partly, w.Partly}} {
			if d := pair[0] - pair[1]; g.Source != w.Source || d > 1e-9 || d < -1e-9 {
				t.Errorf("%s: %s is %v, want %v", g.Source, name, pair[0], pair[1])
			}
		}
	}
	if p.Filled < 2*sixth-1e-9 || p.Filled > 2*sixth+1e-9 || p.Coverage < 3*sixth-1e-9 || p.Coverage > 3*sixth+1e-9 {
		t.Errorf("of the whole: filled %v, coverage %v", p.Filled, p.Coverage)
	}
}

func TestHearTellsWhyASourceIsNotHeard(t *testing.T) {
	word := func(feed reaction.Feed, last, word float64, state reaction.CoverageState, reason string) FeedHeard {
		return FeedHeard{Source: reaction.Mastodon, Feed: feed, Last: minute(last), Word: minute(word), State: state, Reason: reason}
	}
	const live, gap, late, capped = reaction.CoverageLive, reaction.CoverageGap, reaction.CoverageLate, reaction.CoverageCapped
	report := reaction.FeedReport{Feed: "live/mastodon/b", Committed: minute(10), FeedState: reaction.FeedState{Source: reaction.Mastodon, State: reaction.FeedBlind, Reason: "HTTP 503"}}
	dead := report
	dead.State, dead.Reason, dead.Committed = reaction.FeedLive, "", minute(2)
	for _, c := range []struct {
		name    string
		feeds   []FeedHeard
		reports []reaction.FeedReport
		want    string // why, partly, whole, last, reason
	}{
		{"all", []FeedHeard{word("live/mastodon/a", 10, 10, live, ""), word("live/mastodon/b", 9.8, 9.8, live, "")}, nil, "  18:10 18:10 "},
		{"one is lost", []FeedHeard{word("live/mastodon/a", 10, 10, live, ""), word("live/mastodon/b", 4, 10, gap, "no answer")}, nil, "gap partly 18:04 18:10 no answer"},
		{"as its collector tells", []FeedHeard{word("live/mastodon/a", 10, 10, live, ""), word("live/mastodon/b", 4, 10, gap, "no answer")}, []reaction.FeedReport{report}, "gap partly 18:04 18:10 HTTP 503"},
		{"one is silent", []FeedHeard{word("live/mastodon/a", 10, 10, live, ""), word("live/mastodon/b", 4, 4, live, "")}, nil, "gap partly 18:04 18:10 "},
		{"its collector died", []FeedHeard{word("live/mastodon/a", 10, 10, live, ""), word("live/mastodon/b", 4, 4, live, "")}, []reaction.FeedReport{dead}, "gap partly 18:04 18:10 nothing has come from its collector"},
		{"one was taken out long ago", []FeedHeard{word("live/mastodon/a", 10, 10, live, ""), word("live/mastodon/b", -60*24, -60*24, live, "")}, nil, "  18:10 18:10 "},
		{"all are lost", []FeedHeard{word("live/mastodon/a", 3, 10, late, ""), word("live/mastodon/b", 4, 10, capped, "")}, nil, "late  18:03 18:04 "},
		{"a recording spans it", []FeedHeard{word("replay/1/a", 10, 10, reaction.CoverageRecorded, ""), word("live/mastodon/b", 4, 10, gap, "no answer")}, nil, "  18:10 18:10 "},
		{"a drill's gap", []FeedHeard{word("replay/1/a", 4, 10, gap, "simulated gap")}, nil, "gap  18:04 18:04 simulated gap"},
	} {
		list := Hear(c.feeds, nil, c.reports, minute(5), minute(10), minute(10))
		h := list[0]
		got := fmt.Sprintf("%s %s %s %s %s", h.Why, map[bool]string{true: "partly"}[h.Partly], h.Whole.Format("15:04"), h.Last.Format("15:04"), h.Reason)
		if got != c.want || len(list) != 1 {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestListening(t *testing.T) {
	now := t0
	report := func(feed reaction.Feed, source reaction.Source, s reaction.ListeningState, since, heardOf time.Duration) reaction.FeedReport {
		return reaction.FeedReport{Feed: feed, FeedState: reaction.FeedState{Source: source, State: s, Since: now.Add(-since), Reason: "as told", Mend: "as told"},
			Committed: now.Add(-heardOf), ToldAt: now.Add(-heardOf - time.Hour)}
	}
	ended := report("live/x/1", reaction.X, reaction.FeedBlind, time.Hour, time.Second)
	ended.Done = true
	list := Listening([]reaction.FeedReport{
		report("live/x/0", reaction.X, reaction.FeedStopped, time.Hour, time.Second), ended,
		report("live/mastodon/a", reaction.Mastodon, reaction.FeedLive, time.Hour, time.Second),
		report("live/mastodon/b", reaction.Mastodon, reaction.FeedLive, time.Hour, 6*time.Minute),
		report("live/mastodon/c", reaction.Mastodon, reaction.FeedBlind, 2*time.Minute, time.Second),
		report("live/bluesky/0", reaction.Bluesky, reaction.FeedLive, 30*time.Hour, 25*time.Hour),
		report("live/other/0", "other", reaction.FeedIdle, 8*time.Hour, 7*time.Hour),
	}, now)
	var got []string
	for _, s := range list {
		line := fmt.Sprintf("%s %s %v:", s.Source, s.State, now.Sub(s.Since))
		for _, f := range s.Feeds {
			line += fmt.Sprintf(" %s %s %v", f.Feed, f.State, now.Sub(f.Since))
		}
		got = append(got, line)
	}
	want := []string{
		"bluesky off 25h0m0s: live/bluesky/0 off 25h0m0s",
		"mastodon blind 6m0s: live/mastodon/a live 1h0m0s live/mastodon/b blind 6m0s live/mastodon/c blind 2m0s",
		"other idle 8h0m0s: live/other/0 idle 8h0m0s",
		"x stopped 1h0m0s: live/x/0 stopped 1h0m0s live/x/1 off 1s",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if f := list[1].Feeds; f[1].Reason == "as told" || f[1].Mend == "" || f[2].Reason != "as told" {
		t.Errorf("reasons: %+v", f)
	}
}
