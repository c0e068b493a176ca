package wire

import (
	"testing"

	"outcry/internal/reaction"
)

// A repost says whose words it passes on, so that it can go with them; a quote holds its own words
// alone, and nobody else's.
func TestRepostsTellWhoseWordsTheyAre(t *testing.T) {
	const at = `"created_at":"2023-05-24T22:00:01Z"`
	sky := Sky{Passed: func(uri string) (*reaction.Post, bool) { return &reaction.Post{Text: "their words"}, true }}
	status := func(author, content, more string) string {
		return `{"uri":"https://a.example/` + author + `","created_at":"2026-11-22T10:00:00Z","visibility":"public","content":"<p>` + content + `</p>","account":{"url":"https://a.example/@` + author + `"}` + more + `}`
	}
	for name, c := range map[string]struct {
		read func(to Sink)
		kind reaction.Kind
		text string
		who  string
	}{
		"x": {func(to Sink) {
			X([]byte(`{"data":{"id":"4","author_id":"1","text":"RT @b: their words",`+at+`,"referenced_tweets":[{"type":"retweeted","id":"2"}]},"includes":{"tweets":[{"id":"2","author_id":"22","text":"their words"}]}}`), to)
		}, reaction.Repost, "RT @b: their words", "22"},
		"x, flattened": {func(to Sink) {
			X([]byte(`{"id":"4","author_id":"1","text":"RT @b: their words",`+at+`,"referenced_tweets":[{"type":"retweeted","id":"2","author_id":"22","text":"their words"}]}`), to)
		}, reaction.Repost, "RT @b: their words", "22"},
		"x, quote": {func(to Sink) {
			X([]byte(`{"data":{"id":"4","author_id":"1","text":"see",`+at+`,"referenced_tweets":[{"type":"quoted","id":"2"}]},"includes":{"tweets":[{"id":"2","author_id":"22","text":"their words"}]}}`), to)
		}, reaction.Quote, "see", ""},
		"bluesky": {func(to Sink) {
			sky.Read([]byte(`{"did":"did:plc:a","time_us":1795341128645652,"kind":"commit","commit":{"operation":"create","collection":"app.bsky.feed.repost","rkey":"r","record":{"$type":"app.bsky.feed.repost","subject":{"uri":"at://did:plc:b/app.bsky.feed.post/1"},"createdAt":"2026-11-22T10:00:00Z"}}}`), to)
		}, reaction.Repost, "their words", "did:plc:b"},
		"bluesky, by a name": {func(to Sink) {
			sky.Read([]byte(`{"did":"did:plc:a","time_us":1795341128645652,"kind":"commit","commit":{"operation":"create","collection":"app.bsky.feed.repost","rkey":"r","record":{"$type":"app.bsky.feed.repost","subject":{"uri":"at://b.example/app.bsky.feed.post/1"},"createdAt":"2026-11-22T10:00:00Z"}}}`), to)
		}, reaction.Repost, "their words", ""},
		"bluesky, quote": {func(to Sink) {
			sky.Read([]byte(`{"did":"did:plc:a","time_us":1795341128645652,"kind":"commit","commit":{"operation":"create","collection":"app.bsky.feed.post","rkey":"r","record":{"$type":"app.bsky.feed.post","text":"see","embed":{"$type":"app.bsky.embed.record","record":{"uri":"at://did:plc:b/app.bsky.feed.post/1"}},"createdAt":"2026-11-22T10:00:00Z"}}}`), to)
		}, reaction.Quote, "see", ""},
		"mastodon": {func(to Sink) {
			Mastodon("update", []byte(status("a", "", `,"reblog":`+status("b", "their words", ""))), to)
		}, reaction.Repost, "their words", "https://a.example/@b"},
		"mastodon, quote": {func(to Sink) {
			Mastodon("update", []byte(status("a", "see", `,"quote":{"quoted_status":`+status("b", "their words", "")+`}`)), to)
		}, reaction.Quote, "see", ""},
	} {
		var got Catch
		c.read(&got)
		if len(got.Found) != 1 || got.Found[0].Record.Post == nil {
			t.Errorf("%s: %v", name, got.told())
			continue
		}
		p := got.Found[0].Record.Post
		if p.Kind != c.kind || p.Text != c.text || p.Passed.ID != c.who || p.Repeats == "" {
			t.Errorf("%s: %s %q passes on %q by %q", name, p.Kind, p.Text, p.Repeats, p.Passed.ID)
		}
	}
}
