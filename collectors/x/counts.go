package x

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	twitter "github.com/g8rswimmer/go-twitter/v2"

	"outcry/collectors"
	"outcry/internal/reaction"
)

const (
	countsDelay = 15 * time.Second             // X wants the end of what it is to count to be ten seconds old
	countsAgain = 5 * time.Minute              // of what was counted before, since X revises
	countsMost  = 6 * time.Hour                // of minutes at once
	countsWeek  = 7*24*time.Hour - 2*time.Hour // X knows seven days, and the hour there is has not ended
)

// counted is X's answer to a question for counts. Newer specifications say post where older ones
// say tweet.
type counted struct {
	Data []struct {
		Start time.Time `json:"start"`
		End   time.Time `json:"end"`
		Tweet *int64    `json:"tweet_count"`
		Post  *int64    `json:"post_count"`
	} `json:"data"`
}

// readCounts reads counts of width, aligned to it and within [from, to), from the bytes of an
// answer. What lies elsewhere is left out; what says no number, or one that cannot be, is an error,
// since it must not be taken for zero.
func readCounts(body []byte, from, to time.Time, width time.Duration) (map[time.Time]int64, error) {
	var a counted
	if err := json.Unmarshal(body, &a); err != nil {
		return nil, errors.New("X's counts cannot be read")
	}
	out := make(map[time.Time]int64, len(a.Data))
	for _, c := range a.Data {
		n := c.Tweet
		if n == nil {
			n = c.Post
		}
		if n == nil || *n < 0 {
			return nil, errors.New("X's counts say no number")
		}
		at := c.Start.UTC()
		if at.Before(from) || c.End.After(to) || c.End.Sub(c.Start) != width || !at.Truncate(width).Equal(at) {
			continue
		}
		out[at] = *n
	}
	return out, nil
}

// count asks X once how many posts there were that a query finds.
func (c *Client) count(ctx context.Context, w *collectors.Window, query string, from, to time.Time, width time.Duration) (map[time.Time]int64, bool, error) {
	by := twitter.GranularityMinute
	if width == time.Hour {
		by = twitter.GranularityHour
	}
	var ex exchange
	err := c.ask(ctx, w, &ex, func(ctx context.Context, api *twitter.Client) error {
		_, err := api.TweetRecentCounts(ctx, query, twitter.TweetRecentCountsOpts{StartTime: from.UTC(), EndTime: to.UTC(), Granularity: by})
		return err
	})
	if err != nil {
		return nil, ex.charged(err), err
	}
	counts, err := readCounts(ex.body, from, to, width)
	return counts, true, err
}

// charged reports whether X may have charged for a request that failed: it does not for those that
// it refuses, nor for those that were never sent.
func (ex *exchange) charged(err error) bool {
	f := collectors.AsFault(err)
	return ex.status/100 == 2 || ex.status == 0 && f.Kind != collectors.Limited && f.Kind != collectors.Refused
}

// asItIs takes every query as it stands: what X says of a bad one is told when it is asked.
func asItIs(string) string { return "" }

// countQueries are the queries that find an event's posts, as few as hold its terms.
func countQueries(e *reaction.Event) []string {
	anyOf, noneOf, _ := terms(e)
	p := packing{event: e.ID, max: maxSearch, refused: asItIs}
	without := p.without(noneOf)
	var group []term
	for _, t := range anyOf {
		if len(write(append(group, t), without)) > maxSearch && len(group) > 0 {
			p.put(group, without)
			group = nil
		}
		group = append(group, t)
	}
	if len(group) > 0 {
		p.put(group, without)
	}
	out := make([]string, len(p.queries))
	for i, q := range p.queries {
		out[i] = q.value
	}
	return out
}

// CountCost is what counting an event's posts once costs.
func CountCost(e *reaction.Event) reaction.Micros {
	return collectors.CountsRequest * reaction.Micros(len(countQueries(e)))
}

// count counts an event's posts in [from, to) by all its queries: a post that two of them find is
// counted twice, so that an event of very many terms is counted high. Each question is paid for.
func (g *Governed) count(ctx context.Context, e *reaction.Event, from, to time.Time, width time.Duration) ([]reaction.PlatformCount, error) {
	queries := countQueries(e)
	if len(queries) == 0 {
		return nil, errors.New("X can look for none of its terms")
	}
	sums := map[time.Time]int64{}
	for i, q := range queries {
		var counts map[time.Time]int64
		err := g.o.Governor.Pay(ctx, e, collectors.CountsRequest, "", func() (charged bool, err error) {
			counts, charged, err = g.o.Client.count(ctx, g.countsWindow, q, from, to, width)
			return charged, err
		})
		if err != nil {
			return nil, err
		}
		if i == 0 {
			sums = counts
			continue
		}
		for at := range sums { // known is what every query was answered for
			n, ok := counts[at]
			if sums[at] += n; !ok {
				delete(sums, at)
			}
		}
	}
	out := make([]reaction.PlatformCount, 0, len(sums))
	for at := from.UTC().Truncate(width); at.Before(to); at = at.Add(width) {
		if n, ok := sums[at]; ok {
			out = append(out, reaction.PlatformCount{Event: e.ID, Source: reaction.X, From: at, To: at.Add(width), Posts: n})
		}
	}
	return out, nil
}

// countMinutes counts what is new of an event by the minute, and what X may have revised.
func (g *Governed) countMinutes(ctx context.Context, e *reaction.Event, emit collectors.Emit, now time.Time) error {
	to := now.Add(-countsDelay).UTC().Truncate(time.Minute)
	from := later(e.ListenFrom, to.Add(-countsMost)).UTC().Truncate(time.Minute)
	if last := g.countedTo[e.ID]; !last.IsZero() {
		from = later(from, last.Add(-countsAgain))
	}
	if !from.Before(to) {
		return nil
	}
	counts, err := g.count(ctx, e, from, to, time.Minute)
	if err != nil {
		return err
	}
	if len(counts) == 0 {
		return nil
	}
	g.countedTo[e.ID] = counts[len(counts)-1].To
	g.o.Governor.Counted(counts)
	return emit(ctx, collectors.Item{Counts: counts})
}

// countHours counts the week before an event, by the hour: what a forecast is made of.
func (g *Governed) countHours(ctx context.Context, e *reaction.Event, emit collectors.Emit, now time.Time) error {
	to := now.Add(-countsDelay).UTC().Truncate(time.Hour)
	counts, err := g.count(ctx, e, to.Add(-countsWeek), to, time.Hour)
	if err != nil || len(counts) == 0 {
		return err
	}
	return emit(ctx, collectors.Item{Counts: counts})
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
