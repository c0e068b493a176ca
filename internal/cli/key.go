package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"outcry/internal/app"
	"outcry/internal/auth"
)

// apiKey is a key as people are shown it.
type apiKey struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Scopes    []string   `json:"scopes"`
	Sources   []string   `json:"sources"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at"`
	LastUsed  *time.Time `json:"last_used_at"`
	State     string     `json:"state"`
}

// newAPIKey is a key to be made.
type newAPIKey struct {
	Name    string   `json:"name"`
	Scopes  []string `json:"scopes"`
	Sources []string `json:"sources,omitempty"`
	Expires string   `json:"expires_in,omitempty"`
}

func newKey(t *terminal, g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use: "key", Short: "API keys: for programs that read figures or send posts and samples",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var q newAPIKey
	create := &cobra.Command{
		Use: "create --name NAME --scope SCOPE... [--source SOURCE...]", Short: "Make a key and print it, this once", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if q.Name == "" || len(q.Scopes) == 0 {
				return usagef("give --name, and at least one --scope of %s", auth.AllScopes())
			}
			return g.withServer(t, func(ctx context.Context, c *client, _ []string) error {
				k, secret, err := c.createKey(ctx, q)
				if err != nil {
					return err
				}
				fmt.Fprintf(t.err, "key %s for %s: keep it now, it is not shown again\n", k.ID, k.Name)
				fmt.Fprintln(t.out, secret)
				return nil
			})(cmd, args)
		},
	}
	create.Flags().StringVar(&q.Name, "name", "", "what the key is for")
	create.Flags().StringSliceVar(&q.Scopes, "scope", nil, "what it may do: read, export, ingest, admin (repeatable)")
	create.Flags().StringSliceVar(&q.Sources, "source", nil, "with ingest: a source that it may push posts of (repeatable; default any that Outcry does not collect itself)")
	create.Flags().StringVar(&q.Expires, "expires", "", "how long it is good for, like 30d or 12h (default until it is revoked)")
	list := &cobra.Command{
		Use: "list", Short: "List keys, the newest first", Args: cobra.NoArgs,
		RunE: g.withServer(t, func(ctx context.Context, c *client, _ []string) error { return listKeys(ctx, t, c) }),
	}
	revoke := &cobra.Command{
		Use: "revoke ID", Short: "Revoke a key for good", Args: cobra.ExactArgs(1),
		RunE: g.withServer(t, func(ctx context.Context, c *client, args []string) error {
			if err := c.revokeKey(ctx, args[0]); err != nil {
				return err
			}
			fmt.Fprintf(t.out, "key %s is revoked\n", args[0])
			return nil
		}),
	}
	var sure bool
	reset := &cobra.Command{
		Use: "reset --yes", Short: "Take a new secret: revoke every key, end every session (the server must not run)", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !sure {
				return usagef("this revokes every key and ends every session: say --yes if it is meant")
			}
			c, err := g.load(nil)
			if err != nil {
				return err
			}
			if err := app.ResetDoor(cmd.Context(), *c, newLogger(t.err, quiet(c.Log))); err != nil {
				return err
			}
			fmt.Fprintln(t.out, "every key is revoked and every session has ended; people keep their passwords")
			return nil
		},
	}
	reset.Flags().BoolVar(&sure, "yes", false, "it is meant")
	cmd.AddCommand(create, list, revoke, reset)
	return cmd
}

func listKeys(ctx context.Context, t *terminal, c *client) error {
	keys, err := c.keys(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tSCOPES\tSOURCES\tSTATE\tEXPIRES\tLAST USED")
	when := func(at *time.Time) string {
		if at == nil {
			return "never"
		}
		return at.UTC().Format(time.RFC3339)
	}
	for _, k := range keys {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Name, joinScopes(k.Scopes), spokenFor(k), k.State, when(k.ExpiresAt), when(k.LastUsed))
	}
	return w.Flush()
}

// spokenFor says which sources a key may push posts of.
func spokenFor(k apiKey) string {
	switch {
	case !slices.Contains(k.Scopes, string(auth.Ingest)):
		return "-"
	case len(k.Sources) == 0:
		return "not collected"
	}
	return strings.Join(k.Sources, " ")
}

func joinScopes(list []string) string {
	out := make(auth.Scopes, len(list))
	for i, s := range list {
		out[i] = auth.Scope(s)
	}
	return out.String()
}

func newSignIn(t *terminal, g *globals) *cobra.Command {
	return &cobra.Command{
		Use: "sign-in [NAME]", Short: "Print a one-time link by which a person signs in (default the owner)", Args: cobra.MaximumNArgs(1),
		Long: `Sign-in makes a link that opens the dashboard once, for the person of that name, within a day. Any
link they had before is void. Whoever forgot a password sets a new one after coming in by it.`,
		RunE: g.with(t, func(ctx context.Context, b backend, args []string) error {
			c, ok := b.(*client)
			if !ok {
				return errors.New("no server runs on this data directory: start one with 'outcry serve', which prints a link")
			}
			name := auth.Owner
			if len(args) == 1 {
				name = args[0]
			}
			link, err := c.signInLink(ctx, name)
			if err != nil {
				return err
			}
			fmt.Fprintln(t.out, link)
			return nil
		}),
	}
}

// withServer runs a command that speaks HTTP: with a running server, or one that is started for as
// long as the command runs.
func (g *globals) withServer(t *terminal, do func(ctx context.Context, c *client, args []string) error) func(*cobra.Command, []string) error {
	return g.with(t, func(ctx context.Context, b backend, args []string) (err error) {
		l, ok := b.(*local)
		if !ok {
			return do(ctx, b.(*client), args)
		}
		c, err := l.serve(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, c.Close()) }()
		return do(ctx, c, args)
	})
}
