package mastodon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coder/websocket"

	"outcry/collectors"
)

const (
	// wsSilence is how long a WebSocket may be without a frame: servers ping every 30 s, and most
	// answer to pings of ours.
	wsSilence   = 75 * time.Second
	wsPing      = 10 * time.Second
	wsName      = "websocket" // the name of the one connection
	wsWriteTime = 10 * time.Second
)

// wsLine holds all streams by one WebSocket.
type wsLine struct {
	c     *conn
	place *url.URL

	mu sync.Mutex
	ws *websocket.Conn
}

func (l *wsLine) open(dialling context.Context, st stream) error {
	l.mu.Lock()
	ws := l.ws
	l.mu.Unlock()
	if ws != nil {
		return l.say(ws, "subscribe", st)
	}
	return l.dial(dialling, st)
}

func (l *wsLine) shut(st stream) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ws != nil {
		_ = l.say(l.ws, "unsubscribe", st) // what still comes is wanted by nobody, and does no harm
	}
}

// say tells the server which streams we want.
func (l *wsLine) say(ws *websocket.Conn, what string, st stream) error {
	v := map[string]string{"type": what, "stream": string(public)}
	if tag := st.tag(); tag != "" {
		v["stream"], v["tag"] = "hashtag", tag
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(l.c.ctx, wsWriteTime)
	defer cancel()
	return ws.Write(ctx, websocket.MessageText, b)
}

// dial connects with the first stream in the address: some servers want one there.
func (l *wsLine) dial(dialling context.Context, st stream) error {
	c, s := l.c, l.c.s
	q := url.Values{"stream": {string(public)}}
	if tag := st.tag(); tag != "" {
		q = url.Values{"stream": {"hashtag"}, "tag": {tag}}
	}
	u := *l.place
	u.Path, u.RawQuery = "/api/v1/streaming", q.Encode()
	ctx, cancel := context.WithCancelCause(c.ctx)
	dog := time.AfterFunc(wsSilence, func() { cancel(errSilent) })
	alive := func() {
		dog.Reset(wsSilence)
		select { // a beat that finds no room is none: words come anyway
		case c.in <- message{line: wsName, at: time.Now()}:
		default:
		}
	}
	h := http.Header{}
	s.sign(h)
	ws, resp, err := websocket.Dial(dialling, u.String(), &websocket.DialOptions{ //nolint:bodyclose // the library does
		HTTPClient: s.http, HTTPHeader: h,
		OnPingReceived: func(context.Context, []byte) bool { alive(); return true },
		OnPongReceived: func(context.Context, []byte) { alive() },
	})
	if err != nil {
		dog.Stop()
		cancel(nil)
		return l.refused(err, resp)
	}
	ws.SetReadLimit(-1) // readAll bounds messages, without ending the connection
	l.mu.Lock()
	l.ws = ws
	l.mu.Unlock()
	c.word(wsName)
	c.group.Go(func() {
		defer cancel(nil)
		defer dog.Stop()
		defer ws.CloseNow() //nolint:errcheck // it ends either way
		l.read(ctx, ws, dog)
	})
	c.group.Go(func() { l.ping(ctx, ws) })
	return nil
}

// refused is what an answer other than a WebSocket means.
func (l *wsLine) refused(err error, resp *http.Response) error {
	s := l.c.s
	if resp == nil {
		return err
	}
	if resp.StatusCode == http.StatusSwitchingProtocols || resp.StatusCode == http.StatusOK {
		return &collectors.Fault{Kind: collectors.Server, Err: fmt.Errorf("%w: %s does not answer as a WebSocket", errUnsupported, s.base.Host)}
	}
	return s.answerFault(resp.StatusCode, resp.Header, bodyOf(resp), time.Now())
}

func (l *wsLine) read(ctx context.Context, ws *websocket.Conn, dog *time.Timer) {
	c := l.c
	for {
		_, r, err := ws.Reader(ctx)
		var data []byte
		var large bool
		if err == nil {
			data, large, err = readAll(r)
		}
		dog.Stop() // the line may be full for long, which is no silence of the server's
		if err == nil {
			if status, ok := serverSays(data); ok {
				err = c.s.refusedStream(status, data)
			}
		}
		if err != nil {
			c.tell(message{err: closing(ctx, err)})
			return
		}
		c.tell(message{line: wsName, at: time.Now(), data: data, large: large})
		dog.Reset(wsSilence)
	}
}

// closing is why a WebSocket ended.
func closing(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if websocket.CloseStatus(err) != -1 { // the other side's words stay out
		return &collectors.Fault{Kind: collectors.Network, Err: fmt.Errorf("the other side closed the connection (%d)", websocket.CloseStatus(err))}
	}
	return err
}

// ping asks now and then whether the server is there. Some never answer, and ping by themselves.
func (l *wsLine) ping(ctx context.Context, ws *websocket.Conn) {
	tick := time.NewTicker(wsPing)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		asking, cancel := context.WithTimeout(ctx, wsPing)
		err := ws.Ping(asking)
		cancel()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return // the reader knows why
		}
	}
}
