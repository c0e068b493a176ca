package archive

import (
	"fmt"
	"strconv"
	"testing"
)

func fedi(id int, visibility, content, more string) string {
	return fmt.Sprintf(`{"id":"%d","uri":"https://a.example/s/%d","created_at":"2026-11-22T10:00:%02d.5Z","visibility":%q,"language":"en","content":%q,"account":{"acct":"bo@b.example","url":"https://b.example/@bo"}%s}`,
		id, id, id, visibility, content, more)
}

func TestMastodon(t *testing.T) {
	const by = `by:https://b.example/@bo @:bo@b.example lang:en`
	statuses := []string{
		fedi(1, "public", "<p>down</p>", ""),
		fedi(2, "unlisted", "<p>again</p>", `,"spoiler_text":"about the launch","in_reply_to_id":"1"`),
		fedi(3, "private", "<p>x</p>", ""),
		fedi(4, "public", "", `,"reblog":`+fedi(1, "public", "<p>down</p>", "")),
		fedi(5, "public", "", `,"reblog":`+fedi(3, "private", "<p>x</p>", "")),
		fedi(6, "public", "<p>see</p>", `,"quote":{"state":"accepted","quoted_status":{"uri":"https://a.example/s/1"}}`),
		fedi(7, "public", "", ""),
		`{"created_at":"2026-11-22T10:00:00Z","visibility":"public","content":"x","account":{}}`,
		`{"id":"8","uri":"https://a.example/s/8","created_at":"2026-11-22T10:00:00Z","visibility":"public","content":"x","account":{"noindex":true}}`,
	}
	want := []string{
		`2026-11-22T10:00:01.5Z original mastodon/https://a.example/s/1 "down" ` + by,
		`2026-11-22T10:00:02.5Z reply mastodon/https://a.example/s/2 "about the launch\nagain" ` + by,
		`2026-11-22T10:00:04.5Z repost mastodon/https://a.example/s/4 "down" ` + by + ` of:https://a.example/s/1`,
		`2026-11-22T10:00:06.5Z quote mastodon/https://a.example/s/6 "see" ` + by + ` of:https://a.example/s/1`,
	}
	array, perLine := "[", ""
	for i, s := range statuses {
		if i > 0 {
			array += ",\n"
		}
		array += s
		perLine += s + "\n"
	}
	refused := []string{"3 not_public", "5 not_public", "7 no_text", "8 no_id", "9 opted_out"}
	golden{name: "statuses in an array", text: array + "]\n", want: want, refused: refused}.check(t)
	golden{name: "a status a line", text: perLine, want: want, refused: refused}.check(t)

	edited := fedi(1, "public", "<p>up</p>", `,"edited_at":"2026-11-22T10:00:30Z"`)
	events := []string{
		`2026-11-22T10:00:01.5Z original mastodon/https://a.example/s/1 "down" ` + by,
		`2026-11-22T10:00:30Z original mastodon/https://a.example/s/1 "up" ` + by + ` edit at:2026-11-22T10:00:01.5Z`,
		`2026-11-22T10:00:30Z delete mastodon/https://a.example/s/1 by:`,
	}
	golden{
		name: "WebSocket",
		text: `{"stream":["public"],"event":"update","payload":` + strconv.Quote(statuses[0]) + `}
{"stream":["public"],"event":"status.update","payload":` + edited + `}
{"stream":["public"],"event":"delete","payload":"1"}
{"stream":["public"],"event":"delete","payload":"99"}
{"stream":["user"],"event":"notification","payload":"{}"}
{"stream":["public"],"event":"update","payload":"{"}
`,
		want: events, refused: []string{"4 unknown_post", "5 notice", "6 bad_json"},
	}.check(t)
	golden{
		name: "server-sent events",
		text: "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n:)\nevent: update\ndata: " + statuses[0] +
			"\n\n:thump\n\nevent: status.update\ndata: " + edited + "\n\nevent: delete\ndata: 1\n\nevent: filters_changed\ndata:\n\n",
		want: events, refused: []string{"16 notice"},
	}.check(t)
}

func TestMastodonText(t *testing.T) {
	for _, c := range []struct{ content, tags, want string }{
		{`plain &amp; simple`, "", `"plain & simple"`},
		{`<p>one<br>two<br />three</p><p>four</p>`, "", `"one\ntwo\nthree\nfour"`},
		{`<p>a <a href="https://a.example/tags/Launch" class="mention hashtag" rel="tag">#<span>Launch</span></a> b</p>`, `{"name":"launch"}`,
			`"a #Launch b" hashtag[2:9]Launch`},
		{`<p>#here and <a href="https://a.example/tags/there" rel="tag">#there</a></p>`, `{"name":"here"},{"name":"there"}`,
			`"#here and #there"`}, // one tag is not linked: all are left to be found in the text
		{`<p><span class="h-card"><a href="https://b.example/@bo" class="u-url mention">@<span>bo</span></a></span> hi</p>`, "",
			`"@bo hi" mention[0:3]bo`},
		{`<p>see <a href="https://example.com/a/long/path?q=1" rel="nofollow"><span class="invisible">https://</span><span class="ellipsis">example.com/a/lo</span><span class="invisible">ng/path?q=1</span></a>.</p>`, "",
			`"see https://example.com/a/long/path?q=1." url[4:39]https://example.com/a/long/path?q=1`},
		{`<p>&lt;b&gt; 먹통&#39;s</p><script>alert(1)</script><ul><li>x</li><li>y</li></ul>`, "", `"<b> 먹통's\nx\ny"`},
		{`<a href="javascript:x">odd</a><a>no end`, "", `"oddno end"`},
		{"<p>two\n  lines</p>", "", `"two   lines"`},
	} {
		golden{
			name: c.want,
			text: fedi(1, "public", c.content, `,"tags":[`+c.tags+`]`),
			want: []string{`2026-11-22T10:00:01.5Z original mastodon/https://a.example/s/1 ` + splice(c.want, ` by:https://b.example/@bo @:bo@b.example lang:en`)},
		}.check(t)
	}
}

// splice puts the author behind the quoted text.
func splice(want, author string) string {
	quoted, err := strconv.QuotedPrefix(want)
	if err != nil {
		panic(err)
	}
	return quoted + author + want[len(quoted):]
}
