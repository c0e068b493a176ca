package trend

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

// Method names the version of the way figures are made. It changes whenever the same posts could
// give other figures.
const Method = "outcry-figures/1"

// Count is a number of posts under one label (or tag) in one bucket of the query's step.
type Count struct {
	Bucket time.Time
	Source reaction.Source
	Net    int64 // without posts deleted since
	Gross  int64 // with them
	Late   int64 // of the gross, those that came after their bucket had closed
}

// Crowd is who wrote in a stretch of time that lies in one bucket of the query: a sketch of the
// known authors, and how many posts had an author nobody knows.
type Crowd struct {
	Minute  time.Time // the first
	People  *People   // nil where no author was known
	Unknown int64
}

// Inputs is what a store knows for a query.
type Inputs struct {
	Labels    map[string][]Count // by label: "posts", "complaints", "symptom:audio", ...
	Tags      map[string][]Count // by folded tag
	Crowds    []Crowd
	Coverage  []reaction.CoverageSpan  // overlapping the window, and the last word of each live feed within GoneAfter before it
	Listened  []reaction.Source        // sources with any coverage in the whole event
	Samples   []health.Sample          // in the window and a little before
	Watermark *time.Time               // nil: nothing more is expected
	Platform  []reaction.PlatformCount // in the window, of a minute at most, none within another
	Retag     *reaction.Retag          // the latest; nil: there was none
	Grace     time.Duration
}

