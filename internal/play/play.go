// Package play sends recordings and drills into events at a speed: one of them for a command, or
// several at once for a server, which owns them, lists them and can stop them.
package play

import "time"

// Kinds of plays.
const (
	KindDrill     = "drill"
	KindRecording = "recording"
)

// States of a play. All but the first are final.
const (
	Running = "running"
	Done    = "done"    // everything is stored
	Failed  = "failed"  // Error says why
	Stopped = "stopped" // by a person, or with the server, as Error then says
)

// Play is a drill or a recording on its way into an event, or what came of it. Counts are those of
// reaction.RunProgress.
type Play struct {
	ID         string    `json:"id"`
	Event      string    `json:"event"` // slug
	Kind       string    `json:"kind"`
	Name       string    `json:"name"`  // the drill's scenario, or the recording's name: only to be shown
	Speed      string    `json:"speed"` // "max" or a factor like "60x"
	State      string    `json:"state"`
	Records    int64     `json:"records"`
	Sent       int64     `json:"sent"`
	Committed  int64     `json:"committed"`
	Stored     int64     `json:"stored"`
	Duplicates int64     `json:"duplicates"`
	Unmatched  int64     `json:"unmatched"`
	Samples    int64     `json:"samples"`
	StartedAt  time.Time `json:"started_at"`
	EndedAt    time.Time `json:"ended_at,omitzero"`
	By         string    `json:"by,omitempty"`    // who started it
	Error      string    `json:"error,omitempty"` // a sentence for people; safe to show
	// Of a drill: with the same scenario, start and seed it is the same drill, and goes on where it was.
	Start time.Time `json:"start,omitzero"` // planned start of the simulated event
	Seed  uint64    `json:"seed,omitempty"`
	// Recording is the id it was kept under, of a recording.
	Recording string `json:"recording,omitempty"`
}
