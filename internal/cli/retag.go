package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"outcry/internal/reaction"
)

// retagEvery is how often the server is asked how far it is, and retagPatience how long it may be away.
const (
	retagEvery    = 250 * time.Millisecond
	retagPatience = 5 * time.Minute
)

func newRetag(t *terminal, g *globals) *cobra.Command {
	var slug string
	cmd := &cobra.Command{
		Use: "retag --event SLUG", Short: "Tag the stored posts of an event again, and make its figures again from them", Args: cobra.NoArgs,
		Long: `Retag gives every stored post of an event the tags that this program's tagger gives it now, with the
event's services and entities as they are now, and moves all figures along: counts by label, language,
hashtag and service, and distinct people. The passport of each figure says so.

The server does it in the background, a few hundred posts at a time, beside the live line. It goes on
after a stop, of the server or of this command; run again, this command follows it. Posts deleted at
their source and earlier versions of edited posts keep the labels that they had: their words are gone.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if slug == "" {
				return usagef("name the event with --event SLUG")
			}
			return g.withServer(t, func(ctx context.Context, c *client, _ []string) error {
				r, err := c.retag(ctx, http.MethodPost, slug)
				if err == nil {
					r, err = followRetag(ctx, t, c, slug, r)
				}
				if err != nil {
					return err
				}
				fmt.Fprintf(t.out, "event %s: %d posts tagged again by tagger %d, %d changed a label", slug, r.Posts, r.Tagger, r.Changed)
				if r.Deleted > 0 {
					fmt.Fprintf(t.out, ", %d deleted posts keep theirs", r.Deleted)
				}
				if r.Failed > 0 {
					fmt.Fprintf(t.out, ", the tagger failed at %d, which keep theirs: see the server's log", r.Failed)
				}
				fmt.Fprintf(t.out, "; %s\n", r.DoneAt.Sub(r.BegunAt).Round(10*time.Millisecond))
				return nil
			})(cmd, args)
		},
	}
	cmd.Flags().StringVar(&slug, "event", "", "slug of the event")
	return cmd
}

// followRetag shows how far a retag is until it is done. A server that is away for a while goes on with
// it when it is back.
func followRetag(ctx context.Context, t *terminal, c *client, slug string, r reaction.Retag) (reaction.Retag, error) {
	bar := newProgress(t.err, "tagging", "posts", r.Total)
	defer bar.end()
	tick := time.NewTicker(retagEvery)
	defer tick.Stop()
	var away time.Time
	for !r.Done() {
		bar.at(r.Posts)
		select {
		case <-ctx.Done():
			return r, ctx.Err()
		case <-tick.C:
		}
		now, err := c.retag(ctx, http.MethodGet, slug)
		switch {
		case err == nil:
			r, away = now, time.Time{}
		case !errors.Is(err, reaction.ErrAway):
			return r, err
		case away.IsZero():
			away = time.Now()
		case time.Since(away) > retagPatience:
			return r, fmt.Errorf("the server was not there for %s, and goes on when it is: %w", retagPatience, err)
		}
	}
	return r, nil
}

// retag asks for a retag, or how far it is.
func (c *client) retag(ctx context.Context, method, slug string) (reaction.Retag, error) {
	var out struct{ Retag *reaction.Retag }
	if err := c.do(ctx, method, eventPath(slug)+"/retag", nil, nil, &out); err != nil {
		return reaction.Retag{}, err
	}
	if out.Retag == nil {
		return reaction.Retag{}, fmt.Errorf("server %s knows of no retag of %q", c.base, slug)
	}
	return *out.Retag, nil
}
