package pipeline

import (
	"slices"
	"sync"
	"time"

	"outcry/internal/match"
	"outcry/internal/reaction"
)

// Bounds of what Recent remembers.
const (
	recentAge   = time.Hour
	recentPosts = 200_000
	recentBytes = 64 << 20
)

// Recent remembers, in memory only, the posts of the last hour that belonged to no event, so that
// terms can be tried out on them. It is bounded in age, number and size, and safe for concurrent
// use.
type Recent struct {
	now func() time.Time

	mu    sync.Mutex
	posts []recentPost // a queue: the oldest first
	bytes int
}

type recentPost struct {
	post reaction.Post
	at   time.Time // wall clock
}

// NewRecent returns an empty memory; now is the wall clock.
func NewRecent(now func() time.Time) *Recent { return &Recent{now: now} }

// Add remembers a post without its author.
func (r *Recent) Add(p *reaction.Post) {
	r.mu.Lock()
	defer r.mu.Unlock()
	kept := *p
	kept.Author = reaction.Author{}
	r.posts = append(r.posts, recentPost{kept, r.now()})
	r.bytes += weight(p)
	r.forget()
}

func (r *Recent) forget() {
	limit := r.now().Add(-recentAge)
	n := 0
	for n < len(r.posts) && (r.posts[n].at.Before(limit) || len(r.posts)-n > recentPosts || r.bytes > recentBytes) {
		r.bytes -= weight(&r.posts[n].post)
		n++
	}
	r.posts = r.posts[n:]
}

// Trial is what a set of terms would have matched.
type Trial struct {
	Seen     int             // unmatched posts remembered
	Matched  int             // those the terms match
	Examples []reaction.Post // the newest of them, newest first
}

// Try matches terms against the posts remembered, and returns at most examples of what it found.
func (r *Recent) Try(m reaction.Match, examples int) (Trial, error) {
	set, err := match.Compile([]reaction.Event{{ID: 1, Slug: "trial", Match: m}})
	if err != nil {
		return Trial{}, err
	}
	r.mu.Lock()
	r.forget()
	posts := slices.Clip(r.posts) // the queue is only ever appended to and cut in front
	r.mu.Unlock()
	t := Trial{Seen: len(posts)}
	var ids []int64
	for i := len(posts) - 1; i >= 0; i-- {
		if ids = set.Match(&posts[i].post, ids[:0]); len(ids) == 0 {
			continue
		}
		t.Matched++
		if len(t.Examples) < examples {
			t.Examples = append(t.Examples, posts[i].post)
		}
	}
	return t, nil
}
