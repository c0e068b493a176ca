package drill

import (
	"math"
	"strings"
	"testing"
	"time"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

// seeds makes a scenario with several seeds.
func seeds(t *testing.T, s Scenario, f func(t *testing.T, d *Drill, tr Truth)) {
	for seed := range uint64(3) {
		o := Defaults(s)
		o.Seed = seed
		d := make1(t, o)
		f(t, d, d.Truth())
	}
}

func (t *Truth) listeners(at time.Time) int64 {
	var n int64
	for _, l := range t.Audience {
		if !l.At.After(at) {
			n = l.Count
		}
	}
	return n
}

// complaintRate is the mean number of complaints in ten seconds of [from, to).
func (t *Truth) complaintRate(from, to time.Time) float64 {
	n, k := 0, 0
	for _, b := range t.Buckets {
		if !b.At.Before(from) && b.At.Before(to) {
			n, k = n+b.Complaints, k+1
		}
	}
	return float64(n) / float64(max(1, k))
}

func TestLaunchFollowsTheRecord(t *testing.T) {
	seeds(t, Launch, func(t *testing.T, d *Drill, tr Truth) {
		if want := time.Date(2023, 5, 24, 22, 0, 0, 0, time.UTC); !tr.Planned.Equal(want) {
			t.Errorf("planned for %s", tr.Planned)
		}
		if got := tr.Recovery.Sub(tr.FirstFault); got != 25*time.Minute {
			t.Errorf("dead and cutting out for %s", got)
		}
		for i, f := range tr.Faults[1:] {
			if !f.From.Equal(tr.Faults[i].To) || !f.To.After(f.From) {
				t.Errorf("the faults leave a hole before %+v", f)
			}
		}
		if off := tr.FirstFault.Sub(tr.Planned); off < 0 || off > 2*time.Minute || tr.Started.Before(tr.Recovery) {
			t.Errorf("first fault %s after the planned start, begun at %s", off, tr.Started)
		}
		var peak Listeners
		for _, l := range tr.Audience {
			if l.Count > peak.Count {
				peak = l
			}
		}
		if peak.Count <= 600_000 || peak.At.Sub(tr.Planned).Abs() > 5*time.Minute {
			t.Errorf("peak of %d listeners at %s", peak.Count, peak.At)
		}
		if n := tr.listeners(tr.Recovery.Add(30 * time.Second)); math.Abs(float64(n)-275_000) > 6_000 {
			t.Errorf("%d listeners when it came back", n)
		}
		var counted int64
		for r := range d.Records(0) {
			if s := r.Sample; s != nil && s.Audience != nil {
				counted = max(counted, *s.Audience)
			}
		}
		if counted <= 600_000 || counted > 640_000 {
			t.Errorf("the samples count at most %d listeners", counted)
		}
		if during, calm := tr.complaintRate(tr.FirstFault, tr.Recovery), tr.complaintRate(tr.From, tr.Planned); during < 30*calm+5 {
			t.Errorf("%.2f complaints in ten seconds during the fault, %.2f before", during, calm)
		}
		if late := tr.complaintRate(tr.Recovery.Add(10*time.Minute), tr.To); late > 0.5 {
			t.Errorf("%.2f complaints in ten seconds long after recovery", late)
		}
		if n := tr.Total.Posts; n < 15_000 || n > 26_000 {
			t.Errorf("%d posts are not about 20,000", n)
		}
		if tr.Total.Recovery < 50 {
			t.Errorf("%d posts say that it works again", tr.Total.Recovery)
		}
	})
}

func TestCoinedTags(t *testing.T) {
	seeds(t, Launch, func(t *testing.T, d *Drill, tr Truth) {
		if len(tr.Coined) != 2 || tr.Coined[0].Tag != "#DeSaster" || tr.Coined[1].Tag != "#디재스터" {
			t.Fatalf("coined %+v", tr.Coined)
		}
		for i, c := range tr.Coined {
			if told := d.plan.at(d.plan.story.coined[i]); c.At.Before(told) || c.At.After(told.Add(5*time.Minute)) {
				t.Errorf("%s is first used at %s, the story says from %s", c.Tag, c.At, told)
			}
			var first time.Time
			n := 0
			for r := range d.Records(0) {
				if r.Post == nil || !strings.Contains(strings.ToLower(r.Post.Text), strings.ToLower(c.Tag[1:])) {
					continue
				}
				if first.IsZero() {
					first = r.At
				}
				if r.Post.Kind != reaction.Repost {
					n++
				}
			}
			if c.At.Before(tr.FirstFault) || first.Before(c.At) || !first.Equal(c.Heard) || n != c.Posts || n < 20 {
				t.Errorf("%+v, but the records have it %d times from %s", c, n, first)
			}
		}
	})
}

func TestInterviewFollowsTheRecord(t *testing.T) {
	seeds(t, Interview, func(t *testing.T, _ *Drill, tr Truth) {
		if late := tr.Started.Sub(tr.Planned); late != 42*time.Minute || !tr.Recovery.Equal(tr.Started) {
			t.Errorf("%s late, mended at %s", late, tr.Recovery)
		}
		if at := tr.AttackClaimed.Sub(tr.Planned); at != 18*time.Minute {
			t.Errorf("an attack is claimed after %s", at)
		}
		if n := tr.listeners(tr.Planned.Add(100 * time.Minute)); n < 1_300_000 {
			t.Errorf("%d listeners at 21:40", n)
		}
	})
}

func TestTownHallFollowsTheRecord(t *testing.T) {
	seeds(t, TownHall, func(t *testing.T, _ *Drill, tr Truth) {
		ran := tr.Cancelled.Sub(tr.Started)
		if ran < time.Minute || ran > 15*time.Minute || tr.Started.Sub(tr.Planned) < 20*time.Minute || !tr.Recovery.IsZero() {
			t.Errorf("began at %s, cancelled after %s, mended at %s", tr.Started, ran, tr.Recovery)
		}
	})
}

func TestCalmHasNoFault(t *testing.T) {
	seeds(t, Calm, func(t *testing.T, d *Drill, tr Truth) {
		if len(tr.Faults) > 0 || !tr.FirstFault.IsZero() || tr.Total.Jokes+tr.Total.Elsewhere+tr.Total.Recovery > 0 {
			t.Errorf("%+v, %+v", tr.Faults, tr.Total)
		}
		own := tr.Total.Posts - tr.Total.Reposts
		if share := float64(tr.Total.Complaints) / float64(own); share <= 0 || share > 0.02 {
			t.Errorf("%.4f of the posts complain", share)
		}
		quiet, crowd := 0, 0
		for _, b := range tr.Buckets {
			switch at := b.At.Sub(tr.Planned); {
			case at >= -40*time.Minute && at < -30*time.Minute:
				quiet += b.Posts
			case at >= 0 && at < 2*time.Minute:
				crowd += b.Posts
			}
		}
		if crowd < 2*quiet { // in a fifth of the time
			t.Errorf("%d posts in the first two minutes, %d in ten minutes before", crowd, quiet)
		}
		up, all := 0, 0
		for r := range d.Records(0) {
			if s := r.Sample; s != nil && s.State != health.Unknown {
				all++
				if s.State == health.Up {
					up++
				}
			}
		}
		if float64(up) < 0.99*float64(all) {
			t.Errorf("the service is up in %d of %d samples", up, all)
		}
	})
}

func TestNeighbourFailsAlone(t *testing.T) {
	seeds(t, Neighbour, func(t *testing.T, d *Drill, tr Truth) {
		if len(tr.Faults) != 1 || tr.Faults[0].Service != "Vidbarn" || !tr.FirstFault.IsZero() || tr.Total.Elsewhere < 300 {
			t.Errorf("%+v, first fault %s, %+v", tr.Faults, tr.FirstFault, tr.Total)
		}
		if during := tr.complaintRate(tr.Faults[0].From, tr.Faults[0].To); during > 1 {
			t.Errorf("%.2f complaints of our service in ten seconds while another fails", during)
		}
		for r := range d.Records(0) {
			if r.Sample != nil && r.Sample.Service != "Harbour Live" {
				t.Fatalf("a sample of %s, which does not carry the event", r.Sample.Service)
			}
		}
	})
}
