package archive

import (
	"os"
	"path/filepath"
	"testing"
	"time"
	"unicode/utf8"

	"outcry/collectors/archive/internal/frame"
	"outcry/internal/reaction"
)

// FuzzOpen reads anything as anything: it must end, keep every promise about a record, and give
// the same records from disk as from memory.
func FuzzOpen(f *testing.F) {
	seeds := []string{
		"id,time,text\na,2023-05-24T18:00:00Z,\"x\ny\"\n,,\nb,1684965600,x\n",
		"time;service;state;latency\n2023-05-24T18:00:00Z;s;up;1.5\n",
		`{"data":[{"id":"1","text":"x","created_at":"2023-05-24T18:00:00Z","referenced_tweets":[{"type":"retweeted","id":"2"}]}],"includes":{"users":[{"id":"1","username":"a"}]}}`,
		`{"created_at":"Wed Oct 10 20:19:24 +0000 2018","id_str":"1","text":"x","user":{}}` + "\n" + `{"delete":{"status":{"id":1}}}`,
		`{"did":"d","time_us":1795341128645652,"kind":"commit","commit":{"operation":"create","collection":"app.bsky.feed.post","rkey":"r","record":{"$type":"app.bsky.feed.post","text":"#a","tags":["b"],"facets":[{"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"a"}],"index":{"byteEnd":2,"byteStart":0}}]}}}`,
		`{"event":"update","payload":` + "\"{}\"" + `}` + "\n" + fedi(1, "public", `<p>a <a href="https://x.example" class="hashtag">#b</a>`, "") + "\n" + `{"event":"delete","payload":"1"}`,
		"event: update\ndata: " + fedi(2, "public", "x", "") + "\n\nevent: delete\ndata: 2\n\n",
		`{"at":"2023-05-24T22:00:00Z","post":{"source":"x","text":"y"}}`,
		`{"service":"s","at":1684965600,"audience":1}`,
	}
	for _, s := range seeds {
		for i := range Formats {
			f.Add(s, uint8(i))
		}
	}
	f.Fuzz(func(t *testing.T, text string, format uint8) {
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		read := func(memory int64) (out []string) {
			a, err := Open(t.Context(), []string{path}, Options{Format: Formats[int(format)%len(Formats)], Now: readAt, MemoryBytes: memory})
			if err != nil {
				return nil
			}
			defer a.Close()
			last := time.Time{}
			for rec, err := range a.Records(0) {
				if err != nil {
					t.Fatal(err)
				}
				if rec.At.Before(last) {
					t.Fatalf("%v comes after %v", rec.At, last)
				}
				if last = rec.At; rec.Post != nil {
					checkPost(t, rec.Post)
				}
				out = append(out, describe(rec))
			}
			if int64(len(out)) != a.Len() {
				t.Fatalf("%d records, Len %d", len(out), a.Len())
			}
			return out
		}
		memory, disk := read(0), read(1)
		if len(memory) != len(disk) {
			t.Fatalf("%d records in memory, %d on disk", len(memory), len(disk))
		}
		for i := range memory {
			if memory[i] != disk[i] {
				t.Fatalf("in memory %s, on disk %s", memory[i], disk[i])
			}
		}
	})
}

func checkPost(t *testing.T, p *reaction.Post) {
	t.Helper()
	switch {
	case p.ID == "" || len(p.ID) > reaction.MaxIDBytes:
		t.Fatalf("the id %q", p.ID)
	case p.Text == "" || len(p.Text) > reaction.MaxTextBytes:
		t.Fatalf("a text of %d bytes", len(p.Text))
	case p.At.After(readAt.Add(maxAhead)) || p.At.Before(earliest) || p.At.Location() != time.UTC:
		t.Fatalf("the time %v", p.At)
	}
	if _, err := reaction.ParseSource(string(p.Source)); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{p.Text, p.ID, p.Author.ID, p.Author.Handle, p.Lang, p.URL, p.Repeats} {
		if !utf8.ValidString(s) || clean(s) != s {
			t.Fatalf("%q is not clean", s)
		}
	}
	for _, f := range p.Facets {
		if f.Start < 0 || f.Start > f.End || f.End > len(p.Text) || f.Value == "" || !utf8.ValidString(f.Value) || !utf8.ValidString(p.Text[f.Start:f.End]) {
			t.Fatalf("%q has the facet %+v", p.Text, f)
		}
	}
}

// FuzzDecoders gives single objects to each decoder of JSON.
func FuzzDecoders(f *testing.F) {
	decoders := []decodeFunc{decodeX, decodeOldX, decodeSky, decodeFedi, decodeOurs, (&Options{Zone: time.UTC}).decodeJSONSample}
	f.Add(`{"data":{"id":"1","text":"x &amp;","created_at":"2023-05-24T18:00:00Z"}}`, uint8(0))
	f.Add(`{"created_at":"Wed Oct 10 20:19:24 +0000 2018","id":1,"text":"x","retweeted_status":{"id":2,"text":"y"}}`, uint8(1))
	f.Add(`{"did":"d","time_us":1795341128645652,"kind":"commit","commit":{"operation":"update","collection":"app.bsky.feed.post","rkey":"r","record":{"$type":"app.bsky.feed.post","text":"#é b","tags":["b"],"facets":[{"features":[{"$type":"app.bsky.richtext.facet#mention"}],"index":{"byteEnd":3,"byteStart":0}}]}}}`, uint8(2))
	f.Add(`{"event":"update","payload":`+fedi(1, "public", `<p>x<br><a href="https://x.example">y z</a></p>`, `,"spoiler_text":"w"`)+`}`, uint8(3))
	f.Add(`{"at":"2023-05-24T22:00:00Z","post":{"source":"x","text":"yé","facets":[{"k":"url","b":1,"e":3,"v":"u"}]}}`, uint8(4))
	f.Add(`{"service":"s","at":"2023-05-24","latency_ms":1e3,"state":"up"}`, uint8(5))
	f.Fuzz(func(t *testing.T, text string, n uint8) {
		e := emitter{latest: readAt.Add(maxAhead)}
		e.begin(1, len(text))
		decoders[int(n)%len(decoders)](&frame.Row{Line: 1, Data: []byte(text)}, &e)
		for _, it := range e.items {
			switch {
			case it.reason != "":
				if it.payload != nil || it.open != nil {
					t.Fatalf("refused for %s and kept", it.reason)
				}
			case it.open == nil:
				rec, hash, err := decodeRecord(moment(it.key.At), it.payload)
				if err != nil {
					t.Fatal(err)
				}
				if rec.Post != nil {
					if hash != "" {
						rec.Post.ID = contentID(hash, 0)
					}
					checkPost(t, rec.Post)
				}
			}
		}
	})
}
