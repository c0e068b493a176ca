package match_test

import (
	"slices"
	"testing"

	"outcry/internal/match"
	"outcry/internal/reaction"
)

func TestTrialCountsEachTermByItself(t *testing.T) {
	trial, err := match.NewTrial(reaction.Match{
		Any: []string{"spaces", "#DeSaster", "디샌티스", "never said"}, None: []string{"open spaces"}, Accounts: []string{"@RonDeSantis"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []bool
	for _, text := range []string{
		"Spaces, spaces and SPACES #desaster", "open spaces in the park", "디샌티스가 말한다", "cc @rondesantis", "nothing of it",
	} {
		got = append(got, trial.Look(&reaction.Post{Source: reaction.X, Text: text}))
	}
	if want := []bool{true, false, true, true, false}; !slices.Equal(got, want) {
		t.Errorf("matched %v, want %v", got, want)
	}
	want := []match.TermCount{
		{Term: "spaces", List: "any", Posts: 2}, {Term: "#DeSaster", List: "any", Posts: 1}, {Term: "디샌티스", List: "any", Posts: 1},
		{Term: "never said", List: "any"}, {Term: "open spaces", List: "none", Posts: 1}, {Term: "@RonDeSantis", List: "accounts", Posts: 1},
	}
	if !slices.Equal(trial.Terms(), want) {
		t.Errorf("terms %+v,\nwant %+v", trial.Terms(), want)
	}
}

// What the store gives back of a post matches as the post did, but for its author.
func TestStoredPostsMatchAsTheyDid(t *testing.T) {
	stored := &reaction.StoredPost{
		Post: reaction.Post{Source: reaction.Bluesky, Text: "look at this", Author: reaction.Author{Handle: "ann"}},
		Tags: reaction.Tags{Hashtags: []reaction.Hashtag{{Text: "LaunchFail", Key: "launchfail"}}, Mentions: []string{"host"}},
	}
	shown := match.Shown(stored)
	for term, want := range map[string]bool{"#launchfail": true, "@host": true, "this": true, "@ann": false} {
		m := reaction.Match{Any: []string{term}}
		trial, err := match.NewTrial(m)
		if err != nil {
			t.Fatal(err)
		}
		if trial.Look(&shown) != want {
			t.Errorf("%s: %v", term, !want)
		}
	}
}

func TestCheckNamesTheTermsThatCompileRefuses(t *testing.T) {
	m := reaction.Match{Any: []string{"fine", "#2024", "..."}, Accounts: []string{"@ok", "@not an account"}}
	var paths []string
	for _, p := range match.Check(m) {
		paths = append(paths, p.Path)
	}
	if want := []string{"match.any[1]", "match.any[2]", "match.accounts[1]"}; !slices.Equal(paths, want) {
		t.Errorf("%v, want %v", paths, want)
	}
	if _, err := match.NewTrial(m); err == nil {
		t.Error("it was compiled all the same")
	}
}
