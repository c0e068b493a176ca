package archive

import "testing"

func TestX(t *testing.T) {
	const at = `"created_at":"2023-05-24T22:00:01.500Z"`
	for _, g := range []golden{
		{
			name: "pages, old and new names, and words about the stream",
			text: `{"data":[
  {"id":"1","text":"Fish &amp; chips &lt;3",` + at + `,"author_id":"7","lang":"en"},
  {"id":"2","text":"RT @ann: the stream has been down for an h…",` + at + `,"author_id":"8","referenced_tweets":[{"type":"retweeted","id":"9"}]},
  {"id":"3","text":"yes",` + at + `,"referenced_posts":[{"type":"replied_to","id":"1"},{"type":"quoted","id":"9"}],"lang":"und"}
 ],
 "includes":{"users":[{"id":"7","username":"ann"}],"tweets":[{"id":"9","text":"cut…","note_tweet":{"text":"the stream has been down for an hour"}}]},
 "errors":[{"title":"Not Found"}]}

{"data":{"id":"4","text":"short…","note_post":{"text":"a long post"},` + at + `,"referenced_tweets":[{"type":"quoted","id":"5"}]},"matching_rules":[{"id":"1"}]}
{"errors":[{"title":"operational-disconnect"}]}
{"title":"ConnectionException"}
{"meta":{"result_count":0}}
{"data":[{"start":"x","tweet_count":3}]}
{"data":{"project_id":"584"}}
{}
`,
			want: []string{
				`2023-05-24T22:00:01.5Z original x/1 "Fish & chips <3" by:7 @:ann lang:en url:https://x.com/ann/status/1`,
				`2023-05-24T22:00:01.5Z repost x/2 "RT @ann: the stream has been down for an hour" by:8 of:9 url:https://x.com/i/status/2`,
				`2023-05-24T22:00:01.5Z reply x/3 "yes" url:https://x.com/i/status/3`,
				`2023-05-24T22:00:01.5Z quote x/4 "a long post" of:5 url:https://x.com/i/status/4`,
			},
			refused: []string{"8 blank", "10 notice", "11 notice", "12 notice", "13 not_a_post", "14 not_a_post", "15 not_a_post"},
		},
		{
			name: "flattened, with what is wrong with posts",
			text: `{"id":"1","text":"one",` + at + `,"author":{"id":"7","username":"ann"},"author_id":"7"}
{"id":"2","text":"no time","author_id":"7"}
{"id":"3","text":"when?","created_at":"soon"}
{"id":"4","text":"tomorrow","created_at":"2026-11-23T12:05:01Z"}
{"id":"5","text":"in time","created_at":"2026-11-23T12:05:00Z"}
{"id":"6","text":"old","created_at":"1999-12-31T23:59:59Z"}
{"id":"7","text":" ",` + at + `}
{"id":8.5,"text":"x",` + at + `}
{"id":"9","text":["x"],` + at + `}
{"id":"10","text":"cut off
{"id":11,"text":"a number for an id",` + at + `}
{"data":[{"id":"12","text":1},{"id":"13","text":"still good",` + at + `}]}
`,
			want: []string{
				`2023-05-24T22:00:01.5Z original x/1 "one" by:7 @:ann url:https://x.com/ann/status/1`,
				`2023-05-24T22:00:01.5Z original x/11 "a number for an id" url:https://x.com/i/status/11`,
				`2023-05-24T22:00:01.5Z original x/13 "still good" url:https://x.com/i/status/13`,
				`2026-11-23T12:05:00Z original x/5 "in time" url:https://x.com/i/status/5`,
			},
			refused: []string{"2 no_time", "3 bad_time", "4 future_time", "6 too_old", "7 no_text", "8 not_a_post", "9 bad_json", "10 bad_json", "12 bad_json"},
		},
		{
			name: "version 1.1",
			text: `{"created_at":"Wed Oct 10 20:19:24 +0000 2018","id":1050118621198921700,"id_str":"1050118621198921728","text":"cut…","extended_tweet":{"full_text":"whole &amp; well"},"user":{"id_str":"5","screen_name":"ann"},"lang":"in"}
{"created_at":"Wed Oct 10 20:19:25 +0000 2018","id":12,"full_text":"RT @ann: whole…","retweeted_status":{"id_str":"1050118621198921728","full_text":"whole and well"},"user":{"id":6}}
{"created_at":"Wed Oct 10 20:19:26 +0000 2018","id_str":"13","text":"@ann yes","in_reply_to_status_id":12,"user":{}}
{"created_at":"Wed Oct 10 20:19:27 +0000 2018","id_str":"14","text":"look","quoted_status_id_str":"12","user":{}}
{"delete":{"status":{"id_str":"12","user_id_str":"6"},"timestamp_ms":"1539202770123"}}
{"delete":{"status":{"id":13,"user_id":7}}}
{"delete":{"status":{"user_id":7}}}
{"limit":{"track":5}}
{"created_at":"Wed Oct 10 20:19:24 +0000 2018","id":1.05e18,"text":"an id that lost its end","user":{}}
{"statuses":[{"created_at":"Wed Oct 10 20:19:28 +0000 2018","id_str":"15","text":"of a search","user":{}}]}
`,
			want: []string{
				`2018-10-10T20:19:24Z original x/1050118621198921728 "whole & well" by:5 @:ann lang:id url:https://x.com/ann/status/1050118621198921728`,
				`2018-10-10T20:19:25Z repost x/12 "RT @ann: whole and well" by:6 of:1050118621198921728 url:https://x.com/i/status/12`,
				`2018-10-10T20:19:26Z reply x/13 "@ann yes" url:https://x.com/i/status/13`,
				`2018-10-10T20:19:27Z quote x/14 "look" of:12 url:https://x.com/i/status/14`,
				`2018-10-10T20:19:28Z original x/15 "of a search" url:https://x.com/i/status/15`,
				`2018-10-10T20:19:30.123Z delete x/12 by:6`,
				`2018-10-10T20:19:30.123Z delete x/13 by:7`,
			},
			refused: []string{"7 no_id", "8 notice", "9 no_id"},
		},
	} {
		g.check(t)
	}
}
