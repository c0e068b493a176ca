package api

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"outcry/internal/auth"
	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// When a batch is closed: by number, by size of its lines, by age.
const (
	batchLines = 5000
	batchBytes = 2 << 20
	batchAge   = 250 * time.Millisecond
	// linesAhead is how many lines are read while a batch becomes durable.
	linesAhead = 64
	maxNoted   = 20 // sources that notes tell of
)

// pushing is one push under way: its body is read in one goroutine, and what was read becomes
// durable in another.
type pushing struct {
	s       *server
	in      *pushPostsInput
	who     auth.Principal
	body    *arriving
	checked time.Time // when who it is was known to be good last
	control *http.ResponseController
	report  PushReport
	results *spool // nil where only the report is wanted
	batch   []readLine
	size    int
	posts   map[reaction.Source]bool // sources of which there were posts, and whether it was said how well they were heard
	strange map[reaction.Source]bool // that no event names
	behind  map[reaction.Source]bool // of which a clock was told that no watermark waits for
	gone    map[reaction.Source]deletions
	foreign int64 // lines of sources that the sender may not speak for
}

// readLine is one line that was read.
type readLine struct {
	number int64
	size   int
	pushed reaction.Pushed
	bad    *misfit
}

func newPushing(s *server, in *pushPostsInput, who auth.Principal) *pushing {
	p := &pushing{s: s, in: in, who: who, control: http.NewResponseController(in.w), checked: time.Now(),
		posts: map[reaction.Source]bool{}, strange: map[reaction.Source]bool{}, behind: map[reaction.Source]bool{}, gone: map[reaction.Source]deletions{}}
	if in.Results == "all" {
		p.results = &spool{dir: s.Scratch, most: maxResults, all: &s.pushes.disk, mostOfAll: maxResultsAll}
	}
	return p
}

// run takes the body to its end, or to where it breaks off.
func (p *pushing) run(ctx context.Context) error {
	if err := p.s.Ingests.Look(ctx); err != nil {
		return err
	}
	_ = p.control.SetWriteDeadline(time.Now().Add(pushTimeout + writeTimeout))
	stop := make(chan struct{})
	p.body = &arriving{control: p.control, body: p.in.bounded(maxPushBytes), until: time.Now().Add(pushTimeout), stop: stop}
	body, free, err := p.in.unpacked(p.body, maxPushBytes)
	switch {
	case errors.Is(p.body.err, errLong):
		return errLong
	case err != nil:
		return err
	}
	defer free()
	lines, broke := make(chan readLine, linesAhead), make(chan error, 1)
	go func() {
		defer close(lines)
		broke <- p.read(body, lines, stop)
	}()
	err = p.take(ctx, lines)
	close(stop)
	if err != nil { // the reader may wait for bytes that do not come
		_ = p.control.SetReadDeadline(time.Now())
	}
	for range lines { // nobody wants what is left
		continue
	}
	if ended := <-broke; err == nil {
		err = ended
	}
	return err
}

// take makes lines durable until there are no more.
func (p *pushing) take(ctx context.Context, lines <-chan readLine) error {
	var due <-chan time.Time
	for {
		select {
		case l, ok := <-lines:
			if !ok {
				return p.flush(ctx)
			}
			if len(p.batch) == 0 {
				due = time.After(batchAge)
			}
			p.batch, p.size = append(p.batch, l), p.size+l.size
			if len(p.batch) < batchLines && p.size < batchBytes {
				continue
			}
		case <-due:
		case <-p.s.Stopping:
			return errStopping
		case <-ctx.Done():
			return errLong
		}
		due = nil
		if err := p.flush(ctx); err != nil {
			return err
		}
	}
}

// flush makes the batch durable and notes what became of it.
func (p *pushing) flush(ctx context.Context) error {
	if len(p.batch) == 0 {
		return nil
	}
	batch := make([]reaction.Pushed, len(p.batch))
	for i := range p.batch {
		batch[i] = p.batch[i].pushed
	}
	if err := p.stillGood(); err != nil {
		return err
	}
	took, err := p.s.Ingests.Push(ctx, senderOf(p.who), batch)
	if err != nil {
		return err
	}
	for i := range p.batch {
		if err := p.note(&p.batch[i], took.Fates[i]); err != nil {
			return err
		}
	}
	for _, s := range took.Unlisted {
		if len(p.strange) < maxNoted {
			p.strange[s] = true
		}
	}
	p.batch, p.size = p.batch[:0], 0
	return nil
}

// goodFor is how long a push goes on without asking whether its sender still may.
const goodFor = time.Minute

// stillGood fails where the sender's credentials are not good any more. Where nobody can say, the
// push goes on, as it does while the database is away.
func (p *pushing) stillGood() error {
	if time.Since(p.checked) < goodFor {
		return nil
	}
	p.checked = time.Now()
	if ok, err := p.s.still(p.in.r, ingests, ""); err == nil && !ok {
		return errRevoked
	}
	return nil
}

