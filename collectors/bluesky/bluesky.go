// Package bluesky listens to Bluesky by Jetstream, which sends every public post as JSON over a
// WebSocket and asks for no key. It is a source for a collectors.Station, which keeps the
// connection alive; here it is dialled, read, and made sure that what a reconnect brings twice is
// handed on once.
package bluesky

import (
	"cmp"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/zstd"

	"outcry/collectors"
)

// Hosts are Bluesky's own servers of Jetstream. Each has all of the network's posts.
var Hosts = []string{
	"jetstream2.us-east.bsky.network", "jetstream1.us-east.bsky.network",
	"jetstream2.us-west.bsky.network", "jetstream1.us-west.bsky.network",
}

const (
	posts   = "app.bsky.feed.post"
	reposts = "app.bsky.feed.repost"
)

// Options set a Source up. Zero fields take the defaults.
type Options struct {
	// Hosts are tried in turn: names, or ws and wss addresses. Only hosts of this machine may be
	// spoken to without encryption. Default: Hosts.
	Hosts []string
	// Plain asks for messages that are not compressed, which is about twice as many bytes.
	Plain bool
	// NoReposts leaves reposts out.
	NoReposts bool
	// Expect is how long nothing may be posted before the source counts as blind, and another host is
	// tried. Default: a minute, which is long for the whole network and short for a server of one's own.
	Expect time.Duration
	// Remember bounds the memory, in bytes, in which posts are kept for up to an hour, so that a
	// repost is known by the words it passes on. Default: 32 MiB.
	Remember int
	Client   *http.Client // default: collectors.Client()
	// UserAgent tells the hosts who is asking.
	UserAgent string
	Now       func() time.Time // default: time.Now
}

// Source is Bluesky.
type Source struct {
	o     Options
	hosts []*host
	host  atomic.Pointer[host] // the one that is or was last listened to
	words *words

	unpack *zstd.Decoder

	seen *collectors.Seen // used by Next alone

	// Used by Dial alone.
	began   time.Time // when the present was first dialled
	dialled bool      // there was a connection

	mu    sync.Mutex
	at    int       // the host to try first
	plain time.Time // until then nothing is asked for compressed
}

// rememberSeen is how many messages are known again: those of a minute at 3,000 a second, which
// is what is heard twice when the host changes.
const rememberSeen = 200_000

// New checks the options and makes a Source. It is for one Station: what another did not make durable
// it takes for seen.
func New(o Options) (*Source, error) {
	if len(o.Hosts) == 0 {
		o.Hosts = Hosts
	}
	hosts, err := parseHosts(o.Hosts)
	if err != nil {
		return nil, err
	}
	o.Expect = cmp.Or(o.Expect, time.Minute)
	o.Remember = cmp.Or(o.Remember, 32<<20)
	o.UserAgent = cmp.Or(o.UserAgent, "outcry")
	if o.Client == nil {
		o.Client = collectors.Client()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	unpack, err := newUnpacker()
	if err != nil {
		return nil, fmt.Errorf("bluesky: the dictionary: %w", err)
	}
	s := &Source{o: o, hosts: hosts, unpack: unpack, seen: collectors.NewSeen(rememberSeen), words: newWords(o.Remember, o.Now)}
	s.host.Store(hosts[0])
	return s, nil
}

// Host names the server that is listened to, for people.
func (s *Source) Host() string { return s.host.Load().name }

// Traits are those of Jetstream: it replays from a cursor as far back as it remembers, a day or
// more, and always has something to say.
func (s *Source) Traits() collectors.Traits {
	canaries := map[string]time.Duration{posts: s.o.Expect}
	if !s.o.NoReposts {
		canaries[reposts] = 5 * s.o.Expect
	}
	return collectors.Traits{
		Replays: true, Words: true, Silence: silence, Expect: s.o.Expect, Jump: s.o.Expect, Canaries: canaries,
		DialTimeout: dialTimeout,
	}
}

func (s *Source) collections() []string {
	if s.o.NoReposts {
		return []string{posts}
	}
	return []string{posts, reposts}
}
