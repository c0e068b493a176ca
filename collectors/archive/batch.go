package archive

import (
	"bytes"

	"outcry/collectors/archive/internal/frame"
)

const (
	batchBytes = 256 << 10
	batchRows  = 2000
)

// batch is a number of rows on their way from the reader over a decoder to the sorter.
type batch struct {
	rows  []frame.Row
	data  []byte   // what the rows hold
	cells [][]byte // their fields
	emitter
	read    int64         // bytes of the file read when the batch was closed
	decoded chan struct{} // closed when the items are there
}

// add copies a row into the batch; false where there is no room for it.
func (b *batch) add(row frame.Row) bool {
	need := size(&row)
	switch {
	case len(b.rows) == 0:
		if need > cap(b.data) || cap(b.data) == 0 {
			b.data = make([]byte, 0, max(need, batchBytes))
		}
	case len(b.rows) == batchRows || need > cap(b.data)-len(b.data):
		return false
	}
	if row.Data != nil {
		row.Data = b.copy(row.Data)
	}
	if n := len(row.Cells); n > 0 {
		if n > cap(b.cells)-len(b.cells) { // a new array: the old one stays with earlier rows
			b.cells = make([][]byte, 0, max(4096, n))
		}
		from := len(b.cells)
		for _, c := range row.Cells {
			b.cells = append(b.cells, b.copy(c))
		}
		row.Cells = b.cells[from:len(b.cells):len(b.cells)]
	}
	b.rows = append(b.rows, row)
	return true
}

// size is how many bytes a row holds.
func size(row *frame.Row) int {
	n := len(row.Data)
	for _, c := range row.Cells {
		n += len(c)
	}
	return n
}

// copy is a copy of p in the batch's data, which has room for it.
func (b *batch) copy(p []byte) []byte {
	from := len(b.data)
	b.data = append(b.data, p...)
	return b.data[from:len(b.data):len(b.data)]
}

// decode makes items of the rows.
func (b *batch) decode(decode decodeFunc) {
	for i := range b.rows {
		row := &b.rows[i]
		b.begin(row.Line, size(row))
		if row.Fault != "" {
			b.refuse(row.Fault, row.Detail)
			continue
		}
		if crowded(row.Data) {
			b.refuse(ReasonTooLarge, "it holds far too many values for its size")
			continue
		}
		decode(row, &b.emitter)
	}
}

// crowded reports whether a large JSON value is little but empty values: each of them would take
// hundreds of times its size in memory.
func crowded(data []byte) bool {
	const large, least = 64 << 10, 16 // bytes a value: real pages have hundreds
	return len(data) > large && bytes.Count(data, []byte{'{'})+bytes.Count(data, []byte("null")) > len(data)/least
}

// reset makes the batch ready for other rows.
func (b *batch) reset() {
	if cap(b.data) > 4*batchBytes { // one great page must not be kept for ever
		b.data, b.arena = nil, nil
	}
	b.rows, b.data, b.cells = b.rows[:0], b.data[:0], b.cells[:0]
	b.items, b.arena = b.items[:0], b.arena[:0]
	b.decoded = make(chan struct{})
}
