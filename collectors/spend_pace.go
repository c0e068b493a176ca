package collectors

import (
	"fmt"
	"math"
	"slices"
	"time"

	"outcry/internal/reaction"
)

// Mode is how the posts of an event are read.
type Mode uint8

// The modes.
const (
	Skipped  Mode = iota // not at all: there is no money
	Sampled              // some of them, page by page
	Streamed             // all of them
)

// How money is spread over an event. See docs/x-spend.md.
const (
	countShare    = 0.2            // of what can be spent, at most so much goes into counting
	countUsual    = time.Minute    // between two counts, where there is money
	countSurge    = countUsual / 2 // the same in a surge
	countRarest   = 15 * time.Minute
	surgeTimes    = 3.0             // so many times the usual number of posts are a surge
	surgeFloor    = 10.0            // posts a minute that are none, whatever is usual
	surgeBoost    = 3.0             // how much faster money may go in a surge
	streamMargin  = 1.25            // by which the pace must exceed what all posts cost before they are streamed
	pageLeast     = 10              // posts of the smallest page of search
	pageMost      = 100             // and of the largest
	pageEvery     = time.Minute     // between two pages, while one is enough
	pageOften     = 5 * time.Second // and at the most
	pageRarest    = time.Hour
	shortest      = 10 * time.Minute    // an event that is about to end, or goes on, is paced as if so much were left
	endlessWindow = 30 * 24 * time.Hour // over how long an endless event spreads what it has
)

// Outlook is what is known of an event's money at one moment.
type Outlook struct {
	Now       time.Time
	Until     time.Time       // the planned end; zero for an endless event
	MonthEnds time.Time       //
	Left      reaction.Micros // of the event's limit
	MonthLeft reaction.Micros // of the month's limit, this event's share
	CountCost reaction.Micros // of counting once
	Posts     float64         // a minute at present, as the platform counts them; negative where unknown
	Usual     float64         // a minute before that; negative where unknown
	Streaming bool            // as it is now
}

// Pace is how an event's money is to be spent from this moment on.
type Pace struct {
	Mode        Mode
	Rate        float64 // what text may cost, in micros a second
	Surge       bool
	CountEvery  time.Duration // 0: not at all
	SampleEvery time.Duration
	SamplePosts int
	Reason      string // for people: why not all posts are read; "" where they are
}

// Pace is pure: it looks at what is left and for how long that has to last. What a quiet hour did not
// take is there for the next, and what a surge took is missing later, but never so that nothing is
// left: at k times the even rate, what is left falls as the k-th power of the time that is left.
func (o *Outlook) Pace() Pace {
	if o.Left < PostRead || o.MonthLeft < PostRead {
		return Pace{Reason: o.exhausted()}
	}
	horizon := endlessWindow
	if !o.Until.IsZero() {
		horizon = max(o.Until.Sub(o.Now), shortest)
	}
	month := max(min(horizon, o.MonthEnds.Sub(o.Now)), time.Minute)
	all := min(float64(o.Left)/horizon.Seconds(), float64(o.MonthLeft)/month.Seconds())
	p := Pace{Mode: Sampled, Surge: o.Posts >= surgeFloor && o.Usual >= 0 && o.Posts >= surgeTimes*o.Usual}
	p.CountEvery = countUsual
	if p.Surge {
		p.CountEvery = countSurge
	}
	if least := time.Duration(float64(max(o.CountCost, CountsRequest)) / (countShare * all) * float64(time.Second)); least > p.CountEvery {
		p.CountEvery = min(least.Round(time.Second), countRarest)
	}
	p.Rate = max(all-float64(max(o.CountCost, CountsRequest))/p.CountEvery.Seconds(), all*(1-countShare)/2)
	if p.Surge {
		p.Rate *= surgeBoost
	}
	p.page()
	need := o.Posts / 60 * float64(PostRead)
	margin := streamMargin
	if o.Streaming {
		margin = 1
	}
	switch {
	case o.Posts < 0:
		p.Reason = "a sample is read until the platform has counted how many posts there are"
	case need*margin <= p.Rate:
		p.Mode = Streamed
	default:
		p.Reason = fmt.Sprintf("a sample is read: all of some %s posts a minute would cost more than the limit allows", about(o.Posts))
	}
	return p
}

// exhausted says which limit is reached.
func (o *Outlook) exhausted() string {
	if o.Left < PostRead {
		return "the limit for the event is spent"
	}
	return "the limit for the month is spent"
}

// page sets how large a sample is, and how often one is taken.
func (p *Pace) page() {
	aMinute := p.Rate * pageEvery.Seconds() / float64(PostRead) // posts
	switch {
	case aMinute < pageLeast:
		p.SamplePosts = pageLeast
		p.SampleEvery = min(time.Duration(pageLeast/aMinute*float64(pageEvery)), pageRarest)
	case aMinute <= pageMost:
		p.SamplePosts, p.SampleEvery = int(aMinute), pageEvery
	default:
		p.SamplePosts = pageMost
		p.SampleEvery = max(time.Duration(pageMost/aMinute*float64(pageEvery)), pageOften)
	}
}

// about rounds a number for a sentence that is to stay the same for a while.
func about(x float64) string {
	if x < 10 {
		return "10"
	}
	unit := math.Pow(10, math.Floor(math.Log10(x)))
	return fmt.Sprintf("%.0f", math.Round(x/unit)*unit)
}

// minutes are a platform's latest counts of an event, by the minute.
type minutes []reaction.PlatformCount

const minutesKept = 60

// add takes in counts: later words on a minute replace earlier ones.
func (m minutes) add(counts []reaction.PlatformCount) minutes {
	for _, c := range counts {
		if c.To.Sub(c.From) > time.Minute || !c.From.Before(c.To) {
			continue
		}
		i, ok := slices.BinarySearchFunc(m, c.From, func(x reaction.PlatformCount, t time.Time) int { return x.From.Compare(t) })
		if ok {
			m[i] = c
		} else {
			m = slices.Insert(m, i, c)
		}
	}
	return m[max(len(m)-minutesKept, 0):]
}

// now is how many posts there are a minute at present and how many there usually were before:
// negative where the counts are too old or too few to say.
func (m minutes) now(at time.Time, fresh time.Duration) (posts, usual float64) {
	posts, usual = -1, -1
	n := len(m)
	if n == 0 || at.Sub(m[n-1].To) > fresh {
		return posts, usual
	}
	const latest = 2
	sum, k := 0.0, 0
	for _, c := range m[max(n-latest, 0):] {
		sum, k = sum+float64(c.Posts), k+1
	}
	posts = sum / float64(k)
	if before := m[:max(n-latest, 0)]; len(before) >= 5 {
		values := make([]int64, len(before))
		for i, c := range before {
			values[i] = c.Posts
		}
		slices.Sort(values)
		usual = float64(values[len(values)/2])
	}
	return posts, usual
}
