package trend

import (
	"fmt"
	"time"

	"outcry/internal/reaction"
)

// CountsWidth is how wide the counts are that sources give without posts.
const CountsWidth = time.Minute

// UnitCounted is the unit of a series of counts that a source made itself. It is one of its own, so
// that no axis mixes them with posts that were read.
const UnitCounted = "posts counted by the source"

// CountedBy lists the sources whose own counts a query asks for.
func (q *Query) CountedBy() []reaction.Source {
	var out []reaction.Source
	for _, n := range q.Series {
		if kind, arg := n.Split(); kind == countsSeries {
			out = append(out, reaction.Source(arg))
		}
	}
	return out
}

// platformSeries makes a series of what a source counted itself. A bucket is known where all of it
// was counted; of one that was counted in part, the part is what there were at least. Whether posts
// were read in it does not matter, nor which sources the query is limited to.
func platformSeries(q *Query, in *Inputs, n Name) Series {
	_, arg := n.Split()
	source := reaction.Source(arg)
	s := Series{
		Name: n, Unit: UnitCounted, Points: make([]Point, q.Buckets()),
		Counts: fmt.Sprintf("posts that %s itself says there were of what the event's terms ask for, read here or not; its last word, which it may revise",
			label(source)),
	}
	sums, counted := make([]float64, q.Buckets()), make([]time.Duration, q.Buckets())
	for _, c := range in.Platform {
		i := q.index(c.From)
		if c.Source != source || i < 0 || c.To.After(q.From.Add(time.Duration(i+1)*q.Step)) {
			continue // of one that reaches into the next bucket nobody knows which part is whose
		}
		sums[i] += float64(c.Posts)
		counted[i] += c.To.Sub(c.From)
	}
	for i := range s.Points {
		p := Point{Bucket: q.From.Add(time.Duration(i) * q.Step), Covered: min(float64(counted[i])/float64(q.Step), 1)}
		p.Open = in.Watermark != nil && !Closed(p.Bucket.Add(q.Step), *in.Watermark, in.Grace)
		switch x := sums[i]; {
		case counted[i] >= q.Step:
			p.Value = &x
		case counted[i] > 0:
			p.AtLeast = &x
		}
		if p.Value == nil {
			p.Blind = []reaction.Source{source}
		}
		s.Points[i] = p
	}
	return s
}

// platformNote says in the passport what such counts are.
func platformNote(s reaction.Source) string {
	return fmt.Sprintf("counts:%s is what %s says it counted, by rules of its own: it is not the posts that were read, and is never added to them",
		s, label(s))
}
