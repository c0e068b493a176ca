package mastodon

import (
	"fmt"
	"strings"
	"testing"

	"outcry/internal/reaction"
)

func TestPlan(t *testing.T) {
	many := event(9)
	for i := range 10 {
		many.Match.Any = append(many.Match.Any, fmt.Sprintf("#tag%d", i))
	}
	for _, c := range []struct {
		name   string
		events []reaction.Event
		p      policy
		want   string
		serves string // by event: y or n
	}{
		{"hashtags", []reaction.Event{event(1, "#Launch", "＃발표"), event(2, "#LAUNCH")}, policy{tagsDeliver, false, 8}, "#launch #발표", "yy"},
		{"words too", []reaction.Event{event(1, "#launch", "the keynote")}, policy{tagsDeliver, false, 8}, "public #launch", "y"},
		{"accounts", []reaction.Event{event(1, "@bo")}, policy{tagsDeliver, false, 8}, "public", "y"},
		{"addresses", []reaction.Event{event(1, "https://a.example/live")}, policy{tagsDeliver, false, 8}, "public", "y"},
		{"not proven", []reaction.Event{event(1, "#launch")}, policy{tagsUnproven, false, 8}, "public #launch", "y"},
		{"deaf", []reaction.Event{event(1, "#launch")}, policy{tagsDeaf, false, 8}, "public", "y"},
		{"closed", []reaction.Event{event(1, "#launch"), event(2, "word")}, policy{tagsDeliver, true, 8}, "#launch", "yn"},
		{"closed and not proven", []reaction.Event{event(1, "#launch")}, policy{tagsUnproven, true, 8}, "#launch", "y"},
		{"closed and deaf", []reaction.Event{event(1, "#launch")}, policy{tagsDeaf, true, 8}, "", "n"},
		{"closed, words alone", []reaction.Event{event(1, "word")}, policy{tagsDeliver, true, 8}, "", "n"},
		{"too many", []reaction.Event{many}, policy{tagsDeliver, false, 4}, "public #tag0 #tag1 #tag2", "y"},
		{"too many and closed", []reaction.Event{many, event(1, "#tag0")}, policy{tagsDeliver, true, 4}, "#tag0 #tag1 #tag2 #tag3", "ny"},
		{"nothing", nil, policy{tagsUnproven, false, 8}, "", ""},
	} {
		streams := plan(c.events, c.p)
		got := strings.Trim(fmt.Sprint(streams), "[]")
		serve := ""
		for i := range c.events {
			if serves(&c.events[i], streams, c.p) {
				serve += "y"
			} else {
				serve += "n"
			}
		}
		if got != c.want || serve != c.serves {
			t.Errorf("%s: %q %q, want %q %q", c.name, got, serve, c.want, c.serves)
		}
	}
}

func TestServers(t *testing.T) {
	for in, want := range map[string]string{
		"mastodon.social": "https://mastodon.social", " Mastodon.Social/ ": "https://mastodon.social", "https://a.example:8443": "https://a.example:8443",
		"http://127.0.0.1:21100": "http://127.0.0.1:21100", "http://localhost": "http://localhost", "wss://a.example": "https://a.example", "http://[::1]:80": "http://[::1]:80",
		"http://a.example": "", "http://127.0.0.1.a.example": "", "https://bo:hunter2@a.example": "", "a.example/api": "", "ftp://a.example": "", "": "", "https://": "", "a_b.example": "", "a b": "",
	} {
		u, err := parseServer(in)
		got := ""
		if err == nil {
			got = u.String()
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the error holds a password: %v", in, err)
		}
		if got != want {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
	for _, c := range []struct {
		place, server string
		want          bool
	}{
		{"https://a.example", "https://a.example", true}, {"https://streaming.a.example", "https://a.example", true},
		{"https://a.example.evil.example", "https://a.example", false}, {"https://evila.example", "https://a.example", false},
		{"https://b.example", "https://a.example", false}, {"https://a.example:81", "https://a.example", false},
		{"http://127.0.0.1:2", "http://127.0.0.1:1", false}, {"https://x.a.example:81", "https://a.example", false},
	} {
		place, _ := parseServer(c.place)
		server, _ := parseServer(c.server)
		if got := belongs(place, server); got != c.want {
			t.Errorf("%s of %s: %t", c.place, c.server, got)
		}
	}
}

func TestFeedNames(t *testing.T) {
	none := want()
	for host, want := range map[string]reaction.Feed{
		"mastodon.social": "live/mastodon/mastodon_social", "https://a-b.example:81": "live/mastodon/a-b_example__81", "http://[::1]:80": "live/mastodon/____1__80",
		strings.Repeat("a", 60) + ".example": reaction.Feed("live/mastodon/" + strings.Repeat("a", 60) + "_exa"),
	} {
		s, err := New(Options{Server: host, Wanted: none})
		if err != nil {
			t.Fatal(err)
		}
		got := s.Feed()
		if _, err := reaction.ParseFeed(string(got)); err != nil || got != want {
			t.Errorf("%s: %s, %v", host, got, err)
		}
	}
}

func TestTokens(t *testing.T) {
	for _, text := range []string{"a.example one\nhttps://b.example\ttwo \r\n# c.example three\n\n", "a.example=one, b.example=two", "a.example=one\nb.example two"} {
		got, err := ParseTokens(text)
		if err != nil || len(got) != 2 || got["a.example"] != "one" || got["b.example"] != "two" {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	if got, err := ParseTokens("a.example to=ken="); err != nil || got["a.example"] != "to=ken=" {
		t.Errorf("%v, %v", got, err)
	}
	for _, text := range []string{"hunter2", "a.example hunter2 x", "a.example hunter2\na.example hunter2", "http://a.example hunter2", "=hunter2"} {
		if got, err := ParseTokens(text); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}
