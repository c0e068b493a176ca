package cli

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"outcry/internal/reaction"
)

// spent is what the server says of an event's money.
type spent struct {
	Source reaction.Source `json:"source"`
	Event  spentOf         `json:"event"`
	Month  struct {
		Month string `json:"month"`
		spentOf
	} `json:"month"`
	Idle     string             `json:"idle"`
	Capped   *reaction.Capped   `json:"capped"`
	Forecast *reaction.Forecast `json:"forecast"`
	None     string             `json:"no_forecast"`
}

type spentOf struct {
	Spent    float64 `json:"spent_usd"`
	Reserved float64 `json:"reserved_usd"`
	Cap      float64 `json:"cap_usd"`
}

func newSpend(t *terminal, g *globals) *cobra.Command {
	return &cobra.Command{
		Use: "spend SLUG", Short: "What X costs an event, what it may, and what it would take", Args: cobra.ExactArgs(1),
		RunE: g.withServer(t, func(ctx context.Context, c *client, args []string) error {
			var s spent
			if err := c.do(ctx, "GET", "/v1/events/"+url.PathEscape(args[0])+"/spend", nil, nil, &s); err != nil {
				return err
			}
			return s.print(t.out)
		}),
	}
}

func (s *spent) print(out io.Writer) error {
	dollars := func(x float64) string { return reaction.USD(x).String() }
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "\tSPENT\tSET ASIDE\tLIMIT\n")
	fmt.Fprintf(w, "event\t%s\t%s\t%s\n", dollars(s.Event.Spent), dollars(s.Event.Reserved), dollars(s.Event.Cap))
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", s.Month.Month, dollars(s.Month.Spent), dollars(s.Month.Reserved), dollars(s.Month.Cap))
	if err := w.Flush(); err != nil {
		return err
	}
	if s.Idle != "" {
		fmt.Fprintf(out, "nothing is spent: %s\n", s.Idle)
	}
	if s.Capped != nil {
		fmt.Fprintf(out, "posts are left out since %s: %s\n", s.Capped.Since.Format(time.RFC3339), s.Capped.Reason)
	}
	f := s.Forecast
	if f == nil {
		_, err := fmt.Fprintf(out, "no forecast: %s\n", s.None)
		return err
	}
	fmt.Fprintf(out, "forecast for %.1f hours, from %s:\n", f.Hours, f.Basis)
	for _, x := range []struct {
		name string
		e    reaction.Estimate
	}{{"low", f.Low}, {"likely", f.Likely}, {"high", f.High}} {
		fmt.Fprintf(w, "  %s\t%d posts\t%s\n", x.name, x.e.Posts, dollars(x.e.USD))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "the limits leave room for %d posts, %.0f%% of the likely ones; counting takes %s\n", f.Allowed, 100*f.Share, dollars(f.CountingUSD))
	return err
}
