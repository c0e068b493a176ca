package archive

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// maxZstdWindow bounds the memory that unpacking may take; zstd --long=27 fits.
const maxZstdWindow = 256 << 20

// bounded ends a reading that was given up, or that unpacks to more than it may.
type bounded struct {
	ctx  context.Context
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, ErrBounds
	}
	return n, err
}

// input is an open file: its bytes unpacked and as UTF-8.
type input struct {
	io.Reader
	file    *os.File
	packed  string // how it is packed: "gzip", "zstd" or ""
	read    int64  // bytes of the file itself
	size    int64  // of the file itself; 0 where unknown
	regular bool   // can be opened and read again
	sum     hash.Hash
	close   func()

	unpacked *bounded
}

// openInput opens a file and sees how it is packed and encoded. What is read of it goes into sum.
// Reading it ends with ctx, and when more than left bytes were unpacked.
func openInput(ctx context.Context, path string, sum hash.Hash, b Bounds, left int64) (_ *input, err error) {
	f, err := os.Open(path)
	if err != nil {
		if p, ok := errors.AsType[*fs.PathError](err); ok {
			err = p.Err
		}
		return nil, fmt.Errorf("%s cannot be opened: %w", path, err)
	}
	in := &input{file: f, sum: sum, close: func() {}}
	defer func() {
		if err != nil {
			in.Close()
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("%s cannot be opened: %w", path, err)
	}
	if info.IsDir() {
		return nil, fmt.Errorf("%s is a directory: name the files in it", path)
	}
	if in.regular = info.Mode().IsRegular(); in.regular {
		in.size = info.Size()
	}
	if err := in.unpack(ctx, bufio.NewReaderSize(counted{in}, 128<<10), b.Window, left); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return in, nil
}

// counted reads the file itself.
type counted struct{ in *input }

func (c counted) Read(p []byte) (int, error) {
	n, err := c.in.file.Read(p)
	c.in.read += int64(n)
	if c.in.sum != nil {
		c.in.sum.Write(p[:n])
	}
	return n, err
}

func (in *input) unpack(ctx context.Context, r *bufio.Reader, window uint64, left int64) error {
	magic, err := r.Peek(4)
	if len(magic) == 0 {
		if err == io.EOF {
			return errors.New("the file is empty")
		}
		return fmt.Errorf("it cannot be read: %w", err)
	}
	var plain io.Reader = r
	switch {
	case bytes.HasPrefix(magic, []byte("\x1f\x8b")):
		in.packed = "gzip"
		z, err := gzip.NewReader(r)
		if err != nil {
			return in.broken(err, 0)
		}
		plain, in.close = z, func() { z.Close() }
	case bytes.Equal(magic, []byte("\x28\xb5\x2f\xfd")), bytes.HasPrefix(magic[1:], []byte("\x2a\x4d\x18")) && magic[0]&0xf0 == 0x50:
		in.packed = "zstd"
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(window))
		if err != nil {
			return in.broken(err, 0)
		}
		plain, in.close = z, z.Close
	}
	in.unpacked = &bounded{ctx, plain, left}
	text := bufio.NewReaderSize(in.unpacked, 4<<10)
	mark, _ := text.Peek(3)
	switch {
	case bytes.HasPrefix(mark, []byte("\xef\xbb\xbf")):
		_, err = text.Discard(3)
		in.Reader = text
		return err
	case bytes.HasPrefix(mark, []byte("\xff\xfe")), bytes.HasPrefix(mark, []byte("\xfe\xff")):
		in.Reader = transform.NewReader(text, unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder())
		return nil
	}
	in.Reader = text
	return nil
}

// broken says where the file stops making sense.
func (in *input) broken(err error, rows int64) error {
	if errors.Is(err, ErrBounds) {
		return fmt.Errorf("reading stopped after %d rows, and nothing was taken: %w", rows, err)
	}
	if in.packed == "" {
		return fmt.Errorf("reading broke off after %d bytes and %d rows, and nothing was taken: %w", in.read, rows, err)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the %s data ends too early, after %d bytes and %d rows: the file is cut short, and nothing was taken", in.packed, in.read, rows)
	}
	return fmt.Errorf("the %s data is damaged within the first %d bytes, after %d rows, and nothing was taken: %w", in.packed, in.read, rows, err)
}

// Close ends the reading.
func (in *input) Close() {
	in.close()
	in.file.Close()
}
