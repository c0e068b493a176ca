package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"reflect"
	"slices"
	"testing"
	"time"
	"unicode/utf8"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

// refused fails the test unless err is a problem that is the client's own.
func refused(t *testing.T, err error) {
	t.Helper()
	var p *Problem
	if !errors.As(err, &p) || p.Status < 400 || p.Status > 499 || p.Detail == "" {
		t.Fatalf("refused with %v", err)
	}
}

func FuzzRecords(f *testing.F) {
	f.Add([]byte(`{"at":"2026-03-01T10:00:00Z","post":{"source":"x","id":"1","at":"2026-03-01T10:00:00Z","kind":"reply","text":"a","facets":[{"k":"url","b":0,"e":1,"v":"u"}]}}`), "")
	f.Add([]byte("{\"at\":\"2026-03-01T10:00:00Z\",\"delete\":{\"source\":\"x\",\"id\":\"1\",\"at\":\"2026-03-01T10:00:00Z\"}}\n\n"), "identity")
	f.Add([]byte(`{"at":"2026-03-01T10:00:00Z","sample":{"service":"a","at":"2026-03-01T10:00:00Z","state":"down","latency_ms":1}}`), "")
	f.Add([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x01\x00\x00\xff\xff"), "gzip")
	f.Add([]byte("\x28\xb5\x2f\xfd\x00\x58\x11\x00\x00{}"), "zstd")
	read := func(body []byte, encoding string) ([]reaction.Record, error) {
		r := httptest.NewRequest("POST", "/", bytes.NewReader(body))
		r.Header.Set("Content-Encoding", encoding)
		return readRecords(&upload{httptest.NewRecorder(), r})
	}
	f.Fuzz(func(t *testing.T, body []byte, encoding string) {
		got, err := read(body, encoding)
		if err != nil {
			refused(t, err)
			return
		}
		var again bytes.Buffer
		for _, r := range got {
			line, err := json.Marshal(r)
			if err != nil {
				t.Fatalf("what was read cannot be written: %v", err)
			}
			again.Write(append(line, '\n'))
		}
		if back, err := read(again.Bytes(), ""); err != nil || len(back) != len(got) {
			t.Fatalf("%d records come back as %d: %v: %s", len(got), len(back), err, again.Bytes())
		}
	})
}

func FuzzSamples(f *testing.F) {
	f.Add([]byte(`[{"state":"up"},{"latency_ms":1.5,"audience":3,"at":"2026-03-01T10:00:00Z"}]`))
	f.Add([]byte("{\"state\":\"down\",\"detail\":\"\\u0000\"}\n{\"state\":7}"))
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body []byte) {
		items, err := sampleItems(body)
		if err != nil {
			refused(t, err)
			return
		}
		for _, item := range items {
			s, err := readSample(item, "body[0]", "stage", now)
			if err != nil {
				refused(t, err)
				continue
			}
			if s.Service != "stage" || s.At.After(now.Add(maxAhead)) || s.State == health.Unknown && s.LatencyMS == nil && s.Audience == nil {
				t.Fatalf("took %+v", s)
			}
		}
	})
}

func FuzzCursor(f *testing.F) {
	f.Add(writeCursor("posts", reaction.PostPosition{At: time.Unix(1, 5).UTC(), Source: "x", ID: "a b"}))
	f.Add("e30")
	f.Fuzz(func(t *testing.T, cursor string) {
		at, err := readCursor[reaction.PostPosition]("posts", cursor)
		if err != nil {
			refused(t, err)
			return
		}
		if at == nil {
			return
		}
		back, err := readCursor[reaction.PostPosition]("posts", writeCursor("posts", *at))
		if err != nil || !reflect.DeepEqual(back, at) {
			t.Fatalf("%+v comes back as %+v: %v", at, back, err)
		}
	})
}

func FuzzEvent(f *testing.F) {
	f.Add([]byte(`{"slug":"a","title":"t","starts_at":"2026-03-01T10:00:00Z","match":{"any":["x"]},"retention":"30d","spend":{"x":{"usd":1}},"links":{}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := decodeEventJSON(body)
		if err != nil {
			refused(t, err)
			return
		}
		e.Normalise()
		_ = e.Validate()
	})
}

func FuzzPushedLine(f *testing.F) {
	f.Add([]byte(`{"post":{"source":"nostr","id":"1","at":"2026-03-01T10:00:00Z","text":"안 #a","kind":"reply","url":"https://a.example","facets":[{"kind":"hashtag","start":4,"end":6,"value":"#a"}],"edited_at":"2026-03-01T11:00:00Z"}}`))
	f.Add([]byte(`{"delete":{"source":"nostr","author":{"handle":"@a"}}}`))
	f.Add([]byte(`{"heard":{"source":"nostr","from":"2026-03-01T10:00:00Z","to":"2026-03-01T11:00:00Z","state":"gap","reason":"b"}}`))
	f.Add([]byte(`{"clock":{"source":"nostr","at":"2026-03-01T10:00:00+09:00"}}`))
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, line []byte) {
		x, source, err := readPushed(line, now, func(s reaction.Source) bool { return !s.Collected() })
		if err != nil {
			var m *misfit
			if !errors.As(err, &m) || m.reason == "" || m.text == "" || !utf8.ValidString(m.text+m.path) || len(m.text) > 500 {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		set, latest := 0, now.Add(maxAhead)
		if r := x.Record; r.Post != nil || r.Delete != nil {
			if set++; r.Check() != nil || r.At.After(latest) || r.Post != nil && (r.Post.At.After(latest) || r.Post.Source != source) {
				t.Fatalf("took %+v", r)
			}
		}
		if c := x.Heard; c != nil {
			if set++; !c.To.After(c.From) || c.To.After(latest) || c.Source != source {
				t.Fatalf("took %+v", c)
			}
		}
		if c := x.Clock; c != nil {
			if set++; c.At.After(latest) || c.Source != source {
				t.Fatalf("took %+v", c)
			}
		}
		if set != 1 || slices.Contains(reserved, string(source)) {
			t.Fatalf("took %+v of %q", x, source)
		}
	})
}
