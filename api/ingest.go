package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"outcry/internal/reaction"
)

// Ingests takes in posts that are pushed from outside.
type Ingests interface {
	// Look finds out what is listened for now. It is called before what is pushed in one request.
	Look(ctx context.Context) error

	// Push makes a batch from one sender durable: all of it, or nothing as far as is known. What is
	// pushed again counts once. It waits for a while where there is no room. The records pass
	// reaction.Record.Check.
	Push(ctx context.Context, sender string, batch []reaction.Pushed) (reaction.Took, error)
}

const (
	ingestPath = "/v1/ingest/posts"

	maxPushBytes  = 100 << 20 // of a body as it is sent
	maxPushPlain  = 1 << 30   // and unpacked
	maxPushLines  = 2_000_000
	maxPushLine   = 1 << 20          // bytes of one line
	maxRefusals   = 1000             // that an answer lists
	pushTimeout   = 10 * time.Minute // for a body to arrive and to be taken
	pushesAtOnce  = 16
	pushesASender = 4

	// What results=all may take on disk: of one push, which is enough for as many lines as it may
	// have where few are refused, and of all that are under way.
	maxResults    = 128 << 20
	maxResultsAll = 512 << 20
)

type pushPostsInput struct {
	upload
	Results string `query:"results" enum:"refused,all" default:"refused" doc:"refused: one JSON answer, which lists the first 1,000 lines that were refused. all: where nothing breaks off, the fate of every line, one JSON object a line, in their order, and the report in the last. Where they take more than 128 MiB, or those of all pushes under way 512 MiB, the rest of them is left out, and a line cut says after which."`
}

// PushReport is what became of a push. What it says is in is durable.
type PushReport struct {
	Lines      int64            `json:"lines" doc:"Lines that were dealt with. Blank ones are passed over."`
	Through    int64            `json:"through" doc:"The number of the last line that was dealt with, counted from 1. What comes after it is not in: where the push broke off, send that again, or everything."`
	Accepted   int64            `json:"accepted" doc:"Lines that are in the log now. They are counted a little later."`
	Duplicates int64            `json:"duplicates" doc:"Posts that are in too, and that this server remembers to have been pushed before. It forgets some, and there may be others; each post counts once all the same."`
	Unmatched  int64            `json:"unmatched" doc:"Posts, and words, that concern no event which is listened to now. Posts among them were counted, and are not kept."`
	Refused    int64            `json:"refused" doc:"Lines that were not taken."`
	Reasons    map[string]int64 `json:"reasons" doc:"How many lines were refused, by reason: bad_json, bad_line, bad_text, bad_source, bad_value, no_time, bad_time, future_time, too_old, too_large, foreign_source."`
	Refusals   []PushRefusal    `json:"refusals" doc:"The first 1,000 lines that were refused."`
	Notes      []string         `json:"notes" doc:"What the sender should know, for people."`
}

// PushRefusal is why a line was not taken.
type PushRefusal struct {
	Line   int64  `json:"line" doc:"Its number, counted from 1." example:"17"`
	Reason string `json:"reason" doc:"From the closed list." example:"future_time"`
	Path   string `json:"path,omitempty" doc:"Where in the line." example:"post.at"`
	Text   string `json:"text" doc:"What is wrong, and what to do about it."`
}

func (s *server) ingestOperations() {
	r := answers(typeNDJSON, nil)
	ok := r["200"]
	delete(r, "200")
	ok.Description = "What became of it: the report; with results=all each line's fate, and the report last."
	ok.Content[typeNDJSON] = &huma.MediaType{Schema: textBody(), Example: `{"line":1,"result":"accepted"}` + "\n" +
		`{"line":2,"result":"refused","reason":"no_time","path":"post.at","text":"…"}` + "\n" + `{"report":{"lines":2,"accepted":1,…}}`}
	ok.Content[typeJSON] = &huma.MediaType{Schema: schema[PushReport](s)}
	r["202"] = ok
	register(s, ingests, huma.Operation{
		OperationID: "push-posts", Method: http.MethodPost, Path: ingestPath, Tags: []string{tagPush},
		Summary: "Push posts of any source",
		Description: "Posts, edits, deletions, word of how well a source was heard, and the sender's clock, one JSON object a line. " +
			"Posts are matched with every real event that is listened to now and whose sources name theirs. " +
			"A key may speak for the sources that it was made for, or else for those that Outcry does not collect itself: a line of another is refused as foreign_source. " +
			"A line that is wrong is refused by itself; every other is durable when this answers. " +
			"Sending the same again is always safe: a post counts once by source and id, an edit stands by its edited_at, a deletion wins whenever it comes. " +
			"Where a push breaks off (400, 408, 413, 503) the problem's `push` says how far it came. " +
			"Without heard lines that no posts come means unknown; with them it means zero. See docs/new-source.md.",
		Responses: r,
	}, s.pushPosts)
	s.body(http.MethodPost, ingestPath, "One JSON object a line, as described here; at most 1 MiB a line, 2,000,000 lines and 100 MiB. "+
		"gzip and zstd are read (Content-Encoding), of at most 1 GiB unpacked.", map[string]*huma.Schema{typeNDJSON: schema[pushedLine](s)})
}

