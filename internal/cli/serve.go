package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"outcry/internal/app"
	"outcry/web"
)

func newServe(t *terminal, g *globals) *cobra.Command {
	var listen, metrics, roles string
	cmd := &cobra.Command{
		Use: "serve", Short: "Run everything, or some roles", Args: cobra.NoArgs,
		Long: `Serve runs Outcry until it is stopped. Without any configuration it starts a private PostgreSQL
and a durable log in the data directory, listens on a loopback address only, and opens no other port.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			more := map[string]string{}
			for name, v := range map[string]string{"listen": listen, "metrics_listen": metrics, "roles": roles} {
				if v != "" {
					more[name] = v
				}
			}
			c, err := g.load(more)
			if err != nil {
				return err
			}
			return app.Serve(cmd.Context(), *c, version(), newLogger(t.err, c.Log), func(r app.Ready) { welcome(t, c, r) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&listen, "listen", "", "address of the API (default 127.0.0.1:8080)")
	f.StringVar(&metrics, "metrics-listen", "", "address of /metrics and pprof, or off (default off)")
	f.StringVar(&roles, "roles", "", "what this process does: collect,tag,detect,api (default all)")
	return cmd
}

// welcome tells a person where things are.
func welcome(t *terminal, c *app.Config, r app.Ready) {
	if r.URL == "" {
		fmt.Fprintf(t.out, "Outcry runs the roles %s; data in %s\n", c.Roles, c.Data)
		return
	}
	fmt.Fprintf(t.out, "Outcry listens on %s\ndata in %s\n", r.URL, c.Data)
	if !web.Built() {
		fmt.Fprintln(t.out, "The pages are not built, and charts have Latin letters only: run 'make web' and build again.")
	}
	if c.ClientsCountAsOne() {
		fmt.Fprintln(t.out, "trusted_proxies names no proxy: all who come through one count as one client, and any of them can use up the tries to sign in of all.")
	}
	if r.SignIn != "" {
		fmt.Fprintf(t.out, "Sign in, once, by this link (good for a day; 'outcry sign-in' makes another):\n\n  %s\n\n", r.SignIn)
	} else {
		fmt.Fprintln(t.out, "Sign in with your name and password; 'outcry sign-in' makes a one-time link.")
	}
}
