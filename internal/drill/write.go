package drill

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
)

// WriteTruth writes the truth as indented JSON.
func (d *Drill) WriteTruth(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	if err := enc.Encode(d.truth()); err != nil {
		return fmt.Errorf("write the drill's truth: %w", err)
	}
	return nil
}

// WriteRecords writes every record as one line of JSON (NDJSON of reaction.Record).
func (d *Drill) WriteRecords(w io.Writer) error {
	buf := bufio.NewWriterSize(w, 64<<10)
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	for r, err := range d.Records(0) {
		if err != nil {
			return err
		}
		if err := enc.Encode(r); err != nil {
			return fmt.Errorf("write the drill's records: %w", err)
		}
	}
	if err := buf.Flush(); err != nil {
		return fmt.Errorf("write the drill's records: %w", err)
	}
	return nil
}
