package collectors

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"outcry/internal/reaction"
)

// purse is the money of one event. Its fields are guarded by Governor.mu.
type purse struct {
	event   reaction.Event
	gone    bool // no longer listened to
	account reaction.Account
	readAt  time.Time
	minutes minutes
	pace    Pace

	saved  float64 // micros that the pace allows to be spent on text now
	filled time.Time

	streaming bool
	shut      time.Time       // when it was last no longer streamed
	holds     []reaction.Hold // for the stream, the oldest first
	heldSince time.Time
	renewing  bool
	float     reaction.Micros // of the holds, what is not spent; negative where more came than was held

	skips  time.Time // since when posts are left out and it was not told; zero while they are streamed
	reason string    // why
}

// attend decides what becomes of one event now, and moves its money accordingly.
func (g *Governor) attend(ctx context.Context, p *purse, sharers int, now time.Time) error {
	g.mu.Lock()
	g.decide(p, sharers, now)
	stream := !p.gone && p.pace.Mode == Streamed && (p.streaming || now.Sub(p.shut) >= restStream)
	target := p.target()
	missing := target - p.float
	due := (len(p.holds) > 0 || p.float < 0) && (!stream && now.Sub(p.shut) >= keepHolds || now.Sub(p.heldSince) >= renewHolds)
	p.renewing = due && stream
	g.mu.Unlock()
	if err := g.settleUsed(ctx, p); err != nil {
		return err
	}
	if due {
		if err := g.settle(ctx, p); err != nil {
			return err
		}
		missing = target
	}
	var err error
	if stream && missing > target/2 {
		err = g.topUp(ctx, p, missing, now)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	p.renewing = false
	low := p.float < target/4
	switch {
	case p.gone:
		if p.streaming {
			p.shut = now
		}
		g.tellSkipped(p, now)
		p.streaming, p.skips = false, time.Time{}
	case stream && !low && !p.streaming:
		g.tellSkipped(p, now)
		p.streaming, p.skips, p.reason = true, time.Time{}, ""
	case p.streaming && (!stream || low):
		p.streaming, p.shut, p.skips = false, now, now
	}
	switch {
	case p.streaming:
	case g.blind || err != nil && !isCapReached(err):
		p.reason = "the books of what is spent cannot be read"
	default:
		p.reason = cmp.Or(p.pace.Reason, "a sample is read: more came at once than the pace allows")
	}
	return err
}

// decide works out the pace. The caller holds g.mu.
func (g *Governor) decide(p *purse, sharers int, now time.Time) {
	spent := p.account.Used - max(p.float, 0)
	o := Outlook{
		Now: now, Until: p.event.EndsAt, MonthEnds: reaction.Month(now).AddDate(0, 1, 0),
		Left:      p.event.CapOf(g.o.Source) - spent,
		MonthLeft: (g.o.MonthCap - p.account.MonthUsed + max(p.float, 0)) / reaction.Micros(max(sharers, 1)),
		Streaming: p.streaming,
	}
	if !o.Until.IsZero() {
		o.Until = o.Until.Add(reaction.Linger)
	}
	if g.o.CountCost != nil {
		o.CountCost = g.o.CountCost(&p.event)
	}
	o.Posts, o.Usual = p.minutes.now(now, countsFresh)
	if p.readAt.IsZero() {
		p.pace = Pace{Reason: "the books of what is spent cannot be read"}
		return
	}
	p.pace = o.Pace()
	g.fill(p, now)
}

// target is how much is held while the event is streamed: for the posts of a while at the present
// rate, and for some that nobody expects. The caller holds g.mu.
func (p *purse) target() reaction.Micros {
	posts, _ := p.minutes.now(p.filled, countsFresh)
	n := max(posts, 0) * floatAhead.Minutes()
	n = max(n, p.pace.Rate*floatAhead.Seconds()/float64(PostRead))
	return reaction.Micros(min(max(n, floatLeast), floatMost)) * PostRead
}

// topUp sets more aside for the stream, as far as the pace allows.
func (g *Governor) topUp(ctx context.Context, p *purse, want reaction.Micros, now time.Time) error {
	g.mu.Lock()
	want = min(want, reaction.Micros(max(p.saved, 0)))
	ask := g.ask(p, want, PostRead, now)
	g.mu.Unlock()
	if want < PostRead {
		return nil
	}
	h, err := g.o.Ledger.Reserve(ctx, ask)
	g.mu.Lock()
	defer g.mu.Unlock()
	if err != nil {
		p.readAt = time.Time{} // what was known is not so
		return err
	}
	if len(p.holds) == 0 {
		p.heldSince = now
	}
	p.holds = append(p.holds, h)
	p.float += h.Amount
	p.saved -= float64(h.Amount)
	p.account.Used += h.Amount
	p.account.MonthUsed += h.Amount
	return nil
}

func (g *Governor) ask(p *purse, want, least reaction.Micros, now time.Time) reaction.Ask {
	return reaction.Ask{Source: g.o.Source, Event: p.event.ID, Month: reaction.Month(now), Want: want, Least: least,
		EventCap: p.event.CapOf(g.o.Source), MonthCap: g.o.MonthCap}
}

// settleUsed lets go of the holds of which nothing is left.
func (g *Governor) settleUsed(ctx context.Context, p *purse) error {
	for {
		g.mu.Lock()
		var sum reaction.Micros
		for _, h := range p.holds {
			sum += h.Amount
		}
		if len(p.holds) < 2 || p.float > sum-p.holds[0].Amount {
			g.mu.Unlock()
			return nil
		}
		oldest := p.holds[0]
		g.mu.Unlock()
		if err := g.o.Ledger.Settle(ctx, oldest, oldest.Amount); err != nil {
			return err
		}
		g.mu.Lock()
		p.holds = p.holds[1:]
		g.mu.Unlock()
	}
}

// settle gives back what the stream did not use. More than was held is written down with the oldest
// hold.
func (g *Governor) settle(ctx context.Context, p *purse) error {
	g.mu.Lock()
	holds, float := p.holds, p.float
	p.holds, p.float = nil, 0
	p.saved += float64(max(float, 0))
	p.account.Used -= float
	p.account.MonthUsed -= float
	g.mu.Unlock()
	if len(holds) == 0 && float < 0 {
		if err := g.owe(ctx, p.event.ID, -float); err != nil {
			g.mu.Lock()
			p.float += float
			g.mu.Unlock()
			return err
		}
	}
	for i, h := range slices.Backward(holds) { // what is left is of the youngest
		back := min(float, h.Amount)
		if float < 0 && i > 0 {
			back = 0
		}
		if err := g.o.Ledger.Settle(ctx, h, h.Amount-back); err != nil {
			g.mu.Lock()
			p.holds, p.float = append(holds[:i+1:i+1], p.holds...), p.float+float
			g.mu.Unlock()
			return err
		}
		float -= back
	}
	return nil
}

// Bought implements Purse.
func (g *Governor) Bought(id string, events []int64) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.known(id) {
		return true
	}
	var payers []*purse
	for _, e := range events {
		if p := g.purses[e]; p != nil && !slices.Contains(payers, p) {
			payers = append(payers, p)
		}
	}
	if len(payers) == 0 {
		g.stray += PostRead
		return true
	}
	more := true
	for i, p := range payers { // in equal shares, to the last millionth
		share := PostRead / reaction.Micros(len(payers))
		if i == 0 {
			share = PostRead - share*reaction.Micros(len(payers)-1)
		}
		p.float -= share
		more = more && (p.float > 0 || p.renewing)
		if p.float < p.target()/2 {
			g.nudge()
		}
	}
	return more
}

