package mastodon

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"outcry/collectors"
	"outcry/internal/reaction"
)

// taker is a Server that no network is behind.
func taker(t testing.TB, events ...reaction.Event) *Server {
	t.Helper()
	s, err := New(Options{Server: "a.example", Wanted: want(events...)})
	if err != nil {
		t.Fatal(err)
	}
	s.listen(events)
	return s
}

func told(items []collectors.Item) []string {
	e := &ear{items: items}
	return e.told()
}

// Recorded streams of a Mastodon and of a GoToSocial, where they are at hand.
func TestRecordedStreams(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "facts", "samples")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no recorded streams in ../shared")
	}
	for file, want := range map[string][]string{
		"mastodon_real_sse_hashtag.txt":      {"The #launch keynote", "edit EDIT #launch", "delete https://example.social/users/bob/statuses/111"},
		"mastodon_real_ws_hashtag.jsonl":     {"The #launch keynote", "edit EDIT #launch", "delete https://example.social/users/bob/statuses/111"},
		"mastodon_gts_ws_public_local.jsonl": {"The #launch keynote was amazing 🎉 <b>x</b>", "@alice reply about #launch", "edit EDITED: The #launch keynote was bad", "delete http://127.0.0.1:18081/users/bob/statuses/01M81B4VJT71086E0YZ5C3WMEC"},
	} {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		s := taker(t, event(1, "#launch"))
		s.follow([]stream{"#launch"}, nil)
		var items []collectors.Item
		if strings.HasSuffix(file, ".txt") {
			_, body, _ := bytes.Cut(text, []byte("\n:)"))
			r := newSSE(bytes.NewReader(append([]byte(":)"), body...)))
			for e, err := r.next(); err == nil; e, err = r.next() {
				if !e.comment {
					items = append(items, s.take(e.name, e.data, "#launch", time.Now())...)
				}
			}
		} else {
			for line := range bytes.Lines(text) {
				items = append(items, s.take("", line, "", time.Now())...)
			}
		}
		var got []string
		for _, it := range items {
			switch r := it.Record; {
			case r.Post != nil && r.Edit:
				got = append(got, "edit "+r.Post.Text)
			case r.Post != nil:
				got = append(got, r.Post.Text)
			case r.Delete != nil:
				got = append(got, "delete "+r.Delete.ID)
			default:
				got = append(got, "refused "+it.Refused)
			}
		}
		same(t, got, want)
	}
}

func status1(id, uri, more string) string {
	return `{"id":"` + id + `","uri":"` + uri + `","created_at":"2026-11-22T10:00:00Z","visibility":"public","content":"<p>x ` + id + ` #launch</p>","tags":[{"name":"launch"}],"account":{"url":"https://a.example/@bo"` + more + `}}`
}

func TestOrderOfMessages(t *testing.T) {
	s := taker(t, event(1, "#launch"))
	var items []collectors.Item
	take := func(event, data string) {
		items = append(items, s.take(event, []byte(data), "#launch", time.Now())...)
	}
	take("delete", "1") // before the post
	take("delete", "1")
	take("update", status1("1", "u:1", ""))
	take("update", status1("1", "u:1", ""))
	take("status.update", strings.Replace(status1("2", "u:2", ""), `"visibility"`, `"edited_at":"2026-11-22T10:01:00Z","visibility"`, 1)) // of a post that nobody heard
	take("delete", "2")
	take("status.update", strings.Replace(status1("3", "u:3", ""), `"public"`, `"private"`, 1))
	take("update", status1("4", "u:4", ""))
	take("status.update", strings.Replace(status1("4", "u:4", ""), `"public"`, `"private"`, 1)) // taken back
	take("update", status1("5", "u:5", ""))
	take("status.update", status1("5", "u:5", `,"noindex":true`))
	same(t, told(items), []string{"refused unknown_post", "x 1", "delete u:1", "edit x 2", "delete u:2", "refused not_public", "x 4", "refused not_public", "delete u:4", "x 5", "refused opted_out", "delete u:5"})
}

