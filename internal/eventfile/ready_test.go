package eventfile_test

import (
	"testing"
	"time"

	"outcry/internal/eventfile"
	"outcry/internal/match"
	"outcry/internal/reaction"
	"outcry/nlp"
)

// isItDown matches and tags posts as the line does.
func isItDown(t *testing.T) func(text string) (bool, reaction.Tags) {
	t.Helper()
	e, err := eventfile.Ready(time.Date(2026, 11, 28, 9, 30, 15, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	e.ID = 1
	if !e.Endless() || e.Public || !e.Listening(e.StartsAt) || len(match.Validate(e)) > 0 {
		t.Errorf("the ready-made event has an end, is public, is not listened to at once, or is not valid: %+v", match.Validate(e))
	}
	set, err := match.Compile([]reaction.Event{*e})
	if err != nil {
		t.Fatal(err)
	}
	tagger := nlp.New([]reaction.Event{*e})
	return func(text string) (bool, reaction.Tags) {
		p := reaction.Post{Source: reaction.Bluesky, ID: "a", Text: text}
		return len(set.Match(&p, nil)) > 0, tagger.Tag(&p)
	}
}

// Whatever brings a post into the ready-made event names a service in it, so that posts and complaints
// of a service are counted by the same words.
func TestTheTermsOfTheReadyEventNameItsServices(t *testing.T) {
	look := isItDown(t)
	e, err := eventfile.Ready(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, term := range e.Match.Any {
		if in, tags := look("so " + term + " again"); !in || len(tags.Services) == 0 {
			t.Errorf("%q: in the event %v, services %v", term, in, tags.Services)
		}
	}
	for _, x := range e.Entities {
		for _, alias := range x.Aliases {
			if in, _ := look("so " + alias + " again"); !in {
				t.Errorf("%s is counted by %q, which brings no post in", x.Name, alias)
			}
		}
	}
}

func TestEverydayWordsAreNoServices(t *testing.T) {
	look := isItDown(t)
	for _, text := range []string{
		"they sow discord wherever they go", "please zoom in on that picture", "full steam ahead, the last line says", "both teams played well",
		"cut me some slack", "I have no notion of it", "an apple a day", "the coin toss is at eight, max", "a river in the Amazon",
		"what a lovely bluesky over the hills", "write to ann@gmail.com", "엔딩크레딧이 올라갈 때까지 앉아 있었다", "하비 와인스타인 이야기", "토스트와 멜론을 먹었다",
	} {
		if in, tags := look(text); in {
			t.Errorf("%q is in the event, by %v", text, tags.Services)
		}
	}
	for text, service := range map[string]string{
		"Is Zoom down? my Zoom meeting won't load":   "Zoom (meetings)",
		"discord server is down, nothing loads":      "Discord (app)",
		"카카오톡 먹통이네 나만 안되나":                           "KakaoTalk",
		"유튜브 왜 접속이 안 됨":                              "YouTube",
		"#youtubedown nothing loads":                 "YouTube",
		"ugh spotify isn't working https://youtu.be": "Spotify",
	} {
		in, tags := look(text)
		if !in || len(tags.Services) != 1 || tags.Services[0] != service {
			t.Errorf("%q: in the event %v, services %v, want %s", text, in, tags.Services, service)
		}
		if !tags.IsComplaint || len(tags.Accused) != 1 || tags.Accused[0] != service {
			t.Errorf("%q: complaint %v about %v", text, tags.IsComplaint, tags.Accused)
		}
	}
}
