package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"outcry/internal/app"
	"outcry/internal/chart"
	"outcry/internal/pgserver"
	"outcry/internal/postgres"
	"outcry/web"
)

func newDoctor(t *terminal, g *globals) *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "What is configured, reachable, missing, and how to mend it", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := g.load(nil)
			if err != nil {
				return err
			}
			d := &doctor{t: t}
			d.data(c)
			d.database(cmd.Context(), c)
			d.probes(c)
			d.sources(cmd.Context(), c)
			d.pages()
			if d.bad > 0 {
				return fmt.Errorf("%d things need mending", d.bad)
			}
			return nil
		},
	}
}

// doctor prints one verdict a line.
type doctor struct {
	t   *terminal
	bad int
}

func (d *doctor) ok(what, format string, a ...any) {
	fmt.Fprintf(d.t.out, "ok       %-10s %s\n", what, fmt.Sprintf(format, a...))
}

func (d *doctor) note(what, format string, a ...any) {
	fmt.Fprintf(d.t.out, "note     %-10s %s\n", what, fmt.Sprintf(format, a...))
}

func (d *doctor) fail(what string, err error) {
	d.bad++
	fmt.Fprintf(d.t.out, "broken   %-10s %v\n", what, err)
}

func (d *doctor) data(c *app.Config) {
	h, held, err := app.FindHolder(c.Data)
	switch {
	case err != nil:
		d.fail("data", err)
	case held && h.URL != "":
		d.ok("data", "%s; process %d serves %s", c.Data, h.PID, h.URL)
	case held:
		d.ok("data", "%s; process %d has it", c.Data, h.PID)
	default:
		if st, err := os.Stat(c.Data); err == nil && !st.IsDir() {
			d.fail("data", fmt.Errorf("%s is not a directory", c.Data))
			return
		}
		d.ok("data", "%s; no server has it", c.Data)
	}
}

func (d *doctor) database(ctx context.Context, c *app.Config) {
	if url := c.DatabaseURL.Reveal(); url != "" {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		s, err := postgres.Open(ctx, postgres.Options{URL: url})
		if err != nil {
			d.fail("database", err)
			return
		}
		s.Close()
		d.ok("database", "database_url answers")
		return
	}
	dir, version, err := pgserver.Find(c.PostgresBin)
	if err != nil {
		d.fail("database", err)
		return
	}
	d.ok("database", "a private PostgreSQL %d from %s", version, dir)
}

// probes says what probes of this machine may reach.
func (d *doctor) probes(c *app.Config) {
	switch {
	case !c.Roles.Has(app.RoleCollect):
		d.note("probes", "none run here: roles leave out collect")
	case len(c.AllowNetworks) == 0:
		d.ok("probes", "reach the open internet; inner networks are refused (allow_networks lets some through)")
	default:
		d.ok("probes", "reach the open internet, and of inner networks %s (allow_networks)", c.AllowNetworks)
	}
}

// sources says what one cheap call shows of each source.
func (d *doctor) sources(ctx context.Context, c *app.Config) {
	for _, v := range c.Verdicts(ctx, version()) {
		text := v.Text
		if v.Mend != "" {
			text += ": " + v.Mend
		}
		switch {
		case v.Off || v.OK && v.Mend != "":
			d.note(v.Source, "%s", text)
		case v.OK:
			d.ok(v.Source, "%s", text)
		default:
			d.fail(v.Source, errors.New(text))
		}
	}
}

func (d *doctor) pages() {
	if !web.Built() {
		d.note("pages", "the pages are not built: run 'make web' and build again")
	} else {
		d.ok("pages", "built")
	}
	fonts, err := chart.LoadFonts(web.Dist())
	switch {
	case err != nil:
		d.fail("charts", err)
	case fonts.Complete():
		d.ok("charts", "fonts for Latin, Hangul and Kana")
	default:
		d.note("charts", "Latin letters only: run 'make web' and build again for Korean titles and pictures in Korean")
	}
}