// LabelsOf lists the labels whose counts a query needs. Posts are always needed: deletions and
// late posts are told of every figure.
func (q *Query) LabelsOf() []string {
	out := []string{reaction.LabelPosts}
	for _, n := range q.Series {
		switch kind, arg := n.Split(); {
		case n == ComplaintShare:
			out = append(out, reaction.LabelComplaint, reaction.LabelReposts)
		case kind == symptomSeries:
			out = append(out, reaction.SymptomPrefix+arg)
		case n.OfPosts() && kind != tagSeries && kind != countsSeries && n != Authors:
			out = append(out, string(n))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TagsOf lists the tags whose counts a query needs.
func (q *Query) TagsOf() []string {
	var out []string
	for _, n := range q.Series {
		if kind, arg := n.Split(); kind == tagSeries {
			out = append(out, arg)
		}
	}
	return out
}

// Build makes the series of a validated query from what a store knows. GeneratedAt, Permalink,
// TimeZone and Filter of the passport are left to whoever publishes it.
func Build(q *Query, in *Inputs) (Result, error) {
	v := see(q, in)
	r := Result{Series: make([]Series, 0, len(q.Series)), Passport: passport(q, in, &v)}
	for _, n := range q.Series {
		s, note, err := build(q, in, &v, n)
		if err != nil {
			return Result{}, err
		}
		if note != "" {
			r.Passport.Notes = append(r.Passport.Notes, note)
		}
		r.Series = append(r.Series, s)
	}
	return r, nil
}

func build(q *Query, in *Inputs, v *view, n Name) (s Series, note string, err error) {
	kind, arg := n.Split()
	switch {
	case !n.OfPosts():
		return healthSeries(q, in, n), "", nil
	case n == Authors:
		return authorSeries(q, in, v)
	case n == ComplaintShare:
		return shareSeries(q, in, v), "", nil
	case kind == countsSeries:
		return platformSeries(q, in, n), platformNote(reaction.Source(arg)), nil
	case kind == tagSeries:
		return countSeries(q, in, v, n, in.Tags[arg], "posts that carry #"+arg), "", nil
	}
	return countSeries(q, in, v, n, in.Labels[string(n)], meaning(n)), "", nil
}

// meaning says in words what a series of posts counts.
func meaning(n Name) string {
	switch n {
	case Posts:
		return "public posts that match the event's terms, reposts included"
	case Complaints:
		return "posts that complain of an outage, by the rules of the tagger; reposts are not counted"
	case FirstHand:
		return "posts in which the writer reports trouble of their own; reposts are not counted"
	case Recovery:
		return "posts that say things work again; reposts are not counted"
	case Reposts:
		return "posts that pass another post on unchanged"
	}
	kind, arg := n.Split()
	switch kind {
	case serviceSeries:
		return "posts that name " + arg + ", complaints among them; reposts are not counted"
	case complaintSeries:
		return "complaints about " + arg + ", by the name nearest to the words of complaint; reposts are not counted"
	}
	return "complaints that name the symptom " + arg + "; reposts are not counted"
}

// bins sums counts into the query's buckets.
func bins(q *Query, counts []Count) []float64 {
	out := make([]float64, q.Buckets())
	for _, c := range counts {
		if i := q.index(c.Bucket); i >= 0 {
			out[i] += float64(c.Net)
		}
	}
	return out
}

// index is the bucket that t falls in, or -1.
func (q *Query) index(t time.Time) int {
	if t.Before(q.From) || !t.Before(q.To) {
		return -1
	}
	return int(t.Sub(q.From) / q.Step)
}

// point makes the point of bucket i whose value is x where every source was heard.
func point(q *Query, in *Inputs, v *view, i int, x float64) Point {
	p := Point{Bucket: q.From.Add(time.Duration(i) * q.Step), Covered: v.all[i]}
	wholly := v.blind(&p, i)
	p.Open = in.Watermark != nil && !Closed(p.Bucket.Add(q.Step), *in.Watermark, in.Grace)
	switch {
	case !wholly:
		p.Value = &x
	case x > 0:
		p.AtLeast = &x
	}
	return p
}

func countSeries(q *Query, in *Inputs, v *view, n Name, counts []Count, meaning string) Series {
	s := Series{Name: n, Unit: "posts", Counts: meaning, Points: make([]Point, q.Buckets())}
	for i, x := range bins(q, counts) {
		s.Points[i] = point(q, in, v, i, x)
	}
	return s
}

func shareSeries(q *Query, in *Inputs, v *view) Series {
	s := Series{
		Name: ComplaintShare, Unit: "share",
		Counts: "complaints as a share of posts that are not reposts; unknown where there were no such posts",
		Points: make([]Point, q.Buckets()),
	}
	posts := bins(q, in.Labels[reaction.LabelPosts])
	reposts := bins(q, in.Labels[reaction.LabelReposts])
	for i, c := range bins(q, in.Labels[reaction.LabelComplaint]) {
		p := point(q, in, v, i, 0)
		if of := posts[i] - reposts[i]; p.Value != nil && of > 0 {
			share := c / of
			p.Value, p.Of = &share, &of
		} else {
			p.Value = nil
		}
		s.Points[i] = p
	}
	return s
}

func authorSeries(q *Query, in *Inputs, v *view) (Series, string, error) {
	s := Series{
		Name: Authors, Unit: "people",
		Counts: "distinct people who posted, as seen before deletions, estimated to about 1 %; posts of unknown authors are left out",
		Points: make([]Point, q.Buckets()),
	}
	people := make([]*People, q.Buckets())
	unknown := make([]int64, q.Buckets())
	var total int64
	for _, c := range in.Crowds {
		i := q.index(c.Minute)
		if i < 0 {
			continue
		}
		unknown[i] += c.Unknown
		total += c.Unknown
		if c.People == nil {
			continue
		}
		if people[i] == nil {
			people[i] = NewPeople()
		}
		if err := people[i].Merge(c.People); err != nil {
			return s, "", fmt.Errorf("authors at %s: %w", c.Minute.Format(time.RFC3339), err)
		}
	}
	for i := range s.Points {
		var x float64
		if people[i] != nil {
			x = float64(people[i].Count())
		}
		p := point(q, in, v, i, x)
		// Unknown authors may be anyone: where there are only such, nobody can say how many.
		if unknown[i] > 0 && p.Value != nil {
			p.Value = nil
			if x > 0 {
				p.AtLeast = &x
			}
		}
		s.Points[i] = p
	}
	var notes []string
	if q.Event.Endless() && reaction.MonthOf(q.From) != reaction.MonthOf(q.To.Add(-1)) {
		notes = append(notes, "people are told apart within a calendar month (UTC) only: who posted in two of them is not known to be one")
	}
	if total > 0 {
		notes = append(notes, fmt.Sprintf("%d posts in the window came without an author: how many people wrote them is unknown", total))
	}
	return s, strings.Join(notes, "; "), nil
}
