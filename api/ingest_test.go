package api_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"outcry/api"
	"outcry/internal/auth"
	"outcry/internal/reaction"
)

const goodPost = `{"post":{"source":"nostr","id":"1","at":"2026-03-01T12:00:00Z","text":"no sound on the stream"}}`

func TestPushForms(t *testing.T) {
	h := start(t)
	body := "\ufeff" + `{"post":{"source":"nostr","id":"1","at":"2026-03-01T21:00:00.1234567+09:00","text":"소리 #안나와","author":{"id":"npub1","handle":"@ann"},"lang":"ko",
"url":"https://example.org/1","kind":"reply","repeats":"0","facets":[{"kind":"hashtag","start":7,"end":17,"value":"#안나와"}]}}`
	body = strings.ReplaceAll(body, "\n", "") + "\r\n\n" +
		`{"post":{"source":"nostr","id":"1","at":"2026-03-01T12:00:00Z","text":"b","edited_at":"2026-03-01T12:01:00Z"}}` + "\n" +
		`{"delete":{"source":"nostr","id":"1"}}` + "\n" +
		`{"delete":{"source":"nostr","author":{"handle":"@ann"},"at":"2026-03-01T11:00:00Z"}}` + "\n" +
		`{"heard":{"source":"nostr","from":"2026-03-01T11:00:00Z","to":"2026-03-01T12:00:00Z","state":"gap","reason":"the relay was away"}}` + "\n" +
		`{"clock":{"source":"nostr","at":"2026-03-01T12:00:00Z"}}`
	r := read[api.PushReport](t, h.post(t, pushAddress, ndjson, body).want(t, 202))
	if r.Lines != 6 || r.Through != 7 || r.Accepted != 5 || r.Duplicates != 1 || r.Refusals == nil || r.Notes == nil || r.Reasons == nil {
		t.Errorf("%+v", r)
	}
	got := h.ingest.got
	if len(got) != 6 {
		t.Fatalf("%d were taken", len(got))
	}
	p := got[0].Record.Post
	if want := time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC); !p.At.Equal(want) || p.Kind != reaction.Reply || p.Author.Handle != "ann" ||
		len(p.Facets) != 1 || p.Facets[0] != (reaction.Facet{Kind: "hashtag", Start: 7, End: 17, Value: "안나와"}) || got[0].Record.Edit {
		t.Errorf("%+v", p)
	}
	if e := got[1].Record; !e.Edit || !e.At.Equal(noon.Add(time.Minute)) || !e.Post.At.Equal(noon) {
		t.Errorf("%+v", e)
	}
	if d := got[2].Record.Delete; d.ID != "1" || !d.At.Equal(noon) {
		t.Errorf("%+v", d)
	}
	if d := got[3].Record.Delete; d.ID != "" || d.Author.Handle != "ann" || !d.At.Equal(noon.Add(-time.Hour)) {
		t.Errorf("%+v", d)
	}
	if c := got[4].Heard; c.State != reaction.CoverageGap || c.Reason == "" || !c.From.Equal(noon.Add(-time.Hour)) {
		t.Errorf("%+v", c)
	}
	if c := got[5].Clock; c.Source != "nostr" || !c.At.Equal(noon) {
		t.Errorf("%+v", c)
	}
}

