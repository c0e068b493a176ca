package trend

import (
	"cmp"
	"slices"
	"time"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

// What a summary looks at, in event time. Its cost depends on these and not on how long the event
// has been going on.
const (
	SummaryWindow   = 5 * time.Minute // what "lately" means
	SummaryBefore   = 2 * time.Hour   // what "usual" is taken from
	SummaryServices = 3 * time.Hour   // how far back the states of services are followed
)

// Glance is what a store knows of an event for a summary.
type Glance struct {
	Event *reaction.Event
	Now   time.Time // wall clock: for events that no feed has a clock for
	Standing
	// From and To are the window: see Lately.
	From, To time.Time
	// Stretches are the counts of the window and of as many stretches of its length before it as
	// there were posts in, within SummaryBefore; in any order.
	Stretches []Stretch
	Symptoms  map[string]int64 // complaints of the window by symptom, net
	// Heard tells of every source with any coverage in the event: see Hear.
	Heard    []Heard
	Samples  []health.Sample // of the event's services, from SummaryServices before To on
	Recorded bool            // at least part comes from replayed archives
}

// Stretch is what was counted in one stretch of five minutes, net of deletions.
type Stretch struct {
	From                                 time.Time
	Posts, Reposts, Complaints, Recovery int64
	Deleted                              int64 // posts deleted since, which are in none of these
}

// own is how many posts are not reposts.
func (s *Stretch) own() int64 { return max(s.Posts-s.Reposts, 0) }

func (s *Stretch) share() float64 {
	if own := s.own(); own > 0 {
		return float64(s.Complaints) / float64(own)
	}
	return 0
}

// Hour is what is known of an hour of an event.
type Hour struct {
	From                       time.Time
	Posts, Complaints, Deleted int64
	// Peak is the minute with the most complaints, the first of several; zero where there were none.
	Peak           time.Time
	PeakComplaints int64
	Audience       map[string]int64 // greatest audience, by service
}

// Lately is the window of a summary: the five minutes before the buckets that still fill.
func (s Standing) Lately(now time.Time) (from, to time.Time) {
	at := s.Clock
	if at.IsZero() {
		at = now
	}
	to = reaction.Bucket(at)
	if !s.Moving && to.Before(at) { // nothing fills any more
		to = to.Add(reaction.BucketWidth)
	}
	return to.Add(-SummaryWindow), to
}

// State is how things are, in a word. It says what was seen and never why.
type State string

// The states of a summary.
const (
	StateCalm       State = "calm"        // few complain, and no service is known to be in trouble
	StateComplaints State = "complaints"  // many complain, and the services look up or are not known
	StateBroken     State = "broken"      // many complain, and a service is down or works only partly
	StateDegraded   State = "degraded"    // a service is down or works only partly, and few complain
	StateRecovering State = "recovering"  // complaints fall, and posts or services say that it works again
	StateUnknown    State = "unknown"     // nothing is heard
	StateNotStarted State = "not_started" // before the planned start, and calm
	StatePostponed  State = "postponed"
	StateCancelled  State = "cancelled"
	StateOver       State = "over" // ended, or past the planned end, and calm
)

// Summary is how things are at an event, for someone who knows nothing of it.
type Summary struct {
	At       *time.Time     `json:"at" doc:"The event's clock: up to when its feeds have spoken. null where none has."`
	Moving   bool           `json:"moving" doc:"True while the clock moves: a live feed, or a run that is under way."`
	State    State          `json:"state" enum:"calm,complaints,broken,degraded,recovering,unknown,not_started,postponed,cancelled,over" doc:"What was seen, in a word; never a cause."`
	Sentence Sentence       `json:"sentence" doc:"How things are, in one sentence for people."`
	Window   *SummaryExtent `json:"window" doc:"The last five minutes of event time: what posts, complaints and symptoms are counted in. null where no clock is known."`
	// The counts are null where a source was not heard at all in the window: see Heard.
	Posts           *int64         `json:"posts" doc:"Posts in the window, reposts included. null where a source was blind throughout, which is never zero."`
	Complaints      *int64         `json:"complaints" doc:"Complaints in the window; null as posts."`
	ComplaintShare  *float64       `json:"complaint_share" doc:"Complaints as a share of posts that are not reposts, 0 to 1; null as posts, and where there were none."`
	UsualShare      *float64       `json:"usual_share" doc:"The median share in the two hours before; null where too little was heard."`
	HeardPosts      int64          `json:"heard_posts" doc:"Posts in the window from the sources that could be heard."`
	HeardOwn        int64          `json:"heard_own" doc:"Of these, those that are not reposts."`
	HeardComplaints int64          `json:"heard_complaints" doc:"Of these, complaints."`
	Deleted         int64          `json:"deleted" doc:"Posts of the window that were deleted at their source since; they are in no count."`
	Symptoms        []SymptomCount `json:"symptoms" doc:"What complaints in the window name, most often first."`
	Services        []ServiceState `json:"services" doc:"The event's services, in its own order."`
	Blind           []Blind        `json:"blind" doc:"Sources that are not heard as they should be: not at all, in part, late, or left out on purpose."`
	Total           *SummaryTotal  `json:"total" doc:"Over the whole event, as far as it was heard; null where nothing was."`
	Peak            *SummaryPeak   `json:"peak" doc:"The minute with the most complaints; null where there were none."`
	Simulated       bool           `json:"simulated" doc:"True when nothing in the event happened."`
	Recorded        bool           `json:"recorded" doc:"True when at least part of what is known comes from replayed archives."`
}

// Sentence is a sentence in each language it is written in.
type Sentence struct {
	EN string `json:"en"`
	KO string `json:"ko"`
}

// SummaryExtent is a half-open interval.
type SummaryExtent struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// SymptomCount is how many complaints name a symptom.
type SymptomCount struct {
	Symptom string `json:"symptom"`
	Posts   int64  `json:"posts"`
}

// Blind is a source that is not heard as it should be.
type Blind struct {
	Source reaction.Source        `json:"source"`
	Since  *time.Time             `json:"since" doc:"null where it was never heard."`
	Why    reaction.CoverageState `json:"why" enum:"gap,late,capped" doc:"gap: it is not heard. late: it is heard, and behind. capped: it is left out on purpose, by a spending limit."`
	Partly bool                   `json:"partly" doc:"True where only some of its servers are not heard."`
	Reason string                 `json:"reason,omitempty" doc:"For people; not told to whoever has not signed in."`
}

// SummaryTotal counts over the whole event.
type SummaryTotal struct {
	Posts      int64 `json:"posts"`
	Complaints int64 `json:"complaints"`
	Deleted    int64 `json:"deleted" doc:"Posts deleted at their source since; they are not among posts."`
}

// SummaryPeak is the minute with the most complaints.
type SummaryPeak struct {
	At         time.Time `json:"at"`
	Complaints int64     `json:"complaints"`
}

// Summarise makes the summary of an event from what a store knows and from its hours.
func Summarise(g *Glance, hours []Hour) Summary {
	s := Summary{
		Moving: g.Moving, Simulated: g.Event.Simulated, Recorded: g.Recorded && !g.Event.Simulated,
		Symptoms: []SymptomCount{}, Services: []ServiceState{}, Blind: []Blind{},
	}
	if !g.Clock.IsZero() {
		at := g.Clock.UTC()
		s.At, s.Window = &at, &SummaryExtent{g.From.UTC(), g.To.UTC()}
	}
	s.whole(g, hours)
	s.sources(g)
	s.Services = serviceStates(g, hours)
	v := s.judge(g)
	s.Sentence = Sentence{EN: v.english(), KO: v.korean()}
	return s
}

// whole sums the hours.
func (s *Summary) whole(g *Glance, hours []Hour) {
	if len(g.Heard) == 0 && len(hours) == 0 {
		return
	}
	s.Total = &SummaryTotal{}
	for _, h := range hours {
		s.Total.Posts += h.Posts
		s.Total.Complaints += h.Complaints
		s.Total.Deleted += h.Deleted
		if h.PeakComplaints > 0 && (s.Peak == nil || h.PeakComplaints > s.Peak.Complaints ||
			h.PeakComplaints == s.Peak.Complaints && h.Peak.Before(s.Peak.At)) {
			s.Peak = &SummaryPeak{h.Peak.UTC(), h.PeakComplaints}
		}
	}
}

func (s *Summary) sources(g *Glance) {
	for _, h := range g.Heard {
		if !g.Silent && h.Why == "" {
			continue
		}
		b := Blind{Source: h.Source, Why: cmp.Or(h.Why, reaction.CoverageGap), Partly: h.Partly && !g.Silent, Reason: h.Reason}
		since := h.Last
		if b.Partly {
			since = h.Whole
		}
		if !since.IsZero() {
			since = since.UTC()
			b.Since = &since
		}
		s.Blind = append(s.Blind, b)
	}
	slices.SortFunc(s.Blind, func(a, b Blind) int { return cmp.Compare(a.Source, b.Source) })
}

// judge counts the window and says in a word what is seen.
func (s *Summary) judge(g *Glance) *scene {
	v := look(s, g)
	s.HeardPosts, s.HeardOwn, s.HeardComplaints, s.Deleted = v.now.Posts, v.now.own(), v.now.Complaints, v.now.Deleted
	s.UsualShare = v.usual
	if v.heard == len(g.Heard) && v.heard > 0 {
		posts, complaints := v.now.Posts, v.now.Complaints
		s.Posts, s.Complaints = &posts, &complaints
		if v.now.own() > 0 {
			share := v.now.share()
			s.ComplaintShare = &share
		}
	}
	for name, n := range g.Symptoms {
		if n > 0 {
			s.Symptoms = append(s.Symptoms, SymptomCount{name, n})
		}
	}
	slices.SortFunc(s.Symptoms, func(a, b SymptomCount) int {
		return cmp.Or(cmp.Compare(b.Posts, a.Posts), cmp.Compare(a.Symptom, b.Symptom))
	})
	s.State = v.state()
	return v
}
