package play

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"

	"outcry/collectors/archive"
	"outcry/internal/reaction"
)

// Recording is what is known of a recording on the shelf. All of its texts are safe to show as
// text: control characters and marks that turn the direction of writing are left out.
type Recording struct {
	ID        string
	Name      string // as its sender calls it
	Bytes     int64  // as it was sent
	ExpiresAt time.Time
	Format    string
	Rows      int64 // looked at
	Accepted  int64 // of these
	From, To  time.Time
	Sources   []reaction.Source
	Columns   string   // of a table, for people: which column was taken for what
	Notes     []string // for people: what had to be decided
	Rejected  []Reject // most frequent first
	Hashtags  []TagUse // most used first, at most 20
}

// Reject is how many rows were refused for one reason of the closed list.
type Reject struct {
	Reason string
	Rows   int64
}

// TagUse is how many posts carry a hashtag.
type TagUse struct {
	Display string // as it was first written
	Posts   int64
}

const (
	maxName = 120  // bytes of a recording's name
	maxSaid = 1000 // of what is said about a file
)

// read reads the file at path and fills k in.
func (s *Shelf) read(ctx context.Context, k *kept, path string, o archive.Options) (err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.limits.Reading, errTooLong)
	defer cancel()
	a, err := archive.Open(ctx, []string{path}, archive.Options{
		Format: o.Format, Columns: o.Columns, Source: o.Source, Zone: o.Zone, TimeLayout: o.TimeLayout,
		Now: s.o.Now(), MemoryBytes: s.limits.Memory, TempDir: s.dir,
		Bounds: archive.Bounds{Bytes: s.limits.Unpacked, Page: maxPage, Window: maxWindow, Workers: 1},
	})
	if err != nil {
		return s.explain(ctx, err, path, k.Name)
	}
	k.archive = a
	f := a.Files()[0]
	k.Format, k.Rows, k.Accepted, k.From, k.To = string(f.Format), f.Rows, f.Accepted, f.First, f.Last
	k.Sources, k.Columns = f.Sources, said(f.Mapping)
	for _, n := range f.Notes {
		k.Notes = append(k.Notes, said(n))
	}
	for reason, rows := range maps.All(f.Rejected) {
		k.Rejected = append(k.Rejected, Reject{reason, rows})
	}
	slices.SortFunc(k.Rejected, func(a, b Reject) int { return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Reason, b.Reason)) })
	if k.Hashtags, err = s.hashtags(ctx, a); err != nil {
		return errors.Join(s.explain(ctx, err, path, k.Name), a.Close())
	}
	return nil
}

var errTooLong = errors.New("reading takes too long")

// explain turns an error of reading into one for people, unless it is our own fault.
func (s *Shelf) explain(ctx context.Context, err error, path, name string) error {
	_, ours := errors.AsType[*fs.PathError](err)
	_, system := errors.AsType[syscall.Errno](err)
	switch {
	case errors.Is(context.Cause(ctx), errTooLong):
		return fmt.Errorf("%s could not be read within %s: send less of it at a time: %w", name, s.limits.Reading, reaction.ErrUnusable)
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case ours || system:
		return diskError(err)
	}
	return fmt.Errorf("%s: %w", said(strings.ReplaceAll(err.Error(), path, name)), reaction.ErrUnusable)
}

// diskError tells a full disk from other trouble with it.
func diskError(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("the server's disk is full, and nothing was kept: %w", reaction.ErrFull)
	}
	return err
}

// spool writes a body to a new file. It fails with the body's own error where that breaks off.
func spool(ctx context.Context, path string, body io.Reader, limit int64) (n int64, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, diskError(err)
	}
	if n, err = fill(ctx, f, body, limit); err != nil {
		return n, errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return n, diskError(err)
	}
	return n, nil
}

func fill(ctx context.Context, w io.Writer, body io.Reader, limit int64) (n int64, err error) {
	for buf := make([]byte, 256<<10); ; {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		got, readErr := body.Read(buf)
		if n += int64(got); n > limit {
			return n, fmt.Errorf("the file is larger than %d MiB: %w", limit>>20, reaction.ErrUnusable)
		}
		if _, err := w.Write(buf[:got]); err != nil {
			return n, diskError(err)
		}
		switch {
		case errors.Is(readErr, io.EOF):
			return n, nil
		case readErr != nil:
			return n, readErr
		}
	}
}

// shown is a name as it may be shown: its last part, short, and one line of plain text.
func shown(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	return cmp.Or(strings.TrimSpace(short(plain(name), maxName)), "recording")
}

// said is a sentence about a file, in which the file may be quoted. What it calls flags of a
// command are parameters here.
func said(s string) string { return short(plain(flags.Replace(s)), maxSaid) }

var flags = strings.NewReplacer("--time-layout", "time_layout", "--columns", "columns", "--format", "format")

// plain leaves out what is no text: control characters, and marks that change how what follows is
// shown.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == 0x2028, r == 0x2029, r == 0xFEFF:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

func short(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + "…"
}
