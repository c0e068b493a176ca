package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

const watching = `
slug: watching
title: Watching a source of our own
starts_at: 2026-01-01T00:00:00Z
match: {any: ["tower"]}
sources: [nostr]
`

// Posts are pushed in pieces, through a server and in this process alike, and once.
func TestPushFromTheCommandLine(t *testing.T) {
	now := time.Now().UTC()
	var b strings.Builder
	fmt.Fprintf(&b, `{"heard":{"source":"nostr","from":%q,"to":%q,"state":"live"}}`+"\n\n", now.Add(-time.Hour).Format(time.RFC3339), now.Format(time.RFC3339))
	for i := range 12_000 {
		fmt.Fprintf(&b, `{"post":{"source":"nostr","id":"%d","at":%q,"text":"the tower says %d"}}`+"\n", i, now.Add(-time.Minute).Format(time.RFC3339), i)
	}
	dir := dataDir(t)
	must(t, "event", "apply", "-f", eventFile(t, watching), "--data", dir)
	file := write(t, "posts.ndjson", b.String())
	if got := must(t, "push", file, "--data", dir); got != "12001 lines: 12001 accepted, 0 duplicates, 0 unmatched, 0 refused\n" {
		t.Errorf("told %q", got)
	}
	s := serve(t, dir)
	if got := must(t, "push", file, "--data", dir); !strings.HasPrefix(got, "12001 lines: 12001 accepted") { // another process remembers nothing
		t.Errorf("told %q", got)
	}
	in := strings.NewReader(b.String() + "nonsense\n" + `{"post":{"source":"other","id":"1","at":"` + now.Format(time.RFC3339) + `","text":"tower"}}` + "\n{}")
	var out, complaints bytes.Buffer
	if code := Run(t.Context(), []string{"push", "-", "--data", dir}, in, &out, &complaints); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	if got := out.String(); got != "12004 lines: 1 accepted, 12000 duplicates, 1 unmatched, 2 refused\n" {
		t.Errorf("told %q", got)
	}
	for _, has := range []string{"line 12003: it is not JSON", "line 12005: give exactly one", `names "other"`, "2 of 12004 lines were refused"} {
		if !strings.Contains(complaints.String(), has) {
			t.Errorf("%q is not in %q", has, complaints.String())
		}
	}
	var trend struct {
		Series []struct{ Points []struct{ Value *float64 } }
	}
	for until := time.Now().Add(time.Minute); ; {
		s.ask(t, "GET", "/v1/events/watching/trend?series=posts&step=1d", nil, 200, &trend)
		var sum float64
		for _, p := range trend.Series[0].Points {
			if p.Value != nil {
				sum += *p.Value
			}
		}
		if sum == 12_000 {
			break
		}
		if time.Now().After(until) || sum > 12_000 {
			t.Fatalf("%v posts are stored", sum)
		}
	}
	s.stop()
	if code := Run(t.Context(), []string{"push"}, nil, &out, &complaints); code != exitUsage {
		t.Errorf("without a file the exit code is %d", code)
	}
}

// A server that is killed in the middle of a push has what it had made durable, and the same sent to the
// next brings in the rest: everything once, and what was deleted gone.
func TestAPushThroughAServerThatIsKilled(t *testing.T) {
	dir := dataDir(t)
	must(t, "event", "apply", "-f", eventFile(t, watching), "--data", dir)
	now := time.Now().UTC()
	var b strings.Builder
	fmt.Fprintf(&b, `{"heard":{"source":"nostr","from":%q,"to":%q,"state":"live"}}`+"\n", now.Add(-time.Hour).Format(time.RFC3339), now.Format(time.RFC3339))
	for i := range 9000 {
		fmt.Fprintf(&b, `{"post":{"source":"nostr","id":"%d","at":%q,"text":"the tower says %d"}}`+"\n", i, now.Add(-time.Minute).Format(time.RFC3339), i)
		if i%10 == 0 {
			fmt.Fprintf(&b, `{"delete":{"source":"nostr","id":"%d"}}`+"\n", i)
		}
	}
	body := b.String()
	var out lockedBuffer
	server := child(t, &out, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	h := await(t, dir, &out)
	posts := func() (n float64) {
		var trend struct {
			Series []struct{ Points []struct{ Value *float64 } }
		}
		got := asked(t, h.URL, h.Key, http.MethodGet, "/v1/events/watching/trend?series=posts&step=1d", nil)
		if err := json.Unmarshal(got, &trend); err != nil {
			t.Fatalf("%v: %s", err, got)
		}
		for _, p := range trend.Series[0].Points {
			if p.Value != nil {
				n += *p.Value
			}
		}
		return n
	}
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL+"/v1/ingest/posts", reader)
		if err == nil {
			req.Header.Set("Authorization", "Bearer "+h.Key)
			req.Header.Set("Content-Type", "application/x-ndjson")
			var a *http.Response
			if a, err = http.DefaultClient.Do(req); err == nil {
				err = fmt.Errorf("it was answered with %d", a.StatusCode)
				a.Body.Close()
			} else {
				err = nil
			}
		}
		ended <- err
	}()
	if _, err := io.WriteString(writer, body[:len(body)*2/3]); err != nil {
		t.Fatal(err)
	}
	for until := time.Now().Add(time.Minute); posts() == 0; {
		if time.Now().After(until) {
			t.Fatalf("nothing is stored while the push goes on:\n%s", out.String())
		}
	}
	_ = server.Process.Kill()
	_ = server.Wait()
	_ = writer.CloseWithError(io.ErrUnexpectedEOF)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	out = lockedBuffer{}
	server = child(t, &out, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	h = await(t, dir, &out)
	for range 2 {
		var r struct{ Lines, Accepted, Duplicates, Refused int64 }
		got := asked(t, h.URL, h.Key, http.MethodPost, "/v1/ingest/posts", strings.NewReader(body))
		if err := json.Unmarshal(got, &r); err != nil || r.Lines != 9901 || r.Accepted+r.Duplicates != 9901 || r.Refused > 0 {
			t.Errorf("%v: %s", err, got)
		}
	}
	n := posts()
	for until := time.Now().Add(time.Minute); n != 8100 && time.Now().Before(until); n = posts() {
		continue
	}
	if n != 8100 {
		t.Errorf("%v posts stand of 8100", n)
	}
	_ = server.Process.Kill()
	_ = server.Wait()
}

// asked asks a server with a key, and gives its answer where that is a good one.
func asked(t *testing.T, url, key, method, path string, body io.Reader) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	a, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	got, err := io.ReadAll(a.Body)
	if err != nil || a.StatusCode >= 300 {
		t.Fatalf("%s %s: %d %s, %v", method, path, a.StatusCode, got, err)
	}
	return got
}
