package drill

import (
	"maps"
	"slices"
	"time"

	"outcry/internal/reaction"
)

// Label says what a post really is.
type Label struct {
	Source    reaction.Source `json:"source"`
	ID        string          `json:"id"`
	At        time.Time       `json:"at"`
	Kind      reaction.Kind   `json:"kind"`
	Lang      string          `json:"lang"`      // the language it is written in, whatever its source says
	Topic     string          `json:"topic"`     // why it was written: "trouble", "joke", "lookalike", ...
	Complaint bool            `json:"complaint"` // it says in earnest that the event's own service fails; never a repost
	FirstHand bool            `json:"first_hand"`
	Symptom   string          `json:"symptom,omitempty"` // what is wrong, where the fault itself is complained of
	Copy      bool            `json:"copy,omitempty"`    // the text is another's; a copy may be a complaint, never first-hand
}

// Tally counts posts that were heard. Every count but Posts and Deleted leaves reposts out.
type Tally struct {
	Posts      int `json:"posts"`
	Reposts    int `json:"reposts,omitempty"`
	Complaints int `json:"complaints,omitempty"` // in earnest, of the event's own service; jokes and news are none
	FirstHand  int `json:"first_hand,omitempty"` // complaints of the writer's own trouble
	Jokes      int `json:"jokes,omitempty"`      // about the fault, with or without the coined tag
	Recovery   int `json:"recovery,omitempty"`   // it works again
	Elsewhere  int `json:"elsewhere,omitempty"`  // complaints of another service
	Lookalikes int `json:"lookalikes,omitempty"` // harmless, though they sound like complaints
	Copies     int `json:"copies,omitempty"`
	Deleted    int `json:"deleted,omitempty"` // of Posts, by deletes that were heard too
}

// Bucket counts the posts of ten seconds.
type Bucket struct {
	At time.Time `json:"at"`
	Tally
	Languages map[string]Tally `json:"languages,omitempty"`
}

// Fault is an interval in which a service failed in one way.
type Fault struct {
	Service string    `json:"service"`
	Kind    string    `json:"kind"` // "audio dead", "cutting out", "crash", ...
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Seen    float64   `json:"seen"` // share of probes that saw it; 0 where only people could notice
}

// Coined is a tag that was made up in the drill.
type Coined struct {
	Tag   string    `json:"tag"`            // with its sign
	At    time.Time `json:"at,omitzero"`    // the first post with it, heard or not; zero for none
	Heard time.Time `json:"heard,omitzero"` // the first one heard
	Posts int       `json:"posts"`          // heard, reposts aside
}

// Listeners is the true audience at a moment; what was counted is a little off.
type Listeners struct {
	At    time.Time `json:"at"`
	Count int64     `json:"count"`
}

// Span is an interval of the programme: a break, or the first minute of applause.
type Span struct {
	What string    `json:"what"` // "break", "applause"
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Truth is what happened in a drill, to hold findings against. Times that did not come are zero.
type Truth struct {
	Method  int       `json:"method"`
	Run     string    `json:"run"`
	Options Options   `json:"options"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`

	Planned        time.Time   `json:"planned"`                  // planned start
	Started        time.Time   `json:"started,omitzero"`         // the programme really began
	Over           time.Time   `json:"over,omitzero"`            // it ended; zero where it went on past To
	Faults         []Fault     `json:"faults"`                   // of any service, in order of time
	FirstFault     time.Time   `json:"first_fault,omitzero"`     // of the service that carries the event
	Recovery       time.Time   `json:"recovery,omitzero"`        // its last fault was mended for good
	AttackClaimed  time.Time   `json:"attack_claimed,omitzero"`  // the host claimed an attack; true or not
	Postponed      time.Time   `json:"postponed,omitzero"`       // a later start was announced
	PostponedUntil time.Time   `json:"postponed_until,omitzero"` // that start, which need not have been kept
	Cancelled      time.Time   `json:"cancelled,omitzero"`       //
	Lag            Lag         `json:"lag"`                      // from what happens to what people write
	Coined         []Coined    `json:"coined"`                   //
	Moments        []Span      `json:"moments"`                  // that bring posts without a fault
	Audience       []Listeners `json:"audience"`                 // every thirty seconds
	Gaps           []Gap       `json:"gaps"`                     //
	Records        int64       `json:"records"`                  // posts, deletes and samples
	Samples        int64       `json:"samples"`                  //
	Deletes        int64       `json:"deletes"`                  // heard, also those of posts that were not

	Total     Tally                     `json:"total"`
	Sources   map[reaction.Source]Tally `json:"sources"`
	Languages map[string]Tally          `json:"languages"`
	Buckets   []Bucket                  `json:"buckets"` // every ten seconds of [From, To)
}

// clone copies t, so that a caller may change what it was given.
func (t Truth) clone() Truth {
	t.Faults, t.Coined, t.Moments = slices.Clone(t.Faults), slices.Clone(t.Coined), slices.Clone(t.Moments)
	t.Audience, t.Gaps, t.Buckets = slices.Clone(t.Audience), slices.Clone(t.Gaps), slices.Clone(t.Buckets)
	t.Sources, t.Languages = maps.Clone(t.Sources), maps.Clone(t.Languages)
	for i := range t.Buckets {
		t.Buckets[i].Languages = maps.Clone(t.Buckets[i].Languages)
	}
	return t
}
