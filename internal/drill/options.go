package drill

import (
	"fmt"
	"strings"
	"time"
)

// Options say which drill to make. Every share is taken as it is written, so that 0 means none:
// start from Defaults and change what should differ. Only Start, Scale and Slug have defaults of
// their own.
type Options struct {
	Scenario Scenario `json:"scenario"`
	Seed     uint64   `json:"seed,string"`
	// Start is the planned start, cut to the second. Zero: that of the public record.
	Start time.Time `json:"start"`
	// Scale multiplies the number of posts: 1 (also 0) is about 20,000 in launch, at most 100.
	// Listeners and health samples do not change with it.
	Scale float64 `json:"scale"`
	// Noise is how restless counts, health samples and audience figures are: 1 is lifelike, 0
	// leaves plain Poisson counts and probes that are always right, at most 5.
	Noise   float64 `json:"noise"`
	Korean  float64 `json:"korean"`  // share of posts in Korean, 0 to 1
	Copies  float64 `json:"copies"`  // share of posts, reposts aside, that copy another's text, 0 to 0.8
	Reposts float64 `json:"reposts"` // share of reposts in all posts, 0 to 0.8
	Deletes float64 `json:"deletes"` // share of posts, reposts aside, deleted some minutes later, 0 to 1
	Gaps    int     `json:"gaps"`    // how many times one source is lost for one to six minutes, 0 to 20
	Slug    string  `json:"slug"`    // of the event; "" is "drill-<scenario>"
}

// Defaults are the usual options of a scenario with the seed 1.
func Defaults(s Scenario) Options {
	o := Options{Scenario: s, Seed: 1, Scale: 1, Noise: 1, Korean: 0.18, Copies: 0.06, Reposts: 0.35, Deletes: 0.02, Gaps: 2}
	if s == Calm {
		o.Gaps = 0 // the plain case against which false alarms are counted
	}
	return o
}

// complete checks o and fills in what may be left out.
func (o Options) complete() (*script, Options, error) {
	sc := scriptOf(o.Scenario)
	if sc == nil {
		names := make([]string, len(scripts))
		for i, s := range scripts {
			names[i] = string(s().name)
		}
		return nil, o, fmt.Errorf("scenario %q is none of %s", o.Scenario, strings.Join(names, ", "))
	}
	if o.Scale == 0 {
		o.Scale = 1
	}
	if o.Slug == "" {
		o.Slug = "drill-" + string(o.Scenario)
	}
	if o.Start.IsZero() {
		o.Start = sc.start
	}
	o.Start = o.Start.UTC().Truncate(time.Second)
	if y := o.Start.Year(); y < 1990 || y > 2200 {
		return nil, o, fmt.Errorf("start %s is not between the years 1990 and 2200", o.Start.Format(time.RFC3339))
	}
	for _, f := range []struct {
		name     string
		v, least float64
		most     float64
	}{
		{"scale", o.Scale, 0.01, 100},
		{"noise", o.Noise, 0, 5},
		{"korean", o.Korean, 0, 1},
		{"copies", o.Copies, 0, 0.8},
		{"reposts", o.Reposts, 0, 0.8},
		{"deletes", o.Deletes, 0, 1},
		{"gaps", float64(o.Gaps), 0, 20},
	} {
		if !(f.v >= f.least && f.v <= f.most) { // also refuses NaN
			return nil, o, fmt.Errorf("%s %v is not between %v and %v", f.name, f.v, f.least, f.most)
		}
	}
	return sc, o, nil
}