// What is wrong with a line is told with its place, and every other line is taken.
func TestPushRefusals(t *testing.T) {
	h := start(t)
	post := func(more string) string { return `{"post":{"source":"nostr","id":"2",` + more + `}}` }
	const at = `"at":"2026-03-01T12:00:00Z"`
	for i, c := range []struct{ line, reason, path, text string }{
		{"nonsense", "bad_json", "", "not JSON"},
		{`{"post":{"source":"nostr"`, "bad_json", "", "breaks off"},
		{goodPost + goodPost, "bad_json", "", "more follows"},
		{`[` + goodPost + `]`, "bad_json", "", "array"},
		{`{}`, "bad_line", "", "exactly one"},
		{`{"clock":{"source":"a","at":"2026-03-01T12:00:00Z"},"delete":{"source":"a","id":"1"}}`, "bad_line", "", "exactly one"},
		{post(at + `,"simulated":true`), "bad_json", "", `no field "simulated"`},
		{post(at + `,"author":{"id":7}`), "bad_json", "post.author.id", "number"},
		{"{\"post\":{\"source\":\"nostr\",\"id\":\"\xff\"," + at + "}}", "bad_text", "", "UTF-8"},
		{post(at + `,"text":"a\u0000b"`), "bad_text", "", "U+0000"},
		{post(`"text":"a"`), "no_time", "post.at", "2026-03-01T18:00:00Z"},
		{post(`"at":"yesterday"`), "bad_time", "post.at", `"yesterday"`},
		{post(`"at":"1969-03-01T12:00:00Z"`), "bad_time", "post.at", "1970"},
		{post(`"at":"2026-03-01T12:05:01Z"`), "future_time", "post.at", "5 minutes ahead"},
		{post(`"at":"2099-03-01T12:05:01Z"`), "future_time", "post.at", "5 minutes ahead"},
		{post(`"at":"2026-02-22T11:59:59Z"`), "too_old", "post.at", "7 days"},
		{post(at + `,"edited_at":"2026-03-01T12:05:01Z"`), "future_time", "post.edited_at", "ahead"},
		{post(at + `,"kind":"toot"`), "bad_value", "post.kind", "reply"},
		{post(at + `,"url":"javascript:alert(1)"`), "bad_value", "post.url", "https://"},
		{post(at + `,"text":"` + strings.Repeat("a", 64<<10+1) + `"`), "bad_value", "post.text", "65536"},
		{post(at + `,"text":"안","facets":[{"kind":"url","start":1,"end":3,"value":"x"}]`), "bad_value", "post.facets[0]", "bytes"},
		{post(at + `,"text":"a","facets":[{"kind":"cashtag","start":0,"end":1,"value":"x"}]`), "bad_value", "post.facets[0].kind", "mention"},
		{post(at + `,"text":"a","facets":[{"kind":"url","start":0,"end":1,"value":""}]`), "bad_value", "post.facets[0].value", "address"},
		{`{"post":{"source":"nostr",` + at + `}}`, "bad_value", "post.id", "id"},
		{`{"post":{"source":"Big Net","id":"1",` + at + `}}`, "bad_source", "post.source", "lower-case"},
		{`{"post":{"source":"drill","id":"1",` + at + `}}`, "bad_source", "post.source", "is taken"},
		{`{"delete":{"source":"nostr"}}`, "bad_value", "delete", "author"},
		{`{"delete":{"source":"nostr","id":"1","at":"2027-03-01T12:00:00Z"}}`, "future_time", "delete.at", "ahead"},
		{`{"heard":{"source":"nostr","from":"2026-03-01T12:00:00Z","to":"2026-03-01T12:00:00Z","state":"live"}}`, "bad_value", "heard.to", "after"},
		{`{"heard":{"source":"nostr","from":"2026-03-01T12:00:00Z","to":"2026-03-01T13:00:00Z","state":"live"}}`, "future_time", "heard.to", "ahead"},
		{`{"heard":{"source":"nostr","from":"2026-03-01T11:00:00Z","to":"2026-03-01T12:00:00Z","state":"capped"}}`, "bad_value", "heard.state", "filled"},
		{`{"heard":{"source":"nostr","from":"2026-03-01T11:00:00Z","to":"2026-03-01T12:00:00Z","state":"gap","reason":"a\nb"}}`, "bad_value", "heard.reason", "one line"},
		{`{"clock":{"source":"nostr","at":"2026-03-01T12:06:00Z"}}`, "future_time", "clock.at", "ahead"},
		{`{"post":{"source":"nostr","id":"` + strings.Repeat("i", 1<<20) + `",` + at + `}}`, "too_large", "", "1024 KiB"},
	} {
		good := fmt.Sprintf(`{"post":{"source":"nostr","id":"good-%d","at":"2026-03-01T12:00:00Z"}}`, i)
		r := read[api.PushReport](t, h.post(t, pushAddress, ndjson, c.line+"\n"+good+"\n").want(t, 202))
		if r.Refused != 1 || r.Accepted != 1 || r.Through != 2 || len(r.Refusals) != 1 || r.Reasons[c.reason] != 1 {
			t.Errorf("%.80s: %+v", c.line, r)
			continue
		}
		if x := r.Refusals[0]; x.Line != 1 || x.Reason != c.reason || x.Path != c.path || !strings.Contains(x.Text, c.text) {
			t.Errorf("%.80s: refused with %+v", c.line, x)
		}
	}
	// Refusals of a source are counted with it.
	if x := h.ingest.got[len(h.ingest.got)-4].Refused; x == nil || *x != (reaction.Refusal{Source: "nostr", Reason: "future_time"}) {
		t.Errorf("counted as %+v", x)
	}
}

