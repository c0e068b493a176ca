// Package cli is the command line: it reads flags, talks to a running server or does the work in
// its own process, and tells people what happened.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// The exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// usageError is a command line that says what cannot be meant.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, a ...any) error { return usageError{fmt.Errorf(format, a...)} }

// terminal is where a command reads and writes.
type terminal struct {
	in  io.Reader
	out io.Writer // results
	err io.Writer // progress and complaints
}

// Run runs one command line and returns the exit code: 0 done, 1 failed, 2 wrong use.
func Run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	root := newRoot(&terminal{in, out, errOut})
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	var usage usageError
	if errors.As(err, &usage) || isCobraUsage(err) {
		fmt.Fprintf(errOut, "outcry: %v\nTry 'outcry --help'.\n", err)
		return exitUsage
	}
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		fmt.Fprintln(errOut, "outcry: stopped")
		return exitFailed
	}
	fmt.Fprintf(errOut, "outcry: %v\n", err)
	return exitFailed
}

// isCobraUsage recognises what cobra itself refuses, which has no type of its own.
func isCobraUsage(err error) bool {
	for _, s := range []string{"unknown command", "accepts ", "requires at least", "required flag"} {
		if strings.HasPrefix(err.Error(), s) {
			return true
		}
	}
	return false
}

func newRoot(t *terminal) *cobra.Command {
	root := &cobra.Command{
		Use:           "outcry",
		Short:         "What did the audience notice, when, and was the service really broken?",
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		Args:          cobra.NoArgs,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.CompletionOptions.HiddenDefaultCmd = true
	o := &globals{}
	o.register(root)
	root.AddCommand(newServe(t, o), newReplay(t, o), newDrill(t, o), newEvent(t, o), newKey(t, o), newSignIn(t, o), newPush(t, o), newTag(t), newRetag(t, o), newTrain(t), newBlend(t), newForget(t, o), newBench(t, o), newDoctor(t, o), newVersion(t))
	return root
}
