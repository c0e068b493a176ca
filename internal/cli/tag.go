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
	return &cobra.Command{
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
			return tagLines(in, t.out)
		},
	}
}

// taggedLine is what tag prints of one post.
type taggedLine struct {
	Text string `json:"text"`
	reaction.Tags
	Symptoms []string `json:"symptoms"`
}

// maxLine bounds a line of input, in bytes.
const maxLine = 1 << 20

func tagLines(in io.Reader, out io.Writer) error {
	tagger := nlp.New(nil)
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
