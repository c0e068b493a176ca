package evaluation

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"outcry/internal/reaction"
	"outcry/nlp"
	"outcry/nlp/training"
)

// unsmile measures how often hateful and clean Korean comments, none of which tells of an outage, are called complaints.
func unsmile(d *Data) ([]Row, error) {
	fired, n := 0, 0
	tagger := nlp.New(nil)
	for _, part := range []string{"train", "valid"} {
		texts, err := tabbed(d, "korean-unsmile", "unsmile_"+part+"_v1.0.tsv")
		if err != nil {
			return nil, err
		}
		for _, t := range texts {
			n++
			if tagger.Tag(&reaction.Post{Source: reaction.X, Text: t}).IsComplaint {
				fired++
			}
		}
	}
	return []Row{{What: "share of Unsmile comments called complaints", Value: float64(fired) / float64(n), Floor: 0.002, Below: true, N: n}}, nil
}

// languages measures the identification of the languages of the data here.
func languages(d *Data) ([]Row, error) {
	texts, err := languageTexts(d)
	if err != nil {
		return nil, err
	}
	tagger := nlp.New(nil)
	right, unknown := map[string]int{}, 0
	counts := map[string]int{}
	all := 0
	for _, t := range texts {
		counts[t.Domain]++
		switch tagger.Tag(&reaction.Post{Source: reaction.Bluesky, Text: t.Text}).Lang {
		case t.Domain:
			right[t.Domain]++
			all++
		case "und":
			unknown++
		}
	}
	rows := []Row{
		{What: "accuracy, unknown counted as wrong", Value: float64(all) / float64(len(texts)), Floor: 0.97, N: len(texts), Compare: "lingua 0.958, whatlanggo 0.884"},
		{What: "share unknown", Value: float64(unknown) / float64(len(texts)), N: len(texts)},
	}
	for _, l := range []string{"en", "es", "pt", "fr", "de", "it", "ko"} {
		rows = append(rows, Row{What: "  " + l, Value: float64(right[l]) / float64(max(1, counts[l])), N: counts[l]})
	}
	return rows, nil
}

// languageTexts are the texts kept for measuring in six languages, and as many Korean ones as of each.
func languageTexts(d *Data) ([]training.Text, error) {
	texts, err := training.LanguageTexts(d.Dir, true)
	if err != nil {
		return nil, err
	}
	reviews, err := training.Reviews(d.Dir, "test")
	if err != nil {
		return nil, err
	}
	for _, r := range reviews[:len(texts)/6] {
		texts = append(texts, training.Text{Text: r.Text, Domain: "ko"})
	}
	return texts, nil
}

// tabbed reads the first column of a file with tabs between columns and a heading.
func tabbed(d *Data, name ...string) ([]string, error) {
	f, err := os.Open(filepath.Join(append([]string{d.Dir}, name...)...))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, 1<<26))
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
	if len(lines) < 2 {
		return nil, errors.New(f.Name() + " has no texts")
	}
	var out []string
	for _, l := range lines[1:] {
		text, _, _ := strings.Cut(l, "\t")
		out = append(out, text)
	}
	return out, nil
}
