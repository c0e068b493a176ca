package archive

import (
	"encoding/binary"
	"strings"
	"time"

	"outcry/collectors/archive/internal/extsort"
	"outcry/collectors/wire"
	"outcry/internal/health"
	"outcry/internal/reaction"
)

// maxAhead is how far a post's time may be ahead of Options.Now.
const maxAhead = wire.MaxAhead

var earliest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// item is what became of a row, or of one of the posts in it.
type item struct {
	line           int64
	reason, detail string      // why it was refused
	key            extsort.Key // At and Hash; the sorter's order inside the file is added later
	payload        []byte      // the record, encoded
	source         reaction.Source
	post           bool // says something about what was listened to

	local string           // the id that deletions will name it by, where that is not the post's id
	id    string           // the post's id, where local is set
	open  *reaction.Delete // lacks its time, and its id where local is set
}

// emitter checks what decoders find and makes items of it.
type emitter struct {
	latest time.Time // nothing is later
	source reaction.Source
	items  []item
	line   int64
	arena  []byte
	text   []byte // to be hashed

	// One row may hold many posts that share a text. What they take together is bounded: room is
	// what is left for the present row, and never more than most. The posts after the one that does
	// not fit are refused too.
	room, most int
	crammed    bool
}

// reserve makes room in the arena. Where there is too little a new one is begun: one that grew
// would be kept in all its sizes by the items that lie in it.
func (e *emitter) reserve(n int) {
	const size = 256 << 10
	if n > cap(e.arena)-len(e.arena) {
		e.arena = make([]byte, 0, max(n, size))
	}
}

// begin makes ready for a row of so many bytes.
func (e *emitter) begin(line int64, bytes int) {
	const floor, times = 1 << 20, 16 // real pages stay far below these
	e.line, e.crammed = line, false
	e.room = min(floor+times*bytes, max(e.most, floor))
}

func (e *emitter) refuse(reason, detail string) {
	e.items = append(e.items, item{line: e.line, reason: reason, detail: detail})
}

// keep makes an item of what the arena holds from offset from on.
func (e *emitter) keep(from int, at time.Time) *item {
	e.items = append(e.items, item{line: e.line, key: extsort.Key{At: at.UnixMicro()}, payload: e.arena[from:len(e.arena):len(e.arena)]})
	return &e.items[len(e.items)-1]
}

// post takes a post; ordered by at, which is the post's time or that of its edit. A post without
// an id gets one from its content when it is read.
func (e *emitter) post(p *reaction.Post, at time.Time, edit bool) *item {
	at = at.Truncate(time.Microsecond)
	if e.source != "" {
		p.Source = e.source
	}
	wire.Tidy(p)
	reason, detail := e.wrongTime(p.At)
	if reason == "" {
		reason, detail = e.wrongTime(at)
	}
	if reason == "" {
		reason, detail = wire.Unfit(p)
	}
	if reason != "" {
		e.refuse(reason, detail)
		return nil
	}
	if e.crammed = e.crammed || len(p.Text) > e.room; e.crammed {
		e.refuse(ReasonTooLarge, wire.Crammed)
		return nil
	}
	e.room -= len(p.Text)
	e.reserve(len(p.Text) + 2<<10)
	from := len(e.arena)
	var hash []byte
	if p.ID == "" {
		hash = e.hash(p)
	}
	e.arena = encodePost(e.arena, at, p, edit, hash)
	it := e.keep(from, at)
	it.source, it.post = p.Source, true
	if hash != nil {
		it.key.Hash = binary.BigEndian.Uint64(hash) | 1 // posts with an id have 0
	}
	return it
}

// delete takes a deletion at a known time.
func (e *emitter) delete(d *reaction.Delete) {
	if e.source != "" {
		d.Source = e.source
	}
	wire.TidyDelete(d)
	reason, detail := e.wrongTime(d.At)
	if reason == "" {
		reason, detail = wire.UnfitDelete(d)
	}
	if reason != "" {
		e.refuse(reason, detail)
		return
	}
	from := len(e.arena)
	e.arena = encodeDelete(e.arena, d.At, d)
	e.keep(from, d.At).source = d.Source
}

// deleteLater takes a deletion whose time is that of what came before it in the file. local is
// the name that the deleted post went by, where that is not its id.
func (e *emitter) deleteLater(d *reaction.Delete, local string) {
	e.items = append(e.items, item{line: e.line, open: d, local: local, source: d.Source})
}

// sample takes a health sample.
func (e *emitter) sample(s *health.Sample) {
	s.Service, s.Vantage, s.Detail = wire.Clean(strings.TrimSpace(s.Service)), wire.Cut(wire.Clean(s.Vantage), health.MaxVantageBytes), wire.Cut(wire.Clean(s.Detail), health.MaxDetailBytes)
	s.At = s.At.Truncate(time.Microsecond)
	reason, detail := e.wrongTime(s.At)
	field, text, fits := s.Check()
	switch {
	case reason != "":
		e.refuse(reason, detail)
	case s.Service == "":
		e.refuse(ReasonNoService, "")
	case s.State == health.Unknown && s.LatencyMS == nil && s.Audience == nil:
		e.refuse(ReasonNoValue, "neither a state nor a latency nor an audience")
	case !fits:
		e.refuse(ReasonBadValue, field+": "+text)
	default:
		from := len(e.arena)
		e.arena = encodeSample(e.arena, s)
		e.keep(from, s.At)
	}
}

func (e *emitter) wrongTime(t time.Time) (reason, detail string) {
	switch {
	case t.IsZero():
		return ReasonNoTime, ""
	case t.After(e.latest):
		return ReasonFutureTime, t.UTC().Format(time.RFC3339)
	case t.Before(earliest):
		return ReasonTooOld, t.UTC().Format(time.RFC3339)
	}
	return "", ""
}
