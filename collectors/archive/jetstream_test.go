package archive

import (
	"fmt"
	"testing"
)

func TestJetstream(t *testing.T) {
	commit := func(us int, operation, rkey, record string) string {
		return fmt.Sprintf(`{"did":"did:plc:ann","time_us":%d,"kind":"commit","commit":{"operation":%q,"collection":"app.bsky.feed.post","rkey":%q,"record":%s}}`+"\n",
			1795341128000000+us, operation, rkey, record)
	}
	post := func(created, text, more string) string {
		return fmt.Sprintf(`{"$type":"app.bsky.feed.post","createdAt":%q,"text":%q%s}`, created, text, more)
	}
	const near = "2026-11-22T09:52:07Z" // a second before
	url := func(rkey string) string {
		return "by:did:plc:ann url:https://bsky.app/profile/did:plc:ann/post/" + rkey
	}
	id := func(rkey string) string { return "bluesky/at://did:plc:ann/app.bsky.feed.post/" + rkey }
	golden{
		name: "version 1",
		text: commit(1, "create", "a", post(near, "down 🎉 #tag @bo x", `,"langs":["ko","en"],"tags":["Out"],"facets":[
{"index":{"byteStart":15,"byteEnd":18},"features":[{"$type":"app.bsky.richtext.facet#mention","did":"did:plc:bo"}]},
{"index":{"byteStart":10,"byteEnd":14},"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"tag"}]},
{"index":{"byteStart":11,"byteEnd":14},"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"overlaps"}]},
{"index":{"byteStart":6,"byteEnd":9},"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"inside a rune"}]},
{"index":{"byteStart":19,"byteEnd":99},"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"too far"}]},
{"index":{"byteStart":19,"byteEnd":20},"features":[{"$type":"app.bsky.richtext.facet#link","uri":"https://example.com/"}]},
{"index":{"byteStart":3,"byteEnd":2},"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"turned"}]}]`)) +
			commit(2, "create", "b", post("2026-11-22T09:47:07Z", "my clock is wrong", `,"reply":{"parent":{}}`)) +
			commit(3, "create", "c", post("", "no time of my own", `,"embed":{"$type":"app.bsky.embed.recordWithMedia","record":{"record":{"uri":"at://x/y/z"}}}`)) +
			commit(4, "update", "a", post(near, "up again", "")) +
			commit(5, "delete", "b", "null") +
			commit(6, "create", "d", post(near, "for members", `,"labels":{"values":[{"val":"!no-unauthenticated"}]}`)) +
			commit(7, "update", "c", post(near, "for members now", `,"labels":{"values":[{"val":"!no-unauthenticated"}]}`)) +
			commit(8, "create", "e", post(near, "", "")) +
			commit(9, "create", "f", `{"$type":"app.bsky.feed.other"}`) +
			commit(10, "create", "", post(near, "x", "")) +
			`{"did":"did:plc:bo","time_us":1795341128000011,"kind":"commit","commit":{"operation":"create","collection":"app.bsky.feed.repost","rkey":"r","record":{}}}
{"did":"did:plc:bo","time_us":1795341128000012,"kind":"identity","identity":{"handle":"bo.test"}}
{"did":"did:plc:bo","time_us":1795341128000013,"kind":"account","account":{"active":true}}
{"did":"did:plc:bo","time_us":1795341128000014,"kind":"account","account":{"active":false,"status":"takendown"}}
{"did":"did:plc:bo","time_us":1795341128000015,"kind":"account","account":{"active":false,"status":"desynchronized"}}
{"did":"did:plc:bo","time_us":
`,
		want: []string{
			`2026-11-22T09:52:07Z original ` + id("a") + ` "down 🎉 #tag @bo x" by:did:plc:ann lang:ko url:https://bsky.app/profile/did:plc:ann/post/a hashtag[10:14]tag mention[15:18]bo url[19:20]https://example.com/ hashtag[20:20]Out received:2026-11-22T09:52:08.000001Z`,
			`2026-11-22T09:52:08.000002Z reply ` + id("b") + ` "my clock is wrong" ` + url("b") + ` retimed received:2026-11-22T09:52:08.000002Z`,
			`2026-11-22T09:52:08.000003Z quote ` + id("c") + ` "no time of my own" by:did:plc:ann of:at://x/y/z url:https://bsky.app/profile/did:plc:ann/post/c retimed received:2026-11-22T09:52:08.000003Z`,
			`2026-11-22T09:52:08.000004Z original ` + id("a") + ` "up again" ` + url("a") + ` received:2026-11-22T09:52:08.000004Z edit at:2026-11-22T09:52:07Z`,
			`2026-11-22T09:52:08.000005Z delete ` + id("b") + ` by:did:plc:ann`,
			`2026-11-22T09:52:08.000007Z delete ` + id("c") + ` by:did:plc:ann`,
			`2026-11-22T09:52:08.000014Z delete bluesky/ by:did:plc:bo`,
		},
		refused: []string{"13 opted_out", "15 no_text", "16 not_a_post", "17 no_id", "18 collection", "19 notice", "20 notice", "22 notice", "23 bad_json"},
	}.check(t)

	golden{
		name: "version 2",
		text: `{"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#commit","collection":"app.bsky.feed.post","did":"did:plc:ann","operation":"create","record":` + post(near, "hello", "") + `,"rkey":"a","seq":1,"time":"2026-11-22T09:52:08.5Z"}}
{"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#commit","collection":"app.bsky.feed.post","did":"did:plc:ann","operation":"delete","rkey":"a","seq":2,"time":"2026-11-22T09:52:09Z"}}
{"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#account","did":"did:plc:ann","account":{"active":false,"status":"deactivated"},"seq":3,"time":"2026-11-22T09:52:10Z"}}
{"$type":"error","message":"too slow"}
`,
		want: []string{
			`2026-11-22T09:52:07Z original ` + id("a") + ` "hello" ` + url("a") + ` received:2026-11-22T09:52:08.5Z`,
			`2026-11-22T09:52:09Z delete ` + id("a") + ` by:did:plc:ann`,
			`2026-11-22T09:52:10Z delete bluesky/ by:did:plc:ann`,
		},
		refused: []string{"4 notice"},
	}.check(t)
}
