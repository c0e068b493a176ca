package x

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"sync"
	"time"

	twitter "github.com/g8rswimmer/go-twitter/v2"

	"outcry/collectors"
	"outcry/collectors/wire"
)

// fields are what is asked for of a post. No user is asked for: a user may be charged too.
var fields = []twitter.TweetField{
	twitter.TweetFieldCreatedAt, twitter.TweetFieldAuthorID, twitter.TweetFieldLanguage, twitter.TweetFieldEntities,
	twitter.TweetFieldReferencedTweets, "edit_history_tweet_ids", "note_tweet",
}

// open opens the filtered stream, which goes on until the body is closed or ctx ends.
func (c *Client) open(ctx context.Context) (io.ReadCloser, error) {
	ex := exchange{stream: true}
	err := c.ask(ctx, c.connects, &ex, func(ctx context.Context, api *twitter.Client) error {
		ts, err := api.TweetSearchStream(ctx, twitter.TweetSearchStreamOpts{TweetFields: fields})
		if err == nil {
			ts.Close() // it was given nothing to read
		}
		return err
	})
	if err != nil {
		if ex.source != nil {
			_ = ex.source.Close()
		}
		return nil, err
	}
	if kind, _, _ := mime.ParseMediaType(ex.header.Get("Content-Type")); kind == "text/html" {
		_ = ex.source.Close()
		return nil, &collectors.Fault{Kind: collectors.Server, Err: errors.New("X answers with a web page in place of the stream")}
	}
	return ex.source, nil
}

// behind is how late X may deliver a post: what was posted before that was heard. X names 6 to 7
// seconds for 99 posts of 100: https://docs.x.com/x-api/posts/filtered-stream/introduction
const behind = 7 * time.Second

// conn is one connection to the stream.
type conn struct {
	from  *Source
	lines *lines
	catch wire.Catch

	body  io.Closer
	stop  context.CancelFunc // ends the request, and what keeps its rules
	once  sync.Once
	mu    sync.Mutex
	cause error // why it was ended from this side
}

// Close implements collectors.Conn.
func (c *conn) Close() {
	c.once.Do(func() {
		c.stop()
		_ = c.body.Close()
	})
}

// fail ends the connection with a reason.
func (c *conn) fail(err error) {
	c.mu.Lock()
	if c.cause == nil {
		c.cause = err
	}
	c.mu.Unlock()
	c.Close()
}

func (c *conn) why(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cause != nil {
		return c.cause
	}
	return err
}

// Next implements collectors.Conn.
func (c *conn) Next(ctx context.Context) (collectors.Heard, error) {
	stop := context.AfterFunc(ctx, c.Close)
	defer stop()
	line, err := c.lines.next()
	now := time.Now()
	h := collectors.Heard{Upto: now.Add(-behind), Items: c.from.skipped(now)}
	switch {
	case errors.Is(err, errLong):
		h.Items = append(h.Items, collectors.Item{Refused: wire.ReasonTooLarge})
		return h, nil
	case err != nil:
		return collectors.Heard{}, c.why(err)
	case len(line) == 0:
		h.Beat = true
		c.from.well()
		return h, nil
	}
	return c.message(h, line, now)
}

// message takes in what is not a sign of life.
func (c *conn) message(h collectors.Heard, line []byte, now time.Time) (collectors.Heard, error) {
	c.catch = wire.Catch{Now: now, Found: c.catch.Found[:0]}
	said := wire.X(line, &c.catch)
	if said.Notice.Disconnect {
		return collectors.Heard{}, c.from.dismissed(line)
	}
	c.from.well()
	id := messageID(line)
	if id == "" { // a word about the stream, or what cannot be read
		h.Items = append(h.Items, c.from.items(c.catch.Found)...)
		return h, nil
	}
	asked := c.from.rules.of(said.Rules)
	changed := c.from.purse.Changed()
	if !c.from.purse.Bought(id, asked.events) {
		c.from.spent(changed)
		c.fail(&collectors.Fault{Kind: collectors.Network, Err: errors.New("the money that was set aside for reading posts is spent")})
	}
	if len(asked.events) == 0 && len(said.Rules) > 0 { // another program's rules brought it
		c.from.foreign.Do(func() {
			c.from.log.Warn("rules of other programs bring posts of X that cost money and are not used: give Outcry an app of its own")
		})
		return h, nil
	}
	signed(c.catch.Found, asked.author)
	h.Items = append(h.Items, c.from.items(c.catch.Found)...)
	return h, nil
}

// signed writes who wrote posts, where X did not say it and the question did.
func signed(found []wire.Found, author string) {
	for _, f := range found {
		if p := f.Record.Post; p != nil && p.Author.Handle == "" {
			p.Author.Handle = author
		}
	}
}

// messageID is the id of the post that a message of the stream holds. Each edit has one of its own.
func messageID(line []byte) string {
	var m struct {
		Data struct {
			ID wire.LooseID `json:"id"`
		} `json:"data"`
	}
	if json.Unmarshal(line, &m) != nil {
		return ""
	}
	return string(m.Data.ID)
}

// dismissed is why X ended the stream, by its last message.
func (s *Source) dismissed(line []byte) error {
	p := parse(line)
	if p.crowded() {
		return s.crowd()
	}
	return &collectors.Fault{Kind: collectors.Network, Err: fmt.Errorf("X ended the stream%s", p.words())}
}
