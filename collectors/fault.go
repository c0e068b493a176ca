package collectors

import (
	"context"
	"errors"
	"fmt"
	"time"

	"outcry/internal/reaction"
)

// Kind is what kind of trouble a Fault is, which decides how long to wait and whether to try again.
type Kind uint8

// The kinds of fault.
const (
	Network Kind = iota // no connection, or one that broke: try again soon
	Server              // the platform answers that it cannot: try again later
	Limited             // the platform says that we ask too much: not before RetryAt
	Refused             // it will not have us: bad credentials, no access. Trying again mends nothing
	Ours                // we did something wrong: a fault of the program
)

var kindNames = [...]string{"network", "server", "limited", "refused", "ours"}

// String returns the kind's name, for metrics.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// Fault is why a source cannot be heard. Its text is for an operator and never holds a secret, nor
// words of the other side that were not checked.
type Fault struct {
	Kind    Kind
	Err     error     // what happened, as one sentence
	Mend    string    // what a person can do about it; "" where nothing is needed
	RetryAt time.Time // not before; zero for as the back-off has it
	// Again, where it is not nil, is closed when trying again is worth it sooner than that.
	Again <-chan struct{}
	// Coverage is what the time until it is mended counts as: a gap where it is empty, or capped
	// where somebody chose not to pay.
	Coverage reaction.CoverageState
}

func (f *Fault) Error() string {
	if f.Mend == "" {
		return f.Err.Error()
	}
	return f.Err.Error() + ": " + f.Mend
}

func (f *Fault) Unwrap() error { return f.Err }

// AsFault is err as a fault: itself, or one of the network.
func AsFault(err error) *Fault {
	if f, ok := errors.AsType[*Fault](err); ok {
		return f
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.New("no answer in time")
	}
	return &Fault{Kind: Network, Err: err}
}
