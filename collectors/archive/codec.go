package archive

import (
	"encoding/binary"
	"errors"
	"math"
	"time"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

// Records wait for their turn in a compact form of our own: it is never kept longer than one
// process lives. What a record carries is in the first byte, as are some of its yes and no.
const (
	isPost byte = iota
	isDelete
	isSample
	kindMask byte = 3

	flagEdit     byte = 1 << 2
	flagNoID     byte = 1 << 3 // in place of the id stands the content's hash
	flagRetimed  byte = 1 << 4
	flagReceived byte = 1 << 5
	flagLatency  byte = 1 << 6
	flagAudience byte = 1 << 7
)

var errDamaged = errors.New("a record set aside for sorting is damaged")

// encodePost appends the post. hash stands in for the id of a post without one, nil otherwise.
func encodePost(b []byte, at time.Time, p *reaction.Post, edit bool, hash []byte) []byte {
	head := isPost | flag(flagEdit, edit) | flag(flagNoID, hash != nil) | flag(flagRetimed, p.Retimed) | flag(flagReceived, !p.Received.IsZero())
	b = append(b, head, byte(p.Kind))
	b = binary.AppendVarint(b, p.At.UnixMicro()-at.UnixMicro())
	if !p.Received.IsZero() {
		b = binary.AppendVarint(b, p.Received.UnixMicro()-at.UnixMicro())
	}
	b = appendString(b, string(p.Source))
	if hash != nil {
		b = append(b, hash...)
	} else {
		b = appendString(b, p.ID)
	}
	for _, s := range [...]string{p.Author.ID, p.Author.Handle, p.Text, p.Lang, p.URL, p.Repeats, p.Passed.ID, p.Passed.Handle} {
		b = appendString(b, s)
	}
	b = binary.AppendUvarint(b, uint64(len(p.Facets)))
	for _, f := range p.Facets {
		b = appendString(b, string(f.Kind))
		b = binary.AppendUvarint(b, uint64(f.Start))
		b = binary.AppendUvarint(b, uint64(f.End))
		b = appendString(b, f.Value)
	}
	return b
}

func encodeDelete(b []byte, at time.Time, d *reaction.Delete) []byte {
	b = binary.AppendVarint(append(b, isDelete), d.At.UnixMicro()-at.UnixMicro())
	for _, s := range [...]string{string(d.Source), d.ID, d.Author.ID, d.Author.Handle} {
		b = appendString(b, s)
	}
	return b
}

func encodeSample(b []byte, s *health.Sample) []byte {
	b = append(b, isSample|flag(flagLatency, s.LatencyMS != nil)|flag(flagAudience, s.Audience != nil), byte(s.State))
	for _, t := range [...]string{s.Service, s.Vantage, s.Detail} {
		b = appendString(b, t)
	}
	if s.LatencyMS != nil {
		b = binary.BigEndian.AppendUint64(b, math.Float64bits(*s.LatencyMS))
	}
	if s.Audience != nil {
		b = binary.AppendVarint(b, *s.Audience)
	}
	return b
}

func flag(f byte, on bool) byte {
	if on {
		return f
	}
	return 0
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// decodeRecord reads what was encoded. hash is set in place of the id of a post without one.
func decodeRecord(at time.Time, payload []byte) (rec reaction.Record, hash string, err error) {
	r := decoder{s: string(payload)}
	rec.At = at
	head, kind := r.byte(), byte(0)
	switch head & kindMask {
	case isPost:
		kind = r.byte()
		p := &reaction.Post{Kind: reaction.Kind(kind), Retimed: head&flagRetimed != 0, At: r.time(at)}
		if head&flagReceived != 0 {
			p.Received = r.time(at)
		}
		p.Source = reaction.Source(r.string())
		if head&flagNoID != 0 {
			hash = r.take(hashBytes)
		} else {
			p.ID = r.string()
		}
		for _, s := range [...]*string{&p.Author.ID, &p.Author.Handle, &p.Text, &p.Lang, &p.URL, &p.Repeats, &p.Passed.ID, &p.Passed.Handle} {
			*s = r.string()
		}
		if n := r.uvarint(); n > 0 && n <= uint64(len(payload)) {
			p.Facets = make([]reaction.Facet, n)
		}
		for i := range p.Facets {
			p.Facets[i] = reaction.Facet{Kind: reaction.FacetKind(r.string()), Start: int(r.uvarint()), End: int(r.uvarint()), Value: r.string()}
		}
		rec.Post, rec.Edit = p, head&flagEdit != 0
	case isDelete:
		d := &reaction.Delete{At: r.time(at), Source: reaction.Source(r.string()), ID: r.string()}
		d.Author = reaction.Author{ID: r.string(), Handle: r.string()}
		rec.Delete = d
	case isSample:
		s := &health.Sample{State: health.State(r.byte()), At: at}
		s.Service, s.Vantage, s.Detail = r.string(), r.string(), r.string()
		if head&flagLatency != 0 {
			if b := r.take(8); len(b) == 8 {
				v := math.Float64frombits(binary.BigEndian.Uint64([]byte(b)))
				s.LatencyMS = &v
			}
		}
		if head&flagAudience != 0 {
			v := r.varint()
			s.Audience = &v
		}
		rec.Sample = s
	default:
		r.bad = true
	}
	if r.bad || r.s != "" {
		return reaction.Record{}, "", errDamaged
	}
	return rec, hash, nil
}

// decoder takes values off the front of s; bad is set where it is too short.
type decoder struct {
	s   string
	bad bool
}

func (d *decoder) take(n int) string {
	if n < 0 || n > len(d.s) {
		d.bad, d.s = true, ""
		return ""
	}
	t := d.s[:n]
	d.s = d.s[n:]
	return t
}

func (d *decoder) byte() byte {
	if t := d.take(1); t != "" {
		return t[0]
	}
	return 0
}

func (d *decoder) uvarint() (v uint64) {
	for shift := 0; shift < 64; shift += 7 {
		b := d.byte()
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v
		}
	}
	d.bad = true
	return 0
}

func (d *decoder) varint() int64 {
	u := d.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

func (d *decoder) string() string {
	n := d.uvarint()
	if n > uint64(len(d.s)) {
		d.bad, d.s = true, ""
		return ""
	}
	return d.take(int(n))
}

func (d *decoder) time(from time.Time) time.Time {
	return from.Add(time.Duration(d.varint()) * time.Microsecond)
}
