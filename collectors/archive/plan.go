package archive

import (
	"errors"
	"fmt"

	"outcry/collectors/archive/internal/frame"
	"outcry/internal/reaction"
)

// decodeFunc makes items of a row. It keeps no state and may run on several cores.
type decodeFunc func(row *frame.Row, e *emitter)

// plan is how a file is to be read.
type plan struct {
	format Format
	next   func() (frame.Row, error)
	decode decodeFunc
	source reaction.Source // that refused rows count for
	table  *table          // nil for JSON
}

const (
	maxObject = 1 << 20  // bytes of a JSON object with one post
	maxPage   = 32 << 20 // bytes of a JSON object with many, by default
)

// makePlan looks at the beginning of a file and decides.
func makePlan(w *frame.Window, o *Options) (*plan, error) {
	head := w.Peek(headBytes)
	if what := notText(head); what != "" {
		return nil, fmt.Errorf("this is no archive of posts: it is %s", what)
	}
	w.SkipHTTPHeader()
	head = w.Peek(headBytes)
	whole := len(head) < headBytes
	p := &plan{format: o.Format}
	events := looksLikeEvents(head)
	switch {
	case o.Format.table():
	case o.Format != FormatAuto:
	case events:
		p.format = FormatMastodon
	case looksLikeJSON(head):
		var err error
		if p.format, err = guessJSON(head); err != nil {
			return nil, fmt.Errorf("this is no archive of posts that can be read: %w", err)
		}
	default:
		p.format = FormatCSV
	}
	if p.format.table() {
		t, err := guessTable(head, whole, o)
		if err != nil {
			return nil, fmt.Errorf("this is no table of posts or health samples: %w", err)
		}
		p.useTable(w, t)
		return p, nil
	}
	limit := maxObject
	p.source = FallbackSource
	switch p.format {
	case FormatXv2:
		p.decode, p.source, limit = decodeX, reaction.X, o.Bounds.Page
	case FormatXv1:
		p.decode, p.source, limit = decodeOldX, reaction.X, o.Bounds.Page
	case FormatJetstream:
		p.decode, p.source = decodeSky, reaction.Bluesky
	case FormatMastodon:
		p.decode, p.source = decodeFedi, reaction.Mastodon
	case FormatRecords:
		p.decode = decodeOurs
	case FormatSamplesJSON:
		p.decode = o.decodeJSONSample
	default:
		return nil, errors.New("the format has no decoder")
	}
	if o.Source != "" {
		p.source = o.Source
	}
	p.next = frame.NewJSON(w, limit).Next
	if events && p.format == FormatMastodon {
		p.next = frame.NewSSE(w).Next
	}
	return p, nil
}

func (p *plan) useTable(w *frame.Window, t *table) {
	rows := frame.NewCSV(w, t.delim)
	headed := t.header == nil
	if headed {
		rows.Columns = t.width
	}
	p.next = func() (frame.Row, error) {
		row, err := rows.Next()
		if headed || err != nil || row.Fault != "" {
			return row, err
		}
		headed, rows.Columns = true, t.width
		return rows.Next()
	}
	p.table, p.decode, p.source = t, t.decode, t.source
	p.format = FormatCSV
	switch {
	case t.samples:
		p.format = FormatSamplesCSV
	case t.delim == '\t':
		p.format = FormatTSV
	}
}
