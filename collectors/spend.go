package collectors

import (
	"context"

	"outcry/internal/reaction"
)

// What X asks for, per use, as its list of prices had it in August 2026.
// https://docs.x.com/x-api/getting-started/pricing
//
// A resource that is read twice in one day of UTC is charged once. X calls that a soft guarantee;
// our books take it at its word.
const (
	PostRead      reaction.Micros = 5_000  // $0.005 a post, by stream, search or look-up
	UserRead      reaction.Micros = 10_000 // $0.010 a user: expansions of authors count, so none is asked for
	SpaceRead     reaction.Micros = 5_000  // $0.005 a Space
	CountsRequest reaction.Micros = 5_000  // $0.005 a request of recent counts, however much it counts
)

// Ledger keeps what was spent, for every process that spends. It is safe for concurrent use by many
// processes, survives all of them, and lets nobody set aside more than a limit leaves: what is held
// and never settled, since whoever held it died, stays spent.
type Ledger interface {
	// Reserve sets money aside before it is spent: between ask.Least and ask.Want, as much as both
	// limits leave. It fails with *reaction.CapReached where they leave less than ask.Least, and with
	// reaction.ErrNotFound where the event is gone. An ask for nothing is always granted: by settling
	// it a debt is written down.
	Reserve(ctx context.Context, ask reaction.Ask) (reaction.Hold, error)
	// Settle says what became of a hold; what was not spent is free again. More than was held is
	// written down as well, since it is the truth. To settle twice changes nothing.
	Settle(ctx context.Context, h reaction.Hold, spent reaction.Micros) error
	// Account tells what was spent for an event in all its life, and for all events in the month of
	// ask.Month. Only Source, Event and Month of ask matter.
	Account(ctx context.Context, ask reaction.Ask) (reaction.Account, error)
}

// Purse is what whoever reads posts that cost money asks before, and tells afterwards. As a Wanted
// it lists the events whose posts may be streamed now, which changes as money is spent: rules follow
// it. A Governor is one. It is safe for concurrent use.
type Purse interface {
	Wanted
	// Bought tells of a post that the platform delivered by its stream for these events, which share
	// its price. It returns false where no money is set aside for more: the connection is then closed
	// at once, and opened again for the events that are left. It does not block.
	Bought(id string, events []int64) bool
	// Allow sets money aside for one request that brings at most n posts for an event, and returns
	// how many it may ask for now: 0 where the limit or the pace leaves none, with the reason as an
	// error. Whoever was allowed some calls done once, with the ids that came: none where it asked for
	// nothing after all, since what was allowed was less than the smallest page.
	Allow(ctx context.Context, event int64, n int) (allowed int, done func(ids []string), err error)
}
