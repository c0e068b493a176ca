package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"outcry/internal/eventfile"
	"outcry/internal/reaction"
)

func newEvent(t *terminal, g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use: "event", Short: "Live events, as files",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var asJSON bool
	list := &cobra.Command{
		Use: "list", Short: "List events, the latest planned start first", Args: cobra.NoArgs,
		RunE: g.with(t, func(ctx context.Context, b backend, _ []string) error { return listEvents(ctx, t, b, asJSON) }),
	}
	list.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	show := &cobra.Command{
		Use: "show SLUG", Short: "Print an event as the file it can be applied from", Args: cobra.ExactArgs(1),
		RunE: g.with(t, func(ctx context.Context, b backend, args []string) error {
			e, err := b.Event(ctx, args[0])
			if err != nil {
				return err
			}
			text, err := eventfile.Format(e)
			if err == nil {
				_, err = t.out.Write(text)
			}
			return err
		}),
	}
	var file string
	apply := &cobra.Command{
		Use: "apply -f FILE", Short: "Make the event in a file, or bring it up to date ('-' reads standard input)", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if file == "" {
				return usagef("name the event's file with -f")
			}
			e, err := readEvent(t.in, file) // before anything is started for it
			if err != nil {
				return err
			}
			return g.with(t, func(ctx context.Context, b backend, _ []string) error { return applyEvent(ctx, t, b, e) })(cmd, args)
		},
	}
	apply.Flags().StringVarP(&file, "file", "f", "", "the event's file: YAML or JSON")
	cmd.AddCommand(list, show, apply, newLife(t, g), newTemplate(t, g), newSpend(t, g), newNames(t, g), newName(t, g))
	for _, m := range moves {
		cmd.AddCommand(newMove(t, g, m))
	}
	return cmd
}

// maxEventFile bounds an event's file, in bytes.
const maxEventFile = 1 << 20

func readEvent(in io.Reader, name string) (*reaction.Event, error) {
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	b, err := io.ReadAll(io.LimitReader(in, maxEventFile+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return eventfile.Parse(b, name)
}

func applyEvent(ctx context.Context, t *terminal, b backend, e *reaction.Event) error {
	err := b.CreateEvent(ctx, e)
	did := "made"
	if errors.Is(err, reaction.ErrExists) || errors.Is(err, reaction.ErrConflict) {
		did, err = "brought up to date", b.ReplaceEvent(ctx, e)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "event %s %s\n", e.Slug, did)
	for _, n := range e.Notes() {
		fmt.Fprintf(t.err, "note: %s\n", n)
	}
	return nil
}

func listEvents(ctx context.Context, t *terminal, b backend, asJSON bool) error {
	events, err := b.Events(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		enc := json.NewEncoder(t.out)
		for i := range events {
			if err := enc.Encode(&events[i]); err != nil {
				return err
			}
		}
		return nil
	}
	if len(events) == 0 {
		fmt.Fprintln(t.err, "no events yet: apply one with 'outcry event apply -f FILE' (docs/events has examples), or run 'outcry drill launch'")
		return nil
	}
	w := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "SLUG\tSTATUS\tSTARTS\tTITLE")
	for _, e := range events {
		title := e.Title
		if e.Simulated {
			title += " (simulated)"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", e.Slug, e.Status, e.StartsAt.Format(time.RFC3339), title)
	}
	return w.Flush()
}
