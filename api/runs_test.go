package api_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"outcry/internal/reaction"
)

const (
	runs    = "/v1/events/launch/runs"
	goodRun = `{"name":"first","records":3,"coverage":[{"source":"x","from":"2026-03-01T10:00:00Z","to":"2026-03-01T11:00:00Z","state":"recorded"}],
		"rejected":[{"source":"x","reason":"blank","posts":2}]}`
	ndjson = "application/x-ndjson"
)

// records are n lines, each with a post.
func records(n int) string {
	var b strings.Builder
	for i := range n {
		at := noon.Add(time.Duration(i) * time.Second).Format(time.RFC3339)
		fmt.Fprintf(&b, `{"at":%q,"post":{"source":"x","id":"r%d","at":%q,"kind":"reply","text":"launch"}}`+"\n", at, i, at)
	}
	return b.String()
}

func TestRunLife(t *testing.T) {
	h := start(t)
	h.launch(t)
	a := h.post(t, runs, "application/json", goodRun).want(t, 200)
	if l := a.Header.Get("Location"); l != runs+"/first" {
		t.Errorf("Location is %q", l)
	}
	sent := func(a answer) int64 { return read[reaction.RunProgress](t, a).Sent }
	if n := sent(h.post(t, runs+"/first/records?after=0", ndjson, records(2)).want(t, 202)); n != 2 {
		t.Errorf("sent %d, want 2", n)
	}
	// The answer was lost: the same again takes nothing and is no error.
	if n := sent(h.post(t, runs+"/first/records?after=0", ndjson, records(2)).want(t, 202)); n != 2 {
		t.Errorf("sent %d after the same again, want 2", n)
	}
	p := h.post(t, runs+"/first/records?after=7", ndjson, records(1)).problem(t, 409, "do not follow on")
	if p.Sent == nil || *p.Sent != 2 {
		t.Errorf("the conflict says %v were sent", p.Sent)
	}
	h.post(t, runs+"/first/finish", "", "").problem(t, 409, "2 of 3 records were sent")
	if s := read[api409](t, h.post(t, runs+"/first/finish", "", "")).Detail; strings.Contains(s, "conflict") {
		t.Errorf("the sentinel shows in %q", s)
	}
	h.post(t, runs+"/first/records?after=2", ndjson, records(1)).want(t, 202)
	h.post(t, runs+"/first/finish", "", "").want(t, 200)
	if g := read[reaction.RunProgress](t, h.get(t, runs+"/first").want(t, 200)); !g.Done || g.Sent != 3 {
		t.Errorf("progress is %+v", g)
	}
	if got := h.runs["launch/first"].records; len(got) != 3 || got[1].Post.ID != "r1" || got[1].Post.Kind != reaction.Reply {
		t.Errorf("stored %+v", got)
	}

	h.get(t, runs+"/other").problem(t, 404, `"other"`)
	h.post(t, runs+"/other/records?after=0", ndjson, records(1)).problem(t, 404, "begin it")
	h.get(t, "/v1/events/none/runs/first").problem(t, 404, `"none"`)
	h.post(t, runs+"/first/records", ndjson, records(1)).problem(t, 422, "query.after")
	h.post(t, runs+"/first/records?after=-1", ndjson, records(1)).problem(t, 422, "query.after")
}

type api409 struct{ Detail string }

func TestRunMistakes(t *testing.T) {
	h := start(t)
	h.launch(t)
	for body, has := range map[string][]string{
		`{"name":"Big Run","records":-1}`: {"body.name", "body.records"},
		`{"name":"a","coverage":[{"source":"X","from":"2026-03-01T10:00:00Z","to":"2026-03-01T10:00:00Z","state":"recorded"},{"source":"x","state":"seen"}]}`: {
			"body.coverage[0].source", "body.coverage[0] to is not after from", "body.coverage[1].state"},
		`{"name":"a","rejected":[{"source":"x","posts":1}]}`: {"body.rejected[0]"},
		`{"name":"a","simulated":true}`:                      {"body.simulated", "false"},
		`{"nome":"a"}`:                                       {`"nome"`},
	} {
		h.post(t, runs, "application/json", body).problem(t, 422, has...)
	}
	h.post(t, "/v1/events/none/runs", "application/json", goodRun).problem(t, 404)
}