func (s *server) pushPosts(ctx context.Context, in *pushPostsInput) (out *huma.StreamResponse, err error) {
	if _, err := in.expect(typeNDJSON, "application/jsonl"); err != nil {
		return nil, err
	}
	if in.r.ContentLength > maxPushBytes {
		return nil, tooLarge(maxPushBytes)
	}
	leave, err := s.pushes.enter(ctx)
	if err != nil {
		return nil, err
	}
	// Whoever has sent everything may go: what was sent is taken all the same.
	work, cancel := context.WithTimeout(context.WithoutCancel(ctx), pushTimeout)
	defer cancel()
	p := newPushing(s, in, principal(ctx))
	// However it ends, also by a fault of ours, its place and its room on disk are free again.
	free := func() { p.results.close(); leave() }
	defer func() {
		if out == nil {
			free()
		}
	}()
	err = p.run(work)
	if err == nil {
		err = p.emptyHanded()
	}
	p.leaveTrail(ctx)
	if err != nil {
		p.linger(err)
		return nil, p.broken(s.fault(ctx, err))
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		defer free()
		_, w := humachi.Unwrap(ctx)
		if p.answer(w) != nil {
			panic(http.ErrAbortHandler) // the client must not take a part for the whole
		}
	}}, nil
}

// emptyHanded is why a push of which nothing was taken is no success.
func (p *pushing) emptyHanded() error {
	switch r := &p.report; {
	case r.Lines == 0:
		return mistake("body", "it holds no lines: send one JSON object a line")
	case r.Refused == r.Lines:
		var list []Mistake
		for _, x := range r.Refusals {
			list = append(list, Mistake{strings.TrimSuffix(fmt.Sprintf("line %d: %s", x.Line, x.Path), ": "), x.Text})
		}
		return wrong(list...)
	}
	return nil
}

// broken is the problem of a push that broke off, with how far it came. Some problems are the same for
// every push: each gets its own copy.
func (p *pushing) broken(why *Problem) *Problem {
	p.report.conclude(p)
	own := *why
	own.Push = &p.report
	return &own
}

// answer writes what became of everything.
func (p *pushing) answer(w http.ResponseWriter) error {
	p.report.conclude(p)
	var head any = &p.report
	kind := typeJSON
	if p.results != nil {
		kind, head = typeNDJSON, map[string]any{"report": &p.report}
	}
	body, err := json.Marshal(head)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(http.StatusAccepted)
	if err := p.results.copyTo(w); err != nil {
		return err
	}
	_, err = w.Write(append(body, '\n'))
	return err
}

// conclude fills in what lists an answer must have, and what people should know.
func (r *PushReport) conclude(p *pushing) {
	r.Refusals = orEmpty(r.Refusals)
	r.Notes = orEmpty(p.notes())
	if r.Reasons == nil {
		r.Reasons = map[string]int64{}
	}
}

// What ends a push before its body does.
var (
	errUnpacked = problem(http.StatusRequestEntityTooLarge, "The body unpacks to more than %d MiB: send it in parts.", maxPushPlain>>20)
	errLines    = problem(http.StatusRequestEntityTooLarge, "The body holds more than %d lines: send it in parts.", maxPushLines)
	errLong     = problem(http.StatusRequestTimeout, "A push may last %s: send what is left in another.", pushTimeout)
	errRevoked  = problem(http.StatusForbidden, "The credentials that this push began with are no longer good.")
	errStopping = problem(http.StatusServiceUnavailable, "The server is stopping. Send the rest to it again in a moment.").retryAfter(awayRetry)
)
