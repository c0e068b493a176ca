package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"outcry/internal/reaction"
)

func TestStatesOfSourcesAreMetered(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	report := func(feed reaction.Feed, source reaction.Source, s reaction.ListeningState, silent time.Duration) reaction.FeedReport {
		return reaction.FeedReport{Feed: feed, Committed: now.Add(-silent), ToldAt: now.Add(-silent), FeedState: reaction.FeedState{Source: source, State: s}}
	}
	reports := []reaction.FeedReport{
		report("live/bluesky/0", reaction.Bluesky, reaction.FeedLive, time.Second),
		report("live/mastodon/a", reaction.Mastodon, reaction.FeedLive, 10*time.Minute),
		report("live/mastodon/b", reaction.Mastodon, reaction.FeedLate, 0),
		report("live/x/0", reaction.X, reaction.FeedStopped, 0),
		report("live/x/1", reaction.X, reaction.FeedLive, 48*time.Hour),
	}
	reports[0].LastWord = now.Add(-1500 * time.Millisecond)
	var away error
	m := &sourceMeter{logger: slog.New(slog.DiscardHandler), now: func() time.Time { return now }, reports: func(context.Context) ([]reaction.FeedReport, error) {
		return reports, away
	}}
	registry := prometheus.NewRegistry()
	registry.MustRegister(m)
	gather := func() (out []string) {
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			for _, x := range f.GetMetric() {
				line := f.GetName()
				for _, l := range x.GetLabel() {
					line += " " + l.GetValue()
				}
				out = append(out, fmt.Sprintf("%s %.1f", line, x.GetGauge().GetValue()))
			}
		}
		return out
	}
	want := []string{
		"outcry_source_last_word_timestamp_seconds live/bluesky/0 bluesky 1772366398.5",
		"outcry_source_state live/bluesky/0 bluesky 0.0",
		"outcry_source_state live/mastodon/a mastodon 4.0",
		"outcry_source_state live/mastodon/b mastodon 3.0",
		"outcry_source_state live/x/0 x 5.0",
	}
	if got := gather(); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	away = errors.New("the database is away")
	if got := gather(); len(got) != 0 {
		t.Errorf("%q is told while nothing is known", got)
	}
}
