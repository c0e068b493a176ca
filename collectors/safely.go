package collectors

import (
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"

	"outcry/internal/reaction"
)

// RefusedFault is why something is not taken at which the program failed.
const RefusedFault = "our_fault"

// Broken says at what the program failed. Nothing in it is of the message.
type Broken struct {
	Size  int    // bytes of the message; 0 where that is not known
	Fault string // see Blame
	Stack string
}

// Safely runs what reads one message of size bytes. Where that panics, which is a fault of ours and
// loud, it says at what: the message is refused, since otherwise it would end the process again
// after each restart, and nothing behind it would ever be heard.
func Safely(size int, read func()) (failed *Broken) {
	defer func() {
		if fault := recover(); fault != nil {
			failed = &Broken{Size: size, Fault: Blame(fault), Stack: string(debug.Stack())}
		}
	}()
	read()
	return nil
}

// Item is how it is told that a message was refused.
func (b *Broken) Item() Item { return Item{Refused: RefusedFault, Broken: b} }

// Log tells the operator of it, and of how many there were since that was told last.
func (b *Broken) Log(to *slog.Logger, source reaction.Source, times int) {
	to.Error("the program failed at what a source said, which is left out: please report it",
		"source", source, "times", times, "bytes", b.Size, "fault", b.Fault, "stack", b.Stack)
}

// Blame puts what a panic says in words: those of the runtime, which are of the program alone. Of
// anything else it is only said what it is, since others put into it what they were reading.
func Blame(fault any) string {
	if err, ok := fault.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("a panic with a %T", fault)
}
