package reaction

import (
	"math"
	"strings"
	"testing"
	"time"

	"outcry/internal/health"
)

func TestCheckRefusesWhatTheLineCannotCarry(t *testing.T) {
	at := time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)
	good := func() *Record {
		return &Record{At: at, Post: &Post{Source: X, ID: "1", At: at, Text: "no audio", Lang: "en"}}
	}
	if p := good().Check(); p != nil {
		t.Fatalf("a good post: %s", p)
	}
	latency, nan, audience := 20.0, math.NaN(), int64(-1)
	sample := func(s health.Sample) func(*Record) {
		return func(r *Record) { r.Post, r.Sample = nil, &s }
	}
	for want, spoil := range map[string]func(*Record){
		"":                  func(r *Record) { r.Post = nil },
		"at":                func(r *Record) { r.At = time.Time{} },
		"post.source":       func(r *Record) { r.Post.Source = "X Corp." },
		"post.id":           func(r *Record) { r.Post.ID = strings.Repeat("1", MaxIDBytes+1) },
		"post.at":           func(r *Record) { r.Post.At = at.AddDate(9000, 0, 0) },
		"post.text":         func(r *Record) { r.Post.Text = "no\x00audio" },
		"post.lang":         func(r *Record) { r.Post.Lang = strings.Repeat("en-", 50) },
		"post.author.id":    func(r *Record) { r.Post.Author.ID = "\xff" },
		"post.facets":       func(r *Record) { r.Post.Facets = make([]Facet, MaxFacets+1) },
		"post.facets[0]":    func(r *Record) { r.Post.Facets = []Facet{{Start: 3, End: 2}} },
		"delete":            func(r *Record) { r.Post, r.Delete = nil, &Delete{Source: X, At: at} },
		"delete.authors":    func(r *Record) { r.Post, r.Delete = nil, &Delete{Source: X, ID: "1", At: at, Authors: []Membership{}} },
		"delete.at":         func(r *Record) { r.Post, r.Delete = nil, &Delete{Source: X, ID: "1"} },
		"sample":            sample(health.Sample{Service: "Rooms", At: at}),
		"sample.service":    sample(health.Sample{At: at, State: health.Up}),
		"sample.latency_ms": sample(health.Sample{Service: "Rooms", At: at, LatencyMS: &nan}),
		"sample.audience":   sample(health.Sample{Service: "Rooms", At: at, Audience: &audience}),
		"sample.detail":     sample(health.Sample{Service: "Rooms", At: at, LatencyMS: &latency, Detail: "\x00"}),
	} {
		r := good()
		spoil(r)
		if p := r.Check(); p == nil || p.Path != want || p.Text == "" {
			t.Errorf("want a problem at %q, got %v", want, p)
		}
	}
}
