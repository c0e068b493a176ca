package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"outcry/collectors/wire"
	"outcry/internal/reaction"
)

// fileReading is the pass over one file.
type fileReading struct {
	*reading
	plan    *plan
	in      *input
	info    *FileInfo
	number  int
	times   span
	sources map[reaction.Source]*span
	names   localNames
}

// run reads, decodes on several cores, and takes the items in the order of the file.
func (f *fileReading) run(ctx context.Context) error {
	workers := f.o.Bounds.Workers
	g, ctx := errgroup.WithContext(ctx)
	work, order := make(chan *batch, workers), make(chan *batch, 2*workers)
	free := make(chan *batch, 4*workers)
	g.Go(func() error {
		defer close(work)
		defer close(order)
		return f.read(ctx, work, order, free)
	})
	for range workers {
		g.Go(func() error {
			for b := range work {
				b.decode(f.plan.decode)
				close(b.decoded)
			}
			return nil
		})
	}
	g.Go(func() error {
		for b := range order {
			select {
			case <-b.decoded:
			case <-ctx.Done():
				return ctx.Err()
			}
			if err := f.take(b); err != nil {
				return err
			}
			select {
			case free <- b:
			default:
			}
		}
		return nil
	})
	return g.Wait()
}

// read cuts the file into rows and sends them on in batches: to the decoders, and in order to who
// waits for them.
func (f *fileReading) read(ctx context.Context, work, order chan<- *batch, free <-chan *batch) error {
	fresh := func() *batch {
		var b *batch
		select {
		case b = <-free:
		default:
			b = &batch{emitter: emitter{latest: f.o.Now.Add(maxAhead), source: f.o.Source, most: 4 * f.o.Bounds.Page}}
		}
		b.reset()
		return b
	}
	send := func(b *batch) error {
		b.read = f.in.read
		for _, to := range []chan<- *batch{work, order} {
			select {
			case to <- b:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	}
	b := fresh()
	var rows int64
	for {
		row, err := f.plan.next()
		if errors.Is(err, io.EOF) {
			return send(b)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", f.info.Path, f.in.broken(err, rows))
		}
		rows++
		for !b.add(row) {
			if err := send(b); err != nil {
				return err
			}
			b = fresh()
		}
	}
}

// take counts, writes down and sorts what a batch brought.
func (f *fileReading) take(b *batch) error {
	for i := range b.items {
		it := &b.items[i]
		if it.open != nil {
			f.close(it)
		}
		if it.reason != "" {
			f.info.Rejected[it.reason]++
			if err := f.rejects.write(f.info.Path, it); err != nil {
				return err
			}
			continue
		}
		if f.taken += int64(len(it.payload)); f.taken > f.o.Bounds.Bytes {
			return fmt.Errorf("%s: %w", f.info.Path, f.in.broken(ErrBounds, f.info.Accepted))
		}
		it.key.Seq = sequence(f.number, f.info.Accepted)
		if err := f.archive.sorter.Add(it.key, it.payload); err != nil {
			return err
		}
		f.info.Accepted++
		f.times.add(it.key.At)
		if it.post {
			f.covers(it.source, it.key.At)
		}
		if it.post && it.local != "" {
			f.names.remember(it.local, it.id)
		}
	}
	f.progress.Rows += int64(len(b.items))
	f.report(b.read, false)
	return nil
}

func (f *fileReading) covers(s reaction.Source, at int64) {
	c, ok := f.sources[s]
	if !ok {
		c = &span{}
		f.sources[s] = c
	}
	c.add(at)
}

// close gives a deletion what its row did not say: the time, which is that of the newest thing
// before it in the file, and the post's real id.
func (f *fileReading) close(it *item) {
	d := it.open
	if it.local != "" {
		if d.ID = f.names.find(it.local); d.ID == "" {
			it.reason, it.detail = ReasonUnknown, wire.Shorten(it.local)
			return
		}
	}
	e := emitter{latest: f.o.Now.Add(maxAhead), source: f.o.Source, line: it.line}
	d.At = moment(f.times.last)
	e.delete(d)
	*it = e.items[0]
}

func (f *fileReading) report(read int64, last bool) {
	const step = 1 << 20
	f.progress.Bytes = f.before + read
	if f.o.Progress != nil && (last || f.progress.Bytes-f.reported >= step) {
		f.reported = f.progress.Bytes
		f.o.Progress(f.progress)
	}
}

// finish sums the file up.
func (f *fileReading) finish() {
	i := f.info
	i.Rows = i.Accepted
	for reason, n := range i.Rejected {
		i.Rows += n
		f.refused[refusal{f.plan.source, reason}] += int(n)
	}
	i.First, i.Last = moment(f.times.first), moment(f.times.last)
	i.Sources = slices.Sorted(maps.Keys(f.sources))
	for _, s := range i.Sources {
		f.archive.coverage = append(f.archive.coverage, reaction.Coverage{
			Source: s, State: reaction.CoverageRecorded,
			From: reaction.Bucket(moment(f.sources[s].first)),
			To:   reaction.Bucket(moment(f.sources[s].last)).Add(reaction.BucketWidth),
		})
	}
	f.contents = append(f.contents, f.in.sum.Sum(nil))
	f.report(f.in.read, true)
	f.before += f.in.read
	f.unpacked = f.o.Bounds.Bytes - f.in.unpacked.left
}
