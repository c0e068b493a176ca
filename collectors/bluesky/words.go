package bluesky

import (
	"strings"
	"sync"
	"time"

	"outcry/internal/reaction"
)

// words remembers what was posted lately, since a repost names a post and has no words of its own.
// It holds two generations, of which the older one is forgotten when the younger is half an hour
// old or has its half of the room. It is safe for concurrent use: while one connection ends,
// another may have begun.
type words struct {
	room int // bytes of one generation
	now  func() time.Time

	mu           sync.Mutex
	n            int64 // counts what was told
	young, old   generation
	gone, goneTo map[string]int64 // authors whose posts are gone, and when by n
}

type generation struct {
	posts map[string]kept
	size  int
	since time.Time
}

type kept struct {
	post *reaction.Post
	n    int64
}

const halfLife = 30 * time.Minute

func newWords(room int, now func() time.Time) *words {
	return &words{room: room / 2, now: now, gone: map[string]int64{}, young: generation{posts: map[string]kept{}, since: now()}}
}

// keep remembers a post, in its latest form.
func (w *words) keep(p *reaction.Post) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.turn()
	const overhead = 400 // of a post and its place in a map
	w.n++
	w.young.posts[p.ID] = kept{&reaction.Post{Text: p.Text, Lang: p.Lang, URL: p.URL, Facets: p.Facets}, w.n}
	w.young.size += overhead + len(p.ID) + len(p.Text) + len(p.URL) + 64*len(p.Facets)
	for i := range p.Facets {
		w.young.size += len(p.Facets[i].Value)
	}
}

// turn begins another generation where it is time to. The caller holds w.mu.
func (w *words) turn() {
	now := w.now()
	if w.young.size < w.room && now.Sub(w.young.since) < halfLife {
		return
	}
	w.old, w.young = w.young, generation{posts: map[string]kept{}, since: now}
	w.goneTo, w.gone = w.gone, map[string]int64{}
}

// forget is told that posts are gone: what is gone is not passed on.
func (w *words) forget(d *reaction.Delete) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if d.ID == "" {
		w.n++
		w.gone[d.Author.ID] = w.n
		w.young.size += 100 + len(d.Author.ID)
		return
	}
	delete(w.young.posts, d.ID)
	delete(w.old.posts, d.ID)
}

// find is the post of that name, where it is remembered and not gone.
func (w *words) find(uri string) (*reaction.Post, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.turn()
	k, ok := w.young.posts[uri]
	if !ok {
		k, ok = w.old.posts[uri]
	}
	if !ok {
		return nil, false
	}
	author, _, _ := strings.Cut(strings.TrimPrefix(uri, "at://"), "/")
	if max(w.gone[author], w.goneTo[author]) > k.n {
		return nil, false
	}
	return k.post, true
}
