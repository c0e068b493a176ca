package app

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// askSources bounds how long a scrape waits for what is known of sources.
const askSources = 2 * time.Second

var (
	sourceState = prometheus.NewDesc("outcry_source_state",
		"How a live feed of a source is: 0 live, 1 idle, 2 connecting, 3 late, 4 blind, 5 stopped. A feed whose collector died is blind.",
		[]string{"source", "feed"}, nil)
	sourceLastWord = prometheus.NewDesc("outcry_source_last_word_timestamp_seconds",
		"When a live feed of a source was last heard, by its collector's clock.", []string{"source", "feed"}, nil)
)

// sourceMeter tells how live feeds are. It asks the store at each scrape: envelopes of one feed may
// be committed by any node, and of a collector that died there are none.
type sourceMeter struct {
	reports func(ctx context.Context) ([]reaction.FeedReport, error)
	logger  *slog.Logger
	now     func() time.Time
}

// Describe lists what may be told.
func (m *sourceMeter) Describe(out chan<- *prometheus.Desc) {
	out <- sourceState
	out <- sourceLastWord
}

// Collect tells it. While the store is away it tells nothing, rather than what was.
func (m *sourceMeter) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), askSources)
	defer cancel()
	reports, err := m.reports(ctx)
	if err != nil {
		m.logger.Debug("the states of sources cannot be read for a scrape", "error", err)
		return
	}
	for _, s := range trend.Listening(reports, m.now()) {
		for _, f := range s.Feeds {
			level := slices.Index(reaction.ListeningStates, f.State)
			if level < 0 { // off: nobody expects anything of it
				continue
			}
			out <- prometheus.MustNewConstMetric(sourceState, prometheus.GaugeValue, float64(level), string(s.Source), string(f.Feed))
			if !f.LastWord.IsZero() {
				out <- prometheus.MustNewConstMetric(sourceLastWord, prometheus.GaugeValue, float64(f.LastWord.UnixMilli())/1000, string(s.Source), string(f.Feed))
			}
		}
	}
}
