package bluesky

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"outcry/collectors"
	"outcry/internal/reaction"
)

// What authors do afterwards reaches the line: edits, deletions, and accounts that are gone.
func TestWhatAuthorsDoAfterwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(t, one)
		e := newEar()
		stop := collecting(t, n.source(Options{}, one), nil, e)
		defer stop()
		synctest.Wait()
		label := record{"$type": "com.atproto.label.defs#selfLabels", "values": []record{{"val": "!no-unauthenticated"}}}
		closed := func(text string) record {
			r := postRecord(text)
			r["labels"] = label
			return r
		}
		ann, bo := "did:plc:ann", "did:plc:bo"
		a := n.commit("create", ann, posts, "a", postRecord("is it down?"))
		b := n.commit("create", ann, posts, "b", postRecord("it is down"))
		c := n.commit("create", ann, posts, "c", postRecord("a long outage"))
		d := n.commit("create", bo, posts, "d", postRecord("here too"))
		n.commit("create", bo, posts, "members", closed("for members"))
		r := n.commit("create", bo, reposts, "r", record{"$type": reposts, "createdAt": "x", "subject": record{"uri": a}})
		n.commit("create", bo, reposts, "unknown", record{"$type": reposts, "createdAt": "x", "subject": record{"uri": "at://did:plc:no/app.bsky.feed.post/x"}})
		n.commit("update", ann, posts, "a", postRecord("it is up"))
		n.commit("update", ann, posts, "c", closed("for members now"))
		n.commit("update", bo, posts, "d", postRecord(""))
		n.commit("delete", ann, posts, "b", nil)
		n.commit("create", bo, reposts, "gone", record{"$type": reposts, "createdAt": "x", "subject": record{"uri": b}})
		n.commit("delete", bo, reposts, "r", nil)
		n.append("", func(us int64) []byte {
			return encode(record{"did": ann, "time_us": us, "kind": "identity", "identity": record{"did": ann, "handle": "ann.test"}})
		})
		for _, status := range []string{"deactivated", "deleted", "takendown", "suspended", "throttled", "desynchronized"} {
			n.account("did:plc:"+status, false, status)
		}
		n.account(ann, true, "")
		n.account(bo, false, "takendown")
		n.commit("create", ann, reposts, "purged", record{"$type": reposts, "createdAt": "x", "subject": record{"uri": d}})
		pass(t, time.Second)
		stop()
		e.check(t, []string{a, b, c, d, r})
		if e.texts[r] != "is it down?" {
			t.Errorf("the repost says %q", e.texts[r])
		}
		deletes := []string{
			c + " by " + ann, d + " by " + bo, b + " by " + ann, r + " by " + bo,
			" by did:plc:deactivated", " by did:plc:deleted", " by did:plc:takendown", " by did:plc:suspended", " by " + bo,
		}
		if !slices.Equal(e.edits, []string{a + " it is up"}) || !slices.Equal(e.deletes, deletes) {
			t.Errorf("edits %q, deletes\n%q, want\n%q", e.edits, e.deletes, deletes)
		}
		refused := map[string]int{"opted_out": 1, "unknown_post": 3, "notice": 3}
		if !reflect.DeepEqual(e.refused, refused) {
			t.Errorf("refused %v, want %v", e.refused, refused)
		}
	})
}

func TestRepostsCanBeLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(t, one)
		e := newEar()
		s := n.source(Options{NoReposts: true, Plain: true}, one)
		stop := collecting(t, s, nil, e)
		defer stop()
		synctest.Wait()
		id := n.post(1)
		n.repost(1, id)
		pass(t, time.Second)
		stop()
		e.check(t, []string{id})
		ask := n.hosts[one].dials[0]
		if len(ask["wantedCollections"]) != 1 || ask.Has("compress") || len(s.Traits().Canaries) != 1 {
			t.Errorf("asked for %v", ask)
		}
	})
}

// Who went and came back is not gone again because a Jetstream that was killed tells of it once more.
func TestAnAccountGoesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(t, one)
		e := newEar()
		stop := collecting(t, n.source(Options{}, one), nil, e)
		defer stop()
		synctest.Wait()
		for range 2 {
			n.accountAgain("did:plc:ann", false, "deactivated", 7)
			n.accountAgain("did:plc:ann", true, "", 8)
			pass(t, time.Second)
		}
		n.accountAgain("did:plc:ann", false, "deactivated", 9)
		pass(t, time.Second)
		stop()
		if len(e.deletes) != 2 {
			t.Errorf("gone %q, want twice", e.deletes)
		}
	})
}

// TestRecordedStream reads what a real Jetstream has sent.
func TestRecordedStream(t *testing.T) {
	want := map[string][4]int{ // posts, edits, deletions, refused
		"bluesky_jetstream_v1.jsonl":                         {4, 1, 1, 4},
		"bluesky_jetstream_v1_account_deleted.jsonl":         {1, 0, 1, 0},
		"bluesky_jetstream_v1_from_v2server_simulator.jsonl": {46, 4, 7, 0},
	}
	for name, want := range want {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				lines := recorded(t, name)
				n := newNetwork(t, one)
				e := newEar()
				when := time.Date(2026, 11, 22, 10, 12, 0, 0, time.UTC)
				stop := collecting(t, n.source(Options{Now: func() time.Time { return when }}, one), nil, e)
				defer stop()
				synctest.Wait()
				for _, line := range lines {
					n.hosts[one].say(websocket.MessageBinary, n.hosts[one].packer.EncodeAll(line, nil))
				}
				synctest.Wait()
				stop()
				refused := 0
				for _, k := range e.refused {
					refused += k
				}
				if got := [4]int{len(e.posts), len(e.edits), len(e.deletes), refused}; got != want {
					t.Errorf("got %v, want %v; refused %v", got, want, e.refused)
				}
			})
		})
	}
}

