package cli

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// Names that recur in what is replayed are listed, and one that is accepted is in the event's file.
func TestNamesAtTheCommandLine(t *testing.T) {
	dir := dataDir(t)
	var out lockedBuffer
	child(t, &out, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	await(t, dir, &out)
	must(t, "event", "apply", "--data", dir, "-f", eventFile(t, "slug: launch\ntitle: Launch\nstarts_at: 2023-05-24T22:00:00Z\nends_at: 2023-05-25T00:00:00Z\nmatch: {any: [launch]}\nsources: [bluesky]\n"))

	var posts strings.Builder
	for i, text := range []string{
		"I saw Elon Musk at the launch in San Francisco", "What did Elon Musk say about this launch", "The launch was late, as Elon Musk told them", "We waited for the launch and for Elon Musk to speak",
		"Somebody asked Elon Musk why the launch failed so badly", "My uncle thinks that Elon Musk runs the whole launch alone", "Only Elon Musk could crash his own launch like that tonight",
	} {
		fmt.Fprintf(&posts, `{"at":"2023-05-24T22:00:0%[1]dZ","post":{"source":"bluesky","id":"p%[1]d","at":"2023-05-24T22:00:0%[1]dZ","lang":"en","kind":"original","author":{"id":"a%[1]d"},"text":%[2]q}}`+"\n", i, text)
	}
	must(t, "replay", write(t, "posts.ndjson", posts.String()), "--event", "launch", "--format", "records", "--data", dir)
	var list string
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !strings.Contains(list, "Elon Musk") {
		if sleep(ctx, 100*time.Millisecond) != nil {
			t.Fatalf("nothing is listed:\n%s", out.String())
		}
		list = must(t, "event", "names", "launch", "--data", dir)
	}
	if !strings.Contains(list, "person?") || strings.Contains(list, "San Francisco") {
		t.Errorf("listed:\n%s", list)
	}
	if told := must(t, "event", "name", "launch", "ELON MUSK", "--accept", "--data", dir); told != "\"Elon Musk\" is an entity of event launch: person\n" {
		t.Errorf("told %q", told)
	}
	if file := must(t, "event", "show", "launch", "--data", dir); !strings.Contains(file, "Elon Musk") {
		t.Errorf("the event's file:\n%s", file)
	}
	if got := must(t, "event", "names", "launch", "--state", "accepted", "--json", "--data", dir); !strings.Contains(got, `"name":"elon musk"`) {
		t.Errorf("as JSON: %s", got)
	}
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"neither":       {[]string{"name", "launch", "x"}, exitUsage, "either --accept or --refuse"},
		"both":          {[]string{"name", "launch", "x", "--accept", "--refuse"}, exitUsage, "either"},
		"no such kind":  {[]string{"name", "launch", "x", "--accept", "--kind", "god"}, exitUsage, "god"},
		"kind of none":  {[]string{"name", "launch", "x", "--refuse", "--kind", "person"}, exitUsage, "--accept"},
		"no such state": {[]string{"names", "launch", "--state", "new"}, exitUsage, "new"},
		"no such name":  {[]string{"name", "launch", "x/y", "--refuse"}, exitFailed, `"x/y"`},
		"it is taken":   {[]string{"name", "launch", "elon musk", "--refuse"}, exitFailed, "out of the event's definition"},
	} {
		if r := outcry(t, append(append([]string{"event"}, c.args...), "--data", dir)...); r.code != c.code || !strings.Contains(r.err, c.want) {
			t.Errorf("%s: exit %d, %s", name, r.code, r.err)
		}
	}
}
