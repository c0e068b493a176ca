package api_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"outcry/api"
	"outcry/internal/reaction"
)

// retagging is a memory of one retag.
type retagging struct{ last reaction.Retag }

func (r *retagging) BeginRetag(_ context.Context, e *reaction.Event, now time.Time) (reaction.Retag, error) {
	if e.Slug == "emptied" {
		return reaction.Retag{}, fmt.Errorf("its posts were removed: %w", reaction.ErrConflict)
	}
	r.last = reaction.Retag{Number: r.last.Number + 1, Tagger: 7, BegunAt: now, Stage: reaction.RetagPosts, Total: 20}
	return r.last, nil
}

func (r *retagging) Retag(context.Context, *reaction.Event) (reaction.Retag, error) {
	return r.last, nil
}

func TestARetagIsAskedFor(t *testing.T) {
	h := start(t, func(o *api.Options) { o.Retags = &retagging{} })
	h.launch(t)
	type body struct{ Retag *reaction.Retag }
	const path = "/v1/events/launch/retag"
	if got := read[body](t, h.get(t, path).want(t, 200)); got.Retag != nil {
		t.Errorf("before any: %+v", got.Retag)
	}
	h.as("").post(t, path, "", "").problem(t, 401)
	h.post(t, "/v1/events/none/retag", "", "").problem(t, 404)
	if got := read[body](t, h.post(t, path, "", "").want(t, 202)); got.Retag == nil || got.Retag.Tagger != 7 || !got.Retag.BegunAt.Equal(noon) {
		t.Errorf("begun: %+v", got.Retag)
	}
	if got := read[body](t, h.get(t, path).want(t, 200)); got.Retag == nil || got.Retag.Number != 1 || got.Retag.Done() {
		t.Errorf("on its way: %+v", got.Retag)
	}
	if e := h.audit(t)[0]; e.Action != "event.retag" || e.Target != "launch" {
		t.Errorf("audited: %+v", e)
	}
}

// The samples of the memory: all of the window.
func (m *memory) SamplePosts(ctx context.Context, q reaction.SampleQuery) ([]reaction.StoredPost, bool, error) {
	defer m.mu.Unlock()
	if err := m.hold(ctx); err != nil {
		return nil, false, err
	}
	var out []reaction.StoredPost
	for _, p := range m.posts[q.Event.ID] {
		if !p.At.Before(q.From) && p.At.Before(q.To) && p.DeletedAt == nil && (q.Label == "" || slices.Contains(p.Tags.Labels(p.Kind, p.Retimed), q.Label)) {
			out = append(out, p)
		}
	}
	return out[:min(len(out), q.Limit)], len(out) <= q.Limit, nil
}

type peaksBody struct {
	Peaks []struct {
		From, To time.Time
		Value    *float64
		AtLeast  *float64 `json:"at_least"`
		Terms    []struct {
			Term        string
			Now, Before int
			Z           float64
		}
		Tags      []struct{ Term string }
		Posts     []struct{ ID string }
		CopyShare float64 `json:"copy_share"`
		Sample    struct {
			Posts int
			Whole bool
		}
		Against []struct{ Posts int }
	}
}