func recorded(t *testing.T, name string) (lines [][]byte) {
	f, err := os.Open(filepath.Join("../../../shared/facts/samples", name))
	if err != nil {
		t.Skip("the recorded samples are absent: ../shared/facts/samples beside the repository")
	}
	defer f.Close()
	for in := bufio.NewScanner(f); in.Scan(); {
		lines = append(lines, slices.Clone(in.Bytes()))
	}
	return lines
}

func TestWordsAreForgotten(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	w := newWords(100_000, func() time.Time { return now })
	post := func(i int) *reaction.Post {
		return &reaction.Post{ID: fmt.Sprintf("at://did:plc:%d/app.bsky.feed.post/x", i), Text: fmt.Sprintf("text %d", i)}
	}
	known := func(i int) bool { _, ok := w.find(post(i).ID); return ok }
	for i := range 1000 {
		w.keep(post(i))
		if len(w.young.posts)+len(w.old.posts) > 100_000/400 {
			t.Fatalf("%d posts are remembered", len(w.young.posts)+len(w.old.posts))
		}
	}
	if !known(999) || !known(900) || known(1) {
		t.Error("the last are not remembered, or the first are")
	}
	w.forget(&reaction.Delete{Author: reaction.Author{ID: "did:plc:999"}})
	w.forget(&reaction.Delete{ID: post(998).ID})
	if known(999) || known(998) || !known(997) {
		t.Error("what is gone is remembered, or more is gone")
	}
	if w.keep(post(999)); !known(999) {
		t.Error("what an author posts who has come back is not remembered")
	}
	now = now.Add(halfLife)
	if !known(997) {
		t.Error("a post is forgotten too soon")
	}
	if now = now.Add(halfLife); known(997) {
		t.Error("a post is remembered for more than an hour")
	}
}

// FuzzRead gives any message to a connection: what comes of it can be carried.
func FuzzRead(f *testing.F) {
	f.Add(`{"did":"did:plc:a","time_us":1795341128645652,"kind":"commit","commit":{"rev":"3n","operation":"create","collection":"app.bsky.feed.post","rkey":"r","record":{"$type":"app.bsky.feed.post","createdAt":"2026-11-22T09:52:08Z","text":"#é down","langs":["en"],"facets":[{"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"é"}],"index":{"byteEnd":3,"byteStart":0}}]}}}`)
	f.Add(`{"did":"did:plc:a","time_us":1795341128645652,"kind":"commit","commit":{"operation":"create","collection":"app.bsky.feed.repost","rkey":"q","record":{"$type":"app.bsky.feed.repost","subject":{"uri":"at://x/y/z"}}}}`)
	f.Add(`{"did":"did:plc:a","time_us":9223372036854775807,"kind":"commit","commit":{"operation":"update","collection":"app.bsky.feed.post","rkey":"r","record":{"$type":"app.bsky.feed.post","text":""}}}`)
	f.Add(`{"did":"did:plc:a","time_us":-1,"kind":"account","account":{"active":false,"status":"deleted"}}`)
	now := time.Date(2026, 11, 22, 9, 52, 9, 0, time.UTC)
	s, err := New(Options{Now: func() time.Time { return now }})
	if err != nil {
		f.Fatal(err)
	}
	s.words.keep(&reaction.Post{ID: "at://x/y/z", Text: "words"})
	f.Fuzz(func(t *testing.T, text string) {
		c := &conn{s: s, h: s.hosts[0], quoted: `"x"`, dialed: now}
		m, err := c.read([]byte(text), now)
		if err != nil {
			t.Fatal(err)
		}
		if !m.Beat && (m.Upto.After(now.Add(late)) || m.Upto.Before(now.Add(-2*time.Hour)) || parseCursor(m.Cursor).TimeUS != m.Upto.UnixMicro()) {
			t.Fatalf("%q: upto %s, cursor %s", text, m.Upto, m.Cursor)
		}
		for _, it := range m.Items {
			r := it.Record
			if it.Refused != "" || r.Delete != nil && (r.At.IsZero() || r.At.After(now)) {
				continue
			}
			if p := r.Post; p != nil { // the line sets other times right
				if p.Received.Sub(now) > late {
					t.Fatalf("%q: received at %s", text, p.Received)
				}
				p.At, r.At = now, now
			}
			if bad := r.Check(); bad != nil {
				t.Fatalf("%q: %v", text, bad)
			}
		}
	})
}

func FuzzCursor(f *testing.F) {
	f.Add(`{"host":"a","time_us":5}`)
	f.Add(`{"host":"a","time_us":-9223372036854775808}`)
	f.Fuzz(func(t *testing.T, text string) {
		if from := parseCursor(collectors.Cursor(text)).from(&host{name: "a"}); from < 0 {
			t.Fatalf("%q goes on from %d", text, from)
		}
	})
}
