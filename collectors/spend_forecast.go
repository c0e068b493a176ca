package collectors

import (
	"fmt"
	"math"
	"slices"
	"time"

	"outcry/internal/reaction"
)

// What an event makes of the talk before it. Nobody knows these numbers of an event to come: they
// are judgements, and the range between low and high says so.
const (
	likelyTimes = 3.0  // the busiest hour of the past week, so many times
	highTimes   = 20.0 //
	quietLikely = 20.0 // posts an hour, of an event of which nobody speaks yet
	quietHigh   = 60.0
)

// ForecastHours is how many hours of counts a forecast needs at least.
const ForecastHours = 24

// Prospect is what a forecast is made from.
type Prospect struct {
	Hours     []reaction.PlatformCount // the past, by the hour
	From, To  time.Time                // what is still to be listened to, as planned
	Left      reaction.Micros          // what the limits leave
	CountCost reaction.Micros          // of counting once
}

// Forecast estimates what it would take to read every post of an event. It fails where too few hours
// were counted.
func (p *Prospect) Forecast() (reaction.Forecast, error) {
	if len(p.Hours) < ForecastHours {
		return reaction.Forecast{}, fmt.Errorf("%d hours were counted, and a forecast needs %d", len(p.Hours), ForecastHours)
	}
	if !p.From.Before(p.To) {
		return reaction.Forecast{}, fmt.Errorf("nothing is left to be listened to, as planned")
	}
	values := make([]float64, len(p.Hours))
	end := p.Hours[0].To
	for i, c := range p.Hours {
		values[i] = float64(c.Posts)
		if c.To.After(end) {
			end = c.To
		}
	}
	slices.Sort(values)
	median, most := values[len(values)/2], values[len(values)-1]
	hours := p.To.Sub(p.From).Hours()
	f := reaction.Forecast{
		Low:    estimate(median * hours),
		Likely: estimate(max(likelyTimes*most, quietLikely) * hours),
		High:   estimate(max(highTimes*most, quietHigh) * hours),
		Hours:  hours, CountedTo: end.UTC(),
		Basis: fmt.Sprintf("%d hours as the source counted them: %.0f posts in a usual one, %.0f in the busiest. "+
			"Low is the usual hour, likely %.0f times the busiest, high %.0f times", len(values), median, most, likelyTimes, highTimes),
	}
	counting := reaction.Micros(math.Ceil(float64(p.To.Sub(p.From))/float64(countUsual))) * max(p.CountCost, CountsRequest)
	if limit := reaction.Micros(countShare * float64(p.Left)); counting > limit {
		counting = max(limit, 0)
	}
	f.CountingUSD = counting.USD()
	f.Allowed = int64(max(p.Left-counting, 0) / PostRead)
	f.Share = 1
	if f.Likely.Posts > f.Allowed {
		f.Share = float64(f.Allowed) / float64(f.Likely.Posts)
	}
	return f, nil
}

func estimate(posts float64) reaction.Estimate {
	n := int64(math.Round(min(posts, 1e12)))
	return reaction.Estimate{Posts: n, USD: (reaction.Micros(n) * PostRead).USD()}
}
