package wire

import (
	"fmt"
	"testing"
	"time"
)

func TestJetstreamTellsWhatItWasAbout(t *testing.T) {
	for text, want := range map[string]SkyEvent{
		`{"did":"did:plc:a","time_us":5,"kind":"commit","commit":{"rev":"3n","operation":"delete","collection":"app.bsky.feed.post","rkey":"r"}}`:                                 {Kind: "commit", Operation: "delete", DID: "did:plc:a", Collection: "app.bsky.feed.post", RKey: "r", Rev: "3n", TimeUS: 5},
		`{"did":"did:plc:a","time_us":5,"kind":"account","account":{"active":false,"status":"takendown"}}`:                                                                        {Kind: "account", DID: "did:plc:a", TimeUS: 5, Status: "takendown"},
		`{"did":"did:plc:a","time_us":6,"kind":"account","account":{"active":true}}`:                                                                                              {Kind: "account", DID: "did:plc:a", TimeUS: 6, Active: true},
		`{"did":"did:plc:a","time_us":7,"kind":"identity"}`:                                                                                                                       {Kind: "identity", DID: "did:plc:a", TimeUS: 7},
		`{"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#commit","collection":"c","did":"d","operation":"create","rkey":"k","rev":"v","seq":4846}}`: {Kind: "commit", Operation: "create", DID: "d", Collection: "c", RKey: "k", Rev: "v", Seq: 4846},
		`{"did":`: {},
	} {
		if got := Jetstream([]byte(text), &Catch{}); got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", text, got, want)
		}
	}
}

// An edit has one time, by whichever server and however often it is told.
func TestAnEditIsOfTheTimeOfItsCommit(t *testing.T) {
	server := time.Date(2026, 11, 28, 3, 44, 6, 331369000, time.UTC)
	for rev, want := range map[string]time.Time{
		"3n3drykdm2c2c":  time.Date(2026, 11, 28, 3, 44, 5, 589000000, time.UTC),
		"3n2zzzzzzzz2c":  server, // a week ago
		"3zzzzzzzzzz2c":  server, // to come
		"3n3drykdm2c2":   server,
		"3n3drykdm2c21":  server, // 1 is no digit
		"zn3drykdm2c2c":  server, // more than 63 bits
		"":               server,
		"3n3drykdm2c2c2": server,
	} {
		var c Catch
		Jetstream(fmt.Appendf(nil, `{"did":"d","time_us":%d,"kind":"commit","commit":{"rev":%q,"operation":"update","collection":"app.bsky.feed.post","rkey":"r","record":{"$type":"app.bsky.feed.post","text":"x","createdAt":"2026-11-28T03:44:00Z"}}}`,
			server.UnixMicro(), rev), &c)
		if len(c.Found) != 1 || !c.Found[0].Record.Edit || !c.Found[0].Record.At.Equal(want) {
			t.Errorf("%s: %+v, want an edit of %s", rev, c.Found, want)
		}
	}
}

func TestMastodonTellsWhatItWasAbout(t *testing.T) {
	var c Catch
	got := Mastodon("", []byte(`{"stream":["hashtag","launch"],"event":"delete","payload":"12"}`), &c)
	if got.Event != "delete" || got.Local != "12" || len(got.Stream) != 2 || got.Stream[1] != "launch" || !c.Found[0].Gone {
		t.Errorf("got %+v, %q", got, c.told())
	}
	status := `{"id":"3","uri":"https://a.example/s/3","created_at":"2026-11-22T10:00:00Z","visibility":"public","content":"<p>x</p>","account":{}}`
	c = Catch{}
	if got := Mastodon("status.update", []byte(status), &c); got.Event != "status.update" || got.Local != "3" || c.Found[0].Local != "3" || !c.Found[0].Record.Edit {
		t.Errorf("got %+v, %q", got, c.told())
	}
}

// FuzzWire gives anything to every decoder.
func FuzzWire(f *testing.F) {
	for _, s := range []string{
		`{"data":[{"id":"1","text":"RT @a: x…","created_at":"2023-05-24T18:00:00Z","referenced_tweets":[{"type":"retweeted","id":"2"}]}],"includes":{"tweets":[{"id":"2","text":"y"}]},"matching_rules":[{"id":1}]}`,
		`{"errors":[{"title":"a","disconnect_type":"b"}]}`,
		`{"did":"d","time_us":1795341128645652,"kind":"commit","commit":{"operation":"create","collection":"app.bsky.feed.post","rkey":"r","record":{"$type":"app.bsky.feed.post","text":"#é","facets":[{"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"é"}],"index":{"byteEnd":3,"byteStart":0}}]}}}`,
		`{"event":"update","payload":"{\"uri\":\"u\",\"created_at\":\"2026-11-22T10:00:00Z\",\"visibility\":\"public\",\"content\":\"<p>x<a href='https://x.example'>y</a>\"}"}`,
	} {
		for i := range uint8(4) {
			f.Add(s, i)
		}
	}
	f.Fuzz(func(t *testing.T, text string, n uint8) {
		var c Catch
		switch n % 4 {
		case 0:
			X([]byte(text), &c)
		case 1:
			Jetstream([]byte(text), &c)
		case 2:
			Mastodon("", []byte(text), &c)
		case 3:
			Mastodon("status.update", []byte(text), &c)
		}
		for _, f := range c.Found {
			if f.Refused == "" && !f.Gone && !f.Record.At.IsZero() && f.Record.At.Year() > 1970 && f.Record.At.Year() < 2200 {
				if r := f.Record; r.Post != nil && (r.Post.At.Year() < 1970 || r.Post.At.Year() > 2200) {
					continue // the line sets such times right
				}
				if bad := f.Record.Check(); bad != nil {
					t.Fatalf("%q gives a record that cannot be carried: %v", text, bad)
				}
			}
		}
	})
}
