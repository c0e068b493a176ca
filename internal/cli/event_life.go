package cli

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"outcry/internal/eventfile"
	"outcry/internal/reaction"
)

// move is a command that gives an event another status.
type move struct {
	use    string
	status reaction.Status
	short  string
	long   string
	did    string // what is printed of the event then
}

var moves = []move{
	{"start", reaction.Live, "Say that an event has begun, or goes on", `Start says that an event is live: before its planned start, after it was postponed, or again after
it had ended, which needs a note. --ends-at gives it a new planned end.`, "is live"},
	{"end", reaction.Ended, "Say that an event has ended", `End says that an event is over: nothing more is collected for it. Without it the plan ends an event
some minutes after its planned end, once nothing is open.`, "has ended"},
	{"postpone", reaction.Postponed, "Say that an event will start later", `Postpone says that an event starts later: at --starts-at, or --until-further-notice. The first planned
start stays on record. Listening that has begun goes on, since people speak of it.`, "is postponed"},
	{"cancel", reaction.Cancelled, "Say that an event will not take place", `Cancel says that an event does not take place: nothing more is collected for it.`, "is cancelled"},
	{"schedule", reaction.Scheduled, "Give an event a new start, also one that was cancelled or has ended", `Schedule gives an event a planned start that is still to come.`, "is scheduled"},
}

func newMove(t *terminal, g *globals, m move) *cobra.Command {
	ask := reaction.Move{Status: m.status}
	var at, starts, ends string
	cmd := &cobra.Command{
		Use: m.use + " SLUG", Short: m.short, Long: m.long, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, f := range []struct {
				flag, value string
				into        *time.Time
			}{{"at", at, &ask.At}, {"starts-at", starts, &ask.StartsAt}, {"ends-at", ends, &ask.EndsAt}} {
				if f.value == "" {
					continue
				}
				v, err := time.Parse(time.RFC3339, f.value)
				if err != nil {
					return usagef("--%s %q is not a time with its offset, like 2026-03-01T18:00:00Z", f.flag, f.value)
				}
				*f.into = v
			}
			if m.status == reaction.Postponed && starts == "" && !ask.UntilFurtherNotice {
				return usagef("until when? give --starts-at, or say --until-further-notice")
			}
			return g.with(t, func(ctx context.Context, b backend, args []string) error {
				e, err := b.MoveEvent(ctx, args[0], ask)
				if err != nil {
					return err
				}
				fmt.Fprintf(t.out, "event %s %s%s\n", e.Slug, m.did, planned(m.status, ask.UntilFurtherNotice, e))
				return nil
			})(cmd, args)
		},
	}
	f := cmd.Flags()
	f.StringVar(&ask.Note, "note", "", "why, in a few words")
	f.StringVar(&at, "at", "", "when it became so, RFC 3339 (default now)")
	switch m.status {
	case reaction.Postponed:
		f.StringVar(&starts, "starts-at", "", "the new planned start, RFC 3339")
		f.StringVar(&ends, "ends-at", "", "the new planned end (default: it moves along with the start)")
		f.BoolVar(&ask.UntilFurtherNotice, "until-further-notice", false, "nobody knows the new start")
	case reaction.Scheduled:
		f.StringVar(&starts, "starts-at", "", "the new planned start, RFC 3339")
		f.StringVar(&ends, "ends-at", "", "the new planned end (default: it moves along with the start)")
	case reaction.Live:
		f.StringVar(&ends, "ends-at", "", "a new planned end, RFC 3339")
	}
	return cmd
}

// planned says what an event that was moved is to do next.
func planned(s reaction.Status, open bool, e *reaction.Event) string {
	switch {
	case s == reaction.Postponed && open:
		return " until further notice"
	case s == reaction.Postponed:
		return " to " + e.StartsAt.Format(time.RFC3339)
	case s == reaction.Scheduled:
		return " for " + e.StartsAt.Format(time.RFC3339)
	}
	return ""
}

func newLife(t *terminal, g *globals) *cobra.Command {
	return &cobra.Command{
		Use: "life SLUG", Short: "What became of an event: every change of status, when, and who said so", Args: cobra.ExactArgs(1),
		RunE: g.with(t, func(ctx context.Context, b backend, args []string) error {
			e, err := b.Event(ctx, args[0])
			if err != nil {
				return err
			}
			life, err := b.Life(ctx, e)
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
			fmt.Fprintln(w, "STATUS\tSINCE\tSAID BY\tSAID AT\tPLANNED\tNOTE")
			for _, c := range life {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", c.Status, c.At.Format(time.RFC3339), c.By, c.SaidAt.Format(time.RFC3339), plan(c), c.Note)
			}
			return w.Flush()
		}),
	}
}

// plan writes the planned times of a change.
func plan(c reaction.Turn) string {
	switch {
	case c.StartsAt.IsZero():
		return "until further notice"
	case c.EndsAt.IsZero():
		return c.StartsAt.Format(time.RFC3339) + " on"
	}
	return c.StartsAt.Format(time.RFC3339) + " to " + c.EndsAt.Format(time.RFC3339)
}

func newTemplate(t *terminal, g *globals) *cobra.Command {
	return &cobra.Command{
		Use: "template [NAME|SLUG]", Short: "Print a file for a next event: a template, or what an earlier event was",
		Long: `Template prints a file that is ready to be edited and applied. Without a name it lists the templates
that came with the program; with the slug of an event it prints that event without its slug, times
and status. What stands in <ANGLE BRACKETS> is yours to fill in.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := eventfile.Templates()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				w := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
				for _, tpl := range list {
					fmt.Fprintf(w, "%s\t%s\n", tpl.Name, tpl.Title)
				}
				return w.Flush()
			}
			for _, tpl := range list { // these need no server
				if tpl.Name == args[0] {
					_, err := fmt.Fprint(t.out, tpl.YAML)
					return err
				}
			}
			return g.with(t, func(ctx context.Context, b backend, args []string) error {
				e, err := b.Event(ctx, args[0])
				if errors.Is(err, reaction.ErrNotFound) {
					return fmt.Errorf("there is neither a template nor an event %q: 'outcry event template' lists templates, 'outcry event list' events", args[0])
				}
				if err != nil {
					return err
				}
				tpl, err := eventfile.TemplateOf(e)
				if err != nil {
					return err
				}
				_, err = fmt.Fprint(t.out, tpl.YAML)
				return err
			})(cmd, args)
		},
	}
}
