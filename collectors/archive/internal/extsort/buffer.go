package extsort

import "slices"

// place is where an entry of the buffer lies.
type place struct {
	Key
	chunk, from, to uint32
}

const placeBytes = 40

// buffer holds entries in memory, in chunks that are used again after each spill.
type buffer struct {
	limit  int64
	size   int // of a chunk
	used   int64
	index  []place
	chunks [][]byte // chunks with entries; the last one is being filled
	free   [][]byte
}

func newBuffer(limit int64) buffer {
	return buffer{limit: limit, size: int(min(max(limit/16, 1<<10), 4<<20))}
}

// full reports whether the buffer holds something already and another n bytes would be too much.
func (b *buffer) full(n int) bool {
	// The index may have twice the room it needs while it grows.
	return len(b.index) > 0 && b.used+int64(n)+2*placeBytes*int64(len(b.index)+1) > b.limit
}

func (b *buffer) add(k Key, payload []byte) {
	last := len(b.chunks) - 1
	if last < 0 || len(b.chunks[last])+len(payload) > cap(b.chunks[last]) {
		b.chunks = append(b.chunks, b.chunk(len(payload)))
		last++
	}
	c := b.chunks[last]
	from := len(c)
	b.chunks[last] = append(c, payload...)
	b.used += int64(len(payload))
	b.index = append(b.index, place{k, uint32(last), uint32(from), uint32(from + len(payload))})
}

func (b *buffer) chunk(n int) []byte {
	if last := len(b.free) - 1; last >= 0 && n <= b.size {
		c := b.free[last]
		b.free = b.free[:last]
		return c
	}
	return make([]byte, 0, max(n, b.size))
}

func (b *buffer) sort() {
	slices.SortFunc(b.index, func(a, c place) int { return a.Compare(c.Key) })
}

func (b *buffer) entry(i int) Entry {
	p := &b.index[i]
	return Entry{p.Key, b.chunks[p.chunk][p.from:p.to:p.to]}
}

func (b *buffer) reset() {
	for _, c := range b.chunks {
		if cap(c) == b.size { // an outsized chunk is not worth keeping
			b.free = append(b.free, c[:0])
		}
	}
	b.chunks, b.index, b.used = b.chunks[:0], b.index[:0], 0
}
