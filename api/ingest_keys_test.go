package api_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"outcry/api"
	"outcry/internal/auth"
	"outcry/internal/reaction"
)

// keyFor is a house that asks with a key that may push, made for these sources.
func (h *house) keyFor(t testing.TB, name string, sources ...reaction.Source) *house {
	t.Helper()
	_, secret, err := h.door.CreateKey(t.Context(), auth.Key{Name: name, Scopes: auth.Scopes{auth.Ingest}, Sources: sources}, auth.Principal{Kind: auth.Local}, noon)
	if err != nil {
		t.Fatal(err)
	}
	return h.as(secret)
}

// everythingOf is a line of each kind of a source.
func everythingOf(source string) string {
	const at = `"2026-03-01T12:00:00Z"`
	return strings.ReplaceAll(strings.Join([]string{
		`{"post":{"source":"S","id":"1","at":` + at + `}}`,
		`{"post":{"source":"S","id":"1","at":` + at + `,"edited_at":` + at + `}}`,
		`{"delete":{"source":"S","id":"2"}}`,
		`{"delete":{"source":"S","author":{"id":"ann"}}}`,
		`{"heard":{"source":"S","from":"2026-03-01T11:00:00Z","to":` + at + `,"state":"live"}}`,
		`{"clock":{"source":"S","at":` + at + `}}`,
		`{"post":{"Source":"S","SOURCE":"S","id":"3","at":` + at + `}}`,
		`{"post":{"source":"nostr"},"post":{"source":"S","id":"4","at":` + at + `}}`, // the last word counts
		`{"post":{"source":"S","id":"5","at":"nonsense"}}`,
	}, "\n")+"\n", `"S"`, `"`+source+`"`)
}

// A key may say nothing of a source that it was not made for, nor have it said of that source that
// something was refused; whoever signs in or works at the server may.
func TestAKeySpeaksForItsSourcesOnly(t *testing.T) {
	h := start(t)
	plain, listed := h.keyFor(t, "plain"), h.keyFor(t, "listed", "bluesky", "mybridge")
	const kinds = 9
	for _, c := range []struct {
		who     *house
		source  string
		allowed bool
	}{
		{plain, "nostr", true}, {plain, "mybridge", true}, {plain, "x", false}, {plain, "bluesky", false}, {plain, "mastodon", false},
		{listed, "bluesky", true}, {listed, "mybridge", true}, {listed, "nostr", false}, {listed, "x", false}, {listed, "mybridge2", false},
		{h, "x", true}, {h, "bluesky", true}, {h, "anything", true},
	} {
		before := len(h.ingest.got)
		good := map[bool]string{true: "mybridge", false: "nostr"}[c.who == listed]
		r := read[api.PushReport](t, c.who.post(t, pushAddress, ndjson, everythingOf(c.source)+strings.Split(everythingOf(good), "\n")[2]).want(t, 202))
		got := h.ingest.got[before:]
		if c.allowed {
			if r.Refused != 1 || r.Reasons["foreign_source"] != 0 {
				t.Errorf("%s is refused: %+v", c.source, r)
			}
			continue
		}
		if r.Lines != kinds+1 || r.Refused != kinds || r.Reasons["foreign_source"] != kinds || r.Accepted != 1 {
			t.Errorf("of %s: %+v", c.source, r)
		}
		if x := r.Refusals[0]; x.Path != "post.source" || !strings.Contains(x.Text, `"`+c.source+`"`) || !strings.Contains(x.Text, "--source "+c.source) {
			t.Errorf("of %s: %+v", c.source, x)
		}
		for _, x := range got {
			if x.Refused != nil || x.Heard != nil || x.Clock != nil || x.Record.Post != nil || x.Record.Delete != nil && x.Record.Delete.Source != reaction.Source(good) {
				t.Errorf("of %s this was taken: %+v", c.source, x)
			}
		}
	}
	p := plain.post(t, pushAddress, ndjson, everythingOf("x")).problem(t, 422, "may not speak for \"x\"")
	if p.Push == nil || p.Push.Refused != kinds || p.Push.Accepted != 0 {
		t.Errorf("%+v", p.Push)
	}
	if !slices.ContainsFunc(h.audit(t), func(e auth.Entry) bool {
		return e.Actor == "key:plain" && e.Outcome == auth.Refused && e.Target == "9 lines" && strings.Contains(e.Reason, "may not speak for")
	}) {
		t.Error("the audit log says nothing of who tried")
	}
}

