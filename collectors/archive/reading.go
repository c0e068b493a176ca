package archive

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"slices"
	"strings"

	"outcry/collectors/archive/internal/frame"
	"outcry/internal/reaction"
)

// reading is the one pass over all files.
type reading struct {
	o       *Options
	archive *Archive
	rejects *rejects

	progress Progress
	before   int64 // bytes of the files already read
	reported int64
	contents [][]byte
	unpacked int64 // bytes that the files before unpacked to
	taken    int64 // bytes of all records taken
	refused  map[refusal]int
}

type refusal struct {
	source reaction.Source
	reason string
}

func (r *reading) all(ctx context.Context, paths []string) error {
	for _, p := range paths { // before hours go into the first of them
		info, err := os.Stat(p)
		if err != nil || info.IsDir() {
			in, err := openInput(ctx, p, nil, r.o.Bounds, r.o.Bounds.Bytes)
			if err == nil {
				in.Close()
			}
			return cmp.Or(err, fmt.Errorf("%s has just changed", p))
		}
		r.progress.Total += info.Size()
	}
	r.refused = map[refusal]int{}
	for i, p := range paths {
		if err := r.file(ctx, i, p); err != nil {
			_ = r.rejects.flush() // they may explain why; the error to tell is the file's
			return err
		}
	}
	if err := r.rejects.flush(); err != nil {
		return err
	}
	a := r.archive
	a.fingerprint = r.o.fingerprint(r.contents, slices.ContainsFunc(a.files, func(f FileInfo) bool {
		return f.Format == FormatXv2 || f.Format == FormatXv1
	}))
	for k, n := range r.refused {
		a.rejected = append(a.rejected, reaction.RejectCount{Source: k.source, Reason: k.reason, Posts: n})
	}
	slices.SortFunc(a.rejected, func(x, y reaction.RejectCount) int {
		return cmp.Or(strings.Compare(string(x.Source), string(y.Source)), strings.Compare(x.Reason, y.Reason))
	})
	return nil
}

func (r *reading) file(ctx context.Context, number int, path string) error {
	in, err := openInput(ctx, path, sha256.New(), r.o.Bounds, r.o.Bounds.Bytes-r.unpacked)
	if err != nil {
		return err
	}
	defer in.Close()
	w := frame.NewWindow(in)
	p, err := makePlan(w, r.o)
	if broken := w.Err(); broken != nil {
		return fmt.Errorf("%s: %w", path, in.broken(broken, 0))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	info := FileInfo{Path: path, Format: p.format, Rejected: map[string]int64{}}
	if t := p.table; t != nil {
		if t.scan && !in.regular {
			t.decide(dayEvidence{})
		} else if t.scan {
			if err := t.lookForDays(ctx, path, r.o); err != nil {
				return err
			}
		}
		info.Mapping, info.Notes = t.mapping(), t.notes
	}
	f := &fileReading{reading: r, plan: p, in: in, info: &info, number: number, sources: map[reaction.Source]*span{}}
	r.progress.Path = path
	if err := f.run(ctx); err != nil {
		return err
	}
	f.finish()
	if info.Accepted == 0 {
		if info.Rows == 0 {
			return fmt.Errorf("%s holds no rows", path)
		}
		return fmt.Errorf("%s: none of its %d rows could be used: %s", path, info.Rows, info.topReasons())
	}
	r.archive.files = append(r.archive.files, info)
	return nil
}
