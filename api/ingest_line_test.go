package api_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"outcry/api"
	"outcry/internal/pipeline"
	"outcry/internal/reaction"
	"outcry/internal/testdb"
	"outcry/nlp"
)

const pushAddress = "/v1/ingest/posts"

// newPushes is what takes pushed posts into a line, as the node of that name.
func newPushes(t testing.TB, l *realLine, node string) *pipeline.Pushes {
	t.Helper()
	list := pipeline.NewWatchlist(l.store, time.Now, slog.New(slog.DiscardHandler))
	p, err := pipeline.NewPushes(l.log, list, pipeline.NewRecent(time.Now), nlp.HashtagKeys, node)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// watch makes an event that is listened to now, for posts of nostr that say "stream".
func (l *realLine) watch(t testing.TB, slug string, change ...func(*reaction.Event)) *reaction.Event {
	t.Helper()
	e := &reaction.Event{Slug: slug, Title: slug, StartsAt: time.Now().Add(-2 * time.Hour).Truncate(time.Minute), EndsAt: time.Now().Add(2 * time.Hour).Truncate(time.Minute),
		Status: reaction.Live, Match: reaction.Match{Any: []string{"stream"}}, Sources: []reaction.Source{"nostr"}}
	for _, c := range change {
		c(e)
	}
	e.Normalise()
	if err := l.store.CreateEvent(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	return e
}

// pushed are n lines with a post each, made lately, of which every fifth matches nothing.
func pushed(from, to int, at time.Time) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		text := fmt.Sprintf("watching the stream with friends, part %d", i)
		if i%5 == 4 {
			text = "something else #other"
		}
		fmt.Fprintf(&b, `{"post":{"source":"nostr","id":"n%d","at":%q,"text":%q,"author":{"id":"a%d","handle":"@somebody"},"lang":"en"}}`+"\n",
			i, at.Add(time.Duration(i)*time.Millisecond).UTC().Format(time.RFC3339Nano), text, i%7)
	}
	return b.String()
}

func gzipped(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, s)
	_ = z.Close()
	return b.String()
}

func zstded(s string) string {
	w, _ := zstd.NewWriter(nil)
	return string(w.EncodeAll([]byte(s), nil))
}

// heardLine says that nostr was heard in this interval.
func heardLine(state string, from, to time.Time) string {
	return fmt.Sprintf(`{"heard":{"source":"nostr","from":%q,"to":%q,"state":%q}}`+"\n", from.UTC().Format(time.RFC3339), to.UTC().Format(time.RFC3339), state)
}

// sumOf is the sum of a series over its known points, and how many points have no value.
func (l *realLine) sumOf(t testing.TB, slug, query string) (sum float64, unknown int) {
	t.Helper()
	for _, raw := range l.trend(t, slug, query) {
		var p struct {
			Value   *float64
			AtLeast *float64 `json:"at_least"`
		}
		if err := json.Unmarshal(raw, &p); err != nil {
			t.Fatal(err)
		}
		if p.Value == nil {
			unknown++
		}
		for _, x := range []*float64{p.Value, p.AtLeast} {
			if x != nil {
				sum += *x
			}
		}
	}
	return sum, unknown
}

const allDay = "series=posts&step=1h"

// settled waits until everything in the log is stored, and gives how many posts of the event are.
func (l *realLine) settled(t testing.TB, slug string) float64 {
	t.Helper()
	for until := time.Now().Add(time.Minute); ; {
		n, _, err := l.log.Pending(t.Context())
		if err == nil && n == 0 {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("%d envelopes wait after a minute: %v", n, err)
		}
	}
	sum, _ := l.sumOf(t, slug, allDay)
	return sum
}

