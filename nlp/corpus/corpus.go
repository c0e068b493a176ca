// Package corpus holds the texts that were written to train the tagger, and labels given to texts of public data
// sets, whose own words are not kept here. docs/labelling.md says how they were judged.
package corpus

import (
	"embed"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"outcry/internal/reaction"
)

// Label is what a person says of a text.
type Label struct {
	Outage   bool
	Voice    string // "first" or "reported" where an outage or recovery is told, else ""
	Recovery bool
	Symptoms reaction.Symptoms
	Blame    []string // the services that are blamed
	Mood     string   // "angry", "negative", "neutral" or "positive"; "" where it was not judged
}

// Text is a text with its label.
type Text struct {
	Label
	Text string
	Lang string
}

//go:embed *.tsv
var files embed.FS

// Langs are the languages that have texts of our own.
func Langs() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // it is embedded
	}
	var out []string
	for _, e := range entries {
		if name := strings.TrimSuffix(e.Name(), ".tsv"); len(name) == 2 {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Own reads the texts that were written for us in a language.
func Own(lang string) ([]Text, error) {
	f, err := files.Open(lang + ".tsv")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Read(f, lang+".tsv", lang)
}

// Read reads labelled texts: a heading and a text a line, with tabs between outage, voice, recovery, symptoms, blame,
// mood and text. Errors name the line.
func Read(r io.Reader, name, lang string) ([]Text, error) {
	rows, err := Table(r, name, "outage", "voice", "recovery", "symptoms", "blame", "mood", "text")
	if err != nil {
		return nil, err
	}
	out := make([]Text, len(rows))
	for i, row := range rows {
		l, err := ReadLabel(row[:6])
		if err == nil && row[6] == "" {
			err = fmt.Errorf("there is no text")
		}
		if err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", name, i+2, err)
		}
		out[i] = Text{Label: l, Text: row[6], Lang: lang}
	}
	return out, nil
}

// Complaints gives our labels of rows of complaints-acl2019.
func Complaints() (map[int]Label, error) {
	const name = "acl.tsv"
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := Table(f, name, "row", "outage", "voice", "recovery", "symptoms", "mood")
	if err != nil {
		return nil, err
	}
	out := make(map[int]Label, len(rows))
	for i, row := range rows {
		n, err := strconv.Atoi(row[0])
		if err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", name, i+2, err)
		}
		l, err := ReadLabel([]string{row[1], row[2], row[3], row[4], "-", row[5]})
		if err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", name, i+2, err)
		}
		out[n] = l
	}
	return out, nil
}

// maxTable bounds a file of labels, in bytes.
const maxTable = 64 << 20

// Table reads lines of columns with tabs between, under a heading that must be as given.
func Table(r io.Reader, name string, heading ...string) ([][]string, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxTable+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxTable {
		return nil, fmt.Errorf("%s is larger than %d MB", name, maxTable>>20)
	}
	var out [][]string
	for n, line := range strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n"), "\n") {
		row := strings.Split(line, "\t")
		if n == 0 {
			if !slices.Equal(row, heading) {
				return nil, fmt.Errorf("%s: its first line is %q, not the columns %q with tabs between", name, line, heading)
			}
			continue
		}
		if len(row) != len(heading) {
			return nil, fmt.Errorf("%s, line %d: %d columns, not %d", name, n+1, len(row), len(heading))
		}
		out = append(out, row)
	}
	return out, nil
}

// ReadLabel reads outage, voice, recovery, symptoms, blame and mood.
func ReadLabel(row []string) (l Label, err error) {
	for i, at := range map[int]*bool{0: &l.Outage, 2: &l.Recovery} {
		switch row[i] {
		case "1":
			*at = true
		case "0":
		default:
			return l, fmt.Errorf("%q is neither 0 nor 1", row[i])
		}
	}
	switch row[1] {
	case "first", "reported":
		l.Voice = row[1]
	case "-":
	default:
		return l, fmt.Errorf("the voice %q is none of first, reported and -", row[1])
	}
	if row[3] != "-" {
		for w := range strings.FieldsSeq(row[3]) {
			s, err := reaction.ParseSymptom(w)
			if err != nil {
				return l, err
			}
			l.Symptoms |= s
		}
	}
	if row[4] != "-" {
		l.Blame = strings.Split(row[4], "/")
	}
	switch row[5] {
	case "angry", "negative", "neutral", "positive":
		l.Mood = row[5]
	case "-":
	default:
		return l, fmt.Errorf("the mood %q is none of angry, negative, neutral, positive and -", row[5])
	}
	return l, nil
}
