// Package strictyaml reads the YAML that people write: configuration and event files. A key that
// is not known is a mistake, as is a key written twice, a second document, an alias or a tag; and
// all mistakes of a file are reported together, each with its line.
//
// The parser is go.yaml.in/yaml v3; values are filled in here, since its own decoder stops at the
// first value that refuses its text, and says nothing of the line. JSON is YAML and is read too.
package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"outcry/internal/reaction"
)

// MaxBytes is the longest file that is read.
const MaxBytes = 1 << 20

// Decode reads one YAML document into the struct that into points to, on top of what is in it. A
// value with a Normalise method is then normalised, and one with Validate has its problems
// reported as mistakes at the lines of their paths. name is the file's name, for messages. The
// error is an *Errors; where there is one, into holds no usable value.
//
// Fields are known by their yaml tags (`yaml:"name"`; embedding and inlining are not supported).
// Times are RFC 3339 with their offset, durations are Go's ("10s"), and a scalar is read by its
// type's UnmarshalText where it has one. A key without a value leaves its field as it was.
func Decode(data []byte, name string, into any) error {
	d := Read(data, name, into)
	if n, ok := into.(interface{ Normalise() }); ok {
		n.Normalise()
	}
	if v, ok := into.(interface{ Validate() []reaction.Problem }); ok {
		d.Check(v.Validate())
	}
	return d.Err()
}

// place is where a value was written.
type place struct {
	file string
	line int
}

// Document is one reading of a file: what is wrong with it so far, and where each value stands.
// Use it in place of Decode where values also come from elsewhere.
type Document struct {
	name     string
	places   map[string]place // by path; "" is the whole document
	mistaken map[string]bool  // paths whose value could not be read
	holds    map[string]bool  // paths that hold such a value
	errs     Errors
}

// Read reads one YAML document into the struct that into points to, without validating it. Empty
// data is an empty document.
func Read(data []byte, name string, into any) *Document {
	d := &Document{
		name:     name,
		places:   map[string]place{"": {file: name}},
		mistaken: map[string]bool{},
		holds:    map[string]bool{},
	}
	if len(data) > MaxBytes {
		d.add(0, "", "the file is longer than %d KiB", MaxBytes>>10)
		return d
	}
	dec := yaml.NewDecoder(bytes.NewReader(plainJSON(data)))
	var doc, next yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return d
	case err != nil:
		d.syntax(err)
		return d
	}
	d.fill(doc.Content[0], reflect.ValueOf(into).Elem(), "", 0)
	switch err := dec.Decode(&next); {
	case err == nil:
		d.Add(Mistake{File: name, Line: next.Line, Text: "a second document begins here: put each in a file of its own"})
	case !errors.Is(err, io.EOF):
		d.syntax(err)
	}
	return d
}

// From says that the value at path came from elsewhere than the file: a variable or a flag.
func (d *Document) From(path, where string) { d.places[path] = place{file: where} }

// Bad notes that the value at path cannot be used. What Check finds in it later is left out.
func (d *Document) Bad(path, text string) {
	at := d.at(path)
	d.Add(Mistake{File: at.file, Line: at.line, Path: path, Text: text})
	d.mark(path)
}

// Add notes a mistake.
func (d *Document) Add(m Mistake) {
	if len(d.errs.Mistakes) == MaxMistakes {
		d.errs.More++
		return
	}
	d.errs.Mistakes = append(d.errs.Mistakes, m)
}

// Check adds problems that validation found, at the lines of their paths. Problems with values
// that could not be read, or that a mistyped key was probably meant to give, are left out: they
// follow from mistakes already listed.
func (d *Document) Check(problems []reaction.Problem) {
	for _, p := range problems {
		if !d.known(p.Path) {
			at := d.at(p.Path)
			d.Add(Mistake{File: at.file, Line: at.line, Path: p.Path, Text: p.Text})
		}
	}
}

// at is where the value at path stands, or else the nearest thing that would hold it.
func (d *Document) at(path string) place {
	at, ok := d.places[path]
	for ; !ok; at, ok = d.places[path] {
		path = parent(path)
	}
	return at
}

// Line is where the value at path stands, or else what would hold it; 0 where nothing in the file
// would, short of the file as a whole.
func (d *Document) Line(path string) int {
	for ; path != ""; path = parent(path) {
		if at, ok := d.places[path]; ok {
			return at.line
		}
	}
	return 0
}

// Err returns every mistake so far as an *Errors, or nil where there is none.
func (d *Document) Err() error {
	if len(d.errs.Mistakes) == 0 {
		return nil
	}
	d.errs.sort()
	return &d.errs
}

// add notes a mistake in the file itself, by which the value at path could not be read.
func (d *Document) add(line int, path, format string, a ...any) {
	d.mark(path)
	d.Add(Mistake{File: d.name, Line: line, Path: path, Text: fmt.Sprintf(format, a...)})
}

func (d *Document) mark(path string) {
	d.mistaken[path] = true
	for path != "" {
		path = parent(path)
		d.holds[path] = true
	}
}

// known reports whether the value at path, one within it or one that holds it could not be read.
func (d *Document) known(path string) bool {
	if d.holds[path] {
		return true
	}
	for ; path != ""; path = parent(path) {
		if d.mistaken[path] {
			return true
		}
	}
	return d.mistaken[""]
}

// parent is the path of what holds the value at path: "a.b[2]", "a.b", "a", "".
func parent(path string) string { return path[:max(strings.LastIndexAny(path, ".["), 0)] }

var syntaxLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(?s:(.*))$`)

// Of the parser's own complaints (as against its scanner's) the line is counted from 0.
var fromZero = regexp.MustCompile(`^did not find expected (node content|',' or|'-' indicator|key|<)`)

// syntax notes that the text is not YAML.
func (d *Document) syntax(err error) {
	line, text := 0, err.Error()
	if m := syntaxLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1]) // none is 0
		text = m[2]
		if fromZero.MatchString(text) {
			line++
		}
	}
	d.add(max(line, 1), "", "this is not YAML: %s", text)
}
