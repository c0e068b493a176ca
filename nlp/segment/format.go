package segment

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
)

// Model is words with their costs. It is immutable and safe for concurrent use.
type Model struct{ words trie }

// magic begins a model's file; the digit is the format's version.
const magic = "outcry-segment-1\n"

// The bounds of a model's file.
const (
	maxWord  = 64
	maxWords = 1 << 20
)

// Encode writes words with their costs in nats (-ln of the probability) as a model's file: the magic, the
// number of words, then each in order as how many letters it shares with the one before, how many follow,
// these, and the cost in twelfths of a nat; at last a CRC-32 of it all. Words are of a to z and 0 to 9.
func Encode(costs map[string]float64) ([]byte, error) {
	words := make([]string, 0, len(costs))
	for w := range costs {
		if err := check(w); err != nil {
			return nil, err
		}
		words = append(words, w)
	}
	if len(words) > maxWords {
		return nil, fmt.Errorf("%d words are more than %d", len(words), maxWords)
	}
	slices.Sort(words)
	b := binary.AppendUvarint([]byte(magic), uint64(len(words)))
	before := ""
	for _, w := range words {
		shared := 0
		for shared < min(len(w), len(before)) && w[shared] == before[shared] {
			shared++
		}
		more := len(w) - shared
		// Most fit one byte for both.
		if shared < 15 && more < 16 {
			b = append(b, byte(shared<<4|more))
		} else {
			b = append(b, 0xf0, byte(shared), byte(more))
		}
		b = append(b, w[shared:]...)
		b = append(b, byte(min(max(math.Round(costs[w]*steps), 0), noWord-1)))
		before = w
	}
	return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b)), nil
}

func check(w string) error {
	if w == "" || len(w) > maxWord {
		return fmt.Errorf("%q is no word of 1 to %d letters", w, maxWord)
	}
	for i := range len(w) {
		if c := w[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return fmt.Errorf("%q has other letters than a to z and 0 to 9", w)
		}
	}
	return nil
}

// Read reads what Encode wrote, all of it.
func Read(b []byte) (*Model, error) {
	entries, err := read(b)
	if err != nil {
		return nil, fmt.Errorf("not a segmentation model that this version can read: %w; train it anew with outcry train", err)
	}
	return &Model{newTrie(entries)}, nil
}

var errShort = errors.New("it ends too early")

func read(b []byte) ([]entry, error) {
	if !bytes.HasPrefix(b, []byte(magic)) {
		return nil, fmt.Errorf("it does not begin with %q", magic)
	}
	if len(b) < len(magic)+4 {
		return nil, errShort
	}
	body, sum := b[:len(b)-4], binary.LittleEndian.Uint32(b[len(b)-4:])
	if crc32.ChecksumIEEE(body) != sum {
		return nil, errors.New("its checksum is another: the file is damaged or cut off")
	}
	body = body[len(magic):]
	n, l := binary.Uvarint(body)
	if l <= 0 || n > maxWords {
		return nil, fmt.Errorf("it says it has %d words; at most %d are read", n, maxWords)
	}
	body = body[l:]
	entries := make([]entry, 0, min(int(n), len(body)/2))
	before := ""
	for range n {
		e, rest, err := readEntry(body, before)
		if err != nil {
			return nil, err
		}
		if e.word <= before {
			return nil, fmt.Errorf("%q follows %q: its words are out of order", e.word, before)
		}
		entries, body, before = append(entries, e), rest, e.word
	}
	if len(body) != 0 {
		return nil, fmt.Errorf("%d bytes follow its end", len(body))
	}
	return entries, nil
}

func readEntry(b []byte, before string) (entry, []byte, error) {
	if len(b) < 3 {
		return entry{}, nil, errShort
	}
	shared, more, at := int(b[0]>>4), int(b[0]&15), 1
	if shared == 15 {
		shared, more, at = int(b[1]), int(b[2]), 3
	}
	if shared > len(before) || len(b) < at+more+1 {
		return entry{}, nil, errShort
	}
	e := entry{before[:shared] + string(b[at:at+more]), b[at+more]}
	if e.cost == noWord {
		return entry{}, nil, fmt.Errorf("%q has no cost", e.word)
	}
	return e, b[at+more+1:], check(e.word)
}
