package archive

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

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
			in, err := openInput(p, nil)
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
	a.fingerprint = r.o.fingerprint(r.contents)
	for k, n := range r.refused {
		a.rejected = append(a.rejected, reaction.RejectCount{Source: k.source, Reason: k.reason, Posts: n})
	}
	slices.SortFunc(a.rejected, func(x, y reaction.RejectCount) int {
		return cmp.Or(strings.Compare(string(x.Source), string(y.Source)), strings.Compare(x.Reason, y.Reason))
	})
	return nil
}

func (r *reading) file(ctx context.Context, number int, path string) error {
	in, err := openInput(path, sha256.New())
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
			if err := t.lookForDays(path); err != nil {
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
	workers := min(runtime.GOMAXPROCS(0), 4)
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
			b = &batch{emitter: emitter{latest: f.o.Now.Add(maxAhead), source: f.o.Source}}
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
		if err == io.EOF {
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
			it.reason, it.detail = ReasonUnknown, shorten(it.local)
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
}

// localNames remembers by which id a server knows its latest posts, for deletions name no other.
type localNames struct {
	ids  map[string]string
	ring []string
	next int
}

const maxLocalNames = 1 << 17

func (l *localNames) remember(local, id string) {
	if l.ids == nil {
		l.ids = map[string]string{}
	}
	if _, known := l.ids[local]; !known {
		if len(l.ring) < maxLocalNames {
			l.ring = append(l.ring, local)
		} else {
			delete(l.ids, l.ring[l.next])
			l.ring[l.next] = local
			l.next = (l.next + 1) % maxLocalNames
		}
	}
	l.ids[local] = id
}

func (l *localNames) find(local string) string { return l.ids[local] }

// rejects writes down each row that was refused.
type rejects struct{ w *bufio.Writer }

func newRejects(w io.Writer) *rejects {
	if w == nil {
		return &rejects{}
	}
	return &rejects{bufio.NewWriter(w)}
}

var oneField = strings.NewReplacer("\t", " ", "\n", " ", "\r", " ")

func (r *rejects) write(path string, it *item) error {
	if r.w == nil {
		return nil
	}
	_, err := fmt.Fprintf(r.w, "%s\t%d\t%s\t%s\n", oneField.Replace(path), it.line, it.reason, oneField.Replace(it.detail))
	return rejectsError(err)
}

func (r *rejects) flush() error {
	if r.w == nil {
		return nil
	}
	return rejectsError(r.w.Flush())
}

func rejectsError(err error) error {
	if err != nil {
		return fmt.Errorf("the list of rejected rows cannot be written: %w", err)
	}
	return nil
}
