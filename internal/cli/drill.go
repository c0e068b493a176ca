package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"outcry/internal/drill"
	"outcry/internal/play"
)

// drillFlags are the flags of drill that are not options of the drill itself.
type drillFlags struct {
	speed   string
	start   string
	truth   string
	records string
}

func newDrill(t *terminal, g *globals) *cobra.Command {
	var f drillFlags
	o := drill.Defaults(drill.Launch)
	cmd := &cobra.Command{
		Use:   "drill [SCENARIO]",
		Short: "Play a simulated failing event, labelled simulated everywhere",
		Long: "Drill makes posts, health samples and the truth about them from a seed, and sends them through the\n" +
			"live path into an event of its own. Nothing in it happened. The scenarios:\n\n" + scenarioList(),
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.Scenario = drill.Scenario(args[0])
			}
			if o.Scenario == drill.Calm && !cmd.Flags().Changed("gaps") {
				o.Gaps = drill.Defaults(drill.Calm).Gaps
			}
			return runDrill(cmd.Context(), t, g, o, f)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&o.Slug, "event", "", "slug of the simulated event (default drill-SCENARIO)")
	fl.StringVar(&f.speed, "speed", "max", "max, or a factor of the event's own time: 1x, 60x, ...")
	fl.StringVar(&f.start, "start", "", "planned start, RFC 3339, or 'now' (default: that of the public record)")
	fl.Uint64Var(&o.Seed, "seed", o.Seed, "seed: the same options and seed give the same drill")
	fl.Float64Var(&o.Scale, "scale", o.Scale, "size: 1 is some 20,000 posts")
	fl.Float64Var(&o.Noise, "noise", o.Noise, "how restless counts and probes are, 0 to 5")
	fl.Float64Var(&o.Korean, "korean", o.Korean, "share of posts in Korean")
	fl.Float64Var(&o.Copies, "copies", o.Copies, "share of posts that copy another's text")
	fl.Float64Var(&o.Reposts, "reposts", o.Reposts, "share of reposts")
	fl.Float64Var(&o.Deletes, "deletes", o.Deletes, "share of posts deleted later")
	fl.IntVar(&o.Gaps, "gaps", o.Gaps, "how many times one source is lost for some minutes")
	fl.StringVar(&f.truth, "truth", "", "file for what really happened, as JSON")
	fl.StringVar(&f.records, "records", "", "file for the records, as NDJSON that replay reads; nothing is sent")
	return cmd
}

func scenarioList() string {
	var b strings.Builder
	for _, s := range drill.Scenarios() {
		fmt.Fprintf(&b, "  %-10s %s\n", s.Scenario, s.About)
	}
	return b.String()
}

func runDrill(ctx context.Context, t *terminal, g *globals, o drill.Options, f drillFlags) (err error) {
	pace, err := play.ParseSpeed(f.speed)
	if err != nil {
		return usagef("--speed %w", err)
	}
	switch f.start {
	case "":
	case "now":
		o.Start = time.Now()
	default:
		if o.Start, err = time.Parse(time.RFC3339, f.start); err != nil {
			return usagef("--start %q is neither 'now' nor a time like 2026-03-01T18:00:00Z", f.start)
		}
	}
	d, err := drill.New(o)
	if err != nil {
		return usageError{err}
	}
	if f.truth != "" {
		if err := writeFile(f.truth, d.WriteTruth); err != nil {
			return err
		}
	}
	if f.records != "" {
		return writeFile(f.records, d.WriteRecords)
	}
	b, err := g.open(ctx, t)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	e, err := play.DrillEvent(ctx, b, d.Event())
	if errors.Is(err, play.ErrReal) {
		return fmt.Errorf("%w, name another with --event", err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(t.err, "%s: simulated; nothing in it happened\n", e.Title)
	return sendRun(ctx, t, b, e, d.Run(), d, pace)
}

func writeFile(name string, write func(io.Writer) error) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return write(f)
}
