package app

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	promcollectors "github.com/prometheus/client_golang/prometheus/collectors"

	"outcry/collectors"
	"outcry/internal/health"
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
	probes   prometheus.Gauge
	samples  *prometheus.CounterVec
	lost     prometheus.Counter
	refused  prometheus.Counter
	messages *prometheus.CounterVec
	behind   *prometheus.GaugeVec
	faults   *prometheus.CounterVec
	named    *prometheus.CounterVec
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
	m.probes = prometheus.NewGauge(prometheus.GaugeOpts{Name: "outcry_probes_running", Help: "Probes that this node runs."})
	m.samples = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "outcry_probe_samples_total", Help: "Measurements of probes by the state they found; unknown where the measuring itself failed.",
	}, []string{"state"})
	m.lost = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "outcry_probe_samples_dropped_total", Help: "Measurements that were dropped because the log did not take them.",
	})
	m.refused = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "outcry_addresses_refused_total", Help: "Connections to inner networks that were refused (allow_networks).",
	})
	m.messages = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "outcry_source_messages_total", Help: "Messages that sources sent, whatever they held.",
	}, []string{"source"})
	m.behind = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "outcry_source_behind_seconds", Help: "How far behind the present the last message of a source was, by the source's own clock.",
	}, []string{"source"})
	m.faults = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "outcry_source_faults_total", Help: "Connections to sources that failed or ended: network, server, limited, refused, ours.",
	}, []string{"source", "kind"})
	m.named = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "outcry_names_posts_total", Help: "English posts by whether they were asked for names: asked, skipped, left_out, dropped, failed.",
	}, []string{"outcome"})
	m.registry.MustRegister(m.named, m.posts, m.batches, m.rejected, m.seconds, m.lag, m.probes, m.samples, m.lost, m.refused,
		m.messages, m.behind, m.faults,
		promcollectors.NewGoCollector(), promcollectors.NewProcessCollector(promcollectors.ProcessCollectorOpts{}))
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

// Named counts posts that might have been asked for names.
func (m *meters) Named(outcome string, posts int) {
	m.named.WithLabelValues(outcome).Add(float64(posts))
}

// Probes tells how many probes run.
func (m *meters) Probes(running int) { m.probes.Set(float64(running)) }

// Probed counts a measurement.
func (m *meters) Probed(s health.State) { m.samples.WithLabelValues(s.String()).Inc() }

// SamplesDropped counts measurements that the log did not take.
func (m *meters) SamplesDropped(n int) { m.lost.Add(float64(n)) }

// Heard counts a message of a source.
func (m *meters) Heard(s reaction.Source, behind time.Duration) {
	m.messages.WithLabelValues(string(s)).Inc()
	m.behind.WithLabelValues(string(s)).Set(behind.Seconds())
}

// Failed counts a connection to a source that failed or ended.
func (m *meters) Failed(s reaction.Source, k collectors.Kind) {
	m.faults.WithLabelValues(string(s), k.String()).Inc()
}
