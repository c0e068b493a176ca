package mastodon

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"outcry/collectors"
)

const goodToken = "s3cret-Token"

// fake is a strict server of Mastodon's API over pipes in memory, so that hours pass in moments.
type fake struct {
	t    *testing.T
	host string
	ln   *pipes
	http *http.Server

	mu        sync.Mutex
	token     string
	version   string
	streaming string
	noV2      bool
	sse, ws   bool
	deafTags  bool // hashtag streams are accepted and deliver nothing
	mute      bool // no keep-alives and no pongs
	closed    bool // the public stream and timeline
	left      int  // X-RateLimit-Remaining; below 0 is not told
	posts     []*post
	last      int64
	subs      map[*sub]bool
	asked     []string // requests, in order

	faulty sync.Mutex                                    // one fault at a time, so that tests may count
	fault  func(http.ResponseWriter, *http.Request) bool // answers in place of the server
}

type post struct {
	id      int64
	uri     string
	at      time.Time
	edited  time.Time
	text    string
	tags    []string
	more    string // JSON
	account string // JSON
	reply   bool
	gone    bool
}

type sub struct {
	send func(event, payload string, st []string) error
	raw  func(text string)
	cut  func()
	want map[string]bool
	dead bool // takes nothing any more
}

func newFake(t *testing.T) *fake {
	f := &fake{
		t: t, host: "127.0.0.1:21100", ln: &pipes{conns: make(chan net.Conn), done: make(chan struct{})},
		token: goodToken, version: "4.5.2", sse: true, ws: true, left: -1, subs: map[*sub]bool{},
		last: 116000000000000000,
	}
	f.http = &http.Server{Handler: http.HandlerFunc(f.serve), ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	go f.http.Serve(f.ln)
	return f
}

// stop ends the server and every connection.
func (f *fake) stop() {
	f.ln.Close()
	f.cutAll()
	f.http.Close()
}

func (f *fake) client() *http.Client {
	c := collectors.Client()
	tr := c.Transport.(*http.Transport)
	tr.Proxy = nil
	tr.DialContext = func(ctx context.Context, _, addr string) (net.Conn, error) { return f.ln.dial(ctx) }
	return c
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.asked = append(f.asked, r.Method+" "+r.URL.RequestURI())
	token, left := f.token, f.left
	f.mu.Unlock()
	if strings.Contains(r.URL.RawQuery, "oken") {
		f.t.Errorf("a token in the address %s", r.URL)
	}
	if f.faults(w, r) {
		return
	}
	if left >= 0 {
		w.Header().Set("X-RateLimit-Remaining", strconv.Itoa(left))
		w.Header().Set("X-RateLimit-Reset", time.Now().Add(time.Minute).UTC().Format(time.RFC3339Nano))
	}
	if strings.HasPrefix(r.URL.Path, "/api/v1/instance") || strings.HasPrefix(r.URL.Path, "/api/v2/instance") {
		f.instance(w, r)
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+token {
		refuse(w, 401, "The access token is invalid")
		return
	}
	switch {
	case r.URL.Path == "/api/v1/accounts/verify_credentials":
		fmt.Fprint(w, `{"id":"1","acct":"bo"}`)
	case strings.HasPrefix(r.URL.Path, "/api/v1/timelines/"):
		f.timeline(w, r)
	case r.URL.Path == "/api/v1/streaming":
		f.serveWS(w, r)
	case strings.HasPrefix(r.URL.Path, "/api/v1/streaming/"):
		f.serveSSE(w, r)
	default:
		refuse(w, 404, "Record not found")
	}
}

func (f *fake) faults(w http.ResponseWriter, r *http.Request) bool {
	f.faulty.Lock()
	defer f.faulty.Unlock()
	return f.fault != nil && f.fault(w, r)
}

// answer has fault answer from now on.
func (f *fake) answer(fault func(http.ResponseWriter, *http.Request) bool) {
	f.faulty.Lock()
	defer f.faulty.Unlock()
	f.fault = fault
}

func refuse(w http.ResponseWriter, status int, words string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"error": words})
}

func (f *fake) instance(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.noV2 && strings.Contains(r.URL.Path, "v2") {
		refuse(w, 404, "Not found")
		return
	}
	fmt.Fprintf(w, `{"domain":"x","version":%q,"configuration":{"urls":{"streaming":%q}},"urls":{"streaming_api":%q}}`, f.version, f.streaming, f.streaming)
}

