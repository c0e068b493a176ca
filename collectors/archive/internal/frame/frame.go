// Package frame cuts a stream of bytes into rows: records of delimited text, JSON values, or
// server-sent events. It says on which physical line each row begins, holds a bounded part of the
// stream in memory, and after anything it cannot read goes on at the next line.
package frame

import "outcry/collectors/wire"

// Limit is the longest line, field or row of delimited text, in bytes.
const Limit = 1 << 20

// Faults: why a row could not be cut.
const (
	Blank    = wire.ReasonBlank
	BadRow   = wire.ReasonBadRow
	BadJSON  = wire.ReasonBadJSON
	TooLarge = wire.ReasonTooLarge
)

// Row is one row, or the fault that stands in its place. Its bytes are valid until the next one is
// asked for.
type Row struct {
	Line  int64    // physical line on which the row begins, from 1
	Cells [][]byte // of delimited text
	Data  []byte   // a JSON value, or the data of an event
	Event string   // name of a server-sent event

	Fault  string // "" for a good row
	Detail string // for people
}