// known reports whether a thing was read before on this day of UTC, and so is not charged again, and
// remembers it. The caller holds g.mu.
func (g *Governor) known(id string) bool {
	g.today()
	return g.read.Add(id)
}

// today forgets what was read on another day. The caller holds g.mu.
func (g *Governor) today() {
	if day := g.o.Now().UTC().Format(time.DateOnly); day != g.day {
		g.day, g.read, g.paid = day, NewSeen(dayNames), map[string]bool{}
	}
}

func (g *Governor) paidFor(once string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.today()
	return g.paid[once]
}

// errPace says that there is money, and not yet.
var errPace = errors.New("the pace leaves nothing for it now")

func isCapReached(err error) bool {
	_, ok := reaction.IsCapReached(err)
	return ok
}

// Allow implements Purse.
func (g *Governor) Allow(ctx context.Context, event int64, n int) (allowed int, done func(ids []string), err error) {
	now := g.o.Now()
	g.mu.Lock()
	p := g.purses[event]
	if p == nil || p.gone || n < 1 {
		g.mu.Unlock()
		return 0, nil, fmt.Errorf("event %d has no money for %s", event, g.o.Source)
	}
	g.fill(p, now)
	want := reaction.Micros(min(n, int(max(p.saved, 0)/float64(PostRead)))) * PostRead
	if want == 0 {
		reason := p.pace.Reason
		g.mu.Unlock()
		if p.pace.Mode == Skipped && reason != "" {
			return 0, nil, errors.New(reason)
		}
		return 0, nil, errPace
	}
	p.saved -= float64(want)
	ask := g.ask(p, want, PostRead, now)
	g.mu.Unlock()
	h, err := g.o.Ledger.Reserve(ctx, ask)
	g.mu.Lock()
	defer g.mu.Unlock()
	if err != nil {
		p.saved += float64(want)
		p.readAt = time.Time{}
		g.nudge()
		return 0, nil, err
	}
	p.saved += float64(want - h.Amount)
	p.account.Used += h.Amount
	p.account.MonthUsed += h.Amount
	return int(h.Amount / PostRead), func(ids []string) { g.came(context.WithoutCancel(ctx), p, h, ids) }, nil
}

