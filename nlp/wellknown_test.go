package nlp

import (
	"slices"
	"testing"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

// TestWhoIsAccused holds which services a complaint is said to be about, in an event that follows one service.
func TestWhoIsAccused(t *testing.T) {
	cup := New([]reaction.Event{{Services: []health.Service{{Name: "JioCinema"}}}})
	spaces := New([]reaction.Event{{Platform: reaction.X, Services: []health.Service{{Name: "Twitter Spaces"}}}})
	for _, c := range []struct {
		tagger *Tagger
		text   string
		want   []string
	}{
		{cup, "Netflix is down again", []string{"Netflix"}},
		{cup, "jio keeps buffering, works fine on Hotstar", []string{"JioCinema"}},
		{cup, "넷플 먹통이네", []string{"Netflix"}},
		{cup, "the stream is down", nil},
		{spaces, "is twitter down for anyone else?", []string{"Twitter Spaces"}},
		{spaces, "Discord is down for everyone", []string{"Discord"}},
	} {
		tags := c.tagger.Tag(&reaction.Post{Source: reaction.X, Text: c.text})
		if got := slices.Sorted(slices.Values(tags.Accused)); !tags.IsComplaint || !slices.Equal(got, c.want) {
			t.Errorf("%q: complaint %v of %q, want %q", c.text, tags.IsComplaint, got, c.want)
		}
	}
	meetings := New([]reaction.Event{{Entities: []reaction.Entity{{Name: "Zoom (meetings)", Kind: "service", Aliases: []string{"zoom meeting"}}}}})
	if tags := meetings.Tag(&reaction.Post{Source: reaction.X, Text: "zoom in on the screen"}); len(tags.Services) != 0 {
		t.Errorf("an event that says how its service is called is given %q besides", tags.Services)
	}
	if Service("카톡") != "KakaoTalk" || Service("somebody's radio") != "somebody's radio" {
		t.Error("names of services", Service("카톡"), Service("somebody's radio"))
	}
}

// TestTagIntoUsesItsRoomAgain holds that tags which are used again hold nothing of the post before, and that nothing is
// allocated for posts like those before.
func TestTagIntoUsesItsRoomAgain(t *testing.T) {
	tagger := New(launch)
	var tags reaction.Tags
	for i := range benchPosts {
		tagger.TagInto(&benchPosts[i], &tags)
		want := tagger.Tag(&benchPosts[i])
		if tags.Complaint != want.Complaint || len(tags.Hashtags) != len(want.Hashtags) || len(tags.Reasons) != len(want.Reasons) || tags.Lang != want.Lang || tags.Blamed != want.Blamed {
			t.Errorf("%q: %+v, want %+v", benchPosts[i].Text, tags, want)
		}
	}
	if n := testing.AllocsPerRun(50, func() {
		for i := range benchPosts {
			tagger.TagInto(&benchPosts[i], &tags)
		}
	}); n > 0 {
		t.Errorf("%v allocations for %d posts", n, len(benchPosts))
	}
}
