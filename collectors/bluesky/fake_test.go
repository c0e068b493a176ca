package bluesky

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/klauspost/compress/zstd"

	"outcry/collectors"
)

// network is a small Bluesky: what is written to it comes to all of its Jetstreams, over pipes.
type network struct {
	t     testing.TB
	mu    sync.Mutex
	hosts map[string]*jetstream
}

// jetstream is one server, strict about what it is asked, with faults to switch on.
type jetstream struct {
	net  *network
	name string
	skew time.Duration // its clock

	packer *zstd.Encoder

	mu     sync.Mutex
	log    []event
	first  int // what it still has begins here
	subs   map[*subscriber]bool
	dials  []url.Values
	status int         // answered to the next who come
	header http.Header // with it
	down   bool        // nobody can connect
	dead   string      // a collection of which nothing comes
	leaky  bool        // as the real one is: what is under way when replay ends may drop
	cut    int         // so many packed messages are cut short from here on
}

type event struct {
	us         int64
	collection string
	data       []byte
}

type subscriber struct {
	pipe *faultyPipe
	more chan struct{}
	raw  chan frame // said out of turn
}

type frame struct {
	kind websocket.MessageType
	data []byte
}

func newNetwork(t testing.TB, names ...string) *network {
	n := &network{t: t, hosts: map[string]*jetstream{}}
	for _, name := range names {
		n.hosts[name] = &jetstream{net: n, name: name, subs: map[*subscriber]bool{}, packer: packer(dictionary)}
	}
	return n
}

// client connects to the network's hosts by pipes.
func (n *network) client() *http.Client {
	c := collectors.Client()
	c.Transport = &http.Transport{DialContext: func(_ context.Context, _, address string) (net.Conn, error) {
		n.mu.Lock()
		defer n.mu.Unlock()
		h := n.hosts[address]
		if h == nil || h.isDown() {
			return nil, errors.New("connection refused")
		}
		here, there := net.Pipe()
		p := &faultyPipe{Conn: there, frozen: make(chan struct{})}
		close(p.frozen)
		srv := &http.Server{Handler: h, ConnContext: func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, pipeKey{}, c) }}
		srv.SetKeepAlivesEnabled(false) // who is refused is hung up on
		go func() { _ = srv.Serve(&once{conn: p, done: make(chan struct{})}) }()
		return buffered(here), nil
	}}
	return c
}

// bufferedPipe takes what is written at once, as the network does: otherwise two who answer each
// other's pings at the same moment would wait for each other.
type bufferedPipe struct {
	net.Conn
	out    chan []byte
	closed chan struct{}
	once   sync.Once
}

func buffered(c net.Conn) net.Conn {
	b := &bufferedPipe{Conn: c, out: make(chan []byte, 64), closed: make(chan struct{})}
	go func() {
		for {
			select {
			case p := <-b.out:
				if _, err := c.Write(p); err != nil {
					return
				}
			case <-b.closed:
				return
			}
		}
	}()
	return b
}

func (b *bufferedPipe) Write(p []byte) (int, error) {
	select {
	case b.out <- bytes.Clone(p):
		return len(p), nil
	case <-b.closed:
		return 0, net.ErrClosed
	}
}

func (b *bufferedPipe) Close() error {
	b.once.Do(func() { close(b.closed) })
	return b.Conn.Close()
}

type pipeKey struct{}

// once is a listener of one connection.
type once struct {
	conn net.Conn
	done chan struct{}
}

func (o *once) Accept() (net.Conn, error) {
	if c := o.conn; c != nil {
		o.conn = nil
		return c, nil
	}
	return nil, net.ErrClosed
}
func (o *once) Close() error   { return nil }
func (o *once) Addr() net.Addr { return &net.TCPAddr{} }

// faultyPipe writes nothing while it is frozen.
type faultyPipe struct {
	net.Conn
	mu     sync.Mutex
	frozen chan struct{}
}

func (p *faultyPipe) freeze() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.frozen = make(chan struct{})
}

func (p *faultyPipe) thaw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.frozen:
	default:
		close(p.frozen)
	}
}

func (p *faultyPipe) Write(b []byte) (int, error) {
	p.mu.Lock()
	c := p.frozen
	p.mu.Unlock()
	<-c
	return p.Conn.Write(b)
}

func (h *jetstream) isDown() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.down
}

// packer packs as Jetstream does.
func packer(dictionary []byte) *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderDict(dictionary), zstd.WithWindowSize(1<<17), zstd.WithEncoderConcurrency(1))
	if err != nil {
		panic(err)
	}
	return e
}

func (h *jetstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ask := r.URL.Query()
	h.mu.Lock()
	h.dials = append(h.dials, ask)
	status := h.status
	maps.Copy(w.Header(), h.header)
	h.mu.Unlock()
	if status != 0 {
		w.WriteHeader(status)
		return
	}
	for k := range ask {
		if !slices.Contains([]string{"wantedCollections", "compress", "cursor"}, k) {
			h.net.t.Errorf("asked for %s", k)
		}
	}
	cursor, err := strconv.ParseInt(ask.Get("cursor"), 10, 64)
	if ask.Has("cursor") && (err != nil || cursor < 1) || r.URL.Path != "/subscribe" || r.Header.Get("User-Agent") != "test" {
		h.net.t.Errorf("asked for %s by %s", r.URL, r.Header)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		h.net.t.Error(err)
		return
	}
	s := &subscriber{pipe: r.Context().Value(pipeKey{}).(*faultyPipe), more: make(chan struct{}, 1), raw: make(chan frame)}
	h.serve(ws.CloseRead(context.Background()), ws, s, ask, cursor)
}

