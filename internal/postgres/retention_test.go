package postgres_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/trend"
)

func endless(e *reaction.Event) { e.EndsAt = time.Time{} }

func sweep(t *testing.T, s *postgres.Store, e *reaction.Event, now time.Time) bool {
	t.Helper()
	removed, err := s.Sweep(t.Context(), e.ID, now)
	if err != nil {
		t.Fatal(err)
	}
	return removed
}

// Posts of an event go when its retention has passed since the last of them came, its key with them,
// and its figures stay.
func TestPostsGoWithTheRetentionAndTheKeyWithThem(t *testing.T) {
	s, url := open(t)
	e, other := newEvent(t, s, "over"), newEvent(t, s, "other")
	ch := newChain("live/x/0")
	appendAll(t, s, ch.commit(reaction.Envelope{Listening: []int64{e.ID}, Posts: []reaction.Matched{post(e, "a", 0), post(other, "a", 0)},
		Coverage: covered(0, time.Hour), Clock: t0.Add(time.Hour)}, complaint("tag"), plain()))
	month := 30 * 24 * time.Hour
	want(t, "swept a day early", sweep(t, s, e, time.Now().Add(month-24*time.Hour)), false) // its end is long past, its posts are not
	kept, err := s.Kept(t.Context(), e)
	if err != nil || kept.Emptied || time.Until(kept.Until) < month-time.Hour || time.Until(kept.Until) > month {
		t.Fatalf("kept: %+v, %v", kept, err)
	}
	later := time.Now().Add(month + time.Minute)
	want(t, "swept", sweep(t, s, e, later), true)
	want(t, "swept again", sweep(t, s, e, later), false)

	if kept, err = s.Kept(t.Context(), e); err != nil || !kept.Emptied || kept.RemovedAt.IsZero() {
		t.Errorf("kept afterwards: %+v, %v", kept, err)
	}
	got, err := s.Posts(t.Context(), reaction.PostQuery{Event: e, Limit: 10})
	if err != nil || len(got) != 0 {
		t.Errorf("posts afterwards: %v, %v", got, err)
	}
	for name, n := range map[trend.Name]int{trend.Posts: 1, trend.Complaints: 1, "tag:tag": 1, trend.Authors: 1} {
		want(t, string(name)+" afterwards", sum(t, s, e, name), n)
	}
	key, err := s.AuthorKey(t.Context(), e.ID)
	if err != nil || key.Key != nil {
		t.Errorf("the key is still there: %v", err)
	}
	keys, err := s.AuthorKeys(t.Context())
	if err != nil || len(keys) != 1 || keys[0].Event != other.ID {
		t.Errorf("keys alive: %+v, %v", keys, err)
	}
	want(t, "posts of the other event", count(t, url, "SELECT count(*) FROM posts"), 1)
	entries, err := s.Entries(t.Context(), 0, 10)
	if err != nil || len(entries) != 1 || entries[0].Action != "posts.remove" || entries[0].Target != "over" || !strings.Contains(entries[0].Reason, "30d") {
		t.Errorf("audit: %+v, %v", entries, err)
	}

	// What comes all the same is told, and not stored; nor can the event be opened again.
	did := appendAll(t, s, ch.commit(reaction.Envelope{Posts: []reaction.Matched{post(e, "late", 0)}}, plain()))
	want(t, "stored afterwards", did.Stored, 0)
	want(t, "refused", count(t, url, "SELECT sum(posts) FROM rejected WHERE reason = 'past_retention'"), 1)
	_, err = s.MoveEvent(t.Context(), "over", reaction.Move{Status: reaction.Live, Note: "once more", Now: later})
	if !errors.Is(err, reaction.ErrConflict) || !strings.Contains(err.Error(), "make another event") {
		t.Errorf("opening it again: %v", err)
	}
	if err := s.DeleteEvent(t.Context(), "over"); err != nil {
		t.Error(err)
	}
}

func TestAnEventThatGoesOnKeepsItsPosts(t *testing.T) {
	s, _ := open(t)
	e := newEvent(t, s, "overtime", func(e *reaction.Event) { e.Status = reaction.Live })
	appendAll(t, s, newChain("live/x/0").commit(reaction.Envelope{Posts: []reaction.Matched{post(e, "a", 0)}}, plain()))
	want(t, "swept", sweep(t, s, e, time.Now().AddDate(1, 0, 0)), false)
	record := newEvent(t, s, "record") // made to replay a recording into, some day
	want(t, "a record without posts swept", sweep(t, s, record, time.Now().AddDate(1, 0, 0)), false)
}