// sendPush pushes a body.
func (l *realLine) sendPush(t testing.TB, body string, headers ...string) api.PushReport {
	t.Helper()
	a := l.do(t, "POST", pushAddress, ndjson, body, headers...).want(t, 202)
	var r api.PushReport
	if err := json.Unmarshal(a.body, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWhatIsPushedCountsOnce(t *testing.T) {
	l := startLine(t, testdb.New(t), t.TempDir())
	l.watch(t, "night")
	body := pushed(0, 6000, time.Now().Add(-time.Minute))
	r := l.sendPush(t, body)
	if r.Lines != 6000 || r.Through != 6000 || r.Accepted != 4800 || r.Unmatched != 1200 || r.Refused+r.Duplicates != 0 {
		t.Errorf("%+v", r)
	}
	if n := l.settled(t, "night"); n != 4800 {
		t.Errorf("%v posts are stored", n)
	}
	for encoding, packed := range map[string]string{"": body, "gzip": gzipped(body), "zstd": zstded(body)} {
		if r := l.sendPush(t, packed, "Content-Encoding", encoding); r.Duplicates != 6000 || r.Lines != 6000 {
			t.Errorf("again as %q: %+v", encoding, r)
		}
	}
	if n := l.settled(t, "night"); n != 4800 {
		t.Errorf("%v posts are stored after the same again", n)
	}
	if n, _ := l.sumOf(t, "night", "series=authors&step=1d"); n != 7 {
		t.Errorf("%v people", n)
	}
	// An event that was made since takes what it missed.
	l.watch(t, "later")
	if r := l.sendPush(t, body); r.Accepted != 4800 {
		t.Errorf("for another event: %+v", r)
	}
	if first, second := l.settled(t, "night"), l.settled(t, "later"); first != 4800 || second != 4800 {
		t.Errorf("%v and %v posts are stored", first, second)
	}
}

// Two nodes are pushed the same posts at the same moment, each in several pieces at once.
func TestTheSamePostsPushedToTwoNodesCountOnce(t *testing.T) {
	l := startLine(t, testdb.New(t), t.TempDir())
	l.watch(t, "night")
	other := start(t, func(o *api.Options) { o.Ingests, o.Now = newPushes(t, l, "two"), time.Now })
	at := time.Now().Add(-time.Minute)
	var work sync.WaitGroup
	for _, h := range []*house{l.house, other} {
		for i := range 4 {
			work.Go(func() {
				for from := range 3 {
					h.do(t, "POST", pushAddress, ndjson, pushed(from*500+i*100, from*500+i*100+700, at)).want(t, 202)
				}
			})
		}
	}
	work.Wait()
	if n := l.settled(t, "night"); n != 1600 {
		t.Errorf("%v posts are stored of 1600", n)
	}
}

// The same file pushed twice at once, its ids twice in it: each counts once, and what either is told
// is what is stored.
func TestTheSameFileTwiceAtOnce(t *testing.T) {
	l := startLine(t, testdb.New(t), t.TempDir())
	l.watch(t, "night")
	one := pushed(0, 3000, time.Now().Add(-time.Minute))
	var work sync.WaitGroup
	var mu sync.Mutex
	var accepted, duplicates, unmatched int64
	for range 3 {
		work.Go(func() {
			r := l.sendPush(t, one+one)
			mu.Lock()
			defer mu.Unlock()
			accepted, duplicates, unmatched = accepted+r.Accepted, duplicates+r.Duplicates, unmatched+r.Unmatched
			if r.Lines != 6000 || r.Refused != 0 {
				t.Errorf("%+v", r)
			}
		})
	}
	work.Wait()
	if accepted != 2400 || unmatched != 600 || duplicates != 15_000 {
		t.Errorf("%d accepted, %d unmatched, %d duplicates", accepted, unmatched, duplicates)
	}
	for until := time.Now().Add(time.Minute); l.settled(t, "night") < 2400 && time.Now().Before(until); {
		continue
	}
	if n := l.settled(t, "night"); n != 2400 {
		t.Errorf("%v posts are stored", n)
	}
}

// cutOff sends a request by hand and closes its own side, so that the server can still answer.
func cutOff(t *testing.T, h *house, head, body string) (status int, answer []byte) {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: application/x-ndjson\r\n%s\r\n%s", pushAddress, h.key, head, body)
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if answer, err = io.ReadAll(resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, answer
}

// However a body is cut, what is said to be in is in, and sending everything again makes it whole.
func TestAPushThatIsCutOffLosesAndDoublesNothing(t *testing.T) {
	l := startLine(t, testdb.New(t), t.TempDir())
	for i, how := range []string{"plain", "chunked", "gzip", "zstd", "broken gzip"} {
		t.Run(how, func(t *testing.T) {
			slug, source := fmt.Sprint("night-", i), fmt.Sprint("src", i)
			l.watch(t, slug, func(e *reaction.Event) { e.Sources = []reaction.Source{reaction.Source(source)} })
			body := strings.ReplaceAll(pushed(0, 12_000, time.Now().Add(-time.Minute)), `"nostr"`, `"`+source+`"`)
			head, sent := fmt.Sprintf("Content-Length: %d\r\n", len(body)), body
			switch how {
			case "chunked":
				head, sent = "Transfer-Encoding: chunked\r\n", fmt.Sprintf("%x\r\n%s", len(body), body)
			case "gzip":
				sent = gzipped(body)
				head = fmt.Sprintf("Content-Encoding: gzip\r\nContent-Length: %d\r\n", len(sent))
			case "broken gzip": // in the middle of a line
				sent = gzipped(body[:len(body)*2/3]) + "and this is none"
				head = fmt.Sprintf("Content-Encoding: gzip\r\nContent-Length: %d\r\n", len(sent))
			case "zstd":
				sent = zstded(body)
				head = fmt.Sprintf("Content-Encoding: zstd\r\nContent-Length: %d\r\n", len(sent))
			}
			if how != "broken gzip" {
				sent = sent[:len(sent)*2/3]
			}
			status, answer := cutOff(t, l.house, head, sent)
			var p api.Problem
			if err := json.Unmarshal(answer, &p); err != nil || status != 400 || p.Push == nil {
				t.Fatalf("answered with %d %s", status, answer)
			}
			through := p.Push.Through
			if through < 1000 || through >= 12_000 || p.Push.Lines != through || p.Push.Refused > 0 {
				t.Errorf("%d lines through %d, %d refused", p.Push.Lines, through, p.Push.Refused)
			}
			want := through - through/5
			if n := l.settled(t, slug); n != float64(want) {
				t.Errorf("%v posts are stored of %d lines, want %d", n, through, want)
			}
			if r := l.sendPush(t, body); r.Lines != 12_000 || r.Duplicates != through {
				t.Errorf("everything again: %+v", r)
			}
			if n := l.settled(t, slug); n != 9600 {
				t.Errorf("%v posts are stored of 9600", n)
			}
		})
	}
}

func TestPushedEditsAndDeletions(t *testing.T) {
	l := startLine(t, testdb.New(t), t.TempDir())
	l.watch(t, "night")
	at := time.Now().Add(-time.Minute).UTC()
	stamp := func(d time.Duration) string { return at.Add(d).Format(time.RFC3339Nano) }
	post := func(id, author, text, edited string) string {
		if edited != "" {
			edited = fmt.Sprintf(`,"edited_at":%q`, edited)
		}
		return fmt.Sprintf(`{"post":{"source":"nostr","id":%q,"at":%q,"text":%q,"author":{"id":%q}%s}}`+"\n", id, stamp(0), text, author, edited)
	}
	l.sendPush(t, strings.Join([]string{
		post("a", "ann", "the stream runs", ""),
		post("a", "ann", "no sound on the stream", stamp(2*time.Second)),
		post("a", "ann", "the stream is nice", stamp(time.Second)), // written before the edit above
		post("b", "bob", "the stream is fine", ""),
		post("c", "bob", "so says the stream", ""),
		post("d", "cho", "stream stream", ""),
		fmt.Sprintf(`{"delete":{"source":"nostr","author":{"id":"bob"},"at":%q}}`, stamp(time.Second)) + "\n",
		`{"delete":{"source":"nostr","id":"e"}}` + "\n", // before the post itself
		post("e", "cho", "what stream", ""),
		post("f", "cho", "a stream first known by its edit", stamp(time.Second)),
	}, ""))
	if n := l.settled(t, "night"); n != 3 {
		t.Errorf("%v posts stand of a, d and f", n)
	}
	var page struct {
		Posts []struct {
			ID, Text  string
			DeletedAt *time.Time `json:"deleted_at"`
		}
	}
	if err := json.Unmarshal(l.get(t, "/v1/events/night/posts").want(t, 200).body, &page); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, p := range page.Posts {
		got[p.ID] = p.Text
		if p.DeletedAt != nil {
			got[p.ID] = "gone"
		}
	}
	for id, text := range map[string]string{"a": "no sound on the stream", "b": "gone", "c": "gone", "d": "stream stream", "e": "gone", "f": "a stream first known by its edit"} {
		if got[id] != text {
			t.Errorf("%s is %q, want %q", id, got[id], text)
		}
	}
}

// Without word of how well it was heard, nothing of a source means unknown; with it, zero.
func TestPushedWordsOfCoverage(t *testing.T) {
	l := startLine(t, testdb.New(t), t.TempDir())
	e := l.watch(t, "night")
	from := e.StartsAt.Add(time.Hour)
	window := fmt.Sprintf("series=posts&step=1m&from=%s&to=%s", from.UTC().Format(time.RFC3339), from.Add(10*time.Minute).UTC().Format(time.RFC3339))
	if r := l.sendPush(t, pushed(0, 1, from)); len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "unknown, and not zero") {
		t.Errorf("the notes are %q", r.Notes)
	}
	l.settled(t, "night")
	if _, unknown := l.sumOf(t, "night", window); unknown != 10 {
		t.Errorf("%d of 10 minutes are unknown before anything is said", unknown)
	}
	r := l.sendPush(t, heardLine("live", from, from.Add(4*time.Minute))+heardLine("gap", from.Add(4*time.Minute), from.Add(6*time.Minute))+
		heardLine("live", from.Add(6*time.Minute), from.Add(10*time.Minute)))
	if r.Accepted != 3 || len(r.Notes) > 0 {
		t.Errorf("%+v", r)
	}
	l.settled(t, "night")
	if sum, unknown := l.sumOf(t, "night", window); unknown != 2 || sum != 1 {
		t.Errorf("%d minutes are unknown and %v posts known beside a gap of two", unknown, sum)
	}
	l.sendPush(t, heardLine("filled", from.Add(4*time.Minute), from.Add(6*time.Minute)))
	l.settled(t, "night")
	if _, unknown := l.sumOf(t, "night", window); unknown != 0 {
		t.Errorf("%d minutes are unknown after the gap was filled", unknown)
	}
}

// What nobody listens for is counted, is told, and is not kept; nothing reaches what is simulated.
func TestPushedForNobody(t *testing.T) {
	l := startLine(t, testdb.New(t), t.TempDir())
	l.watch(t, "elsewhere", func(e *reaction.Event) { e.Sources = []reaction.Source{"x"} })
	l.watch(t, "over", func(e *reaction.Event) { e.Status = reaction.Ended })
	l.watch(t, "drill", func(e *reaction.Event) { e.Simulated = true })
	r := l.sendPush(t, pushed(0, 10, time.Now())+heardLine("live", time.Now().Add(-time.Minute), time.Now()))
	if r.Unmatched != 11 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], `"nostr"`) {
		t.Errorf("%+v", r)
	}
	// Somebody's own collector of a source that Outcry collects itself.
	if r := l.sendPush(t, strings.ReplaceAll(pushed(0, 10, time.Now()), "nostr", "x")); r.Accepted != 8 {
		t.Errorf("%+v", r)
	}
	for slug, want := range map[string]float64{"elsewhere": 8, "over": 0, "drill": 0} {
		if n := l.settled(t, slug); n != want {
			t.Errorf("%s has %v posts, want %v", slug, n, want)
		}
	}
}

