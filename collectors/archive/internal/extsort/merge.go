package extsort

import (
	"container/heap"
	"errors"
	"io"
	"iter"
)

// source gives entries in order, then io.EOF. An entry is valid until the next call.
type source interface {
	next() (Entry, error)
}

// memorySource reads a sorted buffer.
type memorySource struct {
	buf *buffer
	i   int
}

func (s *memorySource) next() (Entry, error) {
	if s.i == len(s.buf.index) {
		return Entry{}, io.EOF
	}
	s.i++
	return s.buf.entry(s.i - 1), nil
}

// merge reads several sources as one.
func merge(sources []source) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		var h heads
		for _, s := range sources {
			e, err := s.next()
			switch {
			case err == nil:
				h = append(h, head{e, s})
			case !errors.Is(err, io.EOF):
				yield(Entry{}, err)
				return
			}
		}
		heap.Init(&h)
		for len(h) > 0 {
			if !yield(h[0].Entry, nil) {
				return
			}
			e, err := h[0].from.next()
			switch {
			case err == nil:
				h[0].Entry = e
				heap.Fix(&h, 0)
			case errors.Is(err, io.EOF):
				heap.Pop(&h)
			default:
				yield(Entry{}, err)
				return
			}
		}
	}
}

// head is the first unread entry of a source.
type head struct {
	Entry
	from source
}

// heads is a heap of them (container/heap).
type heads []head

func (h heads) Len() int           { return len(h) }
func (h heads) Less(i, j int) bool { return h[i].Compare(h[j].Key) < 0 }
func (h heads) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *heads) Push(x any)        { *h = append(*h, x.(head)) }
func (h *heads) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}
