package reaction

import "time"

// Pushed is one thing that somebody pushes from outside. Exactly one of its parts is set.
type Pushed struct {
	Record  Record       // a post, an edit or a deletion
	Heard   *Coverage    // word of how well a source was heard
	Clock   *SourceClock // the sender's clock
	Refused *Refusal     // something that was not taken, to be counted
}

// SourceClock is a sender's word that nothing older than At is to be expected from a source.
type SourceClock struct {
	Source Source
	At     time.Time
}

// Refusal is why something of a source was not taken, of a closed list.
type Refusal struct {
	Source Source
	Reason string
}

// Fate is what became of something that was pushed.
type Fate uint8

// The fates of what is pushed.
const (
	// Accepted is in the log.
	Accepted Fate = iota
	// Duplicate is in the log, and had been pushed before as far as is remembered: it counts once.
	Duplicate
	// Unmatched belongs to no event that is listened to: it was counted, and is not kept.
	Unmatched
)

var fateNames = [...]string{"accepted", "duplicate", "unmatched"}

// String returns the fate's name.
func (f Fate) String() string { return fateNames[f] }

// Took is what became of a batch that was pushed.
type Took struct {
	Fates []Fate // in the order of the batch; of what was refused, nothing to go by
	// Unlisted are sources that no event that is listened to names, each once.
	Unlisted []Source
}