// note counts one line that was dealt with.
func (p *pushing) note(l *readLine, fate reaction.Fate) error {
	r := &p.report
	r.Lines, r.Through = r.Lines+1, l.number
	if l.bad != nil {
		x := PushRefusal{l.number, l.bad.reason, l.bad.path, l.bad.text}
		if r.Refused++; len(r.Refusals) < maxRefusals {
			r.Refusals = append(r.Refusals, x)
		}
		if r.Reasons == nil {
			r.Reasons = map[string]int64{}
		}
		r.Reasons[x.Reason]++
		if x.Reason == reasonForeign {
			p.foreign++
		}
		return p.results.refused(x)
	}
	switch fate {
	case reaction.Accepted:
		r.Accepted++
	case reaction.Duplicate:
		r.Duplicates++
	case reaction.Unmatched:
		r.Unmatched++
	}
	if post := l.pushed.Record.Post; post != nil && len(p.posts) < maxNoted {
		spoken := p.posts[post.Source]
		p.posts[post.Source] = spoken
	}
	if c := l.pushed.Heard; c != nil && len(p.posts) < maxNoted {
		p.posts[c.Source] = true
	}
	if c := l.pushed.Clock; c != nil && p.s.Now().Sub(c.At) > trend.Freshness && len(p.behind) < maxNoted {
		p.behind[c.Source] = true
	}
	p.noteDeletion(l.pushed.Record.Delete)
	return p.results.fate(l.number, fate)
}

// read reads lines until the body ends, breaks off or nobody wants more, and says why it ended.
func (p *pushing) read(body io.Reader, out chan<- readLine, stop <-chan struct{}) error {
	rest := &io.LimitedReader{R: body, N: maxPushPlain + 1}
	in := bufio.NewReaderSize(rest, 64<<10)
	var line []byte
	for number := int64(1); ; number++ {
		var long bool
		var err error
		line, long, err = readPushedLine(in, line[:0])
		last := errors.Is(err, io.EOF)
		switch {
		case rest.N == 0: // the line may be cut
			return errUnpacked
		case errors.Is(p.body.err, errLong):
			return errLong
		case err != nil && !last:
			return unread(err, maxPushBytes)
		case number > maxPushLines && len(line) > 0:
			return errLines
		}
		if l := p.readLine(line, long, number); l != nil {
			select {
			case out <- *l:
			case <-stop:
				return nil
			}
		}
		if last {
			return nil
		}
	}
}

// readPushedLine appends the next line to into, without its end. Of one that is too long only the
// beginning is given. Its error is that of in, io.EOF after the last line; a line may come with it.
func readPushedLine(in *bufio.Reader, into []byte) (line []byte, long bool, err error) {
	for {
		part, err := in.ReadSlice('\n')
		if room := maxPushLine + 1 - len(into); len(part) > room {
			part, long = part[:room], true
		}
		into = append(into, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return into, long, err
		}
	}
}

// readLine reads what a line says; nil for a blank one.
func (p *pushing) readLine(text []byte, long bool, number int64) *readLine {
	l := &readLine{number: number, size: len(text)}
	if text = trimLine(text, number == 1); len(text) == 0 {
		return nil
	}
	var source reaction.Source
	if long || len(text) > maxPushLine {
		l.bad = unfit(reasonLarge, "", "the line is longer than %d KiB", maxPushLine>>10)
	} else {
		var err error
		l.pushed, source, err = readPushed(text, p.s.Now(), p.who.SpeaksFor)
		errors.As(err, &l.bad)
	}
	if l.bad != nil && source != "" {
		l.pushed.Refused = &reaction.Refusal{Source: source, Reason: l.bad.reason}
	}
	return l
}

// trimLine takes white space off a line, and off the first the mark that some programs begin a
// text with.
func trimLine(line []byte, first bool) []byte {
	s := string(line)
	if first {
		s = strings.TrimPrefix(s, "\ufeff")
	}
	return []byte(strings.TrimSpace(s))
}

// notes are what the sender should know.
func (p *pushing) notes() []string {
	var out []string
	for _, s := range slices.Sorted(maps.Keys(p.strange)) {
		out = append(out, fmt.Sprintf("No event that is listened to now names %q among its sources: its posts are counted as unmatched, and not kept.", s))
	}
	for _, s := range slices.Sorted(maps.Keys(p.posts)) {
		if !p.posts[s] && !p.strange[s] {
			out = append(out, fmt.Sprintf("Nothing was said of how well %q was heard: where nobody says so, that it is silent means unknown, and not zero. Send heard lines.", s))
		}
	}
	for _, s := range slices.Sorted(maps.Keys(p.behind)) {
		out = append(out, fmt.Sprintf("The clock of %q is more than %d minutes behind: no bucket waits longer than that, and what comes for earlier ones counts as late.", s, trend.Freshness/time.Minute))
	}
	if p.results != nil && p.results.cut {
		out = append(out, "There were too many results to keep: those after the line cut were left out. The report counts every line.")
	}
	return out
}

// How long, and for how many bytes, a client that is answered early is listened to all the same:
// whoever sends everything before they read would else find the connection reset, and no answer.
const (
	lingerTime  = 10 * time.Second
	lingerBytes = maxPushBytes
)

// linger takes what is still being sent, unless that is what went wrong.
func (p *pushing) linger(why error) {
	var n net.Error
	if errors.As(why, &n) || errors.Is(why, io.ErrUnexpectedEOF) {
		return
	}
	if problem, ok := errors.AsType[*Problem](why); ok && problem.Status == http.StatusRequestTimeout {
		return
	}
	_ = p.control.SetReadDeadline(time.Now().Add(lingerTime))
	_, _ = io.CopyN(io.Discard, p.in.r.Body, lingerBytes)
}
