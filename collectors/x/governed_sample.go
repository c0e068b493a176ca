package x

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	twitter "github.com/g8rswimmer/go-twitter/v2"

	"outcry/collectors"
	"outcry/collectors/wire"
	"outcry/internal/reaction"
)

// leastPage is the smallest page that X's search gives.
const leastPage = 10

// sampleDue reads a page of the newest posts of each event that is sampled and due. Of an event with
// several queries each page is of the next one.
func (g *Governed) sampleDue(ctx context.Context, s *schedule, emit collectors.Emit, now time.Time) (first error) {
	for _, e := range g.o.Wanted.Events() {
		pace := g.o.Governor.Pace(e.ID)
		if pace.Mode != collectors.Sampled || !s.due(e.ID, now) {
			continue
		}
		err := g.sample(ctx, &e, pace.SamplePosts, emit, now)
		var line lineError
		if errors.As(err, &line) {
			return err
		}
		if err := s.did(e.ID, now, pace.SampleEvery, err); err != nil && first == nil {
			first = err
		}
	}
	return first
}

func (g *Governed) sample(ctx context.Context, e *reaction.Event, n int, emit collectors.Emit, now time.Time) error {
	queries, _ := pack(e, maxSearch, allQueries)
	if len(queries) == 0 {
		return errors.New("X can look for none of its terms")
	}
	allowed, done, err := g.o.Governor.Allow(ctx, e.ID, n)
	if err != nil {
		return nil // said by the coverage
	}
	if allowed < leastPage {
		done(nil)
		return nil
	}
	q := queries[g.sampledBy[e.ID]%len(queries)]
	g.sampledBy[e.ID]++
	from := later(e.ListenFrom, now.Add(-countsMost))
	if last := g.sampledTo[e.ID]; !last.IsZero() && len(queries) == 1 {
		from = later(from, last)
	}
	catch, ids, err := g.o.Client.newest(ctx, q.value, from, now.Add(-countsDelay), min(allowed, 100), now)
	done(ids)
	if err != nil {
		return err
	}
	g.sampledTo[e.ID] = now.Add(-countsDelay)
	items := make([]collectors.Item, 0, len(catch.Found))
	for _, f := range catch.Found {
		if f.Record.Post != nil { // it was heard some while after it was written
			f.Record.Post.Received = time.Time{}
		}
		items = append(items, collectors.Item{Record: f.Record, Refused: f.Refused})
	}
	if len(items) == 0 {
		return nil
	}
	return emit(ctx, items...)
}

// newest reads one page of the newest posts that a query finds in [from, to), and the ids that X
// charges for. Where it is not known what came, as much as was asked for did.
func (c *Client) newest(ctx context.Context, query string, from, to time.Time, n int, now time.Time) (wire.Catch, []string, error) {
	if !from.Before(to) {
		return wire.Catch{}, nil, nil
	}
	catch := wire.Catch{Now: now}
	var ex exchange
	err := c.ask(ctx, c.searches, &ex, func(ctx context.Context, api *twitter.Client) error {
		_, err := api.TweetRecentSearch(ctx, query, twitter.TweetRecentSearchOpts{
			MaxResults: n, StartTime: from.UTC().Truncate(time.Second), EndTime: to.UTC().Truncate(time.Second), TweetFields: fields,
		})
		return err
	})
	if err != nil {
		if ex.charged(err) {
			return catch, unknown(n, now), err
		}
		return catch, nil, err
	}
	ids, err := idsOf(ex.body)
	if err != nil {
		return catch, unknown(n, now), err
	}
	wire.X(ex.body, &catch)
	return catch, ids, nil
}

// idsOf lists the posts that an answer holds: each version of an edited one has an id of its own.
func idsOf(body []byte) ([]string, error) {
	var page struct {
		Data []struct {
			ID wire.LooseID `json:"id"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &page); err != nil {
		return nil, &collectors.Fault{Kind: collectors.Server, Err: errors.New("X's page of posts cannot be read")}
	}
	ids := make([]string, len(page.Data))
	for i, p := range page.Data {
		ids[i] = string(p.ID)
	}
	return ids, nil
}

// unknown are names for posts that may have come: none that X would give.
func unknown(n int, now time.Time) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = "?" + now.Format(time.RFC3339Nano) + "/" + string(rune('a'+i%26)) + string(rune('a'+i/26))
	}
	return ids
}
