package archive

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTables(t *testing.T) {
	for _, g := range []golden{
		{
			name: "an index without a name, clients as source, blank rows, CRLF, lines in a field",
			text: ",Date Created,Number of Likes,Source of Tweet,Tweet,Sentiment\r\n" +
				"0,2022-11-20 23:59:21+00:00,4,Twitter Web App,\"two\nlines &amp; more\",neutral\r\n" +
				"1,2022-11-20 16:07:41+00:00,0,Twitter for Android,RT @ann: late,neutral\r\n" +
				",,,,,\r\n\r\n,,,,,\r\n" +
				"2,2022-11-20 16:07:42+00:00,,,,\r\n" +
				"3,,,,no time,\r\n",
			want: []string{
				`2022-11-20T16:07:41Z repost x/` + contentOf("x", "2022-11-20T16:07:41Z", "", "RT @ann: late") + ` "RT @ann: late"`,
				`2022-11-20T23:59:21Z original x/` + contentOf("x", "2022-11-20T23:59:21Z", "", "two\nlines & more") + ` "two\nlines & more"`,
			},
			refused: []string{"5 blank", "6 blank", "7 blank", "8 no_text", "9 no_time"},
		},
		{
			name: "ids and authors, an index column, numbers that went through a spreadsheet",
			text: ",index,tweet_id,author_id,created_at,text,in_response_to_tweet_id\n" +
				"0,5,849,115887,Tue Oct 31 23:36:20 +0000 2017,it is down,851.0\n" +
				"1,6,850.0,115888,Tue Oct 31 23:36:21 +0000 2017,\"it is \"\"down\"\"\",\n" +
				"2,7,5.7e+17,115889,Tue Oct 31 23:36:22 +0000 2017,again,\n",
			want: []string{
				`2017-10-31T23:36:20Z reply x/849 "it is down" by:115887`,
				`2017-10-31T23:36:21Z original x/850 "it is \"down\"" by:115888`,
				`2017-10-31T23:36:22Z original x/` + contentOf("x", "2017-10-31T23:36:22Z", "115889", "again") + ` "again" by:115889`,
			},
		},
		{
			name: "a byte order mark, semicolons, dates without signs, names for authors",
			text: "\ufeffid;date;userName;content\nr1;20220601;동동;로그인이 안돼요\nr2;20220602;;먹통\n",
			want: []string{
				`2022-06-01T00:00:00Z original archive/r1 "로그인이 안돼요" by:@동동 @:동동`,
				`2022-06-02T00:00:00Z original archive/r2 "먹통"`,
			},
		},
		{
			name: "tabs without quoting, date and time apart, sources, kinds, languages, links",
			text: "post id\tdate\ttime\ttext\tplatform\ttype\tlang\turl\tscreen_name\n" +
				"1\t2023-05-24\t18:00:05\t\"no sound\tTwitter\tquote\ten\thttps://x.com/a/status/1\t@Ann\n" +
				"2\t2023-05-24\t18:00\tno picture\tMastodon\treply\t\tjavascript:x\tBo\n" +
				"3\t2023-05-24\tsoon\tx\tMastodon\t\t\t\t\n" +
				"4\t2023-05-24\t18:00\tx\t!!\t\t\t\t\n" +
				"5\t2023-05-24\n",
			want: []string{
				`2023-05-24T18:00:00Z reply mastodon/2 "no picture" by:@bo @:Bo`,
				`2023-05-24T18:00:05Z quote x/1 "\"no sound" by:@ann @:Ann lang:en url:https://x.com/a/status/1`,
			},
			refused: []string{"4 bad_time", "5 bad_source", "6 bad_row"},
		},
		{
			name:    "no header",
			text:    "7,it is down,1,2/3/2015 11:35\n8,it is up,0,13/3/2015 11:36\n",
			options: Options{Columns: map[string]string{"id": "#1", "text": "#2", "time": "#4"}, Source: "forum"},
			want: []string{
				`2015-03-02T11:35:00Z original forum/7 "it is down"`,
				`2015-03-13T11:36:00Z original forum/8 "it is up"`,
			},
		},
		{
			name:    "columns named by hand, a zone, a layout",
			text:    "id,when,created_at,what,text\n1,24|05|2023 18h01,x,no sound,y\n",
			options: Options{Columns: map[string]string{"time": "When", "text": "what", "id": "-"}, Zone: time.FixedZone("", -4*3600), TimeLayout: "02|01|2006 15h04"},
			want:    []string{`2023-05-24T22:01:00Z original archive/` + contentOf("archive", "2023-05-24T22:01:00Z", "", "no sound") + ` "no sound"`},
		},
		{
			name:    "broken text",
			text:    "time,text\n2023-05-24T18:00:00Z,a\xffb\x00c\n2023-05-24T18:00:01Z," + strings.Repeat("x", 64<<10+1) + "\n2023-05-24T18:00:02Z," + strings.Repeat("x", 1<<20) + "\n",
			want:    []string{`2023-05-24T18:00:00Z original archive/` + contentOf("archive", "2023-05-24T18:00:00Z", "", "a\ufffdbc") + ` "a` + "\ufffd" + `bc"`},
			refused: []string{"3 too_large", "4 too_large"},
		},
		{
			name: "health samples",
			text: "time,service,state,latency,listeners,reason\n" +
				"2023-05-24T22:00:00Z,Spaces,OK,120.5,600000.0,\n" +
				"1684965610,Spaces,major_outage,,,no audio\n" +
				"2023-05-24T22:00:20Z,Spaces,,NaN,275000,\n" +
				"2023-05-24T22:00:30Z,Spaces,,,,\n" +
				"2023-05-24T22:00:40Z,,up,,,\n" +
				"2023-05-24T22:00:50Z,Spaces,splendid,,,\n" +
				"2023-05-24T22:01:00Z,Spaces,,-1,,\n" +
				"2023-05-24T22:01:10Z,Spaces,,,2.5,\n",
			want: []string{
				`2023-05-24T22:00:00Z sample "Spaces" up 120.5ms audience:600000`,
				`2023-05-24T22:00:10Z sample "Spaces" down  no audio`,
				`2023-05-24T22:00:20Z sample "Spaces" unknown audience:275000`,
			},
			refused: []string{"5 no_value", "6 no_service", "7 bad_value", "8 bad_value", "9 bad_value"},
		},
		{
			name: "health samples as JSON",
			text: `{"service":"Spaces","at":"2023-05-24T22:00:00Z","state":"degraded","latency_ms":900,"vantage":"seoul"}
{"service":"Spaces","time":1684965610,"audience":600000}
{"service":"Spaces","at":"2023-05-24T22:00:20Z","state":true}
{"service":"Spaces","state":"up"}
{"service":"Spaces","at":"noon","state":"up"}
{"service":"Spaces","at":"2023-05-24T22:00:20Z","audience":-1}
`,
			want: []string{
				`2023-05-24T22:00:00Z sample "Spaces" degraded 900ms seoul`,
				`2023-05-24T22:00:10Z sample "Spaces" unknown audience:600000`,
				`2023-05-24T22:00:20Z sample "Spaces" up`,
			},
			refused: []string{"4 no_time", "5 bad_time", "6 bad_value"},
		},
	} {
		g.check(t)
	}
}

