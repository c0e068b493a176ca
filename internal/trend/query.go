// Package trend turns stored counts into series: buckets, coverage, watermarks, passports. It is
// pure: functions of values, with time passed in.
package trend

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"outcry/internal/reaction"
)

// Name is the name of a series: "posts", "complaint_share", "tag:desaster", "symptom:audio",
// "latency", ...
type Name string

// The series that have no argument.
const (
	Posts          Name = "posts"
	Complaints     Name = "complaints"
	ComplaintShare Name = "complaint_share"
	FirstHand      Name = "first_hand"
	Recovery       Name = "recovery"
	Reposts        Name = "reposts"
	Authors        Name = "authors"
	Health         Name = "health"
	Latency        Name = "latency"
	Audience       Name = "audience"
)

// Kinds of series that take an argument after a colon.
const (
	tagSeries     = "tag"
	symptomSeries = "symptom"
	// Of a service that the event follows: posts that name it, and complaints about it.
	serviceSeries   = "service"
	complaintSeries = "complaint"
	countsSeries    = "counts" // what a source counted itself
)

var plainNames = []Name{Posts, Complaints, ComplaintShare, FirstHand, Recovery, Reposts, Authors, Health, Latency, Audience}

// ParseName checks the name of a series. A tag is folded by the caller's fold function, so that
// "tag:#DeSaster" and "tag:desaster" are one series.
func ParseName(s string, fold func(string) string) (Name, error) {
	kind, arg, has := strings.Cut(s, ":")
	switch {
	case !has && slices.Contains(plainNames, Name(s)):
		return Name(s), nil
	case kind == tagSeries && strings.Trim(arg, "#＃ ") != "":
		return Name("tag:" + fold(strings.Trim(arg, "#＃ "))), nil
	case kind == symptomSeries:
		if _, err := reaction.ParseSymptom(arg); err != nil {
			return "", err
		}
		return Name(s), nil
	case kind == countsSeries && has:
		if _, err := reaction.ParseSource(arg); err != nil {
			return "", err
		}
		return Name(s), nil
	case (kind == serviceSeries || kind == complaintSeries) && arg != "":
		return Name(s), nil
	case has && arg != "" && slices.Contains([]Name{Health, Latency, Audience}, Name(kind)):
		return Name(s), nil
	}
	return "", fmt.Errorf("series %q is none of posts, complaints, complaint_share, first_hand, recovery, reposts, authors, "+
		"tag:NAME, symptom:NAME, service:NAME, complaint:NAME, counts:SOURCE, health, latency, audience (the last three also as health:SERVICE)", s)
}

// Split returns the kind of the series and its argument, "" where it has none.
func (n Name) Split() (kind, arg string) {
	kind, arg, _ = strings.Cut(string(n), ":")
	return kind, arg
}

// OfPosts reports whether the series counts posts or people, and so depends on which sources
// were listened to.
func (n Name) OfPosts() bool {
	kind, _ := n.Split()
	return kind != string(Health) && kind != string(Latency) && kind != string(Audience)
}

// OfPlatform reports whether the series is what a source counted itself.
func (n Name) OfPlatform() bool {
	kind, _ := n.Split()
	return kind == countsSeries
}

// Steps are the widths a bucket may have: those that divide a day.
var Steps = []time.Duration{
	10 * time.Second, 20 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 20 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 4 * time.Hour, 6 * time.Hour, 8 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// Limits of a query.
const (
	MaxBuckets = 20_000
	MaxSeries  = 12
)

// Query asks for series of one event. From and To are multiples of Step, counted from midnight
// UTC; To is exclusive.
type Query struct {
	Event   *reaction.Event
	Series  []Name
	From    time.Time
	To      time.Time
	Step    time.Duration
	Sources []reaction.Source // empty: every source
	Langs   []string          // empty: every language
}

// Buckets is how many buckets the query spans.
func (q *Query) Buckets() int { return int(q.To.Sub(q.From) / q.Step) }

// Validate says what is wrong with the query, as one error a person can act on.
func (q *Query) Validate() error {
	switch {
	case len(q.Series) == 0:
		return fmt.Errorf("series: name at least one")
	case len(q.Series) > MaxSeries:
		return fmt.Errorf("series: %d are more than %d", len(q.Series), MaxSeries)
	case !slices.Contains(Steps, q.Step):
		return fmt.Errorf("step: %s does not divide a day, or is under 10s; use one of 10s, 30s, 1m, 5m, 15m, 1h, 1d", q.Step)
	case !q.To.After(q.From):
		return fmt.Errorf("to: %s is not after from %s", q.To.Format(time.RFC3339), q.From.Format(time.RFC3339))
	case q.Buckets() > MaxBuckets:
		return fmt.Errorf("step: %s over this window makes %d buckets, more than %d: ask for a wider step or a shorter window",
			q.Step, q.Buckets(), MaxBuckets)
	case slices.Contains(q.Series, Authors) && q.Step < time.Minute:
		return fmt.Errorf("step: authors are counted by the minute; ask for a step of 1m or more")
	case slices.Contains(q.Series, Authors) && len(q.Langs) > 0:
		return fmt.Errorf("lang: authors are not kept by language; leave lang out or ask for another series")
	case len(q.CountedBy()) > 0 && q.Step < CountsWidth:
		return fmt.Errorf("step: sources count by the minute; ask for a step of 1m or more")
	case len(q.CountedBy()) > 0 && len(q.Langs) > 0:
		return fmt.Errorf("lang: what a source counts is not kept by language; leave lang out or ask for another series")
	case len(q.Langs) > 0 && len(q.TagsOf()) > 0:
		return fmt.Errorf("lang: tags are not kept by language; leave lang out or ask for another series")
	}
	for _, n := range q.Series {
		kind, arg := n.Split()
		if of := kind == serviceSeries || kind == complaintSeries; of && !slices.Contains(q.Event.ServiceNames(), arg) {
			return fmt.Errorf("series: the event follows no service %q: write it as its definition does", arg)
		}
	}
	return nil
}
