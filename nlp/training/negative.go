package training

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Negative lists the negative words of VADER's lexicon (MIT licence), a line each, sorted: those of three and
// more letters a to z whose mean rating is below zero. Package blend looks for them in coined tags.
func Negative(dataDir string) ([]byte, error) {
	path := filepath.Join(dataDir, "vader", "vaderLexicon.txt")
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var words []string
	err = eachLine(f, path, func(line string) error {
		fields := strings.Split(line, "\t")
		if len(fields) < 2 {
			return fmt.Errorf("%q is not a word and its rating", line)
		}
		mean, err := strconv.ParseFloat(fields[1], 64)
		if err != nil {
			return fmt.Errorf("the rating of %q is no number: %w", fields[0], err)
		}
		if w := tagWord(fields[0]); mean < 0 && len(w) >= 3 && w == fields[0] {
			words = append(words, w)
		}
		return nil
	})
	slices.Sort(words)
	return []byte(strings.Join(slices.Compact(words), "\n") + "\n"), err
}
