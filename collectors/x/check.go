package x

import (
	"context"
	"errors"
	"net/http"

	twitter "github.com/g8rswimmer/go-twitter/v2"

	"outcry/collectors"
)

// Verdict is what a look at the token showed.
type Verdict struct {
	State string // one of the states
	Text  string // a sentence for people
	Mend  string // what to do about it; "" where nothing is needed
}

// The states of a verdict.
const (
	StateRight       = "right"
	StateMissing     = "missing" // there is no token
	StateWrong       = "wrong"   // or expired, or revoked
	StateNoAccess    = "no_access"
	StateLimited     = "limited" // of the token it is known that it is right
	StateUnreachable = "unreachable"
)

// Check asks X for the rules of the stream, which costs nothing, and says what that showed of the
// token. The token itself is in no verdict.
func (c *Client) Check(ctx context.Context) Verdict {
	var ex exchange
	err := c.ask(ctx, c.lists, &ex, func(ctx context.Context, api *twitter.Client) error {
		_, err := api.TweetSearchStreamRules(ctx, nil)
		return err
	})
	if err == nil {
		return Verdict{State: StateRight, Text: "the token opens the filtered stream"}
	}
	f := collectors.AsFault(err)
	v := Verdict{State: StateUnreachable, Text: f.Err.Error(), Mend: f.Mend}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		v.Text = "X does not answer in time"
	case f.Kind == collectors.Limited:
		v.State = StateLimited
	case f.Kind == collectors.Refused && ex.status == 0:
		v.State = StateMissing
	case ex.status == http.StatusUnauthorized:
		v.State = StateWrong
	case f.Kind == collectors.Refused:
		v.State = StateNoAccess
	}
	return v
}