// An endless event loses its posts day by day, and its keys month by month.
func TestAnEndlessEventIsSweptDayByDay(t *testing.T) {
	s, url := open(t)
	e := newEvent(t, s, "endless", endless)
	ch := newChain("live/x/0")
	var posts []reaction.Matched
	for i := range 40 { // from 1 March
		posts = append(posts, post(e, fmt.Sprintf("p%02d", i), time.Duration(i)*24*time.Hour))
	}
	appendAll(t, s, ch.commit(reaction.Envelope{Posts: posts}, make([]reaction.Tags, len(posts))...))
	before, err := s.AuthorKey(t.Context(), e.ID)
	if err != nil {
		t.Fatal(err)
	}
	march, april := reaction.MonthOf(t0), reaction.MonthOf(t0)+1

	now := t0.Add(40 * 24 * time.Hour) // 10 April
	want(t, "swept", sweep(t, s, e, now), true)
	want(t, "swept again", sweep(t, s, e, now.Add(time.Hour)), false)
	want(t, "posts left", count(t, url, "SELECT count(*) FROM posts"), 30)
	want(t, "days left", count(t, url, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'posts_1'::regclass"), 30)
	key, err := s.AuthorKey(t.Context(), e.ID)
	if err != nil || !bytes.Equal(key.Of(march), before.Of(march)) || key.Of(march-1) != nil {
		t.Errorf("in April, with posts of March: key %v, %v", key.Month, err)
	}
	kept, err := s.Kept(t.Context(), e)
	if err != nil || kept.Emptied || !kept.From.Equal(time.Date(2026, 3, 11, 0, 0, 0, 0, time.UTC)) || !kept.Until.IsZero() {
		t.Errorf("kept: %+v, %v", kept, err)
	}
	did := appendAll(t, s, ch.commit(reaction.Envelope{Posts: []reaction.Matched{post(e, "old", 0), post(e, "new", 20*24*time.Hour)}}, plain(), plain()))
	want(t, "stored of an old and a new post", did.Stored, 1)

	want(t, "swept in May", sweep(t, s, e, now.AddDate(0, 0, 22)), true)
	key, err = s.AuthorKey(t.Context(), e.ID)
	if err != nil || key.Of(march) != nil || !bytes.Equal(key.Of(april), before.Of(april)) {
		t.Errorf("in May: the key of March is alive, or that of April is another: %v, %v", key.Month, err)
	}
	if bytes.Equal(key.Key, before.Key) {
		t.Error("the key that March's followed from is still stored")
	}
	want(t, "days of figures left", sum(t, s, e, trend.Posts) > 0, true)
}

func TestPruneForgetsWhatWasRememberedForLongEnough(t *testing.T) {
	s, url := open(t)
	e := newEvent(t, s, "prune", endless)
	ch := newChain("live/x/0")
	a := post(e, "a", 0)
	appendAll(t, s, ch.commit(reaction.Envelope{Posts: []reaction.Matched{a},
		Unmatched: []reaction.UnmatchedCount{{Source: reaction.X, Minute: t0, Posts: 3}, {Source: reaction.X, Minute: time.Now(), Posts: 4}},
		Baseline:  []reaction.BaselineCount{{Source: reaction.X, Hour: t0, Tag: "x", Uses: 1}}}, plain()))
	appendAll(t, s, newChain("replay/1/a").commit(reaction.Envelope{Event: e.ID, Unmatched: []reaction.UnmatchedCount{{Source: reaction.X, Minute: t0, Posts: 1}}}))
	gone := reaction.Envelope{Deletes: []reaction.Delete{{Source: reaction.X, ID: "never", At: t0}, {Source: reaction.X, ID: "a", At: t0},
		{Source: reaction.X, At: t0, Authors: []reaction.Membership{{Event: e.ID, Author: reaction.Person{7}}}}}}
	appendAll(t, s, ch.commit(gone))
	m := postgres.Memory{Deletions: 48 * time.Hour, Met: 400 * 24 * time.Hour, Counts: 90 * 24 * time.Hour, Audit: time.Hour}
	left := func(after time.Duration, what string, want int64) {
		t.Helper()
		if err := s.Prune(t.Context(), m, time.Now().Add(after)); err != nil {
			t.Fatal(err)
		}
		if got := count(t, url, "SELECT count(*) FROM "+what); got != want {
			t.Errorf("%s after %s: %d, want %d", what, after, got, want)
		}
	}
	left(47*time.Hour, "gone_posts", 2)
	left(47*time.Hour, "gone_authors", 1)
	left(49*time.Hour, "gone_posts", 1) // that of a stored post stays
	left(49*time.Hour, "gone_authors", 0)
	left(0, "unmatched", 2) // the new minute, and the recording's
	left(0, "baseline", 0)
	left(401*24*time.Hour, "gone_posts", 0)
}

func TestRechecksOfWhatTellsNoDeletions(t *testing.T) {
	s, url := open(t)
	e, other := newEvent(t, s, "x"), newEvent(t, s, "y")
	ch := newChain("live/x/0")
	both := post(e, "b", 0)
	both.Events = append(both.Events, reaction.Membership{Event: other.ID})
	sky := post(e, "sky", 0)
	sky.Source = reaction.Bluesky
	appendAll(t, s, ch.commit(reaction.Envelope{Posts: []reaction.Matched{post(e, "a", 0), both, sky, post(e, "gone", 0)},
		Deletes: []reaction.Delete{{Source: reaction.X, ID: "gone", At: t0}}}, plain(), plain(), plain(), plain()))
	appendAll(t, s, newChain("replay/1/a").commit(reaction.Envelope{Event: e.ID, Posts: []reaction.Matched{post(e, "recorded", 0)}}, plain()))
	due := func(before time.Time) string {
		t.Helper()
		ids, err := s.DueForCheck(t.Context(), reaction.X, before, 10)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(ids, " ")
	}
	want(t, "due today", due(time.Now().Add(-reaction.RecheckWithin)), "")
	tomorrow := time.Now().Add(time.Minute)
	want(t, "due tomorrow", due(tomorrow), "a b")
	if err := s.Checked(t.Context(), reaction.X, []string{"a"}, tomorrow); err != nil {
		t.Fatal(err)
	}
	want(t, "due after a check", due(tomorrow), "b")
	r, err := s.Rechecks(t.Context(), tomorrow)
	if err != nil || len(r) != 1 || r[0].Source != reaction.X || r[0].Posts != 3 || r[0].Overdue != 2 {
		t.Errorf("rechecks: %+v, %v", r, err)
	}
	appendAll(t, s, ch.commit(reaction.Envelope{Deletes: []reaction.Delete{{Source: reaction.X, ID: "b", At: t0}}}))
	want(t, "left on the list", count(t, url, "SELECT count(*) FROM rechecks"), 1)
}