func TestPushesThatCannotBeTaken(t *testing.T) {
	h := start(t)
	push := func(kind, body string, headers ...string) answer {
		return h.do(t, "POST", pushAddress, kind, body, headers...)
	}
	push("text/csv", goodPost).problem(t, 415, "application/x-ndjson")
	push(ndjson, goodPost, "Content-Encoding", "br").problem(t, 415, "gzip or zstd")
	push(ndjson, goodPost, "Content-Encoding", "gzip").problem(t, 400)
	push(ndjson, goodPost, "Content-Encoding", "zstd").problem(t, 400)
	push(ndjson, "").problem(t, 422, "no lines")
	push(ndjson, "\n \n\r\n").problem(t, 422, "no lines")
	push("", goodPost).want(t, 202)                                  // curl -T
	push("application/x-www-form-urlencoded", goodPost).want(t, 202) // curl -d
	p := push(ndjson, "nonsense\n{}\n").problem(t, 422, "line 1 it is not JSON", "line 2 give exactly one")
	if p.Push == nil || p.Push.Refused != 2 || p.Push.Through != 2 {
		t.Errorf("%+v", p.Push)
	}
	h.do(t, "POST", pushAddress+"?results=some", ndjson, goodPost).problem(t, 422, "query.results")
	h.fault = reaction.ErrAway
	a := push(ndjson, goodPost)
	if a.problem(t, 503); a.Header.Get("Retry-After") == "" {
		t.Errorf("Retry-After is missing: %v", a.Header)
	}
}

// Where there is no room in the middle, the answer says how far it came, also to a client that
// reads only once it has sent everything.
func TestPushWithoutRoom(t *testing.T) {
	h := start(t)
	h.ingest.after = 3
	body := pushed(0, 40_000, noon)
	a := h.post(t, pushAddress+"?results=all", ndjson, body)
	p := a.problem(t, 503)
	if a.Header.Get("Retry-After") == "" || p.Push == nil || p.Push.Through != int64(len(h.ingest.got)) || p.Push.Accepted != p.Push.Through || p.Push.Through == 0 {
		t.Fatalf("%d were taken: %+v", len(h.ingest.got), p.Push)
	}
	h.ingest.after = 0
	r := read[api.PushReport](t, h.post(t, pushAddress, ndjson, body).want(t, 202))
	if r.Duplicates != p.Push.Through || r.Accepted != 40_000-p.Push.Through {
		t.Errorf("%+v", r)
	}
}

// endless makes a body that goes on and on.
type endless struct {
	piece []byte
	left  int64
	at    int
}

func (e *endless) Read(p []byte) (n int, err error) {
	for n < len(p) && e.left > 0 {
		k := copy(p[n:], e.piece[e.at:])
		k = int(min(int64(k), e.left))
		n, e.left, e.at = n+k, e.left-int64(k), (e.at+k)%len(e.piece)
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// pushReader pushes a body as it is read.
func pushReader(t *testing.T, h *house, body io.Reader, length int64, headers ...string) (status int, p api.Problem) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "POST", h.url+pushAddress, body)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = length
	req.Header.Set("Authorization", "Bearer "+h.key)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&p); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, p
}