func TestKeysForSources(t *testing.T) {
	h := start(t)
	const path, kind = "/v1/keys", "application/json"
	for body, has := range map[string]string{
		`{"name":"a","scopes":["read"],"sources":["nostr"]}`:                                 "only a key with the scope ingest",
		`{"name":"a","scopes":["ingest"],"sources":["Big Net"]}`:                             "lower-case",
		`{"name":"a","scopes":["ingest"],"sources":["drill"]}`:                               "is taken",
		`{"name":"a","scopes":["ingest"],"sources":["` + strings.Repeat(`a","`, 50) + `b"]}`: "at most 50",
	} {
		h.post(t, path, kind, body).problem(t, 422, "body.sources", has)
	}
	for body, want := range map[string]string{
		`{"name":"all","scopes":["ingest"]}`:                                     "[]",
		`{"name":"some","scopes":["read","ingest"],"sources":["x","nostr","x"]}`: `["x","nostr"]`,
	} {
		var a struct {
			Key struct {
				ID      string
				Sources json.RawMessage
			}
		}
		if err := json.Unmarshal(h.post(t, path, kind, body).want(t, 201).body, &a); err != nil || string(a.Key.Sources) != want {
			t.Errorf("%s: made for %s, %v", body, a.Key.Sources, err)
		}
	}
	if list := string(h.get(t, path).want(t, 200).body); !strings.Contains(list, `"sources":["x","nostr"]`) || !strings.Contains(list, `"sources":[]`) {
		t.Errorf("the list is %s", list)
	}
	if e := h.audit(t); !slices.ContainsFunc(e, func(e auth.Entry) bool { return strings.HasSuffix(e.Target, "some (read ingest) for x, nostr") }) {
		t.Errorf("audited: %+v", e)
	}
}

// Each push that deletes is in the audit log once, with how much of which source and without whom,
// also where it breaks off.
func TestPushedDeletionsAreInTheAuditLog(t *testing.T) {
	h := start(t)
	bridge := h.keyFor(t, "bridge")
	gone := func(source string, id int) string {
		return fmt.Sprintf(`{"delete":{"source":%q,"id":"secret-%d"}}`+"\n", source, id)
	}
	const author = `{"delete":{"source":"nostr","author":{"id":"secret-ann","handle":"@secret"}}}` + "\n"
	var many strings.Builder
	for i := range 30 {
		many.WriteString(gone(fmt.Sprintf("s%02d", i), i))
	}
	var want []string
	for _, c := range []struct{ body, target string }{
		{gone("nostr", 1), "nostr: 1 post"},
		{author, "nostr: 1 author"},
		{gone("nostr", 1) + author + gone("nostr", 2) + goodPost, "nostr: 2 posts, 1 author"},
		{gone("rss", 1) + author + gone("x", 2), "1 post, 1 author; nostr: 1 author; rss: 1 post"},
		{goodPost, ""},
		{many.String(), "30 posts; other sources: 10 posts; s00: 1 post; s01: 1 post;"},
	} {
		bridge.post(t, pushAddress, ndjson, c.body).want(t, 202)
		if c.target != "" {
			want = append(want, c.target)
		}
	}
	h.ingest.after = 2 // there is room for one batch
	var long strings.Builder
	for i := range 6000 {
		long.WriteString(gone("nostr", i))
	}
	bridge.post(t, pushAddress, ndjson, long.String()).problem(t, 503)
	want = append(want, "nostr: ") // as many as the first batch held: 5000, or what had come in its time
	requests := map[string]bool{}
	var got []string
	for _, e := range slices.Backward(h.audit(t)) {
		if strings.Contains(e.Target+e.Reason, "secret") {
			t.Errorf("the log says whom: %+v", e)
		}
		if e.Action != "posts.delete" {
			continue
		}
		got, requests[e.RequestID] = append(got, e.Target), true
		if e.Actor != "key:bridge" || e.Outcome != auth.Done || e.RequestID == "" {
			t.Errorf("%+v", e)
		}
	}
	if len(got) != len(want) || len(requests) != len(want) {
		t.Fatalf("%d entries of %d requests: %q", len(got), len(requests), got)
	}
	for i := range want {
		if got[i] != want[i] && !(i >= 4 && strings.HasPrefix(got[i], want[i])) {
			t.Errorf("%q, want %q", got[i], want[i])
		}
	}
}
