package api

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/klauspost/compress/zstd"

	"outcry/internal/reaction"
)

// Limits of one body of records.
const (
	maxRecordsBytes = 32 << 20 // as sent and as decoded
	maxRecords      = 5_000
	maxRecordBytes  = 1 << 20 // one line
	maxZstdWindow   = 8 << 20
)

// readRecords reads records, one a line.
func readRecords(u *upload) ([]reaction.Record, error) {
	if _, err := u.expect(typeNDJSON, "application/jsonl"); err != nil {
		return nil, err
	}
	body, done, err := u.decoded(maxRecordsBytes)
	if err != nil {
		return nil, err
	}
	defer done()
	// One byte more than allowed tells a body that is too large from one that just fits.
	rest := &io.LimitedReader{R: body, N: maxRecordsBytes + 1}
	lines := bufio.NewScanner(rest)
	lines.Buffer(make([]byte, 64<<10), maxRecordBytes)
	var records []reaction.Record
	for line := 1; lines.Scan(); line++ {
		text := bytes.TrimSpace(lines.Bytes())
		if len(text) == 0 {
			continue
		}
		at := itemAt(len(records), line)
		if len(records) == maxRecords {
			return nil, problem(http.StatusRequestEntityTooLarge, "The body holds more than %d records.", maxRecords)
		}
		var r reaction.Record
		if err := decode(text, at, &r); err != nil {
			switch {
			case lines.Err() != nil: // the line was cut where the body broke off
				return nil, unread(lines.Err(), maxRecordsBytes)
			case rest.N == 0: // or by the limit
				return nil, tooLarge(maxRecordsBytes)
			}
			return nil, err
		}
		if err := checkRecord(&r, at); err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, problem(http.StatusRequestEntityTooLarge, "Record %d is longer than %d KiB.", len(records), maxRecordBytes>>10)
	case err != nil:
		return nil, unread(err, maxRecordsBytes)
	case rest.N == 0:
		return nil, tooLarge(maxRecordsBytes)
	case len(records) == 0:
		return nil, mistake("body", "it holds no records")
	}
	return records, nil
}

// decoded is the body without its Content-Encoding. done frees what that took.
func (u *upload) decoded(limit int64) (body io.Reader, done func(), err error) {
	return u.unpacked(u.bounded(limit), limit)
}

// unpacked is what body, which holds at most limit bytes, holds without its Content-Encoding.
func (u *upload) unpacked(body io.Reader, limit int64) (_ io.Reader, done func(), err error) {
	done = func() {}
	switch e := u.r.Header.Get("Content-Encoding"); e {
	case "", "identity":
		return body, done, nil
	case "gzip":
		z, err := gzip.NewReader(body)
		if err != nil {
			return nil, nil, unread(err, limit)
		}
		return z, done, nil
	case "zstd":
		z, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxZstdWindow))
		if err != nil {
			return nil, nil, fmt.Errorf("zstd decoder: %w", err)
		}
		return z, z.Close, nil
	default:
		return nil, nil, problem(http.StatusUnsupportedMediaType, "The body is encoded as %q: send it plain, or as gzip or zstd.", clip(e)).
			with("Accept-Encoding", "gzip, zstd")
	}
}

// checkRecord refuses what the line behind could not carry: records are durable before they are
// looked at again.
func checkRecord(r *reaction.Record, at string) error {
	if p := r.Check(); p != nil {
		return mistake(strings.TrimSuffix(at+"."+p.Path, "."), "%s", p.Text)
	}
	return nil
}
