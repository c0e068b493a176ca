package api

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/prometheus/client_golang/prometheus"
)

type requestKey struct{}

// requestID is the id of the request that ctx belongs to, "" outside of one.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// meters count what the API answers.
type meters struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	refusals prometheus.Counter
}

// newMeters registers the API's metrics; reg may be nil.
func newMeters(reg prometheus.Registerer) (*meters, error) {
	m := &meters{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "outcry_http_requests_total",
			Help: "Requests answered, by route pattern, method and status code.",
		}, []string{"route", "method", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "outcry_http_request_seconds",
			Help:    "Time from a request's headers to the end of its answer, by route pattern.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"route"}),
		refusals: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "outcry_http_refusals_total",
			Help: "Requests refused for want of good credentials or of a scope.",
		}),
	}
	if reg == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.requests, m.seconds, m.refusals} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// observe gives each request an id, and counts and logs how it ended. The id is always our own: a
// client's could not be trusted to be one.
func (s *server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, id := time.Now(), rand.Text()
		w.Header().Set("X-Request-Id", id)
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, id))
		ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		defer func() {
			code, took := ww.Status(), time.Since(start)
			if code == 0 {
				code = http.StatusOK
			}
			route := routeOf(r)
			s.meters.requests.WithLabelValues(route, methodLabel(r.Method), strconv.Itoa(code)).Inc()
			if route != streamPath { // lasts as long as somebody listens
				s.meters.seconds.WithLabelValues(route).Observe(took.Seconds())
			}
			s.log.LogAttrs(r.Context(), slog.LevelDebug, "request", slog.String("request_id", id),
				slog.String("method", r.Method), slog.String("route", route), slog.Int("code", code),
				slog.Int("bytes", ww.BytesWritten()), slog.Duration("took", took))
		}()
		next.ServeHTTP(ww, r)
	})
}

// routeOf is the pattern that the request matched, so that the number of label values is bounded
// whatever clients ask for. It is known only after the request was served.
func routeOf(r *http.Request) string {
	if c := chi.RouteContext(r.Context()); c != nil {
		if p := c.RoutePattern(); p != "" && p != "/*" {
			return p
		}
	}
	return "other"
}

func methodLabel(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete:
		return m
	}
	return "other"
}
