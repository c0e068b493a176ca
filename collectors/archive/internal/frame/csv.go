package frame

import (
	"bytes"
	"fmt"
	"io"
)

// CSV cuts delimited text into rows by RFC 4180, quoted line breaks included. A row that does not
// fit is read again leniently as its first line alone; if that does not fit either, the line is
// refused and reading goes on behind it, so that a stray quote costs one line and not the file.
type CSV struct {
	w     *Window
	delim byte
	// Columns is how many fields a row must have; 0 takes any number.
	Columns int

	spans []span
	cells [][]byte
	text  []byte // unescaped fields of the row
}

// span is a field: from and to are offsets in the window.
type span struct {
	from, to int
	escaped  bool // holds doubled quotes
}

// NewCSV reads rows whose fields are parted by delim.
func NewCSV(w *Window, delim byte) *CSV { return &CSV{w: w, delim: delim} }

// Next returns the next row, io.EOF after the last, or the stream's error.
func (c *CSV) Next() (Row, error) {
	n, whole := c.w.lineEnd(0)
	if err := c.w.Err(); err != nil && !whole {
		return Row{}, err
	}
	row := Row{Line: c.w.line}
	switch {
	case n == 0:
		return Row{}, io.EOF
	case !whole && n >= Limit:
		c.w.takeLine()
		return fault(row, TooLarge, fmt.Sprintf("the line is longer than %d bytes", Limit)), c.w.Err()
	}
	line := trimEOL(c.w.bytes(n))
	if bytes.IndexByte(line, '"') < 0 {
		row.Cells = c.split(line)
		row = c.check(row)
		c.w.take(n)
		return row, nil
	}
	return c.quoted(row, n)
}

// quoted reads a row with quotes in it, whose first line has n bytes.
func (c *CSV) quoted(row Row, n int) (Row, error) {
	end, why := c.strict()
	if err := c.w.Err(); err != nil && (why != "" || end == c.w.end-c.w.pos) {
		return Row{}, err // the row may be cut short
	}
	if why == "" {
		row.Cells = c.unescape()
		if got := c.check(row); got.Fault != BadRow || end > n {
			c.w.take(end)
			return got, nil
		}
	}
	line := trimEOL(c.w.bytes(n))
	for _, read := range []func([]byte) [][]byte{c.lenient, c.literal} {
		row.Cells = read(line)
		if c.Columns > 0 && c.check(row).Fault == "" {
			row = c.check(row)
			c.w.take(n)
			return row, nil
		}
	}
	row.Cells = c.split(line)
	got := c.check(row)
	c.w.take(n)
	switch {
	case why == TooLarge:
		return fault(row, TooLarge, fmt.Sprintf("a quoted field is longer than %d bytes, or its quote is never closed", Limit)), nil
	case why != "":
		return fault(row, BadRow, why), nil
	}
	return got, nil
}

// check refuses a row that is blank or has the wrong number of fields. Empty fields too many at
// the end are cut off.
func (c *CSV) check(row Row) Row {
	filled := len(row.Cells)
	for filled > 0 && len(bytes.TrimSpace(row.Cells[filled-1])) == 0 {
		filled--
	}
	switch {
	case filled == 0:
		return fault(row, Blank, "")
	case c.Columns == 0:
	case filled > c.Columns || len(row.Cells) < c.Columns:
		return fault(row, BadRow, fmt.Sprintf("%d fields where the table has %d", len(row.Cells), c.Columns))
	default:
		row.Cells = row.Cells[:c.Columns]
	}
	return row
}

func fault(row Row, reason, detail string) Row {
	return Row{Line: row.Line, Fault: reason, Detail: detail}
}

