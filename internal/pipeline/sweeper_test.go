package pipeline_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"outcry/internal/pipeline"
	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/testdb"
)

// Several nodes look at once: posts are removed, told of and written down once.
func TestSweepersShareTheWork(t *testing.T) {
	k := keep(t, testdb.New(t), func(e *reaction.Event) {
		e.StartsAt, e.EndsAt, e.Retention = e.StartsAt.AddDate(0, 0, -3), e.EndsAt.AddDate(0, 0, -3), 1
	})
	p := reaction.Matched{Post: reaction.Post{Source: reaction.X, ID: "a", At: k.event.StartsAt, Text: "a show"}, Events: []reaction.Membership{{Event: k.event.ID}}}
	env := reaction.Envelope{Feed: "live/x/0", Posts: []reaction.Matched{p}}
	if _, err := k.Append(t.Context(), postgres.Commit{Epoch: "e", Seq: 1, Envelope: &env, Tags: make([]reaction.Tags, 1)}); err != nil {
		t.Fatal(err)
	}
	var told atomic.Int64
	look := func(now time.Time) {
		t.Helper()
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				s := pipeline.NewSweeper(k.Store, func() time.Time { return now }, slog.New(slog.DiscardHandler))
				s.Announce = func(context.Context, int64) { told.Add(1) }
				if err := s.Look(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	look(time.Now())
	if told.Load() != 0 {
		t.Error("posts that came just now were removed")
	}
	look(time.Now().Add(25 * time.Hour))
	if told.Load() != 1 {
		t.Errorf("the removal was told %d times, want once", told.Load())
	}
	entries, err := k.Entries(t.Context(), 0, 10)
	if err != nil || len(entries) != 1 {
		t.Errorf("the removal is in the audit log as %+v, %v", entries, err)
	}
}

func TestOneAuthorHasAHashForEachKey(t *testing.T) {
	june := time.Date(2026, 6, 30, 23, 0, 0, 0, time.UTC)
	a := pipeline.NewAuthors(
		reaction.AuthorKey{Event: 1, Key: []byte("one")},
		reaction.AuthorKey{Event: 2, Key: []byte("two"), Monthly: true, Month: reaction.MonthOf(june) - 1, Months: []int{reaction.MonthOf(june)}},
	)
	ann := reaction.Author{ID: "did:plc:ann"}
	of := func(event int64, at time.Time) reaction.Person { return a.Of(event, at, reaction.Bluesky, ann) }
	if of(1, june) != of(1, june.AddDate(1, 0, 0)) || of(1, june) == of(2, june) {
		t.Error("an event that ends has other hashes with time, or those of another event")
	}
	if of(2, june) == of(2, june.Add(2*time.Hour)) || of(2, june) != of(2, june.Add(-24*time.Hour)) {
		t.Error("an endless event's hashes do not change with the month")
	}
	if of(2, june.AddDate(0, -2, 0)).Known() || of(3, june).Known() {
		t.Error("an author is known where no key is")
	}
	found := map[reaction.Person]bool{}
	for _, m := range a.Everywhere(reaction.Bluesky, ann) {
		found[m.Author] = true
	}
	for _, p := range []reaction.Person{of(1, june), of(2, june), of(2, june.Add(2*time.Hour))} {
		if !found[p] {
			t.Errorf("one of an author's hashes is not found everywhere: %v", found)
		}
	}
	if len(a.Everywhere(reaction.Bluesky, reaction.Author{})) != 0 {
		t.Error("nobody has hashes")
	}
}

// What a person asks for goes through the line: all they have posted, in every event, and what comes late.
func TestAPersonsPostsAreForgotten(t *testing.T) {
	l := newLine(t, testdb.New(t))
	stop := l.commit(t)
	l.begin(t, 30)
	l.send(t, 0, 30)
	done := l.finish(t)
	f, err := pipeline.NewForgetting(l.log, l.store, "n1")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []reaction.Delete{
		{Source: reaction.X, Author: reaction.Author{ID: "author-1"}, At: time.Now()},
		{Source: reaction.X, ID: "p2", At: time.Now()},
	} {
		if err := f.Forget(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Forget(t.Context(), reaction.Delete{Source: reaction.X, At: time.Now()}); !errors.Is(err, reaction.ErrUnusable) {
		t.Errorf("a deletion of nothing: %v", err)
	}
	var gone []string
	for until := time.Now().Add(time.Minute); len(gone) < 5 && time.Now().Before(until); {
		posts, err := l.store.Posts(t.Context(), reaction.PostQuery{Event: l.event, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		if len(posts) != int(done.Stored) {
			t.Fatalf("%d posts, want %d", len(posts), done.Stored)
		}
		gone = nil
		for _, p := range posts {
			if p.DeletedAt != nil {
				gone = append(gone, p.ID)
			}
		}
	}
	if got, want := strings.Join(gone, " "), "p29 p22 p8 p2 p1"; got != want { // p15 did not match
		t.Errorf("gone: %s, want %s", got, want)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