// Posts of an hour ago count where they belong, as they are, and late.
func TestPushedLate(t *testing.T) {
	l := startLine(t, testdb.New(t), t.TempDir())
	l.watch(t, "night")
	l.sendPush(t, pushed(0, 100, time.Now().Add(-time.Hour)))
	l.sendPush(t, pushed(100, 200, time.Now()))
	l.settled(t, "night")
	var body struct {
		Passport struct{ Late int }
	}
	if err := json.Unmarshal(l.get(t, "/v1/events/night/trend?"+allDay).want(t, 200).body, &body); err != nil {
		t.Fatal(err)
	}
	if body.Passport.Late != 80 {
		t.Errorf("%d posts are late of 80", body.Passport.Late)
	}
}

// A client that reads nothing before it has sent everything is answered line by line all the same.
func TestResultsOfEveryLine(t *testing.T) {
	l := startLine(t, testdb.New(t), t.TempDir())
	l.watch(t, "night")
	body := strings.Repeat(pushed(0, 50, time.Now())+"not JSON\n\n", 1000)
	c, err := net.Dial("tcp", strings.TrimPrefix(l.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(2 * time.Minute))
	if _, err := fmt.Fprintf(c, "POST %s?results=all HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s", pushAddress, l.key, len(body), body); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 202 || resp.Header.Get("Content-Type") != ndjson {
		t.Fatalf("answered with %d %s", resp.StatusCode, resp.Header)
	}
	counts, last := map[string]int{}, int64(0)
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 4<<20)
	var report api.PushReport
	for lines.Scan() {
		var x struct {
			Line           int64
			Result, Reason string
			Report         *api.PushReport
		}
		if err := json.Unmarshal(lines.Bytes(), &x); err != nil {
			t.Fatalf("%v in %s", err, lines.Bytes())
		}
		if x.Report != nil {
			report = *x.Report
			continue
		}
		if x.Line <= last {
			t.Fatalf("line %d after line %d", x.Line, last)
		}
		last = x.Line
		counts[x.Result]++
	}
	if lines.Err() != nil || counts["accepted"] != 40 || counts["unmatched"] != 10 || counts["duplicate"] != 49_950 || counts["refused"] != 1000 || last != 51_999 {
		t.Errorf("%v, the last line is %d: %v", counts, last, lines.Err())
	}
	if report.Lines != 51_000 || report.Refused != 1000 || len(report.Refusals) != 1000 || report.Reasons["bad_json"] != 1000 {
		t.Errorf("the report has %d lines, %d refused, %d listed", report.Lines, report.Refused, len(report.Refusals))
	}
	if n := l.settled(t, "night"); n != 40 {
		t.Errorf("%v posts are stored", n)
	}
}