func TestFederatedCopiesAreOnePost(t *testing.T) {
	a, b := taker(t, event(1, "#launch")), taker(t, event(1, "#launch"))
	one := a.take("update", []byte(status1("11", "https://c.example/s/1", "")), "#launch", time.Now())
	two := b.take("update", []byte(status1("22", "https://c.example/s/1", "")), "#launch", time.Now())
	if one[0].Record.Post.ID != two[0].Record.Post.ID || one[0].Record.Post.Author.ID != two[0].Record.Post.Author.ID {
		t.Errorf("%+v and %+v", one[0].Record.Post, two[0].Record.Post)
	}
	same(t, told(b.take("delete", []byte("22"), "#launch", time.Now())), []string{"delete https://c.example/s/1"})
	boost := `{"id":"33","uri":"https://d.example/s/9/activity","created_at":"2026-11-22T10:00:00Z","visibility":"public","content":"","account":{"url":"https://d.example/@d"},"reblog":` + status1("11", "https://c.example/s/1", "") + `}`
	again := strings.Replace(boost, `"reblog":`, `"reblog":{"id":"44","uri":"https://e.example/s/2/activity","created_at":"2026-11-22T10:00:00Z","visibility":"public","content":"","account":{},"reblog":`, 1) + "}"
	for i, text := range []string{boost, strings.Replace(again, `"33"`, `"34"`, 1)} {
		p := a.take("update", []byte(text), "public", time.Now())[0].Record.Post
		if p == nil || p.Kind != reaction.Repost || p.Repeats != "https://c.example/s/1" || p.ID != "https://d.example/s/9/activity" || p.Author.ID != "https://d.example/@d" {
			t.Errorf("%d: %+v", i, p)
		}
	}
}

func TestWishesOfAuthors(t *testing.T) {
	no := `,"indexable":false`
	other := func(s string) string { return strings.ReplaceAll(s, "launch", "cats") }
	for name, c := range map[string]struct{ text, want string }{
		"nothing is said":               {status1("1", "u:1", ""), "x 1"},
		"not in the directory":          {status1("1", "u:1", `,"discoverable":false`), "x 1"},
		"indexable":                     {other(status1("1", "u:1", `,"indexable":true`)), "x 1"},
		"hashtags only, by a hashtag":   {status1("1", "u:1", no), "x 1"},
		"hashtags only, by words":       {other(status1("1", "u:1", no)), "refused opted_out"},
		"no search engines":             {status1("1", "u:1", `,"noindex":true`), "refused opted_out"},
		"no machines, in the bio":       {status1("1", "u:1", `,"note":"<p>hi <a href=\"https://a.example/tags/NoBot\" class=\"mention hashtag\">#<span>NoBot</span></a></p>"`), "refused opted_out"},
		"no archives, plain":            {status1("1", "u:1", `,"note":"cats, tea. #noarchive"`), "refused opted_out"},
		"a word that only looks so":     {status1("1", "u:1", `,"note":"<p>I build #nobotics and noindex</p>"`), "x 1"},
		"a longer hashtag":              {status1("1", "u:1", `,"note":"#nobot_farm"`), "x 1"},
		"for followers":                 {strings.Replace(status1("1", "u:1", ""), `"public"`, `"private"`, 1), "refused not_public"},
		"for those who are named":       {strings.Replace(status1("1", "u:1", ""), `"public"`, `"direct"`, 1), "refused not_public"},
		"unlisted":                      {strings.Replace(status1("1", "u:1", ""), `"public"`, `"unlisted"`, 1), "x 1"},
		"a boost of who opted out":      {`{"id":"9","uri":"u:9","created_at":"2026-11-22T10:00:00Z","visibility":"public","account":{},"reblog":` + status1("1", "u:1", `,"noindex":true`) + `}`, "refused opted_out"},
		"a boost of who wants no words": {`{"id":"9","uri":"u:9","created_at":"2026-11-22T10:00:00Z","visibility":"public","account":{"indexable":true},"reblog":` + other(status1("1", "u:1", no)) + `}`, "refused opted_out"},
	} {
		s := taker(t, event(1, "#launch", "x"))
		got := told(s.take("update", []byte(c.text), "public", time.Now()))
		if len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// FuzzMessages gives anything to what takes messages.
func FuzzMessages(f *testing.F) {
	f.Add("update", status1("1", "u:1", ""))
	f.Add("", `{"stream":["hashtag","launch"],"event":"update","payload":"{\"id\":\"1\",\"uri\":\"u\",\"created_at\":\"2026-11-22T10:00:00Z\",\"visibility\":\"public\",\"content\":\"x\"}"}`)
	f.Add("", `{"error":"Unknown stream type","status":400}`)
	f.Add("delete", "1")
	f.Add("status.update", `{"reblog":{"reblog":{}}}`)
	f.Fuzz(func(t *testing.T, event, data string) {
		s := taker(t)
		s.follow([]stream{public, "#launch"}, []byte(data))
		serverSays([]byte(data))
		for _, it := range s.take(event, []byte(data), "#launch", time.Now()) {
			if it.Refused == "" && it.Record.Post == nil && it.Record.Delete == nil {
				t.Errorf("an item of nothing: %+v", it)
			}
		}
		if again := s.take(event, []byte(data), "#launch", time.Now()); len(again) > 0 && again[0].Refused == "" {
			if p := again[0].Record.Post; p != nil && s.marks["#launch"].high != "" {
				t.Errorf("taken twice: %+v", p)
			}
		}
		var p status
		p.read([]byte(data))
		s.fetched(&p, public, time.Now())
	})
}
