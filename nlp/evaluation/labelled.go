package evaluation

import (
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"outcry/internal/reaction"
	"outcry/nlp"
	"outcry/nlp/corpus"
)

//go:embed labels/*.tsv
var labels embed.FS

// Half says what a labelled text may be used for.
type Half string

// The halves: one that may be looked at while the tagger is built, and one that only totals are told of.
const (
	Build  Half = "build"
	Sealed Half = "sealed"
)

// Labelled is a text of a data set that a person judged.
type Labelled struct {
	corpus.Label
	Text   string
	File   string
	Half   Half
	Detail bool    // all was judged, not only whether it tells of an outage
	Weight float64 // how many texts of its file it stands for
}

// Korean reads the sentences that were written to measure with.
func Korean() ([]Labelled, error) {
	rows, err := labelRows("labels/ko.tsv", "half", "outage", "voice", "recovery", "symptoms", "blame", "mood", "text")
	if err != nil {
		return nil, err
	}
	out := make([]Labelled, len(rows))
	for i, r := range rows {
		l, err := corpus.ReadLabel(r[1:7])
		if err != nil {
			return nil, fmt.Errorf("labels/ko.tsv, line %d: %w", i+2, err)
		}
		out[i] = Labelled{Label: l, Text: r[7], File: "ko", Half: Half(r[0]), Detail: true, Weight: 1}
	}
	return out, nil
}

// textColumn is where a data set's file has its texts.
var textColumn = map[string]struct {
	path, column string
}{
	"worldcup2022":    {"worldcup2022/fifa_world_cup_2022_tweets.csv", "Tweet"},
	"spotify-support": {"spotify-support/support_requests.csv", "text"},
	"us-airline":      {"us-airline/Tweets.csv", "text"},
}

// Posts reads the labelled posts of public data sets, whose texts lie in d.
func Posts(d *Data) ([]Labelled, error) {
	const name = "labels/posts.tsv"
	rows, err := labelRows(name, "file", "row", "half", "weight", "set", "outage", "voice", "recovery", "symptoms", "blame", "mood")
	if err != nil {
		return nil, err
	}
	texts := map[string][]string{}
	for file, at := range textColumn {
		if texts[file], err = column(filepath.Join(d.Dir, at.path), at.column); err != nil {
			return nil, err
		}
	}
	out := make([]Labelled, len(rows))
	for i, r := range rows {
		l, err := corpus.ReadLabel(r[5:])
		row, err2 := strconv.Atoi(r[1])
		weight, err3 := strconv.ParseFloat(r[3], 64)
		if err := errors.Join(err, err2, err3); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", name, i+2, err)
		}
		if row < 0 || row >= len(texts[r[0]]) {
			return nil, fmt.Errorf("%s, line %d: %s has no row %d", name, i+2, r[0], row)
		}
		out[i] = Labelled{Label: l, Text: texts[r[0]][row], File: r[0], Half: Half(r[2]), Detail: r[4] == "detail", Weight: weight}
	}
	return out, nil
}

func labelRows(name string, heading ...string) ([][]string, error) {
	f, err := labels.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return corpus.Table(f, name, heading...)
}

// column reads one column of a CSV file with a heading.
func column(path, name string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.LazyQuotes, r.FieldsPerRecord = true, -1
	at := -1
	var out []string
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if at < 0 {
			for i, h := range row {
				if strings.TrimPrefix(h, "\ufeff") == name {
					at = i
				}
			}
			if at < 0 {
				return nil, fmt.Errorf("%s has no column %q", path, name)
			}
			continue
		}
		text := ""
		if at < len(row) {
			text = row[at]
		}
		out = append(out, text)
	}
	return out, nil
}

// named reports whether two names are of one service, however they are written.
func named(a, b string) bool {
	a, b = nlp.Service(a), nlp.Service(b)
	return strings.EqualFold(a, b) || strings.EqualFold(strings.ReplaceAll(a, " ", ""), strings.ReplaceAll(b, " ", ""))
}

var symptomNames = reaction.SymptomNames()
