package drill

import (
	"container/heap"
	"math/rand/v2"
	"slices"
	"time"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

// item is one record with what is known of it; label is nil unless the record is a post.
type item struct {
	record reaction.Record
	label  *Label
	post   *original // of a post or a delete
}

// maker makes a drill's records a second at a time: it draws how many posts of each topic fall
// into the second, adds the reposts and deletes that earlier posts have waiting for it and the
// health samples due, and sends all in order of time.
type maker struct {
	d       *Drill
	counts  *rand.Rand
	drift   [topicCount]wander
	mood    [topicCount]float64 // what the expected counts are multiplied by now
	press   *press
	prober  *prober
	waiting queue
	serial  int // orders what has the same time
	now     []draft
}

// moodLasts is for how many seconds the crowd's mood stays as it is.
const moodLasts = 5

// draft is something that will happen at a known time.
type draft struct {
	at     time.Time
	serial int
	topic  topic          // of a new post
	of     *original      // passed on or deleted; nil otherwise
	gone   bool           // of is deleted, not passed on
	sample *health.Sample // nil for posts and deletes
}

func (a draft) compare(b draft) int {
	if c := a.at.Compare(b.at); c != 0 {
		return c
	}
	return a.serial - b.serial
}

// each makes every record, heard or not, and passes on those that were heard, until yield says
// no.
func (d *Drill) each(yield func(item) bool) {
	d.every(func(it item, heard bool) bool { return !heard || yield(it) })
}

// every makes every record of the drill, and says of each whether its source was heard then.
func (d *Drill) every(yield func(it item, heard bool) bool) {
	m := &maker{d: d, counts: newRand(d.opts.Seed, streamCounts), press: newPress(d), prober: newProber(d)}
	for t := range m.drift {
		m.drift[t] = newWander(300.0/moodLasts, 0.2*d.opts.Noise)
	}
	for i := range d.plan.seconds {
		if !m.second(i, yield) {
			return
		}
	}
}

// second makes the records of second i.
func (m *maker) second(i int, yield func(item, bool) bool) bool {
	m.now = m.now[:0]
	start := m.d.plan.from.Add(time.Duration(i) * time.Second)
	for t := range topicCount {
		for range m.count(t, i) {
			m.add(draft{at: start.Add(time.Duration(m.counts.Int64N(1e6)) * time.Microsecond), topic: t})
		}
	}
	for _, s := range m.prober.second(i) {
		m.add(draft{at: s.At, sample: &s})
	}
	for next := start.Add(time.Second); len(m.waiting) > 0 && m.waiting[0].at.Before(next); {
		m.now = append(m.now, heap.Pop(&m.waiting).(draft))
	}
	slices.SortFunc(m.now, draft.compare)
	for _, d := range m.now {
		if it, heard, ok := m.make(d); ok && !yield(it, heard) {
			return false
		}
	}
	return true
}

// count draws how many posts on t fall into second i: Poisson about a mean that wanders slowly and
// jumps every few seconds, which makes the counts negative-binomial with a memory.
func (m *maker) count(t topic, i int) int {
	if m.d.plan.idle[t] {
		return 0
	}
	if i == 0 || (i+int(t))%moodLasts == 0 {
		m.mood[t] = m.drift[t].step(m.counts)
		if n := m.d.opts.Noise; n > 0 {
			m.mood[t] *= gamma(m.counts, 5/n)
		}
	}
	return poisson(m.counts, m.d.plan.rates[t][i]*m.mood[t])
}

func (m *maker) add(d draft) {
	m.serial++
	d.serial = m.serial
	m.now = append(m.now, d)
}

// later keeps d until its time comes, if that is within the drill.
func (m *maker) later(d draft) {
	if d.at.Before(m.d.plan.to) {
		m.serial++
		d.serial = m.serial
		heap.Push(&m.waiting, d)
	}
}

// make turns a draft into a record. It is not ok where there is nothing to pass on any more.
func (m *maker) make(d draft) (it item, heard, ok bool) {
	switch {
	case d.sample != nil:
		return item{record: reaction.Record{At: d.at, Sample: d.sample}}, true, true
	case d.gone:
		del := &reaction.Delete{Source: d.of.post.Source, ID: d.of.post.ID, At: d.at}
		return item{record: reaction.Record{At: d.at, Delete: del}, post: d.of}, m.heard(del.Source, d.at), true
	case d.of != nil:
		if d.of.deleted(d.at) {
			return item{}, false, false
		}
		it := m.press.passOn(d.of, d.at)
		return it, m.heard(it.record.Post.Source, d.at), true
	}
	it = m.press.print(d.topic, d.at)
	for _, at := range m.press.passedOn(it.post) {
		m.later(draft{at: at, of: it.post})
	}
	if !it.post.gone.IsZero() {
		m.later(draft{at: it.post.gone, of: it.post, gone: true})
	}
	return it, m.heard(it.record.Post.Source, d.at), true
}

func (m *maker) heard(s reaction.Source, at time.Time) bool { return m.d.plan.gapAt(s, at) < 0 }

// queue is a heap of drafts, the earliest first.
type queue []draft

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].compare(q[j]) < 0 }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(d any)        { *q = append(*q, d.(draft)) }

func (q *queue) Pop() any {
	old := *q
	d := old[len(old)-1]
	old[len(old)-1] = draft{}
	*q = old[:len(old)-1]
	return d
}