// A push may be 100 MiB and not a byte more, and unpack to no more than ten times that, whatever it
// says of itself.
func TestPushLimits(t *testing.T) {
	if testing.Short() {
		t.Skip("it sends some hundred megabytes")
	}
	const most = 100 << 20
	h := start(t)
	piece := []byte(`{"post":{"source":"nostr","id":"1","at":"2026-03-01T12:00:00Z","text":"` + strings.Repeat("a", 64<<10-75) + `"}}` + "\n")
	if len(piece) != 64<<10 {
		t.Fatalf("a piece has %d bytes", len(piece))
	}
	if status, p := pushReader(t, h, &endless{piece: piece, left: most}, -1); status != 202 {
		t.Errorf("100 MiB are answered with %d %+v", status, p)
	}
	if n := len(h.ingest.got); n != most/len(piece) {
		t.Errorf("%d were taken", n)
	}
	status, p := pushReader(t, h, &endless{piece: piece, left: most + 1}, -1)
	if status != 413 || p.Push == nil || p.Push.Through < 1000 {
		t.Errorf("a byte more is answered with %d %+v", status, p.Push)
	}
	if status, p := pushReader(t, h, &endless{piece: piece, left: most + 1}, most+1); status != 413 || p.Push != nil {
		t.Errorf("a byte more that is announced is answered with %d %+v", status, p.Push)
	}
	for what, piece := range map[string][]byte{"spaces": bytes.Repeat([]byte(" "), 1<<20), "long lines": append(bytes.Repeat([]byte("a"), 2<<20), '\n')} {
		var bomb bytes.Buffer
		z, _ := gzip.NewWriterLevel(&bomb, gzip.BestSpeed)
		if _, err := io.Copy(z, &endless{piece: piece, left: 1<<30 + 1}); err != nil {
			t.Fatal(err)
		}
		z.Close()
		if status, p := pushReader(t, h, &bomb, int64(bomb.Len()), "Content-Encoding", "gzip"); status != 413 || !strings.Contains(p.Detail, "unpacks to more") {
			t.Errorf("a bomb of %s is answered with %d %s", what, status, p.Detail)
		}
	}
	var blank bytes.Buffer
	z := gzip.NewWriter(&blank)
	_, _ = z.Write(bytes.Repeat([]byte("\n"), 2_000_001))
	z.Close()
	if status, p := pushReader(t, h, &blank, int64(blank.Len()), "Content-Encoding", "gzip"); status != 413 || !strings.Contains(p.Detail, "lines") {
		t.Errorf("blank lines without end are answered with %d %s", status, p.Detail)
	}
}

func TestPushesAtOnce(t *testing.T) {
	h := start(t)
	_, secret := h.makeKey(t, time.Time{}, auth.Ingest)
	sender := h.as(secret)
	h.ingest.held, h.ingest.waits = make(chan struct{}), make(chan struct{}, 10)
	done := make(chan answer)
	for range 4 {
		go func() { done <- sender.do(t, "POST", pushAddress, ndjson, goodPost) }()
	}
	for range 4 {
		<-h.ingest.waits
	}
	a := sender.post(t, pushAddress, ndjson, goodPost)
	if a.problem(t, 429, "4 pushes of this sender"); a.Header.Get("Retry-After") == "" {
		t.Error("Retry-After is missing")
	}
	close(h.ingest.held)
	for range 4 {
		(<-done).want(t, 202)
	}
	sender.post(t, pushAddress, ndjson, goodPost).want(t, 202)
	var noted int
	for _, e := range h.audit(t) {
		if e.Action == "posts.push" && e.Actor == "key:test" {
			noted++
		}
	}
	if noted != 1 {
		t.Errorf("pushes of one sender are noted %d times in an hour", noted)
	}
}

// What a slow client sent in time is taken; a client that sends nothing for a minute is let go.
func TestSlowPush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		o, g := plainOptions(m), newIngest(m)
		o.Ingests = g
		begin := time.Now()
		status, _, body := exchangeSlowly(t, o, func(w io.Writer) {
			_, _ = io.WriteString(w, withKey(o, "POST "+pushAddress+" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"))
			for i := range 5 {
				_, _ = io.WriteString(w, pushed(i, i+1, begin))
				<-time.After(50 * time.Second)
				if n := g.taken(); n != i+1 {
					t.Errorf("%d of %d are durable while the body goes on", n, i+1)
				}
			}
			_, _ = io.WriteString(w, `{"post":{`)
		})
		var p api.Problem
		if err := json.Unmarshal([]byte(body), &p); err != nil || status != 408 || p.Push == nil || p.Push.Through != 5 || p.Push.Accepted != 5 {
			t.Errorf("answered with %d %s", status, body)
		}
		if took := time.Since(begin); took != 5*50*time.Second+time.Minute {
			t.Errorf("after %s", took)
		}
	})
}
