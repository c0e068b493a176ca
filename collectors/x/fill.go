package x

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	twitter "github.com/g8rswimmer/go-twitter/v2"

	"outcry/collectors"
	"outcry/collectors/wire"
	"outcry/internal/reaction"
)

// What recent search can do.
const (
	searchBack  = 7*24*time.Hour - 10*time.Minute
	searchDelay = 30 * time.Second // until it knows a post; X refuses to look at its last 10 seconds
	pageLeast   = 10
	pageMost    = 100
)

// reasonFilled is told with what search filled. It finds no reposts since May 2026.
const reasonFilled = "filled by search, without reposts"

// page is what one search brought.
type page struct {
	found  []wire.Found
	broken []collectors.Item // posts at which the program failed
	ids    []string
	next   string
}

// search asks for posts of [from, to), the newest first.
func (c *Client) search(ctx context.Context, query string, from, to time.Time, n int, token string) (*page, error) {
	var ex exchange
	err := c.ask(ctx, c.searches, &ex, func(ctx context.Context, api *twitter.Client) error {
		_, err := api.TweetRecentSearch(ctx, query, twitter.TweetRecentSearchOpts{
			TweetFields: fields, StartTime: from.UTC().Truncate(time.Second), EndTime: to.UTC().Add(time.Second - 1).Truncate(time.Second),
			SortOrder: twitter.TweetSearchSortOrderRecency, MaxResults: n, NextToken: token,
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	found, broken, next := readPage(wire.X, ex.body, time.Now())
	p := &page{next: next, ids: pageIDs(ex.body), broken: broken}
	for _, f := range found {
		if f.Record.Post != nil {
			f.Record.Post.Received = time.Time{} // nobody heard it then
		}
		if f.Refused != wire.ReasonNotice { // an empty page, or what X could not give beside the posts
			p.found = append(p.found, f)
		}
	}
	return p, nil
}

// mostFilling is of how many gaps it is remembered how far they were filled: they take turns.
const mostFilling = 16

// readPage reads a page of a search. Where the program fails at it, it is read post by post, so that
// one post is refused and not all of a page that was paid for.
func readPage(read func([]byte, wire.Sink) wire.XHeard, body []byte, now time.Time) (found []wire.Found, broken []collectors.Item, next string) {
	catch := wire.Catch{Now: now}
	var said wire.XHeard
	if collectors.Safely(len(body), func() { said = read(body, &catch) }) == nil {
		return catch.Found, nil, said.Meta.NextToken
	}
	var whole struct {
		Data     []json.RawMessage `json:"data"`
		Includes json.RawMessage   `json:"includes,omitempty"`
		Meta     wire.XMeta        `json:"meta"`
	}
	_ = json.Unmarshal(body, &whole) // what cannot be read of it is not there
	for _, post := range whole.Data {
		catch.Found = nil
		one, _ := json.Marshal(map[string]json.RawMessage{"data": post, "includes": whole.Includes})
		if failed := collectors.Safely(len(post), func() { read(one, &catch) }); failed != nil {
			broken = append(broken, failed.Item())
			continue
		}
		found = append(found, catch.Found...)
	}
	return found, broken, whole.Meta.NextToken
}

// filling remembers how far a gap was filled, so that what was paid for is not read again when it
// is gone on with.
type filling struct {
	from, to time.Time
	events   map[int64]*progress
}

type progress struct {
	query int       // the one that is being asked
	token string    // of its next page
	back  time.Time // it was asked back to here
	done  bool
}

// Fill implements collectors.Filler by recent search, for the events that are streamed: of others
// posts are left out anyway. Events differ in how far they are filled, so that coverage is told for
// each of them, and the gap given back as it was.
func (s *Source) Fill(ctx context.Context, gap collectors.Gap, emit collectors.Emit) (time.Time, error) {
	if until := time.Until(gap.To.Add(searchDelay)); until > 0 && !pause(ctx, nil, until) {
		return gap.From, ctx.Err()
	}
	from := gap.From
	if oldest := time.Now().Add(-searchBack); from.Before(oldest) {
		from = oldest
	}
	if !from.Before(gap.To) {
		return gap.From, &collectors.Fault{Kind: collectors.Refused, Err: errors.New("X's search goes back seven days")}
	}
	known := s.fillingOf(gap)
	for _, e := range s.purse.Events() {
		if !e.ListenFrom.Before(gap.To) {
			continue
		}
		p := known[e.ID]
		if p == nil {
			p = &progress{}
			known[e.ID] = p
		}
		f := filler{s: s, event: &e, from: latest(from, e.ListenFrom), gap: &gap, p: p, emit: emit}
		if err := f.run(ctx); err != nil {
			return gap.From, err
		}
	}
	return gap.From, nil
}

// fillingOf is how far a gap was filled, by event.
func (s *Source) fillingOf(gap collectors.Gap) map[int64]*progress {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := filling{from: gap.From, to: gap.To, events: map[int64]*progress{}}
	i := slices.IndexFunc(s.filling, func(x filling) bool { return x.from.Equal(gap.From) && x.to.Equal(gap.To) })
	if i >= 0 {
		f = s.filling[i]
		s.filling = slices.Delete(s.filling, i, i+1)
	}
	s.filling = append(s.filling, f)
	s.filling = s.filling[max(0, len(s.filling)-mostFilling):]
	return f.events
}

// filler fills a gap of one event.
type filler struct {
	s     *Source
	event *reaction.Event
	from  time.Time
	gap   *collectors.Gap
	p     *progress
	emit  collectors.Emit
}

func (f *filler) run(ctx context.Context) error {
	queries, _ := pack(f.event, maxSearch, func(string) string { return "" })
	for !f.p.done && f.p.query < len(queries) {
		if f.p.back.IsZero() {
			f.p.back = f.gap.To
		}
		over, err := f.page(ctx, &queries[f.p.query])
		if err != nil {
			return err
		}
		if over {
			f.p.query, f.p.token, f.p.back = f.p.query+1, "", time.Time{}
		}
	}
	if f.p.done || len(queries) == 0 {
		return nil
	}
	f.p.done = true
	return f.cover(ctx, f.from, f.gap.To, reaction.CoverageFilled, reasonFilled)
}

// page reads one page of a query, and reports whether it was the last.
func (f *filler) page(ctx context.Context, q *query) (over bool, err error) {
	n, done, err := f.s.purse.Allow(ctx, f.event.ID, pageMost)
	if n < pageLeast {
		if done != nil {
			done(nil)
		}
		return false, f.short(ctx, err)
	}
	p, err := f.s.client.search(ctx, q.value, f.from, f.gap.To, min(n, pageMost), f.p.token)
	if err != nil {
		done(nil)
		return false, err
	}
	done(p.ids)
	signed(p.found, q.author)
	if err := f.emit(ctx, append(f.s.items(p.found), p.broken...)...); err != nil {
		return false, err
	}
	for _, x := range p.found {
		if at := x.Record.At; x.Record.Post != nil && at.Before(f.p.back) {
			f.p.back = at
		}
	}
	f.p.token = p.next
	return p.next == "", nil
}

// patience is how often it is asked for money before what is missing counts as left out.
const patience = 3

// short is what to do where there is no money for a page: what is missing is left out where the
// limit is reached, and asked for again where that may change soon.
func (f *filler) short(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if _, capped := reaction.IsCapReached(err); !capped && f.gap.Tries < patience {
		return &collectors.Fault{Kind: collectors.Limited, Err: errors.New("there is no money now for reading what was missed"), RetryAt: time.Now().Add(time.Minute)}
	}
	f.p.done = true
	upto := f.gap.To
	queries, _ := pack(f.event, maxSearch, func(string) string { return "" })
	if f.p.query == len(queries)-1 { // all others are through
		upto = latest(f.p.back, f.from)
	}
	if err := f.cover(ctx, f.from, upto, reaction.CoverageCapped, "no money was left for reading what was missed"); err != nil {
		return err
	}
	return f.cover(ctx, upto, f.gap.To, reaction.CoverageFilled, reasonFilled)
}

// cover tells how well the event was heard in a stretch of the gap.
func (f *filler) cover(ctx context.Context, from, to time.Time, s reaction.CoverageState, reason string) error {
	if !from.Before(to) {
		return nil
	}
	return f.emit(ctx, collectors.Item{Coverage: []reaction.Coverage{
		{Source: reaction.X, From: from.UTC(), To: to.UTC(), State: s, Reason: reason, Events: []int64{f.event.ID}},
	}})
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
