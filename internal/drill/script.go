package drill

import (
	"math/rand/v2"
	"time"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

// Scenario names a kind of evening.
type Scenario string

// The scenarios.
const (
	Launch    Scenario = "launch"
	Interview Scenario = "interview"
	TownHall  Scenario = "townhall"
	Calm      Scenario = "calm"
	Neighbour Scenario = "neighbour"
)

// Info describes a scenario to people.
type Info struct {
	Scenario Scenario  `json:"scenario"`
	About    string    `json:"about"` // one sentence, with the public record it follows
	Start    time.Time `json:"start"` // the planned start where Options.Start is zero
}

// Scenarios lists what can be drilled.
func Scenarios() []Info {
	out := make([]Info, len(scripts))
	for i, f := range scripts {
		s := f()
		out[i] = Info{Scenario: s.name, About: s.about, Start: s.start}
	}
	return out
}

var scripts = []func() *script{launchScript, interviewScript, townhallScript, calmScript, neighbourScript}

func scriptOf(name Scenario) *script {
	for _, f := range scripts {
		if s := f(); s.name == name {
			return s
		}
	}
	return nil
}

// script is a scenario as it is written down. Times are relative to the planned start.
type script struct {
	name     Scenario
	about    string
	start    time.Time
	before   time.Duration // listened to before the planned start
	after    time.Duration // and after it
	ends     time.Duration // planned end
	posts    float64       // expected number of posts at Scale 1
	title    string
	platform reaction.Source
	account  string // of the event, without '@'
	terms    []string
	entities []reaction.Entity
	services []string // the first one carries the event
	other    string   // the neighbour that fails instead; "" for none
	sources  []sourceShare
	words    map[string]voice // by language
	story    func(*rand.Rand) story
}

// sourceShare is how much of the talk happens on a source.
type sourceShare struct {
	source reaction.Source
	share  float64
}

// voice is how a language names the parts of an event. Each of who, service and tag holds a term
// that the event is matched by.
type voice struct {
	who     []string
	service []string
	tag     []string
	event   []string // "the launch": matches nothing by itself
	coin    []string // the coined tag; later ones come into use later
	other   []string // the neighbour
}

// never is the time of what does not happen.
const never = time.Duration(-1 << 62)

// story is what happens in one drill. Times are relative to the planned start.
type story struct {
	opens     time.Duration // the programme really begins; never if not
	over      time.Duration // it ends, planned or not
	faults    []fault       // in order of time
	recovery  time.Duration // the last fault is mended
	claimed   time.Duration // the host claims a cause
	postponed time.Duration // a later start is announced
	until     time.Duration // that later start
	cancelled time.Duration
	coined    [2]time.Duration // first uses of voice.coin
	applause  []time.Duration
	pauses    []interval
	audience  []listeners // straight lines between these; 0 before and after
}

func newStory() story {
	return story{opens: never, recovery: never, claimed: never, postponed: never, until: never, cancelled: never,
		coined: [2]time.Duration{never, never}}
}

type interval struct{ from, to time.Duration }

type listeners struct {
	at    time.Duration
	count float64
}

// fault is an interval in which a service fails in one way.
type fault struct {
	service  string
	kind     faultKind
	from, to time.Duration
}

// faultKind is a way to fail: how it feels and what a probe sees of it.
type faultKind struct {
	name     string
	weight   float64       // how strongly people react, against 1 for a crash
	symptoms []symptomRate // what they say is wrong
	state    health.State  // what a probe sees, if it sees it
	seen     float64       // how often it does
}

type symptomRate struct {
	symptom string // a name of reaction.SymptomNames
	share   float64
}

var (
	audioDead = faultKind{"audio dead", 0.9, []symptomRate{{"audio", 0.85}, {"delay", 0.1}, {"join", 0.05}}, health.Degraded, 0.9}
	cutting   = faultKind{"cutting out", 0.65, []symptomRate{{"buffering", 0.65}, {"audio", 0.25}, {"crash", 0.1}}, health.Degraded, 0.6}
	crashed   = faultKind{"crash", 1, []symptomRate{{"crash", 0.65}, {"join", 0.35}}, health.Down, 0.97}
	closed    = faultKind{"room closed", 0.8, []symptomRate{{"join", 0.5}, {"crash", 0.3}, {"delay", 0.2}}, health.Down, 0.95}
	noEntry   = faultKind{"cannot join", 1, []symptomRate{{"join", 0.65}, {"delay", 0.2}, {"crash", 0.15}}, health.Down, 0.85}
	lateStart = faultKind{"late start", 0.35, []symptomRate{{"delay", 1}}, health.Up, 0}
	unheard   = faultKind{"callers not heard", 0.8, []symptomRate{{"audio", 0.85}, {"delay", 0.15}}, health.Degraded, 0.25}
	siteDown  = faultKind{"down", 1, []symptomRate{{"video", 0.5}, {"buffering", 0.3}, {"crash", 0.2}}, health.Down, 0}
)

// jitter is a time up to spread away from at, either way, in whole seconds.
func jitter(r *rand.Rand, at, spread time.Duration) time.Duration {
	n := int64(spread / time.Second)
	return at + time.Duration(r.Int64N(2*n+1)-n)*time.Second
}

// crowds are moments of applause, spread over [from, to).
func crowds(r *rand.Rand, n int, from, to time.Duration) []time.Duration {
	out := make([]time.Duration, n)
	step := (to - from) / time.Duration(n)
	for i := range out {
		out[i] = jitter(r, from+step*time.Duration(i)+step/2, step/4)
	}
	return out
}
