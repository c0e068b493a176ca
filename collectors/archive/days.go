package archive

import (
	"context"
	"strings"

	"outcry/collectors/archive/internal/frame"
	"outcry/collectors/wire"
)

// orderOfDays decides between 2/24/2015 and 24/2/2015 for the whole file.
func (t *table) orderOfDays(rows [][]string, whole bool) {
	var e dayEvidence
	for _, cell := range cells(rows, t.columns[roleTime]) {
		e.add(cell)
	}
	if t.clock.layout != "" || e.slashes == 0 {
		return
	}
	if t.scan = e.dayFirst == 0 && e.monthFirst == 0 && !whole; !t.scan {
		t.decide(e)
	}
}

func (t *table) decide(e dayEvidence) {
	t.clock.dayFirst = e.dayFirst > e.monthFirst
	switch {
	case e.dayFirst == 0 && e.monthFirst == 0:
		t.notes = append(t.notes, "days and months of the dates cannot be told apart: read as month/day (give --time-layout if they are day/month)")
	case t.clock.dayFirst:
		t.notes = append(t.notes, "dates are read as day/month")
	default:
		t.notes = append(t.notes, "dates are read as month/day")
	}
}

// dayEvidence counts dates that only make sense one way round.
type dayEvidence struct{ slashes, dayFirst, monthFirst int }

func (e *dayEvidence) add(cell string) {
	a, b, _, sep, _, ok := wire.DateParts(strings.TrimSpace(cell))
	if !ok || sep == 'y' || sep == '.' {
		return
	}
	e.slashes++
	switch {
	case a > 12 && b <= 12:
		e.dayFirst++
	case b > 12 && a <= 12:
		e.monthFirst++
	}
}

func dayFirstEvidence(cell string) bool {
	var e dayEvidence
	e.add(cell)
	return e.dayFirst > 0
}

// lookForDays reads a table, apart from its main reading, up to the first date that can only be
// meant one way round.
func (t *table) lookForDays(ctx context.Context, path string, o *Options) error {
	in, err := openInput(ctx, path, nil, o.Bounds, o.Bounds.Bytes)
	if err != nil {
		return err
	}
	defer in.Close()
	w := frame.NewWindow(in)
	w.SkipHTTPHeader()
	rows := frame.NewCSV(w, t.delim)
	var e dayEvidence
	for e.dayFirst+e.monthFirst == 0 {
		row, err := rows.Next()
		if err != nil {
			break // the main reading will meet it again, and say so
		}
		if i := t.columns[roleTime]; i < len(row.Cells) {
			e.add(string(row.Cells[i]))
		}
	}
	t.decide(e)
	return nil
}
