package app

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"outcry/internal/platforms"
	"outcry/internal/reaction"
	"outcry/internal/testdb"
	"outcry/internal/trend"
)

// A whole node hears three platforms in small, which hang up on it, one of them for good: what they
// said is stored exactly, and the one that is gone is told and holds nobody back.
func TestANodeHearsAllSources(t *testing.T) {
	speaking, hush := context.WithCancel(t.Context())
	defer hush()
	serve := func(p *platforms.Platform) (addr string, stop context.CancelFunc) {
		ctx, cancel := context.WithCancel(t.Context())
		t.Cleanup(cancel)
		got := make(chan string, 1)
		go func() { _ = p.Serve(ctx, func(a string) { got <- a }) }()
		return <-got, cancel
	}
	sky, fedi, x := platforms.Bluesky(100), platforms.Mastodon(20), platforms.X(5)
	skyAddr, _ := serve(sky)
	fediAddr, _ := serve(fedi)
	xAddr, xStop := serve(x)

	c := DefaultConfig()
	c.Data, c.DatabaseURL, c.Node = t.TempDir(), NewSecret(testdb.New(t)), "one"
	c.BlueskyHosts, c.MastodonServers, c.XURL = Names{"ws://" + skyAddr}, Names{"http://" + fediAddr}, "http://"+xAddr
	c.MastodonTokens, c.XToken, c.XMonthUSD = NewSecret(fediAddr+"=rehearsal"), NewSecret("rehearsal"), 1000
	if p := c.Validate(); len(p) > 0 {
		t.Fatal(p)
	}
	n, err := Open(t.Context(), c, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC()
	e := &reaction.Event{Slug: "rehearsal", Title: "A rehearsal", StartsAt: now.Add(-time.Minute), EndsAt: now.Add(time.Hour), Status: reaction.Live,
		Match: reaction.Match{Any: []string{"#" + platforms.Tag}}, Spend: map[reaction.Source]reaction.Cap{reaction.X: {USD: 1000}}}
	e.Normalise()
	if err := n.Store.CreateEvent(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	go func() { ended <- n.Run(ctx) }()
	go func() { ended <- n.Collect(ctx, "test") }()
	t.Cleanup(func() {
		cancel()
		for range 2 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})

	states := func() map[reaction.Source]reaction.ListeningState {
		out := map[reaction.Source]reaction.ListeningState{}
		reports, err := n.Store.FeedReports(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range reports {
			out[r.Source] = r.State
		}
		return out
	}
	until := func(what string, wait time.Duration, ok func() bool) {
		t.Helper()
		for end := time.Now().Add(wait); !ok(); {
			if time.Now().After(end) {
				t.Fatalf("%s: not within %s; the sources are %v", what, wait, states())
			}
			<-time.After(100 * time.Millisecond)
		}
	}
	until("all are heard", 90*time.Second, func() bool {
		s := states()
		return s[reaction.Bluesky] == reaction.FeedLive && s[reaction.Mastodon] == reaction.FeedLive && s[reaction.X] == reaction.FeedLive
	})
	go sky.Talk(speaking)
	go fedi.Talk(speaking)
	go x.Talk(speaking)
	for range 3 {
		<-time.After(2 * time.Second)
		sky.HangUp()
		fedi.HangUp()
	}
	<-time.After(2 * time.Second)
	hush()
	<-time.After(100 * time.Millisecond)
	count := func(s reaction.Source) int {
		r, err := n.Store.Trend(t.Context(), trend.Query{Event: e, Series: []trend.Name{trend.Posts}, Sources: []reaction.Source{s},
			From: now.Truncate(time.Hour).Add(-time.Hour), To: now.Truncate(time.Hour).Add(3 * time.Hour), Step: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, p := range r.Series[0].Points {
			if p.Value != nil {
				sum += *p.Value
			} else if p.AtLeast != nil {
				sum += *p.AtLeast
			}
		}
		return int(sum)
	}
	for s, p := range map[reaction.Source]*platforms.Platform{reaction.Bluesky: sky, reaction.Mastodon: fedi, reaction.X: x} {
		want := len(p.Made())
		until("all posts of "+string(s), 90*time.Second, func() bool { return count(s) >= want })
		if got := count(s); got != want {
			t.Errorf("of %s %d posts are stored, and %d were made", s, got, want)
		}
	}

	xStop()
	until("X is told as not heard", 2*time.Minute, func() bool { return states()[reaction.X] == reaction.FeedBlind })
	before, err := n.Store.Watermark(t.Context(), e.ID, time.Now())
	if err != nil || before == nil {
		t.Fatalf("the watermark is %v, %v", before, err)
	}
	until("the watermark goes on", time.Minute, func() bool {
		w, err := n.Store.Watermark(t.Context(), e.ID, time.Now())
		return err == nil && w != nil && w.Sub(*before) > 5*time.Second
	})
	spans, err := n.Store.Coverage(t.Context(), e, now, now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	gap := false
	for _, c := range spans {
		gap = gap || c.Source == reaction.X && c.State == reaction.CoverageGap && !strings.Contains(c.Reason, "rehearsal")
	}
	if !gap {
		t.Errorf("the silence of X is not told: %+v", spans)
	}
}
