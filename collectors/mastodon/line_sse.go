package mastodon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"outcry/collectors"
)

// sseSilence is how long a stream of server-sent events may be without a line: three of the
// comments that come every 15 s.
const sseSilence = 45 * time.Second

// sseLine holds a connection for each stream.
type sseLine struct {
	c     *conn
	place *url.URL

	mu   sync.Mutex
	stop map[stream]context.CancelCauseFunc
}

func (l *sseLine) open(dialling context.Context, st stream) error {
	c, s := l.c, l.c.s
	ctx, cancel := context.WithCancelCause(c.ctx)
	undo := context.AfterFunc(dialling, func() { cancel(context.DeadlineExceeded) })
	resp, err := s.openSSE(ctx, l.place, st)
	if err == nil && !undo() {
		resp.Body.Close()
		err = context.DeadlineExceeded
	}
	if err != nil {
		undo()
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		cancel(nil)
		return err
	}
	l.mu.Lock()
	if l.stop == nil {
		l.stop = map[stream]context.CancelCauseFunc{}
	}
	l.stop[st] = cancel
	l.mu.Unlock()
	c.word(string(st))
	c.group.Go(func() { l.read(ctx, cancel, resp.Body, st) })
	return nil
}

// errShut ends a stream that is not wanted any more.
var errShut = errors.New("shut")

func (l *sseLine) shut(st stream) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if cancel := l.stop[st]; cancel != nil {
		cancel(errShut)
		delete(l.stop, st)
		l.c.forget(string(st))
	}
}

func (l *sseLine) read(ctx context.Context, cancel context.CancelCauseFunc, body io.ReadCloser, st stream) {
	defer cancel(nil)
	defer body.Close()
	dog := time.AfterFunc(sseSilence, func() { cancel(errSilent) })
	defer dog.Stop()
	r := newSSE(body)
	for {
		e, err := r.next()
		dog.Stop() // the line may be full for long, which is no silence of the server's
		if err != nil {
			if cause := context.Cause(ctx); cause != nil {
				err = cause
			}
			if !errors.Is(err, errShut) {
				l.c.tell(message{err: err})
			}
			return
		}
		m := message{line: string(st), from: st, at: time.Now(), event: e.name, large: e.large}
		if !e.comment && !e.large {
			m.data = append(make([]byte, 0, len(e.data)), e.data...)
			if m.event == "" {
				m.event = "message" // which Mastodon does not send: a notice
			}
		}
		l.c.tell(m)
		dog.Reset(sseSilence)
	}
}

// openSSE asks for a stream of server-sent events.
func (s *Server) openSSE(ctx context.Context, place *url.URL, st stream) (*http.Response, error) {
	u := *place
	u.Path = "/api/v1/streaming/public"
	if tag := st.tag(); tag != "" {
		u.Path, u.RawQuery = "/api/v1/streaming/hashtag", url.Values{"tag": {tag}}.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	s.sign(r.Header)
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("Accept-Encoding", "identity") // what is packed is held back
	resp, err := s.http.Do(r)
	if err != nil {
		return nil, err
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case resp.StatusCode != http.StatusOK:
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
		err = s.answerFault(resp.StatusCode, resp.Header, body, time.Now())
	case kind != "text/event-stream":
		err = &collectors.Fault{Kind: collectors.Server, Err: fmt.Errorf("%w: %s answers with a page where a stream should be", errUnsupported, s.base.Host)}
	default:
		return resp, nil
	}
	resp.Body.Close()
	return nil, err
}

// sign puts the token where it belongs, and nowhere else.
func (s *Server) sign(h http.Header) {
	h.Set("Authorization", "Bearer "+strings.TrimSpace(s.token()))
	h.Set("User-Agent", userAgent)
}

// bodyOf is the beginning of an answer's body.
func bodyOf(resp *http.Response) []byte {
	if resp == nil || resp.Body == nil {
		return nil
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
	return bytes.TrimSpace(body)
}