func TestRecordsCompressed(t *testing.T) {
	h := start(t)
	h.launch(t)
	h.post(t, runs, "application/json", goodRun).want(t, 200)
	send := func(body []byte, encoding string) answer {
		return h.do(t, "POST", runs+"/first/records?after="+fmt.Sprint(h.runs["launch/first"].Sent), ndjson, string(body), "Content-Encoding", encoding)
	}
	send(zipped(t, records(2)), "gzip").want(t, 202)
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	send(enc.EncodeAll([]byte(records(2)), nil), "zstd").want(t, 202)
	if n := h.runs["launch/first"].Sent; n != 4 {
		t.Errorf("sent %d, want 4", n)
	}
	whole := zipped(t, records(50))
	send(whole[:len(whole)-20], "gzip").problem(t, 400, "broke off")
	send([]byte("no gzip"), "gzip").problem(t, 400)
	send([]byte("no zstd"), "zstd").problem(t, 400)
	if a := send([]byte("x"), "br"); a.problem(t, 415, "gzip or zstd").Status != 415 || a.Header.Get("Accept-Encoding") != "gzip, zstd" {
		t.Errorf("headers are %v", a.Header)
	}
	// A small body that grows is stopped at the limit.
	line := `{"at":"2026-03-01T10:00:00Z","post":{"source":"x","id":"1","at":"2026-03-01T10:00:00Z","kind":"reply","text":"` + strings.Repeat("a", 60_000) + `"}}` + "\n"
	send(zipped(t, strings.Repeat(line, 600)), "gzip").problem(t, 413, "32768 KiB")
	send(enc.EncodeAll([]byte(strings.Repeat(" ", 40<<20)), nil), "zstd").problem(t, 413)
	if n := h.runs["launch/first"].Sent; n != 4 {
		t.Errorf("sent %d, want still 4", n)
	}
}

func zipped(t *testing.T, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRecordMistakes(t *testing.T) {
	h := start(t)
	h.launch(t)
	h.post(t, runs, "application/json", goodRun).want(t, 200)
	const at = `"at":"2026-03-01T10:00:00Z"`
	post := func(fields string) string {
		return `{` + at + `,"post":{"source":"x","id":"1",` + at + `,"kind":"reply",` + fields + `}}`
	}
	for body, has := range map[string]string{
		"\n\n":                               "no records",
		records(1) + "\n{}":                  "body[1] (line 3) give exactly one",
		`{` + at + `,"post":{},"delete":{}}`: "exactly one",
		`{"post":{"source":"x"}}`:            "body[0] (line 1).at",
		post(`"text":"a\u0000"`):             "U+0000",
		post(`"text":"` + strings.Repeat("a", 70_000) + `"`):   "post.text",
		post(`"text":"a","facets":[{"k":"url","b":0,"e":2}]`):  "post.facets[0]",
		post(`"text":"a","facets":[{"k":"url","b":-1,"e":1}]`): "post.facets[0]",
		post(`"txt":"a"`):                                                   `"txt"`,
		`{` + at + `,"post":{"source":"X!"}}`:                               "post.source",
		`{` + at + `,"post":{"source":"x",` + at + `}}`:                     "post.id",
		`{` + at + `,"post":{"source":"x","id":"1"}}`:                       "post.at",
		`{` + at + `,"post":{"source":"x","id":"1","kind":"song"}}`:         "song",
		`{` + at + `,"delete":{"source":"x"}}`:                              "delete give the id",
		`{` + at + `,"delete":{"source":"x","id":"1","authors":[{"e":1}]}}`: "delete.authors",
		`{` + at + `,"sample":{"state":"up",` + at + `}}`:                   "sample.service",
		`{` + at + `,"sample":{"service":"a","state":"up"}}`:                "sample.at",
	} {
		h.post(t, runs+"/first/records?after=0", ndjson, body).problem(t, 422, has)
	}
	h.post(t, runs+"/first/records?after=0", ndjson, records(5001)).problem(t, 413, "5000 records")
	h.post(t, runs+"/first/records?after=0", ndjson, `{"at":"`+strings.Repeat("9", 1<<20)).problem(t, 413, "Record 0")
	h.post(t, runs+"/first/records?after=0", "text/csv", "a,b").problem(t, 415)
	if n := h.runs["launch/first"].Sent; n != 0 {
		t.Errorf("%d records were taken from wrong requests", n)
	}
	ok := `{` + at + `,"delete":{"source":"x","id":"1",` + at + `}}` + "\n" + `{` + at + `,"sample":{"service":"Big Stage","state":"down",` + at + `}}`
	a := h.post(t, runs+"/first/records?after=0", "", ok).want(t, 202)
	var p reaction.RunProgress
	if err := json.Unmarshal(a.body, &p); err != nil || p.Sent != 2 {
		t.Errorf("sent %d: %v", p.Sent, err)
	}
}
