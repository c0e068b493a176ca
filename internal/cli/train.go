package cli

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"outcry/nlp/corpus"
	"outcry/nlp/training"
)

func newTrain(t *terminal) *cobra.Command {
	var data, out, labels, lang string
	cmd := &cobra.Command{
		Use: "train", Short: "Train the models that tag posts, from public data sets and labels of your own",
		Long: `Train builds every model that comes with the program, from the data sets in --data (docs/model-card.md names
them), from texts that are part of the program, and from --labels: a file of texts that you judged yourself,
with tabs between outage, voice, recovery, symptoms, blame, mood and text (docs/labelling.md says how).

The same data give the same bytes. Try what it writes by outcry tag --models DIR. A server takes the models that
were built into it: write them into nlp/models and build it again.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			var own training.Own
			if labels != "" {
				f, err := os.Open(labels)
				if err != nil {
					return err
				}
				defer f.Close()
				if own, err = corpus.Read(f, labels, lang); err != nil {
					return err
				}
			}
			began := time.Now()
			if err := training.Write(data, out, own); err != nil {
				return err
			}
			fmt.Fprintf(t.out, "the models, of which %d texts are your own, are in %s, after %s\n", len(own), out, time.Since(began).Round(time.Second))
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&data, "data", "../shared/data", "folder of the data sets")
	f.StringVar(&out, "out", "nlp/models", "folder to write the models into")
	f.StringVar(&labels, "labels", "", "file of texts that you judged yourself")
	f.StringVar(&lang, "lang", "en", "language of these texts")
	return cmd
}
