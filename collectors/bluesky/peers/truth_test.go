//go:build peers

package peers_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"outcry/internal/reaction"
)

// post is what was written, as the PDS answered, and how it stands.
type post struct {
	uri, cid string
	by       *account
	at       time.Time // as claimed; the server's is expected where retimed is set
	retimed  bool
	wrote    time.Time // when it was
	kind     reaction.Kind
	repeats  string
	more     map[string]any // fields of its record that an edit keeps

	text    string
	lang    string
	tags    []string // now, folded
	ever    []string // each time that one came anew, while it was stored
	stored  bool     // it belongs to the event, or did
	blank   bool     // it is gone: stored without its text
	removed bool     // gone from its repository
	edited  bool
	hidden  bool  // for people who are signed in alone
	matches bool  // its present words belong to the event
	of      *post // of a repost: what it passes on
}

// goes reports whether it is stored without its text: it is gone, or passes on words that are.
func (p *post) goes() bool { return p.blank || p.of != nil && (p.of.blank || p.of.removed) }

func (p *post) rkey() string { return p.uri[strings.LastIndexByte(p.uri, '/')+1:] }

// take gives the post the words of a draft that was written.
func (p *post) take(d *draft, w written) {
	p.cid, p.text, p.hidden = w.CID, d.text.String(), d.hidden
	if p.hidden {
		p.blank = p.stored // it was public: it may be shown no more
		return
	}
	if p.stored || d.matches {
		for _, tag := range d.tags {
			if !p.stored || !slices.Contains(p.tags, tag) {
				p.ever = append(p.ever, tag)
			}
		}
	}
	p.lang, p.tags, p.matches, p.stored = d.lang, d.tags, d.matches, p.stored || d.matches
}

// truth is what happened, as the PDS confirmed it. It is safe for concurrent use.
type truth struct {
	mu    sync.Mutex
	posts map[string]*post
	order []*post
	edits int
	gone  []*account // for good

	limit int // how many posts may be written for now

	// passing is held while a repost is written, and by who says whether any may be.
	passing sync.RWMutex
	quiet   bool
	known   time.Time // only what was written since may be passed on
}

func newTruth() *truth { return &truth{posts: map[string]*post{}} }

func (tr *truth) add(p *post) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.posts[p.uri], tr.order = p, append(tr.order, p)
}

// change changes a post as the PDS confirmed.
func (tr *truth) change(f func()) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	f()
}

// purge takes all that an account has written.
func (tr *truth) purge(a *account, forGood bool) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	for _, p := range tr.order {
		if p.by == a {
			p.blank = p.stored
		}
	}
	if forGood {
		tr.gone = append(tr.gone, a)
	}
}

// written is how many posts were written, without reposts.
func (tr *truth) written() (n int) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	for _, p := range tr.order {
		if p.kind != reaction.Repost {
			n++
		}
	}
	return n
}

// upTo lets posts be written up to a number.
func (tr *truth) upTo(n int) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.limit = n
}

func (tr *truth) mayWrite() bool {
	n := tr.written()
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return n < tr.limit
}

// pick is something that was written, chosen by a number; nil where that is no post.
func (tr *truth) pick(n int) *post {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if len(tr.order) == 0 {
		return nil
	}
	if p := *tr.order[n%len(tr.order)]; p.kind != reaction.Repost {
		return &p
	}
	return nil
}

// copy is how everything stands.
func (tr *truth) copy() []post {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	out := make([]post, len(tr.order))
	for i, p := range tr.order {
		out[i] = *p
		out[i].tags, out[i].ever = slices.Clone(p.tags), slices.Clone(p.ever)
	}
	return out
}

// hush lets no reposts be written.
func (tr *truth) hush() {
	tr.passing.Lock()
	defer tr.passing.Unlock()
	tr.quiet = true
}

// speak lets posts be passed on again that are written from now on.
func (tr *truth) speak() {
	tr.passing.Lock()
	defer tr.passing.Unlock()
	tr.quiet, tr.known = false, time.Now()
}

// check holds the truth against what the repositories hold.
func (tr *truth) check(ctx context.Context, everyone []*account) error {
	want := map[*account]map[string]string{}
	for _, p := range tr.copy() {
		if want[p.by] == nil {
			want[p.by] = map[string]string{}
		}
		switch {
		case p.removed:
		case p.kind == reaction.Repost:
			want[p.by][p.uri] = p.repeats
		default:
			want[p.by][p.uri] = p.text
		}
	}
	for _, a := range everyone {
		got, err := a.list(ctx)
		switch {
		case slices.Contains(tr.gone, a):
			if err == nil {
				return fmt.Errorf("the repository of %s is still to be had", a.Handle)
			}
		case err != nil:
			return fmt.Errorf("the repository of %s: %w", a.Handle, err)
		case !maps.Equal(got, want[a]):
			return fmt.Errorf("the repository of %s holds %d records that are not the %d that were written", a.Handle, len(got), len(want[a]))
		}
	}
	return nil
}