func (h *jetstream) serve(ctx context.Context, ws *websocket.Conn, s *subscriber, ask url.Values, cursor int64) {
	defer ws.CloseNow()
	h.mu.Lock()
	h.subs[s] = true
	at := len(h.log)
	replaying := cursor > 0 && cursor <= time.Now().Add(h.skew).UnixMicro() // one in the future is the present
	if replaying {
		at = h.first
		for at < len(h.log) && h.log[at].us < cursor {
			at++
		}
	}
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.subs, s)
	}()
	ping := time.NewTicker(30 * time.Second)
	defer ping.Stop()
	for {
		var e event
		h.mu.Lock()
		if at < len(h.log) {
			if newest := len(h.log) - 1; replaying && h.log[at].us > h.log[newest].us-1e6 {
				replaying = false
				if fresh := time.Since(time.UnixMicro(h.log[newest].us).Add(-h.skew)) < 200*time.Millisecond; h.leaky && fresh {
					at = newest
				}
			}
			e = h.log[at]
			at++
		}
		h.mu.Unlock()
		if e.data == nil {
			replaying = false
			select {
			case <-ctx.Done():
				return
			case <-s.more:
			case f := <-s.raw:
				if ws.Write(ctx, f.kind, f.data) != nil {
					return
				}
			case <-ping.C:
				patience, cancel := context.WithTimeout(ctx, 10*time.Second)
				_ = ws.Ping(patience)
				cancel()
			}
			continue
		}
		if e.collection != "" && !slices.Contains(ask["wantedCollections"], e.collection) {
			continue
		}
		// One that takes too long is hung up on.
		patience, cancel := context.WithTimeout(ctx, 10*time.Second)
		kind, data := h.pack(e.data, ask.Get("compress") == "true")
		err := ws.Write(patience, kind, data)
		cancel()
		if err != nil {
			return
		}
	}
}

func (h *jetstream) pack(data []byte, compress bool) (websocket.MessageType, []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !compress {
		return websocket.MessageText, data
	}
	data = h.packer.EncodeAll(data, nil)
	if h.cut > 0 {
		h.cut--
		data = data[:len(data)/2]
	}
	return websocket.MessageBinary, data
}

// kill closes all connections without a word.
func (h *jetstream) kill() {
	for _, s := range h.subscribers() {
		s.pipe.thaw()
		s.pipe.Close()
	}
}

func (h *jetstream) subscribers() (out []*subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.subs {
		out = append(out, s)
	}
	return out
}

func (h *jetstream) set(f func(h *jetstream)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f(h)
}

// say says something out of turn to all who listen.
func (h *jetstream) say(kind websocket.MessageType, data []byte) {
	for _, s := range h.subscribers() {
		s.raw <- frame{kind, data}
	}
}

// append writes an event to all hosts; what makes its JSON from a host's time.
func (n *network) append(collection string, what func(us int64) []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, h := range n.hosts {
		h.mu.Lock()
		if h.dead == "" || h.dead != collection {
			us := time.Now().Add(h.skew).UnixMicro()
			if k := len(h.log); k > 0 {
				us = max(us, h.log[k-1].us+1)
			}
			h.log = append(h.log, event{us, collection, what(us)})
			for s := range h.subs {
				select {
				case s.more <- struct{}{}:
				default:
				}
			}
		}
		h.mu.Unlock()
	}
}

// commit writes to somebody's repository, and returns the record's address.
func (n *network) commit(operation, did, collection, rkey string, record any) string {
	n.again(operation, did, collection, rkey, operation+"-"+rkey, record)
	return "at://" + did + "/" + collection + "/" + rkey
}

// again is commit with a revision that may have come before.
func (n *network) again(operation, did, collection, rkey, rev string, record any) {
	c := map[string]any{"rev": rev, "operation": operation, "collection": collection, "rkey": rkey}
	if record != nil {
		c["record"], c["cid"] = record, "bafy"
	}
	n.append(collection, func(us int64) []byte {
		return encode(map[string]any{"did": did, "time_us": us, "kind": "commit", "commit": c})
	})
}

func (n *network) account(did string, active bool, status string) {
	n.accountAgain(did, active, status, time.Now().UnixMicro()+int64(len(status)))
}

// accountAgain is account with a number that may have come before.
func (n *network) accountAgain(did string, active bool, status string, seq int64) {
	n.append("", func(us int64) []byte {
		return encode(map[string]any{"did": did, "time_us": us, "kind": "account", "account": map[string]any{"active": active, "did": did, "status": status, "seq": seq}})
	})
}

func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSpace(b.Bytes())
}

type record = map[string]any

func postRecord(text string) record {
	return record{"$type": posts, "createdAt": time.Now().UTC().Format(time.RFC3339Nano), "text": text, "langs": []string{"en"}}
}

// post writes a post and returns its address.
func (n *network) post(i int) string {
	return n.commit("create", fmt.Sprintf("did:plc:%d", i%7), posts, fmt.Sprintf("p%d", i), postRecord(fmt.Sprintf("the stream is down 먹통 🎉 %d", i)))
}

// repost passes a post on and returns the repost's address.
func (n *network) repost(i int, uri string) string {
	return n.commit("create", "did:plc:fan", reposts, fmt.Sprintf("r%d", i), record{
		"$type": reposts, "createdAt": time.Now().UTC().Format(time.RFC3339Nano), "subject": record{"uri": uri, "cid": "bafy"},
	})
}