func (f *fake) timeline(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	tag := strings.TrimPrefix(r.URL.Path, "/api/v1/timelines/tag/")
	if tag == r.URL.Path {
		if tag = ""; f.closed {
			refuse(w, 403, "This action is not allowed")
			return
		}
	}
	q := r.URL.Query()
	limit, _ := strconv.Atoi(q.Get("limit"))
	if limit < 1 || limit > 40 {
		f.t.Errorf("a page of %d", limit)
	}
	var found []*post
	for _, p := range f.posts {
		minID, _ := strconv.ParseInt(q.Get("min_id"), 10, 64)
		maxID, _ := strconv.ParseInt(q.Get("max_id"), 10, 64)
		if p.gone || tag != "" && !slices.Contains(p.tags, tag) || tag == "" && p.reply || p.id <= minID || maxID > 0 && p.id >= maxID {
			continue
		}
		found = append(found, p)
	}
	if q.Get("min_id") == "" { // the newest; with min_id the next
		found = found[max(0, len(found)-limit):]
	}
	found = found[:min(len(found), limit)]
	out := make([]json.RawMessage, 0, limit)
	for _, p := range slices.Backward(found) {
		out = append(out, json.RawMessage(p.json()))
	}
	json.NewEncoder(w).Encode(out)
}

func (p *post) json() string {
	var tags []string
	for _, t := range p.tags {
		tags = append(tags, fmt.Sprintf(`{"name":%q,"url":"https://x/tags/%s"}`, t, t))
	}
	edited := "null"
	if !p.edited.IsZero() {
		edited = strconv.Quote(p.edited.UTC().Format("2006-01-02T15:04:05.000Z"))
	}
	account, reply := p.account, "null"
	if account == "" {
		account = `{"id":"2","username":"bob","acct":"bob","url":"https://a.example/@bob","noindex":false,"discoverable":false,"note":"<p>hi</p>"}`
	}
	if p.reply {
		reply = `"7"`
	}
	text := p.text
	for _, t := range p.tags {
		text += fmt.Sprintf(` <a href="https://x/tags/%s" class="mention hashtag" rel="tag">#<span>%s</span></a>`, t, t)
	}
	content, _ := json.Marshal("<p>" + text + "</p>")
	return fmt.Sprintf(`{"id":"%d","created_at":%q,"in_reply_to_id":%s,"sensitive":false,"spoiler_text":"","visibility":"public","language":"en","uri":%q,"url":%q,"edited_at":%s,"content":%s,"reblog":null,"account":%s,"tags":[%s]%s}`,
		p.id, p.at.UTC().Format("2006-01-02T15:04:05.000Z"), reply, p.uri, p.uri, edited, content, account, strings.Join(tags, ","), p.more)
}

func (f *fake) serveSSE(w http.ResponseWriter, r *http.Request) {
	key := "public"
	switch r.URL.Path {
	case "/api/v1/streaming/public":
	case "/api/v1/streaming/hashtag":
		key = "#" + r.URL.Query().Get("tag")
	default:
		refuse(w, 404, "Not found")
		return
	}
	f.mu.Lock()
	sse, closed, mute := f.sse, f.closed, f.mute
	f.mu.Unlock()
	switch {
	case !sse:
		refuse(w, 404, "Not found")
		return
	case closed && key == "public":
		refuse(w, 403, "This action is not allowed")
		return
	case key != strings.ToLower(key):
		f.t.Errorf("the tag %s is not lower-cased", key)
	case r.Header.Get("Accept") != "text/event-stream":
		refuse(w, 406, "Not acceptable")
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	var mu sync.Mutex
	write := func(text string) {
		mu.Lock()
		defer mu.Unlock()
		io.WriteString(w, text)
		w.(http.Flusher).Flush()
	}
	ctx, cut := context.WithCancel(r.Context())
	s := &sub{cut: cut, raw: write, want: map[string]bool{key: true}}
	s.send = func(event, payload string, _ []string) error {
		write("event: " + event + "\ndata: " + payload + "\n\n")
		return ctx.Err()
	}
	write(":)\n")
	f.hold(s, func() {
		tick := time.NewTicker(15 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if !mute && !f.dead(s) {
					write(":thump\n")
				}
			}
		}
	})
	panic(http.ErrAbortHandler) // the connection is cut, not ended
}

