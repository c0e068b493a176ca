package segment

import (
	"encoding/csv"
	"hash/fnv"
	"io"
	"strings"
)

// Half is one of two halves of a set of hashtags, or both.
type Half int

// Build may be looked at while building; Kept is only measured.
const (
	Build Half = iota
	Kept
	Both
)

// HalfOf is the half that a tag belongs to, by its FNV-1a hash: the same on every machine.
func HalfOf(tag string) Half {
	h := fnv.New32a()
	h.Write([]byte(tag))
	return Half(h.Sum32() >> 8 & 1)
}

// Exact reads rows of a hashtag and the same with spaces between its words (as the files of HashSet are),
// and counts the hashtags of a half of which every word is found. wrong, if not nil, is told of the others.
func (m *Model) Exact(rows io.Reader, half Half, wrong func(want, got string)) (right, n int, err error) {
	r := csv.NewReader(rows)
	r.FieldsPerRecord = 2
	var spans []Span
	for {
		row, err := r.Read()
		if err == io.EOF {
			return right, n, nil
		}
		if err != nil {
			return right, n, err
		}
		// An underscore is no word, though STAN counts it as one.
		tag, want := row[0], strings.ReplaceAll(row[1], " _ ", " ")
		if half != Both && HalfOf(tag) != half {
			continue
		}
		n++
		spans, _ = m.Append(spans[:0], tag, nil)
		if got := Join(tag, spans); got == want {
			right++
		} else if wrong != nil {
			wrong(want, got)
		}
	}
}

// Join puts spaces between the words of a tag.
func Join(tag string, spans []Span) string {
	var b strings.Builder
	for i, s := range spans {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(tag[s.Start:s.End])
	}
	return b.String()
}
