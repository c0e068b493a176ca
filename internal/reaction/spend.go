package reaction

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Micros is an amount of money, in millionths of a US dollar: prices are fractions of a cent, and
// sums of them must come out exactly.
type Micros int64

// Dollar is one US dollar.
const Dollar Micros = 1_000_000

// MostMicros bounds amounts that a person writes down, so that no sum of them overflows.
const MostMicros = 1_000_000_000 * Dollar

// USD is x dollars, rounded down: a limit is never more than was written. What is not a number of
// dollars, or less than nothing, is none.
func USD(x float64) Micros {
	switch m := math.Floor(x*float64(Dollar) + 1e-6); { // 0.29 is a little less than 29 cents
	case !(m > 0):
		return 0
	case m > float64(MostMicros):
		return MostMicros
	default:
		return Micros(m)
	}
}

// USD is the amount in dollars.
func (m Micros) USD() float64 { return float64(m) / float64(Dollar) }

// String writes the amount as $12.34, with more digits where the cents are not whole.
func (m Micros) String() string {
	sign := ""
	if m < 0 {
		sign, m = "-", -m
	}
	whole, rest := m/Dollar, m%Dollar
	switch {
	case rest%10_000 == 0:
		return fmt.Sprintf("%s$%d.%02d", sign, whole, rest/10_000)
	case rest%1000 == 0:
		return fmt.Sprintf("%s$%d.%03d", sign, whole, rest/1000)
	}
	return fmt.Sprintf("%s$%d.%06d", sign, whole, rest)
}

// CapOf is what a source may cost for the event; nothing where the event does not say.
func (e *Event) CapOf(s Source) Micros { return USD(e.Spend[s].USD) }

// Month is the calendar month of t, UTC, by its first moment.
func Month(t time.Time) time.Time {
	y, m, _ := t.UTC().Date()
	return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
}

// Ask is money that somebody wants to set aside before spending it.
type Ask struct {
	Source Source
	Event  int64     // whose; 0 for what no event is to blame for
	Month  time.Time // as Month gives it
	Want   Micros    // at best
	Least  Micros    // below which it is of no use
	// EventCap and MonthCap are the hard limits, as they are now, of all that was and is being spent.
	EventCap, MonthCap Micros
}

// Hold is money that is set aside. Until it is settled it counts as spent.
type Hold struct {
	ID     int64
	Source Source
	Event  int64
	Month  time.Time
	Amount Micros
}

// Account is what was spent on a source. Used counts what is set aside as spent; Reserved is the
// part of it that somebody still holds.
type Account struct {
	Used, Reserved           Micros // of one event, in all its life
	MonthUsed, MonthReserved Micros // of all events, in one month
}

// CapReached says that a hard limit leaves less than was asked for.
type CapReached struct {
	Month bool // the limit of the month; that of the event otherwise
	Cap   Micros
	Left  Micros
}

func (c *CapReached) Error() string {
	of := "event"
	if c.Month {
		of = "month"
	}
	return fmt.Sprintf("the limit of %s for this %s leaves %s", c.Cap, of, c.Left)
}

// IsCapReached tells whether err is about a limit, and which.
func IsCapReached(err error) (*CapReached, bool) { return errors.AsType[*CapReached](err) }

// Forecast is what an event would take if nothing limited it, and what its limit allows.
type Forecast struct {
	Low    Estimate `json:"low" doc:"If people speak of it as they do in a usual hour."`
	Likely Estimate `json:"likely" doc:"If it draws a crowd as planned events do."`
	High   Estimate `json:"high" doc:"If it becomes the talk of the day."`
	// Counting is what counting alone costs, which goes before all else.
	CountingUSD float64 `json:"counting_usd" doc:"What counting costs, which goes before all else."`
	// Allowed is how many posts the limits leave room for, and Share their share of Likely.
	Allowed int64   `json:"allowed_posts" doc:"How many posts can be read within what the limits leave."`
	Share   float64 `json:"share" doc:"Their share of the likely posts, 0 to 1: below 1 the text is sampled."`
	Hours   float64 `json:"hours" doc:"How long the event is listened to from now on, as planned."`
	// Basis is what the estimate was made from.
	Basis     string    `json:"basis" doc:"What the estimate is made from, in a sentence."`
	CountedTo time.Time `json:"counted_to" doc:"The end of the last hour that it was made from."`
}

// Estimate is a number of posts and what reading all of them would cost.
type Estimate struct {
	Posts int64   `json:"posts"`
	USD   float64 `json:"usd"`
}

// Capped says since when, and why, posts of a source are left out.
type Capped struct {
	Since  time.Time `json:"since"`
	Reason string    `json:"reason"`
}

// Spending is what a source has cost an event, and what it may.
type Spending struct {
	Source   Source
	Account  Account
	Cap      Micros    // of the event; 0 where it sets none: then nothing is spent
	MonthCap Micros    // 0 where nobody set it: then nothing is spent
	Month    time.Time // that the account is of
	Idle     string    // why nothing is spent now, "" where something may be
	Forecast *Forecast // nil where there is none
	None     string    // why there is none
	Capped   *Capped   // nil where nothing is left out now
}
