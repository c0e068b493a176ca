package eventfile

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"outcry/internal/match"
	"outcry/internal/reaction"
	"outcry/internal/strictyaml"
)

// onlyAnswers are the fields that the API's events have and files have not.
var onlyAnswers = []string{"endless", "recorded", "window", "links"}

// Draft reads an event that somebody is writing, and says what is wrong with it: every mistake,
// with its line. It is not normalised: what was left out stays so.
//
// A file comes back as it was written, comments and all, so that it can be edited on. An event in
// JSON, as a form sends it, comes back as a file with the same content, and the lines are of that
// file. What either holds is read from the other without loss.
func Draft(data []byte) reaction.Draft {
	var e reaction.Event
	form, isForm := plainForm(data)
	if !isForm {
		d := strictyaml.Read(data, "draft", &e)
		check(d, &e)
		return draft(d, nil, &e, strings.ToValidUTF8(string(data), "\uFFFD"))
	}
	d := strictyaml.Read(form, "draft", &e)
	check(d, &e)
	text, err := FormatDraft(&e)
	if err != nil { // nothing that was read is without a form in YAML
		d.Add(strictyaml.Mistake{Text: "it cannot be written as a file"})
	}
	lines := strictyaml.Read(text, "draft", &reaction.Event{})
	return draft(d, lines, &e, string(text))
}

// plainForm reports whether data is a JSON object, and takes out what only answers have.
func plainForm(data []byte) ([]byte, bool) {
	var fields map[string]json.RawMessage
	if !bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{")) || json.Unmarshal(data, &fields) != nil {
		return nil, false
	}
	found := false
	for _, name := range onlyAnswers {
		_, has := fields[name]
		found = found || has
		delete(fields, name)
	}
	if !found {
		return data, true // as it was written: a key given twice is a mistake to tell
	}
	rest, err := json.Marshal(fields)
	return rest, err == nil
}

// check reports what is wrong with what was read.
func check(d *strictyaml.Document, e *reaction.Event) {
	whole := *e
	whole.Normalise()
	d.Check(match.Validate(&whole))
}

// draft puts together what came of a reading. lines, where it is not nil, knows on which lines of
// text the values stand.
func draft(d, lines *strictyaml.Document, e *reaction.Event, text string) reaction.Draft {
	out := reaction.Draft{Event: e, YAML: text, Problems: []reaction.DraftProblem{}}
	if errs, ok := errors.AsType[*strictyaml.Errors](d.Err()); ok {
		for _, m := range errs.Mistakes {
			p := reaction.DraftProblem{Path: m.Path, Line: m.Line, Text: m.Text}
			if lines != nil {
				p.Line = lines.Line(m.Path)
			}
			if m.Path == "" { // the text as a whole could not be read
				out.Event = nil
			}
			out.Problems = append(out.Problems, p)
		}
		if errs.More > 0 {
			out.Problems = append(out.Problems, reaction.DraftProblem{Text: fmt.Sprintf("and %d more mistakes", errs.More)})
		}
	}
	if out.Event == nil {
		return out
	}
	switch js, err := json.Marshal(e); {
	case err != nil: // a time with an offset of a day, for one
		out.Event = nil
		out.Problems = append(out.Problems, reaction.DraftProblem{Text: "it holds a value that cannot be kept: " + clip(err.Error())})
	case hasNUL(js):
		out.Problems = append(out.Problems, reaction.DraftProblem{Text: "a text holds the character U+0000, which cannot be kept"})
	}
	slices.SortStableFunc(out.Problems, func(a, b reaction.DraftProblem) int {
		return cmp.Or(cmp.Compare(order(a.Line), order(b.Line)), cmp.Compare(a.Path, b.Path))
	})
	return out
}

// order puts problems without a line after those that have one.
func order(line int) int {
	if line == 0 {
		return strictyaml.MaxBytes + 1
	}
	return line
}

func clip(s string) string { return s[:min(len(s), 200)] }

func hasNUL(js []byte) bool {
	if !bytes.Contains(js, []byte(`\u0000`)) {
		return false
	}
	for d := json.NewDecoder(bytes.NewReader(js)); ; {
		t, err := d.Token()
		if errors.Is(err, io.EOF) || err != nil {
			return false
		}
		if s, ok := t.(string); ok && strings.ContainsRune(s, 0) {
			return true
		}
	}
}
