package api_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"outcry/api"
	"outcry/internal/reaction"
)

// forgetting remembers what was to be forgotten.
type forgetting struct{ asked []reaction.Delete }

func (f *forgetting) Forget(_ context.Context, d reaction.Delete) error {
	f.asked = append(f.asked, d)
	return nil
}

func (f *forgetting) Rechecks(_ context.Context, before time.Time) ([]reaction.Rechecks, error) {
	return []reaction.Rechecks{{Source: reaction.X, Posts: 12, Overdue: 3, Oldest: before.Add(-time.Hour)}}, nil
}

func TestDeletionsThatPeopleAskFor(t *testing.T) {
	f := &forgetting{}
	h := start(t, func(o *api.Options) { o.Deletions = f })
	const path, kind = "/v1/deletions", "application/json"
	for body, has := range map[string]string{
		`{"source":"bluesky"}`:                       "either",
		`{"source":"bluesky","id":"a","author":"b"}`: "either",
		`{"source":"Blue Sky","id":"a"}`:             "source",
	} {
		h.post(t, path, kind, body).problem(t, 422, has)
	}
	if len(f.asked) != 0 {
		t.Fatalf("mistaken requests were taken: %+v", f.asked)
	}
	h.post(t, path, kind, `{"source":"bluesky","author":"did:plc:ann"}`).want(t, 202)
	h.post(t, path, kind, `{"source":"x","id":"1234"}`).want(t, 202)
	want := []reaction.Delete{
		{Source: reaction.Bluesky, Author: reaction.Author{ID: "did:plc:ann"}, At: noon}, {Source: reaction.X, ID: "1234", At: noon},
	}
	for i := range want {
		if d := f.asked[i]; d.Source != want[i].Source || d.ID != want[i].ID || d.Author != want[i].Author || !d.At.Equal(noon) {
			t.Errorf("asked for %+v, want %+v", d, want[i])
		}
	}
	entries := h.audit(t)
	if entries[0].Action != "posts.forget" || entries[1].Action != "posts.forget" || !regexp.MustCompile(`^bluesky author ref:[a-z2-7]{16}$`).MatchString(entries[1].Target) {
		t.Errorf("audited: %+v", entries[:2])
	}
	// Whoever asks is told the reference, and nobody finds it by asking for the same again.
	again := read[struct{ Target string }](t, h.post(t, path, kind, `{"source":"bluesky","author":"did:plc:ann"}`).want(t, 202))
	if e := h.audit(t)[0]; e.Target != again.Target || e.Target == entries[1].Target {
		t.Errorf("asked for again it is %q, told as %q, and was %q", e.Target, again.Target, entries[1].Target)
	}
	for _, e := range entries {
		if strings.Contains(e.Target, "did:plc") || strings.Contains(e.Target, "1234") {
			t.Errorf("the audit log keeps what is to be forgotten: %+v", e)
		}
	}
	a := read[struct {
		Rechecks []struct {
			Source         string
			Posts, Overdue int64
			Oldest         time.Time
		}
	}](t, h.get(t, path).want(t, 200))
	if len(a.Rechecks) != 1 || a.Rechecks[0].Overdue != 3 || !a.Rechecks[0].Oldest.Equal(noon.Add(-25*time.Hour)) {
		t.Errorf("rechecks: %+v", a)
	}
}

type keeping reaction.Kept

func (k keeping) Kept(context.Context, *reaction.Event) (reaction.Kept, error) {
	return reaction.Kept(k), nil
}

// Who finds no posts is told that they were removed.
func TestRemovedPostsAreTold(t *testing.T) {
	h := start(t, func(o *api.Options) { o.Retention = keeping{Emptied: true, RemovedAt: noon} })
	h.launch(t)
	type answer struct {
		Kept struct {
			Emptied   bool
			RemovedAt time.Time `json:"removed_at"`
			Until     *time.Time
		}
	}
	for _, path := range []string{"/v1/events/launch", "/v1/events/launch/posts"} {
		if a := read[answer](t, h.get(t, path).want(t, 200)); !a.Kept.Emptied || !a.Kept.RemovedAt.Equal(noon) || a.Kept.Until != nil {
			t.Errorf("%s: %+v", path, a)
		}
	}
	// What was read can be sent back.
	h.do(t, "PUT", "/v1/events/launch", "application/json", string(h.get(t, "/v1/events/launch").body)).want(t, 200)
}
