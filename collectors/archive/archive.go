// Package archive reads recorded posts and health samples from files and gives them back in one
// order of time that does not depend on how the files are arranged.
//
// It reads every file once, refuses what is not a public post with a reason of a closed list, and
// sorts on disk what does not fit in memory. It needs neither a network nor a database. Posts
// that occur twice are left to the store to recognise, by source and id.
package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"math"
	"runtime"
	"slices"
	"time"

	"outcry/collectors/archive/internal/extsort"
	"outcry/internal/reaction"
)

// Options says how files are to be read. The zero value guesses everything.
type Options struct {
	Format Format // default FormatAuto
	// Columns names the columns of tables, in place of those guessed: role to header, or to a
	// number from 1 as "#3", or to "-" for none. The roles are id, time, text, author, handle,
	// lang, kind, source, url and received for posts, and time, service, state, latency_ms,
	// audience, detail and vantage for health samples.
	Columns    map[string]string
	Source     reaction.Source // of every post, whatever the file says; default: what the file says
	Zone       *time.Location  // of times that name none; default UTC
	TimeLayout string          // of the times in tables, in Go's form; default: told by each value
	// Now is when the files are read: posts dated more than five minutes later are refused.
	// Default: the wall clock.
	Now         time.Time
	MemoryBytes int64          // sorted in memory; what is more goes to disk. Default 256 MiB
	TempDir     string         // for what goes to disk; default: the system's
	Rejects     io.Writer      // gets each row refused, as TSV: file, line, reason, detail
	Progress    func(Progress) // called now and then, on a goroutine of the reading
	Bounds      Bounds
}

// Bounds are how much of a machine the reading may take, for files that strangers made. Zero
// fields are the defaults.
type Bounds struct {
	Bytes   int64  // that the files unpack to together, and that what is taken of them needs; default: no bound
	Page    int    // bytes of one JSON object with many posts; default 32 MiB
	Window  uint64 // bytes that unpacking zstd may look back; default 256 MiB
	Workers int    // cores that decode; default all, at most four
}

// ErrBounds means that files need more than Bounds.Bytes.
var ErrBounds = errors.New("the files are too large when they are unpacked")

const defaultMemory = 256 << 20

// revision of the decoders: raised when the same file would give other records.
const revision = 2

// Archive is a set of files, read and put in order.
type Archive struct {
	files       []FileInfo
	coverage    []reaction.Coverage
	rejected    []reaction.RejectCount
	fingerprint string
	sorter      *extsort.Sorter
}

// Open reads the files. Close the archive after use.
func Open(ctx context.Context, paths []string, o Options) (*Archive, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, errors.New("name at least one file")
	}
	if len(paths) > maxFiles {
		return nil, fmt.Errorf("%d files are more than %d", len(paths), maxFiles)
	}
	a := &Archive{sorter: extsort.New(o.TempDir, o.MemoryBytes)}
	r := reading{o: &o, archive: a, rejects: newRejects(o.Rejects)}
	if err := r.all(ctx, paths); err != nil {
		a.Close()
		return nil, err
	}
	a.sorter.Finish()
	return a, nil
}

func (o *Options) complete() (err error) {
	if o.Format, err = ParseFormat(string(o.Format)); err != nil {
		return err
	}
	if o.Source != "" {
		if _, err := reaction.ParseSource(string(o.Source)); err != nil {
			return err
		}
	}
	if o.Format == FormatTwarc {
		o.Format = FormatXv2
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	if o.MemoryBytes <= 0 {
		o.MemoryBytes = defaultMemory
	}
	o.Bounds.complete()
	return checkColumns(o.Columns)
}

func (b *Bounds) complete() {
	if b.Bytes <= 0 {
		b.Bytes = math.MaxInt64
	}
	if b.Page <= 0 {
		b.Page = maxPage
	}
	if b.Window == 0 {
		b.Window = maxZstdWindow
	}
	if b.Workers <= 0 {
		b.Workers = min(runtime.GOMAXPROCS(0), 4)
	}
}

// Files says what was found in each file, in the order they were given.
func (a *Archive) Files() []FileInfo { return a.files }

// Coverage is what the files of posts cover: for each file and source from its first post to its
// last, in whole buckets.
func (a *Archive) Coverage() []reaction.Coverage { return a.coverage }

// Rejected counts the rows refused, by source and reason. Rows that do not tell their source count
// for the one their file is taken to be from.
func (a *Archive) Rejected() []reaction.RejectCount { return a.rejected }

// Fingerprint is the same for the same contents, in the same order, and the same options: 32
// hexadecimal digits.
func (a *Archive) Fingerprint() string { return a.fingerprint }

// Len is how many records there are.
func (a *Archive) Len() int64 { return a.sorter.Len() }

// OnDisk is how many bytes of disk the archive takes until it is closed.
func (a *Archive) OnDisk() int64 { return a.sorter.OnDisk() }

// Records reads the records after the first `after`, in order of time. At the same microsecond,
// records with an id come first, by file and line; posts without one follow, by their content, so
// that the ids they are given do not depend on their order in the file. It may be called again.
func (a *Archive) Records(after int64) iter.Seq2[reaction.Record, error] {
	return func(yield func(reaction.Record, error) bool) {
		var n int64
		var last extsort.Key
		same := 0 // posts before this one in its file with the same content
		for e, err := range a.sorter.Entries() {
			if err != nil {
				yield(reaction.Record{}, err)
				return
			}
			if e.Hash != 0 && n > 0 && e.At == last.At && e.Hash == last.Hash && fileOf(e.Key) == fileOf(last) {
				same++
			} else {
				same = 0
			}
			last = e.Key
			if n++; n <= after {
				continue
			}
			rec, hash, err := decodeRecord(time.UnixMicro(e.At).UTC(), e.Payload)
			if err == nil && hash != "" {
				rec.Post.ID = contentID(hash, same)
			}
			if !yield(rec, err) || err != nil {
				return
			}
		}
	}
}

// Close frees memory and disk. The archive is of no use afterwards.
func (a *Archive) Close() error { return a.sorter.Close() }

// The sorter's sequence is the file's number and the record's in the file.
const (
	seqBits  = 40
	maxFiles = 1 << 20
)

func sequence(file int, record int64) uint64 { return uint64(file)<<seqBits | uint64(record) }

func fileOf(k extsort.Key) uint64 { return k.Seq >> seqBits }

// fingerprint sums up the options that change what is read, and the contents. pages says that
// some of them hold many posts in one object.
func (o *Options) fingerprint(contents [][]byte, pages bool) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d %q %q %q %q", revision, o.Format, o.Source, o.Zone.String(), o.TimeLayout)
	if pages && o.Bounds.Page != maxPage {
		fmt.Fprintf(h, " page=%d", o.Bounds.Page)
	}
	for _, role := range slices.Sorted(maps.Keys(o.Columns)) {
		fmt.Fprintf(h, " %q=%q", role, o.Columns[role])
	}
	for _, sum := range contents {
		fmt.Fprintf(h, "\n%x", sum)
	}
	return hex.EncodeToString(h.Sum(nil))[:32]
}
