package auth

import "time"

// Outcome is how an audited act ended.
type Outcome string

// The outcomes.
const (
	Done    Outcome = "done"
	Refused Outcome = "refused" // by us: credentials, scope, limits
	Failed  Outcome = "failed"
)

// Entry is one line of the audit log: who did what to what, from where. It never holds a secret,
// nor the text of a post.
type Entry struct {
	ID        int64
	At        time.Time
	Actor     string // Principal.Actor
	Action    string // "key.create", "sign-in", "event.status", ...
	Target    string // what was acted on; "" where there is nothing to name
	Outcome   Outcome
	Reason    string // of a refusal or a failure, for the reader of the log only
	Address   string // of the client
	RequestID string
}

// MaxEntryText bounds each text of an entry, in bytes.
const MaxEntryText = 200
