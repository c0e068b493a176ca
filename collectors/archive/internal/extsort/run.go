package extsort

import (
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/klauspost/compress/s2"
)

// blockBytes is the size of a compressed block: one is in memory for each run that is merged.
const blockBytes = 64 << 10

// run is a sorted file without a name: each entry's key, the length of its payload, the payload.
type run struct {
	file *os.File
	size int64
}

func writeRun(dir string, entries iter.Seq2[Entry, error]) (_ *run, err error) {
	f, err := os.CreateTemp(dir, "outcry-sort-*")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	if err := os.Remove(f.Name()); err != nil {
		return nil, err
	}
	w := s2.NewWriter(f, s2.WriterConcurrency(1), s2.WriterBlockSize(blockBytes))
	head := make([]byte, 0, 24+binary.MaxVarintLen64)
	for e, err := range entries {
		if err != nil {
			return nil, err
		}
		head = binary.BigEndian.AppendUint64(head[:0], uint64(e.At))
		head = binary.BigEndian.AppendUint64(head, e.Hash)
		head = binary.BigEndian.AppendUint64(head, e.Seq)
		head = binary.AppendUvarint(head, uint64(len(e.Payload)))
		if _, err := w.Write(head); err != nil {
			return nil, err
		}
		if _, err := w.Write(e.Payload); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	size, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, err
	}
	return &run{f, size}, nil
}

// open reads the run from its beginning, apart from any other reading of it.
func (r *run) open() source {
	section := io.NewSectionReader(r.file, 0, r.size)
	return &runSource{r: s2.NewReader(section, s2.ReaderMaxBlockSize(blockBytes), s2.ReaderAllocBlock(blockBytes))}
}

type runSource struct {
	r   *s2.Reader
	buf []byte
}

func (s *runSource) next() (Entry, error) {
	var key [24]byte
	if _, err := io.ReadFull(s.r, key[:]); err == io.EOF {
		return Entry{}, io.EOF
	} else if err != nil {
		return Entry{}, fmt.Errorf("reading a sorted run: %w", err)
	}
	n, err := binary.ReadUvarint(s.r)
	if err != nil {
		return Entry{}, fmt.Errorf("reading a sorted run: %w", err)
	}
	if uint64(cap(s.buf)) < n {
		s.buf = make([]byte, n)
	}
	s.buf = s.buf[:n]
	if _, err := io.ReadFull(s.r, s.buf); err != nil {
		return Entry{}, fmt.Errorf("reading a sorted run: %w", err)
	}
	return Entry{Key{
		At:   int64(binary.BigEndian.Uint64(key[:8])),
		Hash: binary.BigEndian.Uint64(key[8:16]),
		Seq:  binary.BigEndian.Uint64(key[16:]),
	}, s.buf}, nil
}
