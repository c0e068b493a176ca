package archive

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"outcry/collectors/archive/internal/frame"
	"outcry/collectors/wire"
	"outcry/internal/reaction"
)

// dayZone is where times are tried out.
var dayZone = time.UTC

// table is how a file of delimited text is to be read.
type table struct {
	delim   byte
	header  []string // nil where the first row is data
	width   int
	columns columns
	samples bool // health samples, not posts
	clock   clock
	source  reaction.Source // of posts whose row names none
	notes   []string
	scan    bool // whether days come first can only be told by reading the whole file
}

// FallbackSource is the source of posts that do not say where they were made.
const FallbackSource reaction.Source = "archive"

// guessTable looks at the head of a file; whole says that the head is all of it.
func guessTable(head []byte, whole bool, o *Options) (*table, error) {
	t := &table{clock: clock{zone: o.Zone, layout: o.TimeLayout}}
	rows := t.chooseDelimiter(head, whole, o.Format)
	if len(rows) == 0 {
		return nil, errors.New("it holds no table")
	}
	first := rows[0]
	t.width = len(first)
	guess := guessColumns(first, rows[1:])
	t.columns = guess
	if numbered(o.Columns) && t.firstIsData(first, o) {
		t.columns = noColumns()
	} else {
		t.header, rows = first, rows[1:]
	}
	t.samples = o.Format == FormatSamplesCSV || o.Format == FormatAuto && t.tellsSamples(o)
	if err := t.columns.override(o.Columns, t.header, t.width, t.samples); err != nil {
		return nil, err
	}
	if err := t.settle(first); err != nil {
		return nil, err
	}
	if i := t.columns[roleID]; i >= 0 && o.Columns["id"] == "" && counts(cells(rows, i)) {
		t.notes = append(t.notes, fmt.Sprintf("the ids in %q only count the rows: before reading another file that counts its own, give the column as --columns id=-", t.header[i]))
	}
	t.orderOfDays(rows, whole)
	t.defaultSource(head, o)
	return t, nil
}

// chooseDelimiter takes the delimiter that makes most roles known, and of equals the one that
// makes most columns; it returns the rows of the head.
func (t *table) chooseDelimiter(head []byte, whole bool, f Format) [][]string {
	choices := []byte{',', ';', '\t', '|'}
	if f == FormatTSV {
		choices = []byte{'\t'}
	}
	var best [][]string
	bestKnown := -1
	for _, d := range choices {
		rows := headRows(head, whole, d)
		if len(rows) == 0 {
			continue
		}
		known := 0
		for r := range roles {
			if len(candidates(rows[0], r)) > 0 {
				known++
			}
		}
		if known > bestKnown || known == bestKnown && len(rows[0]) > len(best[0]) {
			best, bestKnown, t.delim = rows, known, d
		}
	}
	return best
}

// headRows are the first rows of the head; the last one is left out where it may be cut.
func headRows(head []byte, whole bool, delim byte) [][]string {
	const most = 200
	frames := frame.NewCSV(frame.NewWindow(bytes.NewReader(head)), delim)
	var rows [][]string
	for len(rows) < most {
		row, err := frames.Next()
		if err != nil {
			break
		}
		if row.Fault != "" {
			continue
		}
		cells := make([]string, len(row.Cells))
		for i, c := range row.Cells {
			cells[i] = wire.Clean(string(c))
		}
		frames.Columns = len(cells)
		rows = append(rows, cells)
	}
	if !whole && len(rows) > 1 && len(rows) < most {
		rows = rows[:len(rows)-1]
	}
	return rows
}

func numbered(given map[string]string) bool {
	for _, v := range given {
		if strings.HasPrefix(v, "#") {
			return true
		}
	}
	return false
}

// firstIsData reports whether the first row has a time where the person says times are.
func (t *table) firstIsData(first []string, o *Options) bool {
	c := noColumns()
	if err := c.override(map[string]string{"time": o.Columns["time"]}, first, len(first), false); err != nil || !c.has(roleTime) {
		return false
	}
	_, ok := t.clock.parse(first[c[roleTime]])
	return ok || dayFirstEvidence(first[c[roleTime]])
}

// tellsSamples reports whether the columns are those of health samples.
func (t *table) tellsSamples(o *Options) bool {
	c := t.columns
	given := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return o.Columns[n] != "" })
	}
	if given("service", "state", "latency_ms", "audience") && !given("text") {
		return true
	}
	measure := c.has(roleState) || c.has(roleLatency) || c.has(roleAudience) || c.has(roleSeconds)
	return c.has(roleService) && measure && (!c.has(roleText) || fold(t.header[c[roleText]]) == "message") && !given("text")
}

// settle checks that the columns which must be there are.
func (t *table) settle(first []string) error {
	c := &t.columns
	var missing []string
	need := func(ok bool, what string) {
		if !ok {
			missing = append(missing, what)
		}
	}
	need(c.has(roleTime), "time")
	if t.samples {
		if c.has(roleText) && !c.has(roleDetail) {
			c[roleDetail] = c[roleText]
		}
		c.dropIf(role.ofPosts)
		need(c.has(roleService), "service")
		need(c.has(roleState) || c.has(roleLatency) || c.has(roleAudience) || c.has(roleSeconds), "state, latency_ms or audience")
	} else {
		c.dropIf(role.ofSamples)
		need(c.has(roleText), "text")
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("no column is known to hold the %s; its first row is %s: name the columns by their header, "+
		"as in --columns time=NAME,text=NAME, or where there is no header by number, as in --columns time=#1,text=#2",
		strings.Join(missing, " or the "), quoteList(first))
}

// defaultSource is X where the header or the rows speak of Twitter.
func (t *table) defaultSource(head []byte, o *Options) {
	t.source = FallbackSource
	if o.Source != "" {
		t.source = o.Source
		return
	}
	for _, h := range t.header {
		if h = fold(h); strings.Contains(h, "tweet") || strings.Contains(h, "twitter") {
			t.source = reaction.X
		}
	}
	for _, mark := range []string{"https://t.co/", "Twitter for ", "Twitter Web "} {
		if bytes.Contains(head, []byte(mark)) {
			t.source = reaction.X
		}
	}
}

// mapping tells a person which column was taken for what.
func (t *table) mapping() string {
	var out []string
	for r, i := range t.columns {
		if i < 0 {
			continue
		}
		name := fmt.Sprintf("#%d", i+1)
		if t.header != nil && utf8.ValidString(t.header[i]) && t.header[i] != "" {
			name = fmt.Sprintf("%q", wire.Shorten(t.header[i]))
		}
		out = append(out, roleLabel(role(r))+"="+name)
	}
	return strings.Join(out, ", ")
}

func roleLabel(r role) string {
	if int(r) < len(roleNames) {
		return roleNames[r]
	}
	return map[role]string{roleClock: "time of day", roleRepost: "repost", roleReply: "reply", roleQuote: "quote", roleSeconds: "latency in seconds"}[r]
}
