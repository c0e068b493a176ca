package x

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	twitter "github.com/g8rswimmer/go-twitter/v2"

	"outcry/collectors"
	"outcry/collectors/wire"
)

// rule is a rule of the filtered stream, as X has it.
type rule struct {
	ID    wire.LooseID `json:"id"`
	Value string       `json:"value"`
	Tag   string       `json:"tag"`
}

// tagPrefix begins the tags of our rules; those of other programs are left alone.
const tagPrefix = "outcry:"

func tag(event int64, n int) string { return fmt.Sprintf("%s%d:%d", tagPrefix, event, n) }

// eventOf is the event that a tag of ours names; 0 for none.
func eventOf(tag string) int64 {
	s, ok := strings.CutPrefix(tag, tagPrefix)
	if !ok {
		return 0
	}
	s, _, _ = strings.Cut(s, ":")
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil || id < 0 {
		return 0
	}
	return id
}

func (r *rule) ours() bool { return strings.HasPrefix(r.Tag, tagPrefix) }

// maxPages bounds the pages of a list of rules.
const maxPages = 30

// rules lists every rule that X has of the app.
func (c *Client) rules(ctx context.Context) ([]rule, error) {
	var all []rule
	next := ""
	for range maxPages {
		ex := exchange{query: url.Values{"max_results": {"1000"}}}
		if next != "" {
			ex.query.Set("pagination_token", next)
		}
		err := c.ask(ctx, c.lists, &ex, func(ctx context.Context, api *twitter.Client) error {
			_, err := api.TweetSearchStreamRules(ctx, nil)
			return err
		})
		if err != nil {
			return nil, err
		}
		var page struct {
			Data []rule     `json:"data"`
			Meta wire.XMeta `json:"meta"`
		}
		if err := json.Unmarshal(ex.body, &page); err != nil {
			return nil, &collectors.Fault{Kind: collectors.Server, Err: errors.New("X's list of rules cannot be read")}
		}
		all = append(all, page.Data...)
		if next = page.Meta.NextToken; next == "" {
			return all, nil
		}
	}
	return nil, &collectors.Fault{Kind: collectors.Server, Err: errors.New("X's list of rules has no end")}
}

// batch is how many rules are written at once.
const batch = 100

// addRules asks X for new rules, and gives those that it refused, by value, with the reason. A
// duplicate is no refusal: the rule is there.
func (c *Client) addRules(ctx context.Context, rules []rule) (refused map[string]string, err error) {
	refused = map[string]string{}
	for some := range slices.Chunk(rules, batch) {
		list := make([]twitter.TweetSearchStreamRule, len(some))
		for i, r := range some {
			list[i] = twitter.TweetSearchStreamRule{Value: r.Value, Tag: r.Tag}
		}
		ex := exchange{want: http.StatusCreated}
		err := c.ask(ctx, c.writes, &ex, func(ctx context.Context, api *twitter.Client) error {
			_, err := api.TweetSearchStreamAddRule(ctx, list, false)
			return err
		})
		n := len(refused)
		ex.refusals(refused)
		if err != nil && len(refused) == n {
			return refused, err
		}
	}
	return refused, nil
}

// refusals reads which rules an answer says are wrong. Of several, X may take none: those that are
// right are written again.
func (ex *exchange) refusals(into map[string]string) {
	if ex.status/100 != 2 && ex.status != 400 {
		return
	}
	var p problem
	if json.Unmarshal(ex.body, &p) != nil {
		return
	}
	for _, part := range p.parts() {
		if value := part.about(); value != "" && part.kind() != "duplicate-rules" && part.Title != "DuplicateRule" {
			into[value] = strings.Trim(part.words(), " ()")
			if into[value] == "" {
				into[value] = "no reason was given"
			}
		}
	}
}

// dropRules has X forget rules.
func (c *Client) dropRules(ctx context.Context, rules []rule) error {
	for some := range slices.Chunk(rules, batch) {
		ids := make([]twitter.TweetSearchStreamRuleID, len(some))
		for i, r := range some {
			ids[i] = twitter.TweetSearchStreamRuleID(r.ID)
		}
		ex := exchange{want: http.StatusOK}
		err := c.ask(ctx, c.writes, &ex, func(ctx context.Context, api *twitter.Client) error {
			_, err := api.TweetSearchStreamDeleteRuleByID(ctx, ids, false)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
