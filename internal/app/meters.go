package app

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"outcry/internal/postgres"
	"outcry/internal/reaction"
)

// meters are the figures a node tells about itself.
type meters struct {
	registry *prometheus.Registry
	posts    *prometheus.CounterVec
	batches  prometheus.Counter
	rejected *prometheus.CounterVec
	seconds  prometheus.Histogram
	lag      prometheus.Gauge
}

func newMeters() *meters {
	m := &meters{
		registry: prometheus.NewRegistry(),
		posts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "outcry_posts_total", Help: "Posts by what became of them: stored, duplicate, unmatched, edited, deleted.",
		}, []string{"outcome"}),
		batches: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "outcry_envelopes_committed_total", Help: "Envelopes of the log that were committed.",
		}),
		rejected: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "outcry_posts_rejected_total", Help: "Rows and posts refused, by source and by a reason of the closed list.",
		}, []string{"source", "reason"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "outcry_append_seconds", Help: "Time to commit one envelope, waiting for the database included.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 16),
		}),
		lag: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "outcry_commit_lag_seconds", Help: "Age of the envelope that was committed last, at its commit.",
		}),
	}
	m.registry.MustRegister(m.posts, m.batches, m.rejected, m.seconds, m.lag,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Committed counts one envelope.
func (m *meters) Committed(env *reaction.Envelope, did postgres.Appended, took time.Duration) {
	m.batches.Inc()
	m.seconds.Observe(took.Seconds())
	m.lag.Set(time.Since(env.Made).Seconds())
	if did.Known {
		return
	}
	unmatched := 0
	for _, u := range env.Unmatched {
		unmatched += u.Posts
	}
	for outcome, n := range map[string]int{
		"stored": did.Stored, "duplicate": did.Duplicates, "unmatched": unmatched, "edited": did.Edits, "deleted": did.Deletes,
	} {
		m.posts.WithLabelValues(outcome).Add(float64(n))
	}
	for _, r := range env.Rejected {
		m.rejected.WithLabelValues(string(r.Source), r.Reason).Add(float64(r.Posts))
	}
}