func (f *fake) serveWS(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	ok, mute := f.ws, f.mute
	f.mu.Unlock()
	if !ok || r.Header.Get("Upgrade") == "" {
		refuse(w, 400, "Unknown channel requested")
		return
	}
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		f.t.Error(err)
		return
	}
	defer ws.CloseNow()
	ctx, cut := context.WithCancel(context.Background())
	s := &sub{cut: cut, want: map[string]bool{}}
	s.raw = func(text string) { ws.Write(ctx, websocket.MessageText, []byte(text)) }
	s.send = func(event, payload string, st []string) error {
		b, _ := json.Marshal(map[string]any{"stream": st, "event": event, "payload": payload})
		return ws.Write(ctx, websocket.MessageText, b)
	}
	add := func(st, tag string, on bool) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if st == "hashtag" {
			st = "#" + tag
		}
		if st == "public" && f.closed && on {
			go s.raw(`{"error":"This action is not allowed","status":403}`)
			return
		}
		s.want[st] = on
	}
	add(r.URL.Query().Get("stream"), r.URL.Query().Get("tag"), true)
	f.hold(s, func() {
		defer cut()
		if mute {
			<-ctx.Done()
			return
		}
		for {
			_, b, err := ws.Read(ctx)
			if err != nil {
				return
			}
			var v struct{ Type, Stream, Tag string }
			if json.Unmarshal(b, &v) != nil || v.Type != "subscribe" && v.Type != "unsubscribe" {
				f.t.Errorf("an odd message: %s", b)
			}
			add(v.Stream, v.Tag, v.Type == "subscribe")
		}
	})
}

func (f *fake) hold(s *sub, run func()) {
	f.mu.Lock()
	f.subs[s] = true
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.subs, s)
	}()
	run()
}

func (f *fake) dead(s *sub) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return s.dead
}

// cutAll ends the streams without a word.
func (f *fake) cutAll() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for s := range f.subs {
		s.cut()
	}
}

// each calls fn for every stream that is open.
func (f *fake) each(fn func(*sub)) {
	f.mu.Lock()
	var list []*sub
	for s := range f.subs {
		list = append(list, s)
	}
	f.mu.Unlock()
	for _, s := range list {
		fn(s)
	}
}

// write makes a post: it is in the timelines, and goes to the streams.
func (f *fake) write(text string, tags ...string) *post {
	return f.publish(&post{text: text, tags: tags})
}

func (f *fake) publish(p *post) *post {
	f.mu.Lock()
	f.last += 1 << 16
	p.id, p.at = f.last, time.Now()
	if p.uri == "" {
		p.uri = fmt.Sprintf("https://a.example/users/bob/statuses/%d", p.id)
	}
	f.posts = append(f.posts, p)
	f.mu.Unlock()
	f.stream("update", p.json(), p)
	return p
}

func (f *fake) edit(p *post, text string) {
	f.mu.Lock()
	p.text, p.edited = text, time.Now()
	f.mu.Unlock()
	f.stream("status.update", p.json(), p)
}

func (f *fake) delete(p *post) {
	f.mu.Lock()
	p.gone = true
	f.mu.Unlock()
	f.stream("delete", strconv.FormatInt(p.id, 10), p)
}

func (f *fake) stream(event, payload string, p *post) {
	f.each(func(s *sub) {
		f.mu.Lock()
		dead, deaf, public := s.dead, f.deafTags, s.want["public"] && !p.reply
		var tags []string
		for _, t := range p.tags {
			if s.want["#"+t] {
				tags = append(tags, t)
			}
		}
		f.mu.Unlock()
		if dead {
			return
		}
		if public {
			s.send(event, payload, []string{"public"})
		}
		for _, t := range tags {
			if !deaf {
				s.send(event, payload, []string{"hashtag", t})
			}
		}
	})
}

// count is how many requests were for a path that begins so.
func (f *fake) count(prefix string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.asked {
		if strings.HasPrefix(a, "GET "+prefix) {
			n++
		}
	}
	return n
}

// held are the streams that the server has subscribers for.
func (f *fake) held() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := []string{}
	for s := range f.subs {
		for k, on := range s.want {
			if on {
				out = append(out, k)
			}
		}
	}
	slices.Sort(out)
	return out
}