func TestOrderOfDays(t *testing.T) {
	row := func(date string) string { return date + " 11:35,it is down\n" }
	header := "date,text\n"
	for name, c := range map[string]struct{ text, first, note string }{
		"month first":              {header + row("3/4/2015") + row("2/24/2015"), "2015-02-24", "dates are read as month/day"},
		"day first":                {header + row("3/4/2015") + row("24/2/2015"), "2015-02-24", "dates are read as day/month"},
		"not sure":                 {header + row("3/4/2015"), "2015-03-04", "cannot be told apart"},
		"told far behind the head": {header + strings.Repeat(row("3/4/2015"), 20_000) + row("24/3/2015"), "2015-03-24", "dates are read as day/month"},
		"never told":               {header + strings.Repeat(row("3/4/2015"), 20_000), "2015-03-04", "cannot be told apart"},
	} {
		info := opened(t, Options{}, save(t, c.text)...).Files()[0]
		if got := info.First.Format(time.DateOnly); got != c.first || len(info.Notes) != 1 || !strings.Contains(info.Notes[0], c.note) {
			t.Errorf("%s: begins on %s, %q", name, got, info.Notes)
		}
	}
}

func TestCountingIDsAreNoted(t *testing.T) {
	const rows = "1,2023-05-24T18:00:00Z,x\n2,2023-05-24T18:00:01Z,y\n"
	for text, noted := range map[string]bool{"id,time,text\n" + rows: true, "tweet_id,time,text\n7" + rows: false, "x,time,text\n" + rows: false} {
		info := opened(t, Options{}, save(t, text)...).Files()[0]
		if got := len(info.Notes) == 1 && strings.Contains(info.Notes[0], "--columns id=-"); got != noted {
			t.Errorf("%q: notes %q", text, info.Notes)
		}
	}
}

// contentOf is the id of the first post with this content.
func contentOf(source, at, author, text string) string {
	p := mustPost(source, at, author, text)
	return contentID(string((&emitter{}).hash(&p)), 0)
}

func TestContentIDs(t *testing.T) {
	rows := []string{"2023-05-24T18:00:00Z,ann,down", "2023-05-24T18:00:00Z,ann,down", "2023-05-24T18:00:00Z,bo,down", "2023-05-24T18:00:01Z,ann,down", "2023-05-24T18:00:00Z,ann,down"}
	ids := func(rows ...string) (out []string) {
		for _, rec := range records(t, opened(t, Options{}, save(t, "time,author,text\n"+strings.Join(rows, "\n"))...), 0) {
			out = append(out, rec.Post.ID)
		}
		return out
	}
	want := ids(rows...)
	unique := slices.Compact(slices.Sorted(slices.Values(want)))
	if len(unique) != len(rows) {
		t.Fatalf("%d ids of %d rows: %q", len(unique), len(rows), want)
	}
	turned := slices.Clone(rows)
	slices.Reverse(turned)
	if got := ids(turned...); !slices.Equal(got, want) {
		t.Errorf("in another order: %q, want %q", got, want)
	}
	for _, id := range want {
		if !strings.HasPrefix(id, "sha256:") || len(id) > 48 {
			t.Errorf("the id %q", id)
		}
	}
	// The same file twice brings the same ids twice, for the store to see.
	file := "time,author,text\n" + strings.Join(rows, "\n")
	var twice []string
	for _, rec := range records(t, opened(t, Options{}, save(t, file, file)...), 0) {
		twice = append(twice, rec.Post.ID)
	}
	slices.Sort(twice)
	if got := slices.Compact(twice); !slices.Equal(got, unique) {
		t.Errorf("the file twice: %q, want %q", got, unique)
	}
}