func TestPeaksSayWhatTheyAreOf(t *testing.T) {
	h := start(t, func(o *api.Options) { o.PostSamples = o.Posts.(*memory) })
	e := h.launch(t)
	from := noon.Add(-time.Hour)
	var posts []reaction.StoredPost
	add := func(minute, n int, text string, tags ...reaction.Hashtag) {
		for i := range n {
			posts = append(posts, reaction.StoredPost{
				Post: reaction.Post{Source: reaction.X, ID: fmt.Sprintf("%d-%d-%d", minute, len(posts), i), At: from.Add(time.Duration(minute) * time.Minute), Text: fmt.Sprintf(text, i)},
				Tags: reaction.Tags{Version: 1, Lang: "en", Hashtags: tags, Fingerprint: uint64(0xff) << (16 * (len(posts) % 3)), IsComplaint: minute == 20},
			})
		}
	}
	for m := range 20 {
		add(m, 10, "we wait for the show %d")
	}
	add(20, 60, "the sound is gone %d", reaction.Hashtag{Text: "NoSound", Key: "nosound"})
	h.mu.Lock()
	h.posts[e.ID] = posts
	h.mu.Unlock()
	span := "?from=" + from.Format(time.RFC3339) + "&to=" + from.Add(30*time.Minute).Format(time.RFC3339)
	got := read[peaksBody](t, h.get(t, "/v1/events/launch/peaks"+span+"&limit=1").want(t, 200)).Peaks
	if len(got) != 1 || !got[0].From.Equal(from.Add(20*time.Minute)) || got[0].Sample.Posts != 60 || !got[0].Sample.Whole || len(got[0].Against) != 1 || got[0].Against[0].Posts != 150 {
		t.Fatalf("peaks: %+v", got)
	}
	p := got[0]
	if len(p.Terms) == 0 || p.Terms[0].Now != 60 || p.Terms[0].Before != 0 || p.Terms[0].Z < 5 || len(p.Tags) != 1 || p.Tags[0].Term != "nosound" {
		t.Errorf("its terms and tags: %+v, %+v", p.Terms, p.Tags)
	}
	for _, x := range p.Terms {
		if x.Term == "the" || x.Term == "we" {
			t.Errorf("%+v tells nothing of it", x)
		}
	}
	if len(p.Posts) != 1 || p.CopyShare != 57.0/60 {
		t.Errorf("%d posts stand for it, of %v copies; want one, since all have the same words", len(p.Posts), p.CopyShare)
	}
	if got := read[peaksBody](t, h.get(t, "/v1/events/launch/peaks"+span+"&by=complaints").want(t, 200)).Peaks; len(got) != 1 || got[0].Sample.Posts != 60 {
		t.Errorf("peaks of complaints: %+v", got)
	}
	h.get(t, "/v1/events/launch/peaks?step=1d").problem(t, 422, "query.step")
	h.as("").get(t, "/v1/events/launch/peaks").problem(t, 401)
	public := e
	public.Public = true
	h.mu.Lock()
	h.events[e.Slug] = *public
	h.mu.Unlock()
	h.as("").get(t, "/v1/events/launch/peaks").problem(t, 401) // posts of public events are not open either
	h.as("").get(t, "/v1/events/launch/trend").want(t, 200)
}

func TestCopiesAreFolded(t *testing.T) {
	h := start(t)
	e := h.launch(t)
	gone := noon
	var posts []reaction.StoredPost
	for i := range 40 {
		p := reaction.StoredPost{
			Post: reaction.Post{Source: []reaction.Source{reaction.X, reaction.Bluesky}[i%2], ID: fmt.Sprint("p", i), At: noon.Add(-time.Duration(i) * time.Minute), Text: fmt.Sprint("text ", i%4)},
			Tags: reaction.Tags{Version: 1, Lang: "en", Fingerprint: uint64(0xff) << (16 * (i % 4)) ^ uint64(i%2)},
		}
		if i%4 == 3 {
			p.Tags.Fingerprint = 0
		}
		if i == 20 {
			p.DeletedAt, p.Text = &gone, ""
		}
		posts = append(posts, p)
	}
	h.mu.Lock()
	h.posts[e.ID] = posts
	h.mu.Unlock()
	type body struct {
		Posts []struct {
			ID     string
			Copies *struct {
				Posts   int
				Sources []string
				From    time.Time
			}
		}
	}
	seen := map[string]int{}
	pages := follow(t, h, "/v1/events/launch/posts?fold=copies&limit=5", func(a answer) {
		for _, p := range read[body](t, a).Posts {
			seen[p.ID]++
			if p.Copies != nil {
				seen["copies"] += p.Copies.Posts
			}
		}
	})
	total := seen["copies"]
	for id, n := range seen {
		if id != "copies" {
			total++
			if n != 1 {
				t.Errorf("post %s is listed %d times", id, n)
			}
		}
	}
	if total != 40 || pages < 2 || seen["p20"] != 1 {
		t.Errorf("%d posts on %d pages, want 40 on several, and the one that is gone by itself: %v", total, pages, seen)
	}
	first := read[body](t, h.get(t, "/v1/events/launch/posts?fold=copies").want(t, 200)).Posts
	if p := first[0]; p.ID != "p0" || p.Copies == nil || p.Copies.Posts != 8 || !slices.Equal(p.Copies.Sources, []string{"x"}) || !p.Copies.From.Equal(noon.Add(-36*time.Minute)) {
		t.Errorf("the newest post stands for %+v", first[0].Copies)
	}
}
