package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"outcry/internal/eventfile"
	"outcry/internal/reaction"
	"outcry/nlp"
	"outcry/nlp/blend"
)

func newBlend(t *terminal) *cobra.Command {
	var names string
	var least float32
	cmd := &cobra.Command{
		Use:   "blend [FILE]",
		Short: "Explain hashtags or words, one a line, as coined from a name and a word of failure: NDJSON",
		Long: `Blend reads hashtags or words, one a line, and prints one JSON object a line: the words that the tag is
read as, and its readings as coined from one of the names and a word of failure, the best first, each with its
parts (bytes of the text), what they share, a confidence and its reasons. "coined" says whether the first
reading is at least 0.5 sure.

--entities is a file of names, a line each, with other names for the same behind commas, or an event's file
(.yaml, .yml or .json), of which the entities and services count.`,
		Example: `  echo '#DeSaster' | outcry blend --entities names.txt`,
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if names == "" {
				return usagef("blend needs --entities: a file of names, a line each, or an event's .yaml")
			}
			if least < 0 || least > 1 || least != least {
				return usagef("--least %v is no confidence: give 0 to 1", least)
			}
			entities, err := readEntities(names)
			if err != nil {
				return err
			}
			finder, err := blend.New(nlp.BlendWords(), entities)
			if err != nil {
				return fmt.Errorf("%s: %w", names, err)
			}
			in, name := t.in, "standard input"
			if len(args) == 1 && args[0] != "-" {
				f, err := os.Open(args[0])
				if err != nil {
					return err
				}
				defer f.Close()
				in, name = f, args[0]
			}
			return blendLines(in, name, t.out, finder, least)
		},
	}
	cmd.Flags().StringVar(&names, "entities", "", "`FILE` of names, a line each, or an event's .yaml or .json")
	cmd.Flags().Float32Var(&least, "least", 0.1, "leave out readings that are less sure than this, 0 to 1")
	return cmd
}

// The bounds of what blend reads, in bytes.
const (
	maxEntitiesFile = 1 << 20
	maxWordLine     = 4 << 10
)

// readEntities reads a list of names, or the entities and services of an event.
func readEntities(path string) ([]blend.Entity, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxEntitiesFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxEntitiesFile {
		return nil, fmt.Errorf("%s has more than %d bytes: give a shorter list of names", path, maxEntitiesFile)
	}
	var list []blend.Entity
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml", ".json":
		e, err := eventfile.Parse(data, path)
		if err != nil {
			return nil, err
		}
		list = entitiesOf(e)
	default:
		list = entityLines(string(data))
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s names nothing: write a name a line, or give an event with entities or services", path)
	}
	return list, nil
}

func entitiesOf(e *reaction.Event) []blend.Entity {
	var list []blend.Entity
	named := map[string]bool{}
	for _, n := range e.Entities {
		list = append(list, blend.Entity{Name: n.Name, Aliases: n.Aliases})
		named[n.Name] = true
	}
	for i := range e.Services {
		if n := e.Services[i].Name; !named[n] {
			list = append(list, blend.Entity{Name: n})
		}
	}
	return list
}

func entityLines(text string) []blend.Entity {
	var list []blend.Entity
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		names := strings.Split(line, ",")
		for i := range names {
			names[i] = strings.TrimSpace(names[i])
		}
		list = append(list, blend.Entity{Name: names[0], Aliases: names[1:]})
	}
	return list
}

// blendLine is what blend prints of one line.
type blendLine struct {
	Text   string        `json:"text"`
	Words  []string      `json:"words"`
	Coined bool          `json:"coined"`
	Blends []blend.Blend `json:"blends"`
}

func blendLines(in io.Reader, name string, out io.Writer, finder *blend.Finder, least float32) error {
	w := bufio.NewWriter(out)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	sc := bufio.NewScanner(in)
	sc.Buffer(nil, maxWordLine)
	n := 0
	for sc.Scan() {
		n++
		text := strings.TrimSpace(sc.Text())
		if text == "" {
			continue
		}
		line := blendLine{Text: text, Words: []string{}, Blends: finder.Find(text, least)}
		for _, s := range finder.Words(text) {
			line.Words = append(line.Words, text[s.Start:s.End])
		}
		if line.Blends == nil {
			line.Blends = []blend.Blend{}
		}
		line.Coined = len(line.Blends) > 0 && line.Blends[0].Confidence >= blend.Fires
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	if err := sc.Err(); errors.Is(err, bufio.ErrTooLong) {
		return errors.Join(w.Flush(), fmt.Errorf("%s, line %d: more than %d bytes: write one hashtag or word a line", name, n+1, maxWordLine))
	} else if err != nil {
		return fmt.Errorf("%s, line %d: %w", name, n+1, err)
	}
	return w.Flush()
}
