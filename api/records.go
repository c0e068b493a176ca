package api

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"

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
	body, done = u.bounded(limit), func() {}
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
	set := 0
	for _, is := range []bool{r.Post != nil, r.Delete != nil, r.Sample != nil} {
		if is {
			set++
		}
	}
	switch {
	case set != 1:
		return mistake(at, "give exactly one of post, delete and sample")
	case r.At.Before(earliest) || r.At.After(latest):
		return mistake(at+".at", "the time is missing, or not between the years 1970 and 2200")
	case r.Post != nil:
		return checkPost(r.Post, at+".post")
	case r.Sample != nil:
		return checkSample(r.Sample, at+".sample")
	}
	d := r.Delete
	if err := checkSource(d.Source, at+".delete"); err != nil {
		return err
	}
	if (d.ID == "") == (d.Author.ID == "") || len(d.ID) > reaction.MaxIDBytes {
		return mistake(at+".delete", "give the id of a post, of at most %d bytes, or the author whose posts are all gone", reaction.MaxIDBytes)
	}
	if d.Authors != nil {
		return mistake(at+".delete.authors", "it is made here, and cannot be sent")
	}
	return nil
}

func checkPost(p *reaction.Post, at string) error {
	if err := checkSource(p.Source, at); err != nil {
		return err
	}
	switch {
	case p.ID == "" || len(p.ID) > reaction.MaxIDBytes:
		return mistake(at+".id", "give an id of at most %d bytes", reaction.MaxIDBytes)
	case p.At.Before(earliest) || p.At.After(latest):
		return mistake(at+".at", "the time is missing, or not between the years 1970 and 2200")
	case len(p.Text) > reaction.MaxTextBytes:
		return mistake(at+".text", "it is longer than %d bytes", reaction.MaxTextBytes)
	}
	for i, f := range p.Facets {
		if f.Start < 0 || f.End < f.Start || f.End > len(p.Text) {
			return mistake(fmt.Sprintf("%s.facets[%d]", at, i), "it does not lie within the text")
		}
	}
	return nil
}

func checkSource(s reaction.Source, at string) error {
	if _, err := reaction.ParseSource(string(s)); err != nil {
		return mistake(at+".source", "%s", clipTo(err.Error(), 200))
	}
	return nil
}
