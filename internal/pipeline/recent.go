package pipeline

import (
	"iter"
	"slices"
	"sync"
	"time"

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
	post      reaction.Post
	at        time.Time // wall clock
	simulated bool
}

// NewRecent returns an empty memory; now is the wall clock.
func NewRecent(now func() time.Time) *Recent { return &Recent{now: now} }

// Add remembers a post without its author. simulated posts come from a drill.
func (r *Recent) Add(p *reaction.Post, simulated bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	kept := *p
	kept.Author, kept.Passed = reaction.Author{}, reaction.Author{}
	r.posts = append(r.posts, recentPost{kept, r.now(), simulated})
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

// Heard goes through the posts remembered, the newest first: those of drills where simulated is
// true, and otherwise those of the real world. A post is not to be changed.
func (r *Recent) Heard(simulated bool) iter.Seq[*reaction.Post] {
	r.mu.Lock()
	r.forget()
	posts := slices.Clip(r.posts) // the queue is only ever appended to and cut in front
	r.mu.Unlock()
	return func(yield func(*reaction.Post) bool) {
		for i := range slices.Backward(posts) {
			if posts[i].simulated == simulated && !yield(&posts[i].post) {
				return
			}
		}
	}
}
