package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"outcry/internal/reaction"
	"outcry/nlp"
)

func newTag(t *terminal) *cobra.Command {
	var models string
	cmd := &cobra.Command{
		Use: "tag [FILE]", Short: "Tag lines of text, or posts as JSON: one JSON object a line, with reasons", Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			in := t.in
			if len(args) == 1 && args[0] != "-" {
				f, err := os.Open(args[0])
				if err != nil {
					return err
				}
				defer f.Close()
				in = f
			}
			tagger := nlp.New(nil)
			if models != "" {
				m, err := nlp.ReadModels(os.DirFS(models))
				if err != nil {
					return err
				}
				tagger = nlp.NewWith(m, nil)
			}
			return tagLines(tagger, in, t.out)
		},
	}
	cmd.Flags().StringVar(&models, "models", "", "folder of models made by outcry train, instead of those of the program")
	return cmd
}

// taggedLine is what tag prints of one post.
type taggedLine struct {
	Text string `json:"text"`
	reaction.Tags
	Symptoms []string `json:"symptoms"`
}

// maxLine bounds a line of input, in bytes.
const maxLine = 1 << 20

func tagLines(tagger *nlp.Tagger, in io.Reader, out io.Writer) error {
	w := bufio.NewWriter(out)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	sc := bufio.NewScanner(in)
	sc.Buffer(nil, maxLine)
	n := 0
	for sc.Scan() {
		n++
		line := bytes.TrimSpace(sc.Bytes())
		if len(line) == 0 {
			continue
		}
		p := reaction.Post{Source: reaction.X, Text: string(line)}
		if line[0] == '{' {
			p = reaction.Post{}
			if err := json.Unmarshal(line, &p); err != nil {
				return fmt.Errorf("line %d: not a post: %w", n, err)
			}
		}
		tags := tagger.Tag(&p)
		if err := enc.Encode(taggedLine{p.Text, tags, tags.Symptoms.Names()}); err != nil {
			return err
		}
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("line %d: %w", n+1, err)
	}
	return w.Flush()
}
