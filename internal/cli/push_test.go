package cli

import (
	"bytes"
	"fmt"
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
