package strictyaml

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// MaxMistakes is how many mistakes of one file are listed; the rest are only counted.
const MaxMistakes = 50

// Mistake is one thing wrong in what a person wrote.
type Mistake struct {
	File string // the file's name, or what else the value came from: a variable, a flag
	Line int    // counted from 1; 0 where File has no lines
	Path string // the value, like "match.any[2]"; "" for the file as a whole
	Text string // what is wrong and what to do about it
}

func (m Mistake) String() string {
	var b strings.Builder
	b.WriteString(m.File)
	if m.Line > 0 {
		fmt.Fprintf(&b, ":%d", m.Line)
	}
	b.WriteString(": ")
	if m.Path != "" {
		b.WriteString(m.Path + ": ")
	}
	b.WriteString(m.Text)
	return b.String()
}

// Errors is every mistake found in one reading. Get at it with errors.As.
type Errors struct {
	Mistakes []Mistake // by line, then those that have none; at most MaxMistakes
	More     int       // how many were found beyond those listed
}

// Error gives one line a mistake.
func (e *Errors) Error() string {
	lines := make([]string, 0, len(e.Mistakes)+1)
	for _, m := range e.Mistakes {
		lines = append(lines, m.String())
	}
	if e.More > 0 {
		lines = append(lines, fmt.Sprintf("and %d more mistakes", e.More))
	}
	return strings.Join(lines, "\n")
}

// sort orders mistakes as a reader meets them: down the file, then what is not in it.
func (e *Errors) sort() {
	slices.SortStableFunc(e.Mistakes, func(a, b Mistake) int {
		if (a.Line == 0) != (b.Line == 0) {
			return cmp.Compare(b.Line, a.Line)
		}
		return cmp.Compare(a.Line, b.Line)
	})
}
