package wire

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"outcry/internal/reaction"
)

// told is what a message held, a line for each thing.
func (c *Catch) told() (out []string) {
	for _, f := range c.Found {
		switch r := f.Record; {
		case f.Refused != "":
			out = append(out, "refused "+f.Refused)
		case f.Gone:
			out = append(out, "gone "+f.Local)
		case r.Delete != nil:
			out = append(out, fmt.Sprintf("delete %q by %q at %s", r.Delete.ID, r.Delete.Author.ID, r.At.Format(time.RFC3339)))
		default:
			s := fmt.Sprintf("%s %s %q", r.Post.Kind, r.Post.ID, r.Post.Text)
			if r.Edit {
				s += fmt.Sprintf(" edit of %s at %s", r.Post.At.Format(time.RFC3339), r.At.Format(time.RFC3339))
			}
			out = append(out, s)
		}
	}
	return out
}

func TestXTellsWhatStandsBesidePosts(t *testing.T) {
	const at = `"created_at":"2023-05-24T22:00:01.500Z"`
	for _, c := range []struct {
		name, text string
		found      []string
		heard      XHeard
	}{
		{
			"rules, and errors beside a post", `{"data":{"id":"4","text":"down",` + at + `},"matching_rules":[{"id":"9","tag":"launch"},{"id":8}],"errors":[{"title":"Not Found"}]}`,
			[]string{`original 4 "down"`}, XHeard{Rules: []XRule{{"9", "launch"}, {ID: "8"}}, Partial: 1},
		},
		{
			"a page", `{"data":[],"meta":{"result_count":0,"newest_id":"7","next_token":"abc"}}`,
			nil, XHeard{Meta: XMeta{NewestID: "7", NextToken: "abc"}},
		},
		{
			"an empty page", `{"meta":{"result_count":0}}`, []string{"refused notice"}, XHeard{},
		},
		{
			"a disconnect", `{"errors":[{"title":"operational-disconnect","disconnect_type":"UpstreamOperationalDisconnect","detail":"for reasons","type":"https://api.x.com/2/problems/operational-disconnect"}]}`,
			[]string{"refused notice"}, XHeard{Notice: XNotice{"operational-disconnect", "for reasons", "operational-disconnect", true}},
		},
		{
			"too many connections", `{"title":"ConnectionException","detail":"at the maximum","connection_issue":"TooManyConnections","type":"https://api.x.com/2/problems/streaming-connection"}`,
			[]string{"refused notice"}, XHeard{Notice: XNotice{"ConnectionException", "at the maximum", "streaming-connection", true}},
		},
		{
			"another problem", `{"data":null,"title":"Unauthorized","type":"about:blank","status":401}`,
			[]string{"refused notice"}, XHeard{Notice: XNotice{Title: "Unauthorized", Type: "about:blank"}},
		},
		{
			"odd values beside a post", `{"data":{"id":"4","text":"down",` + at + `,"edit_history_tweet_ids":{}},"matching_rules":{"a":1},"errors":"x","meta":[]}`,
			[]string{`original 4 "down"`}, XHeard{},
		},
	} {
		var got Catch
		heard := X([]byte(c.text), &got)
		if !reflect.DeepEqual(heard, c.heard) || !reflect.DeepEqual(got.told(), c.found) {
			t.Errorf("%s:\n got %+v %q\nwant %+v %q", c.name, heard, got.told(), c.heard, c.found)
		}
	}
}

// Every edit has an id of its own; the post is the one that was first.
func TestEditsOfXAreOfTheFirst(t *testing.T) {
	for _, name := range []string{"edit_history_tweet_ids", "edit_history_post_ids"} {
		for text, want := range map[string]string{
			`"1000","text":"one","created_at":"2023-05-24T22:00:01Z","` + name + `":["1000"]`:                                                     `original 1000 "one"`,
			`"1001","text":"two","created_at":"2023-05-24T22:20:01Z","` + name + `":["1000","1001"]`:                                              `original 1000 "two" edit of 2023-05-24T22:20:01Z at 2023-05-24T22:20:01Z`,
			`"1661494250000000000","text":"two","created_at":"2023-05-24T22:00:00Z","` + name + `":["1661490000000000000","1661494250000000000"]`: `original 1661490000000000000 "two" edit of 2023-05-24T21:50:59Z at 2023-05-24T22:07:52Z`,
		} {
			var got Catch
			X([]byte(`{"data":{"id":`+text+`}}`), &got)
			if told := got.told(); len(told) != 1 || told[0] != want {
				t.Errorf("%s:\n got %q\nwant %q", text, told, want)
			}
		}
	}
}

func TestCatchChecksWhatItKeeps(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 1, time.UTC)
	c := Catch{Now: now}
	c.Post(&reaction.Post{Source: reaction.X, ID: "1", Text: "a\x00b\xff", At: now}, now, false, "7")
	c.Post(&reaction.Post{Source: reaction.X, Text: "b", At: now}, now, false, "")
	c.Post(&reaction.Post{Source: reaction.X, ID: "2", Text: " ", At: now}, now, false, "")
	c.Post(&reaction.Post{Source: reaction.X, ID: "3", Text: "", At: now}, now, true, "")
	c.Delete(&reaction.Delete{Source: reaction.X, At: now})
	c.DeleteLocal(reaction.Mastodon, "9")
	want := []string{`original 1 "ab` + "\uFFFD" + `"`, "refused no_id", "refused no_text", `delete "3" by "" at 2026-11-22T10:00:00Z`, "refused no_id", "gone 9"}
	if got := c.told(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if p := c.Found[0].Record.Post; !p.Received.Equal(now.Truncate(time.Microsecond)) || c.Found[0].Local != "7" {
		t.Errorf("got %+v", c.Found[0])
	}
}
