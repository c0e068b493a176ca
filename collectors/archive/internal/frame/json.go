package frame

import (
	"fmt"
	"io"
)

// maxDepth keeps brackets that never close from being read over and over.
const maxDepth = 100

// JSON cuts a stream of JSON objects: one a line, spread over many lines, one behind another, or
// as elements of arrays. It looks only for where an object ends; what it holds may still be wrong.
type JSON struct {
	w     *Window
	limit int

	open  []byte // brackets not yet closed
	fresh bool   // nothing but blanks has been seen on this line
}

// NewJSON reads objects of at most limit bytes.
func NewJSON(w *Window, limit int) *JSON { return &JSON{w: w, limit: limit, fresh: true} }

// Next returns the next object, io.EOF after the last, or the stream's error.
func (j *JSON) Next() (Row, error) {
	if row, done, err := j.skip(); done {
		return row, err
	}
	row := Row{Line: j.w.line}
	if j.w.at(0) != '{' {
		j.nextLine()
		return fault(row, BadJSON, "not a JSON object"), nil
	}
	n, why, err := j.object()
	switch {
	case err != nil:
		return Row{}, err
	case why == TooLarge:
		j.fresh = false
		return fault(row, TooLarge, fmt.Sprintf("the JSON object is longer than %d bytes", j.limit)), nil
	case why != "":
		j.nextLine()
		return fault(row, BadJSON, why), nil
	}
	row.Data = j.w.bytes(n)
	j.w.take(n)
	j.fresh = false
	return row, nil
}

func (j *JSON) nextLine() {
	j.w.takeLine()
	j.fresh = true
}

// skip takes what may stand between objects. Blank lines, which streams send to show that they
// are alive, are rows of their own.
func (j *JSON) skip() (Row, bool, error) {
	for {
		if !j.w.has(0) {
			if err := j.w.Err(); err != nil {
				return Row{}, true, err
			}
			return Row{}, true, io.EOF
		}
		switch j.w.at(0) {
		case '\n':
			blank := j.fresh
			row := Row{Line: j.w.line, Fault: Blank}
			j.w.take(1)
			if j.fresh = true; blank {
				return row, true, nil
			}
		case ' ', '\t', '\r':
			j.w.take(1)
		case ',', '[', ']':
			j.w.take(1)
			j.fresh = false
		default:
			return Row{}, false, nil
		}
	}
}

// object finds the end of the object that begins the window: its length, or why it has none. An
// object that is too long is taken as it is read, and gone when this returns.
//
// A line of its own that begins with '{' where no value can stand shows that the object broke off
// on an earlier line, as when a recorder was stopped; the rest of the file is then not lost.
func (j *JSON) object() (n int, why string, err error) {
	j.open = j.open[:0]
	var before byte // last significant byte
	inString := false
	taken := 0
	gone := func(i int) (int, string, error) { // where the object ends badly at offset i
		if taken == 0 {
			return 0, "the object is not complete", nil
		}
		j.w.take(i)
		return 0, TooLarge, nil
	}
	for i := 0; ; i++ {
		if !j.w.has(i) {
			if err := j.w.Err(); err != nil {
				return 0, "", err
			}
			return gone(i)
		}
		if taken+i > j.limit {
			j.w.take(i)
			taken, i = taken+i, 0
		}
		c := j.w.at(i)
		if inString {
			switch c {
			case '"':
				inString = false
			case '\\':
				if j.w.has(i+1) && j.w.at(i+1) != '\n' {
					i++
				}
			case '\n': // a string that runs over the end of its line is none
				return gone(i)
			}
			continue
		}
		switch c {
		case ' ', '\t', '\r':
			continue
		case '\n':
			if j.w.has(i+1) && j.w.at(i+1) == '{' && !j.valueMayFollow(before) {
				return gone(i)
			}
			continue
		case '"':
			inString = true
		case '{', '[':
			if j.open = append(j.open, c); len(j.open) > maxDepth {
				return gone(i)
			}
		case '}', ']':
			if last := len(j.open) - 1; j.open[last] != c-2 { // '[' and ']', '{' and '}' are two apart
				return gone(i)
			}
			if j.open = j.open[:len(j.open)-1]; len(j.open) == 0 {
				if taken > 0 {
					return gone(i + 1)
				}
				return i + 1, "", nil
			}
		}
		before = c
	}
}

func (j *JSON) valueMayFollow(c byte) bool {
	return c == '[' || c == ':' || c == ',' && j.open[len(j.open)-1] == '['
}
