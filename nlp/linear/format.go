package linear

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"math/bits"

	"outcry/nlp/feature"
)

// magic begins a model's file; the digit is the format's version.
const magic = "outcry-linear-1\n"

// maxName bounds a head's name in bytes.
const maxName = 64

// Append writes the model behind dst: the magic, Bits, the heads with bias and scale, then each feature that
// has a weight as its distance from the one before, the set of heads it has a weight for and a byte for each, a distance of
// 0, and a CRC-32 of it all.
func (m *Model) Append(dst []byte) []byte {
	from := len(dst)
	dst = append(dst, magic...)
	dst = append(dst, feature.Bits, byte(len(m.heads)))
	for i, h := range m.heads {
		dst = append(append(dst, byte(len(h))), h...)
		dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(m.bias[i]))
		dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(m.scale[i]))
	}
	before := -1
	for f := range size {
		set := uint64(0)
		for h := range m.heads {
			if m.at(f, h) != none {
				set |= 1 << h
			}
		}
		if set == 0 {
			continue
		}
		dst = binary.AppendUvarint(dst, uint64(f-before))
		dst = binary.AppendUvarint(dst, set)
		for h := range m.heads {
			if b := m.at(f, h); b != none {
				dst = append(dst, b)
			}
		}
		before = f
	}
	dst = append(dst, 0)
	return binary.LittleEndian.AppendUint32(dst, crc32.ChecksumIEEE(dst[from:]))
}

// Read reads what Append wrote, all of it. What it takes in memory is bounded by MaxHeads, whatever b says.
func Read(b []byte) (*Model, error) {
	m, err := read(b)
	if err != nil {
		return nil, fmt.Errorf("not a model that this version can read: %w; train it anew with outcry train", err)
	}
	return m, nil
}

var errShort = errors.New("it ends too early")

func read(b []byte) (*Model, error) {
	if !bytes.HasPrefix(b, []byte(magic)) {
		return nil, fmt.Errorf("it does not begin with %q", magic)
	}
	if len(b) < len(magic)+2+4 {
		return nil, errShort
	}
	body, sum := b[:len(b)-4], binary.LittleEndian.Uint32(b[len(b)-4:])
	if crc32.ChecksumIEEE(body) != sum {
		return nil, errors.New("its checksum is another: the file is damaged or cut off")
	}
	wide, n := body[len(magic)], int(body[len(magic)+1])
	if wide != feature.Bits || n == 0 || n > MaxHeads {
		return nil, fmt.Errorf("it has %d heads of %d bits, not 1 to %d of %d", n, wide, MaxHeads, feature.Bits)
	}
	body = body[len(magic)+2:]
	heads, bias, scale := make([]string, n), make([]float32, n), make([]float32, n)
	for i := range n {
		if len(body) < 1 || len(body) < 1+int(body[0])+8 || body[0] > maxName {
			return nil, errShort
		}
		l := 1 + int(body[0])
		heads[i] = string(body[1:l])
		bias[i] = math.Float32frombits(binary.LittleEndian.Uint32(body[l:]))
		scale[i] = math.Float32frombits(binary.LittleEndian.Uint32(body[l+4:]))
		body = body[l+8:]
	}
	m := empty(heads)
	m.bias, m.scale = bias, scale
	return m, m.readRows(body)
}

func (m *Model) readRows(body []byte) error {
	for f := -1; ; {
		d, l := binary.Uvarint(body)
		if l <= 0 {
			return errShort
		}
		body = body[l:]
		if d == 0 {
			break
		}
		if d > size || f+int(d) >= size {
			return fmt.Errorf("feature %d is beyond %d", f, size)
		}
		f += int(d)
		set, l := binary.Uvarint(body)
		if l <= 0 || set >= 1<<len(m.heads) || len(body) < l+bits.OnesCount64(set) {
			return errShort
		}
		for body = body[l:]; set != 0; set &= set - 1 {
			m.set(f, bits.TrailingZeros64(set), body[0])
			body = body[1:]
		}
	}
	if len(body) != 0 {
		return fmt.Errorf("%d bytes follow its end", len(body))
	}
	return nil
}
