package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"outcry/internal/reaction"
)

// eventName is a name that recurs in an event's posts, as people are shown it.
type eventName struct {
	Name    string    `json:"name"`
	Display string    `json:"display"`
	Kind    string    `json:"kind"`
	Posts   int64     `json:"posts"`
	Authors int64     `json:"authors"`
	FirstAt time.Time `json:"first_at"`
	LastAt  time.Time `json:"last_at"`
	State   string    `json:"state"`
	By      string    `json:"by,omitempty"`
}

func newNames(t *terminal, g *globals) *cobra.Command {
	var state string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "names SLUG", Short: "Names that recur in an event's posts, to be accepted or refused", Args: cobra.ExactArgs(1),
		Long: `Names lists names of people, places and organisations that a sample of the event's English posts
held, once five posts of three authors did. They are proposed in the background and often wrong:
docs/names.md says how. 'outcry event name' accepts or refuses one.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains([]string{"open", "accepted", "refused", "all"}, state) {
				return usagef("--state %q is none of open, accepted, refused, all", state)
			}
			return g.withServer(t, func(ctx context.Context, c *client, args []string) error {
				list, err := c.names(ctx, args[0], state)
				if err != nil {
					return err
				}
				return printNames(t, list, asJSON)
			})(cmd, args)
		},
	}
	cmd.Flags().StringVar(&state, "state", "open", "open, accepted, refused or all")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	return cmd
}

func printNames(t *terminal, list []eventName, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(t.out)
		for i := range list {
			if err := enc.Encode(&list[i]); err != nil {
				return err
			}
		}
		return nil
	}
	if len(list) == 0 {
		fmt.Fprintln(t.err, "no such names: they come from English posts, once five posts of three authors hold one")
		return nil
	}
	w := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tKIND\tPOSTS\tAUTHORS\tFIRST\tSTATE\tBY")
	for _, n := range list {
		kind := n.Kind
		if n.State == string(reaction.NameOpen) {
			kind += "?"
		}
		fmt.Fprintf(w, "%q\t%s\t%d\t%d\t%s\t%s\t%s\n", n.Display, kind, n.Posts, n.Authors, n.FirstAt.Format(time.RFC3339), n.State, n.By)
	}
	return w.Flush()
}

// nameDecision is what is decided on a name.
type nameDecision struct {
	Decision string `json:"decision"`
	Kind     string `json:"kind,omitempty"`
	As       string `json:"as,omitempty"`
}

func newName(t *terminal, g *globals) *cobra.Command {
	var d nameDecision
	var accept, refuse bool
	cmd := &cobra.Command{
		Use: "name SLUG NAME (--accept|--refuse)", Short: "Accept a name as one of an event's entities, or refuse it", Args: cobra.ExactArgs(2),
		Long: `Name decides on a name that 'outcry event names' lists. What is accepted becomes part of the event's
definition, as if it had been applied anew: posts that come from then on are tagged by it. What is
refused does not come back by itself.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case accept == refuse:
				return usagef("say either --accept or --refuse")
			case refuse && (d.Kind != "" || d.As != ""):
				return usagef("--kind and --as go with --accept")
			case d.Kind != "" && !slices.Contains(reaction.EntityKinds, d.Kind):
				return usagef("--kind %q is none of %s", d.Kind, strings.Join(reaction.EntityKinds, ", "))
			}
			if d.Decision = "refuse"; accept {
				d.Decision = "accept"
			}
			return g.withServer(t, func(ctx context.Context, c *client, args []string) error {
				n, err := c.decideName(ctx, args[0], args[1], d)
				if err != nil {
					return err
				}
				if n.State == string(reaction.NameAccepted) {
					fmt.Fprintf(t.out, "%q is an entity of event %s: %s\n", n.Display, args[0], n.Kind)
				} else {
					fmt.Fprintf(t.out, "%q is refused in event %s\n", n.Display, args[0])
				}
				return nil
			})(cmd, args)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&accept, "accept", false, "it is an entity of the event")
	f.BoolVar(&refuse, "refuse", false, "it is none")
	f.StringVar(&d.Kind, "kind", "", strings.Join(reaction.EntityKinds, ", ")+" (default: the guess)")
	f.StringVar(&d.As, "as", "", "the entity that it is another name of: one of the event's, or a new one")
	return cmd
}

func (c *client) names(ctx context.Context, slug, state string) ([]eventName, error) {
	q := url.Values{"limit": {"500"}}
	if state != "all" {
		q.Set("state", state)
	}
	var all []eventName
	for path := eventPath(slug) + "/names?" + q.Encode(); path != ""; {
		var page struct{ Names []eventName }
		next, err := c.page(ctx, path, &page)
		if err != nil {
			return nil, err
		}
		all, path = append(all, page.Names...), next
	}
	return all, nil
}

func (c *client) decideName(ctx context.Context, slug, name string, d nameDecision) (n eventName, err error) {
	body, err := json.Marshal(d)
	if err != nil {
		return n, err
	}
	var out struct{ Name eventName }
	err = c.do(ctx, http.MethodPost, eventPath(slug)+"/names/"+url.PathEscape(name), jsonHeader(), body, &out)
	return out.Name, err
}
