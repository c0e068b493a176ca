package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"outcry/internal/reaction"
)

type trial struct {
	Seen, Matched, Kept, Lost, Unclear int
	From, To                           *time.Time
	Terms                              []struct {
		Term, List string
		Matched    int
	}
	Examples     []trialExample
	LostExamples []trialExample `json:"lost_examples"`
}

type trialExample struct {
	Source, Text, URL string
	At                time.Time
	Stored            bool
}

func try(t *testing.T, h *house, body string) trial {
	t.Helper()
	return read[trial](t, h.post(t, "/v1/trials", "application/json", body).want(t, 200))
}

func TestATrialOfNothingIsZero(t *testing.T) {
	h := start(t)
	a := h.post(t, "/v1/trials", "application/json", `{"match":{"any":["launch"]}}`).want(t, 200)
	const want = `{"seen":0,"matched":0,"from":null,"to":null,"terms":[{"term":"launch","list":"any","matched":0}],"kept":0,"lost":0,"unclear":0,"examples":[],"lost_examples":[]}`
	if got := strings.TrimSpace(string(a.body)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTermsAreTriedOnWhatWasHeard(t *testing.T) {
	h := start(t)
	for i := range 30 {
		h.heard = append(h.heard, reaction.Post{Source: "x", ID: fmt.Sprint(i), At: noon.Add(-time.Duration(i) * time.Second),
			Text: fmt.Sprintf("런치 %d ", i) + strings.Repeat("가", 300), URL: "https://example.org/x"})
	}
	h.heard = append(h.heard, reaction.Post{Source: "bluesky", At: noon.Add(-time.Hour), Text: "lunch, and no launch"})
	got := try(t, h, `{"match":{"any":["런치","launch"],"none":["no launch"],"accounts":["@host"]}}`)
	if got.Seen != 31 || got.Matched != 30 || !got.From.Equal(noon.Add(-time.Hour)) || !got.To.Equal(noon) {
		t.Errorf("%+v", got)
	}
	if s := fmt.Sprint(got.Terms); s != "[{런치 any 30} {launch any 1} {no launch none 1} {@host accounts 0}]" {
		t.Errorf("terms %s", s)
	}
	if len(got.Examples) != 20 || got.Examples[0].Stored || !got.Examples[0].At.Equal(noon) || len([]rune(got.Examples[0].Text)) != 281 {
		t.Errorf("%d examples, the first %+v", len(got.Examples), got.Examples[0])
	}
}

func TestTermsAreTriedOnAnEventsOwnPosts(t *testing.T) {
	h := start(t)
	e := h.launch(t)
	h.heard = []reaction.Post{{Source: "x", ID: "9", At: noon, Text: "no sound anywhere #LaunchFail"}}
	got := try(t, h, `{"match":{"any":["#launchfail"]},"event":"launch"}`)
	// Of the six posts one is deleted, two carry the tag, one was matched by what is not kept.
	if got.Seen != 6 || got.Matched != 2 || got.Kept != 1 || got.Lost != 3 || got.Unclear != 1 {
		t.Errorf("%+v", got)
	}
	if len(got.Examples) != 2 || got.Examples[0].Stored || !got.Examples[1].Stored || len(got.LostExamples) != 3 || !got.LostExamples[0].Stored {
		t.Errorf("examples %+v, lost %+v", got.Examples, got.LostExamples)
	}
	if strings.Contains(fmt.Sprint(got), "I say so") {
		t.Error("a deleted post is shown")
	}

	// A sample of the newest, however many there are.
	for i := range 3000 {
		h.posts[e.ID] = append(h.posts[e.ID], reaction.StoredPost{Post: reaction.Post{Source: "x", ID: fmt.Sprint("n", i), At: noon, Text: "launch"}})
	}
	if got := try(t, h, `{"match":{"any":["launch"]},"event":"launch"}`); got.Kept != 2000 || got.Seen != 2001 {
		t.Errorf("%+v", got)
	}
}

func TestTrialMistakes(t *testing.T) {
	h := start(t)
	for body, c := range map[string]struct {
		status int
		has    []string
	}{
		``:                                    {400, nil},
		`{"match":{}}`:                        {422, []string{"body.match", "at least one term"}},
		`{"match":{"any":["#1","..."," "]}}`:  {422, []string{"body.match.any[0]", "body.match.any[1]", "body.match.any[2]"}},
		`{"match":{"any":["a"]},"event":"x"}`: {404, []string{`"x"`}},
		`{"terms":["a"]}`:                     {422, []string{`"terms"`}},
		`{"match":{"any":["` + strings.Repeat("x", 513<<10) + `"]}}`: {413, nil},
	} {
		h.post(t, "/v1/trials", "application/json", body).problem(t, c.status, c.has...)
	}
}