// strict reads one row by the book. It returns the offset behind the row, or why it cannot.
func (c *CSV) strict() (end int, why string) {
	c.spans = c.spans[:0]
	for i := 0; ; i++ {
		s := span{from: i}
		if c.w.has(i) && c.w.at(i) == '"' {
			if s, why = c.quote(i + 1); why != "" {
				return 0, why
			}
			i = s.to + 1
		} else {
			for c.w.has(i) && c.w.at(i) != c.delim && c.w.at(i) != '\n' {
				if i++; i > Limit {
					return 0, TooLarge
				}
			}
			s.to = i
			if i > s.from && c.w.at(i-1) == '\r' && (!c.w.has(i) || c.w.at(i) == '\n') {
				s.to--
			}
		}
		c.spans = append(c.spans, s)
		switch {
		case !c.w.has(i):
			return i, ""
		case c.w.at(i) == c.delim:
		case c.w.at(i) == '\n':
			return i + 1, ""
		case c.w.at(i) == '\r' && (!c.w.has(i+1) || c.w.at(i+1) == '\n'):
			return min(i+2, c.w.end-c.w.pos), ""
		default:
			return 0, "text behind a closing quote"
		}
	}
}

// quote reads a quoted field whose text begins at offset from, up to its closing quote.
func (c *CSV) quote(from int) (span, string) {
	s := span{from: from}
	for i := from; ; i += 2 {
		k, ok := c.w.index('"', i, Limit)
		switch {
		case !ok && k >= Limit:
			return s, TooLarge
		case !ok:
			return s, "a quote is never closed"
		}
		if !c.w.has(k+1) || c.w.at(k+1) != '"' {
			s.to = k
			return s, ""
		}
		s.escaped = true
		i = k
	}
}

// unescape makes fields of the spans of a row.
func (c *CSV) unescape() [][]byte {
	c.cells, c.text = c.cells[:0], c.text[:0]
	total := 0
	for _, s := range c.spans {
		if s.escaped {
			total += s.to - s.from
		}
	}
	if cap(c.text) < total { // at once: fields must not move when later ones are appended
		c.text = make([]byte, 0, total)
	}
	for _, s := range c.spans {
		f := c.w.buf[c.w.pos+s.from : c.w.pos+s.to]
		if s.escaped {
			f = c.undouble(f)
		}
		c.cells = append(c.cells, f)
	}
	return c.cells
}

func (c *CSV) undouble(f []byte) []byte {
	from := len(c.text)
	for {
		k := bytes.Index(f, []byte(`""`))
		if k < 0 {
			c.text = append(c.text, f...)
			return c.text[from:]
		}
		c.text = append(c.text, f[:k+1]...)
		f = f[k+2:]
	}
}

// split takes quotes for ordinary characters.
func (c *CSV) split(line []byte) [][]byte {
	c.cells = c.cells[:0]
	for {
		k := bytes.IndexByte(line, c.delim)
		if k < 0 {
			c.cells = append(c.cells, line)
			return c.cells
		}
		c.cells = append(c.cells, line[:k])
		line = line[k+1:]
	}
}

// literal splits a line where its quotes cannot be the beginning of a longer field: in tab
// separated text, which mostly has no quoting, and where a field has more than the opening one.
func (c *CSV) literal(line []byte) [][]byte {
	cells := c.split(line)
	for _, f := range cells {
		if c.delim != '\t' && len(f) > 0 && f[0] == '"' && bytes.IndexByte(f[1:], '"') < 0 {
			return nil
		}
	}
	return cells
}

// lenient reads one line in which a quote closes a field only before a delimiter or the end.
func (c *CSV) lenient(line []byte) [][]byte {
	c.cells = c.cells[:0]
	for {
		if len(line) == 0 || line[0] != '"' {
			k := bytes.IndexByte(line, c.delim)
			if k < 0 {
				return append(c.cells, line)
			}
			c.cells, line = append(c.cells, line[:k]), line[k+1:]
			continue
		}
		k := bytes.Index(line[1:], []byte{'"', c.delim})
		if k < 0 {
			f, closed := bytes.CutSuffix(line[1:], []byte{'"'})
			if !closed {
				return nil
			}
			return append(c.cells, bytes.ReplaceAll(f, []byte(`""`), []byte{'"'}))
		}
		c.cells = append(c.cells, bytes.ReplaceAll(line[1:k+1], []byte(`""`), []byte{'"'}))
		line = line[k+3:]
	}
}
