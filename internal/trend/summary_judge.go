package trend

import (
	"slices"
	"time"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

// What counts as many complaints. These only choose words; the figures stand beside them.
const (
	manyLeast   = 3    // complaints in five minutes, whatever their share
	manyFactor  = 3.0  // times the usual share
	manyFloor   = 0.05 // share below which nothing is called many
	manyCertain = 0.20 // share from which everything is, whatever was usual
	manyUnheard = 0.10 // share where nothing is known to be usual

	usualPosts  = 10 // own posts that one share is taken of
	usualShares = 3  // shares that a median is taken of

	fallingWithin = 30 * time.Minute // how long ago complaints that fall may have been at their most
	fallingLeast  = 5                // complaints in five minutes that they fall from
)

// scene is what is seen of the last five minutes beside what went before.
type scene struct {
	*Summary
	g     *Glance
	now   Stretch
	usual *float64
	heard int // sources heard in the window at all

	many    bool
	most    Stretch // before the window: the one with the most complaints that were many
	falling bool    // from most
	bad     []ServiceState
	up      []ServiceState
	mended  []ServiceState // of up, those that were in trouble not long ago
	lost    []ServiceState // whose state is not known
}

func look(s *Summary, g *Glance) *scene {
	v := &scene{Summary: s, g: g}
	var before []Stretch
	for _, x := range g.Stretches {
		switch {
		case x.From.Equal(g.From):
			v.now = x
		case x.From.Before(g.From):
			before = append(before, x)
		}
	}
	for _, h := range g.Heard {
		if h.Covered > 0 && !g.Silent {
			v.heard++
		}
	}
	slices.SortFunc(before, func(a, b Stretch) int { return a.From.Compare(b.From) })
	v.usual = usual(before)
	v.many = v.isMany(&v.now)
	for _, x := range before {
		if !x.From.Before(g.From.Add(-fallingWithin)) && x.Complaints >= fallingLeast && x.Complaints > v.most.Complaints && v.isMany(&x) {
			v.most = x
		}
	}
	v.falling = v.most.Complaints > 0 && 2*v.now.Complaints <= v.most.Complaints && v.now.share() < v.most.share() && v.now.own() > 0
	for _, x := range s.Services {
		switch x.known {
		case health.Down, health.Degraded:
			v.bad = append(v.bad, x)
		case health.Up:
			v.up = append(v.up, x)
			if x.mended {
				v.mended = append(v.mended, x)
			}
		default:
			v.lost = append(v.lost, x)
		}
	}
	return v
}

// usual is the median share of complaints before, each share taken of enough posts to be one.
func usual(before []Stretch) *float64 {
	var shares []float64
	var sum Stretch
	for _, x := range before {
		sum.Posts += x.Posts
		sum.Reposts += x.Reposts
		sum.Complaints += x.Complaints
		if sum.own() >= usualPosts {
			shares = append(shares, sum.share())
			sum = Stretch{}
		}
	}
	if len(shares) < usualShares {
		return nil
	}
	slices.Sort(shares)
	m := (shares[(len(shares)-1)/2] + shares[len(shares)/2]) / 2
	return &m
}

func (v *scene) isMany(x *Stretch) bool {
	limit := manyUnheard
	if v.usual != nil {
		limit = min(max(manyFactor**v.usual, manyFloor), manyCertain)
	}
	return x.Complaints >= manyLeast && x.share() >= limit
}

// at is the time that the summary speaks of.
func (v *scene) at() time.Time {
	if v.g.Clock.IsZero() {
		return v.g.Now
	}
	return v.g.Clock
}

// begun and ended compare with the plan. Of what is replayed, it is the replay's clock that counts:
// its event may be marked as ended long since.
func (v *scene) begun() bool { return !v.at().Before(v.g.Event.StartsAt) }

func (v *scene) ended() bool {
	e := v.g.Event
	if !e.Endless() && !v.at().Before(e.EndsAt) {
		return true
	}
	return e.Status == reaction.Ended && !(v.Moving && (v.Recorded || v.Simulated))
}

func (v *scene) state() State {
	switch e := v.g.Event; {
	case e.Status == reaction.Cancelled:
		return StateCancelled
	case e.Status == reaction.Postponed:
		return StatePostponed
	case v.many && len(v.bad) > 0:
		return StateBroken
	case v.recovering():
		return StateRecovering
	case v.many:
		return StateComplaints
	case len(v.bad) > 0:
		return StateDegraded
	case v.ended():
		return StateOver
	case !v.begun():
		return StateNotStarted
	case v.heard == 0:
		return StateUnknown
	}
	return StateCalm
}

// looksUp reports whether all the services look up where many complain, which wants to be said as
// the contrast that it is.
func (v *scene) looksUp() bool {
	return v.many && len(v.bad) == 0 && len(v.mended) == 0 && len(v.up) > 0 && len(v.lost) == 0
}

// recovering reports whether complaints fall and something says that it works again.
func (v *scene) recovering() bool {
	return v.falling && len(v.bad) == 0 && (v.now.Recovery >= 2 || len(v.mended) > 0)
}
