package app

import (
	"context"
	"time"

	"outcry/collectors"
	"outcry/internal/reaction"
)

// spending tells the API what X costs.
type spending struct{ n *Node }

// Spending implements api.Spending.
func (s spending) Spending(ctx context.Context, e *reaction.Event) (reaction.Spending, error) {
	c := &s.n.config
	off := ""
	if !c.XToken.Set() { // another node may have one; this one can tell of itself alone
		off = "this node has no token for X (x_token)"
	}
	return collectors.Spending(ctx, s.n.Store, e, reaction.X, reaction.USD(float64(c.XMonthUSD)), off, time.Now())
}
