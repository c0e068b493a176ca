package collectors

import (
	"context"
	"fmt"
	"time"

	"outcry/internal/reaction"
)

// Books is a Ledger as those read it who only want to know. It is safe for concurrent use.
type Books interface {
	// Account is as in Ledger.
	Account(ctx context.Context, ask reaction.Ask) (reaction.Account, error)
	// Capped tells since when posts of a source have been left out of an event, and why; false where
	// none were since before.
	Capped(ctx context.Context, event int64, source reaction.Source, before time.Time) (reaction.Capped, bool, error)
	// PastCounts lists the hours since a moment that the source has counted for the event.
	PastCounts(ctx context.Context, event int64, source reaction.Source, since time.Time) ([]reaction.PlatformCount, error)
}

// cappedFor is how old the last word may be for posts to count as left out now.
const cappedFor = time.Minute

// Spending tells what a source has cost an event, what its limits leave, and what it would take. off
// says why the source is not collected at all, "" where it is. It spends nothing: a forecast is made
// from what was counted before.
func Spending(ctx context.Context, b Books, e *reaction.Event, source reaction.Source, monthCap reaction.Micros, off string, now time.Time) (reaction.Spending, error) {
	s := reaction.Spending{Source: source, Cap: e.CapOf(source), MonthCap: monthCap, Month: reaction.Month(now)}
	var err error
	if s.Account, err = b.Account(ctx, reaction.Ask{Source: source, Event: e.ID, Month: s.Month}); err != nil {
		return s, err
	}
	if c, ok, err := b.Capped(ctx, e.ID, source, now.Add(-cappedFor)); err != nil {
		return s, err
	} else if ok {
		s.Capped = &c
	}
	switch {
	case e.Simulated:
		s.Idle = "the event is simulated: nothing real is read for it"
	case off != "":
		s.Idle = off
	case s.Cap < PostRead:
		s.Idle = fmt.Sprintf("the event sets no limit for it: give one in spend.%s.usd", source)
	case s.MonthCap < PostRead:
		s.Idle = fmt.Sprintf("no limit is set for the month: give one in %s_month_usd", source)
	case s.Cap-s.Account.Used < PostRead:
		s.Idle = "the limit for the event is spent"
	case s.MonthCap-s.Account.MonthUsed < PostRead:
		s.Idle = "the limit for the month is spent"
	}
	s.Forecast, s.None, err = forecast(ctx, b, e, &s, now)
	return s, err
}

// forecast makes one, or says why there is none.
func forecast(ctx context.Context, b Books, e *reaction.Event, s *reaction.Spending, now time.Time) (*reaction.Forecast, string, error) {
	past, err := b.PastCounts(ctx, e.ID, s.Source, now.Add(-8*24*time.Hour))
	if err != nil {
		return nil, "", err
	}
	p := Prospect{Hours: past, From: e.ListenFrom, To: e.EndsAt, CountCost: CountsRequest,
		Left: max(min(s.Cap-s.Account.Used, s.MonthCap-s.Account.MonthUsed), 0)}
	if now.After(p.From) {
		p.From = now
	}
	if p.To = p.To.Add(reaction.Linger); e.Endless() {
		p.To = p.From.Add(endlessWindow)
	}
	over := e.Status == reaction.Ended || e.Status == reaction.Cancelled
	switch f, err := p.Forecast(); {
	case over:
		return nil, "the event is over", nil
	case err == nil:
		return &f, "", nil
	case len(past) == 0 && s.Idle != "":
		return nil, "nothing was counted: " + s.Idle, nil
	case len(past) == 0:
		return nil, "nothing was counted yet: the week before is counted from seven days before the event on, while listening has not begun", nil
	default:
		return nil, err.Error(), nil
	}
}
