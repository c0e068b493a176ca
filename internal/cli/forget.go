package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"
)

// forgetRequest is a deletion that somebody asked for.
type forgetRequest struct {
	Source string `json:"source"`
	ID     string `json:"id,omitempty"`
	Author string `json:"author,omitempty"`
}

func newForget(t *terminal, g *globals) *cobra.Command {
	var q forgetRequest
	cmd := &cobra.Command{
		Use: "forget --source SOURCE (--author ID | --post ID)", Short: "Delete a post, or all that somebody has posted, from every event", Args: cobra.NoArgs,
		Long: `Forget honours the request of a person whose posts may be stored here. It goes through the line like
a deletion that the source tells: the text goes, net figures follow, gross ones stay, and what was
posted before and comes later is left out for two days at least.

An author is named by the account's own id at the source, which stays when its name changes: a DID on
Bluesky, a number on X, the account's address on Mastodon. Whether anything of theirs was stored is
not told, and who was forgotten is not written down: the audit log holds a random reference, which is
printed here. Give it to whoever asked.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if q.Source == "" || (q.ID == "") == (q.Author == "") {
				return usagef("give --source, and either --author or --post")
			}
			return g.withServer(t, func(ctx context.Context, c *client, _ []string) error {
				body, err := json.Marshal(q)
				if err != nil {
					return err
				}
				var did struct{ Target string }
				if err := c.do(ctx, http.MethodPost, "/v1/deletions", jsonHeader(), body, &did); err != nil {
					return err
				}
				fmt.Fprintf(t.out, "%s is being forgotten\n", did.Target)
				return nil
			})(cmd, args)
		},
	}
	cmd.Flags().StringVar(&q.Source, "source", "", "where it was posted: bluesky, mastodon, x, ...")
	cmd.Flags().StringVar(&q.Author, "author", "", "the account, by its own id at the source")
	cmd.Flags().StringVar(&q.ID, "post", "", "one post, by its id at the source")
	return cmd
}