// fill lets the pace's money come in up to now. The caller holds g.mu.
func (g *Governor) fill(p *purse, now time.Time) {
	most := max(p.pace.Rate*burst.Seconds(), float64(floatLeast*2*PostRead))
	if p.filled.IsZero() {
		p.saved, p.filled = max(p.pace.Rate*begin.Seconds(), float64(floatLeast*2*PostRead)), now
	}
	if d := now.Sub(p.filled); d > 0 {
		p.saved, p.filled = min(p.saved+p.pace.Rate*d.Seconds(), most), now
	}
}

// came settles what a request brought.
func (g *Governor) came(ctx context.Context, p *purse, h reaction.Hold, ids []string) {
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	var spent reaction.Micros
	g.mu.Lock()
	for _, id := range ids {
		if !g.known(id) {
			spent += PostRead
		}
	}
	p.saved += float64(max(h.Amount-spent, 0))
	p.account.Used += spent - h.Amount
	p.account.MonthUsed += spent - h.Amount
	g.mu.Unlock()
	if err := g.o.Ledger.Settle(ctx, h, spent); err != nil {
		g.trouble(err)
	}
}

// Pay sets money aside for an event and does what it buys, outside of the pace: counting and looking
// Spaces up go before text. once names a thing that is charged once a day; "" for what is charged
// each time. do reports whether the platform charged for it; where that is not known, it did.
func (g *Governor) Pay(ctx context.Context, e *reaction.Event, price reaction.Micros, once string, do func() (charged bool, err error)) error {
	now := g.o.Now()
	if g.paidFor(once) {
		_, err := do()
		return err
	}
	h, err := g.o.Ledger.Reserve(ctx, reaction.Ask{Source: g.o.Source, Event: e.ID, Month: reaction.Month(now), Want: price, Least: price,
		EventCap: e.CapOf(g.o.Source), MonthCap: g.o.MonthCap})
	if err != nil {
		g.trouble(err)
		return err
	}
	charged, err := do()
	spent := price
	if !charged {
		spent = 0
	}
	settling, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleWithin)
	defer cancel()
	if failed := g.o.Ledger.Settle(settling, h, spent); failed != nil {
		g.trouble(failed)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if charged && once != "" {
		g.today()
		g.paid[once] = true
	}
	if p := g.purses[e.ID]; p != nil {
		p.account.Used += spent
		p.account.MonthUsed += spent
	}
	return err
}
