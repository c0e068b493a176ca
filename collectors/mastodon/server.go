// Package mastodon listens to servers that speak Mastodon's API: Mastodon, GoToSocial, Pleroma and
// their kin. Each server is one collectors.Source with one feed, whatever number of streams it is
// heard by; all of them are the source "mastodon", and a post that several of them show is one post
// by its uri.
//
// What is listened to follows the live events: hashtag streams where an event's terms are hashtags,
// the public stream where they are words or accounts. The streams are read by readers of our own;
// timelines are asked for by go-mastodon, under a guard (see guard).
package mastodon

import (
	"cmp"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	gomastodon "github.com/mattn/go-mastodon"

	"outcry/collectors"
	"outcry/internal/match"
	"outcry/internal/reaction"
)

// Options set a Server up.
type Options struct {
	// Server is a host, with or without a port, or the address of one: "mastodon.social". It is
	// reached by https; http is for this machine only.
	Server string
	// Token is the access token of an account on that server, asked for each time it is needed, since
	// it may be replaced. It goes to the server and nowhere else. "" or nil is none.
	Token func() string
	// Streaming is where the server streams, where it names another site than its own for that;
	// "" for what the server says, as long as that is its own host or below it.
	Streaming string
	Wanted    collectors.Wanted // what is listened for
	// MaxStreams bounds the streams held at once: 0 is 40 subscriptions of one WebSocket, or 8
	// connections of server-sent events. Events that need more are heard by the public stream.
	MaxStreams int
	Client     *http.Client // nil is collectors.Client(); redirects are followed by none
	Log        *slog.Logger // nil for none
}

// Server is one server. It implements collectors.Source, Filler and Selective.
type Server struct {
	base      *url.URL
	streaming *url.URL // as the operator says; nil for as the server does
	token     func() string
	wanted    collectors.Wanted
	most      int
	http      *http.Client
	api       *gomastodon.Client
	log       *slog.Logger

	mu       sync.Mutex
	software software
	overSSE  bool      // it does not take WebSocket connections
	tags     tagTrust  // whether its hashtag streams deliver
	tagsAt   time.Time // since when that is known
	noPublic time.Time // until then its public stream is not asked for
	quota    quota

	marks   map[stream]*mark // how far each stream was heard
	seen    *collectors.Seen // what was handed on
	names   names            // uris of posts that deletions may name
	gone    names            // ids that were deleted before they were heard
	terms   *match.Set       // of the events that are listened for
	tagged  []stream         // their hashtags, in order
	served  served           // which of them are heard
	begun   []begun          // gaps that are being filled, the last one now
	learned bool             // names of before the start were asked for
}

// Bounds of what a Server remembers.
const (
	mostSeen  = 1 << 16 // twice as many at most
	mostNames = 1 << 16
	mostGone  = 1 << 12
)

// New makes a Server; mistakes in the options are told as one sentence without the token.
func New(o Options) (*Server, error) {
	base, err := parseServer(o.Server)
	if err != nil {
		return nil, err
	}
	s := &Server{
		base: base, token: o.Token, wanted: o.Wanted, most: o.MaxStreams,
		log:   cmp.Or(o.Log, slog.New(slog.DiscardHandler)),
		marks: map[stream]*mark{}, seen: collectors.NewSeen(mostSeen),
		names: names{most: mostNames}, gone: names{most: mostGone},
	}
	if o.Streaming != "" {
		if s.streaming, err = parseServer(o.Streaming); err != nil {
			return nil, err
		}
	}
	if s.token == nil {
		s.token = func() string { return "" }
	}
	client := collectors.Client()
	if o.Client != nil {
		*client = *o.Client
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	s.http = client
	s.api = s.client()
	return s, nil
}

// Traits says what a Station may expect: nothing is replayed, and keep-alives show that nothing was
// missed.
func (s *Server) Traits() collectors.Traits {
	return collectors.Traits{
		OnDemand: true,
		// A quiet stream says a word every 15 s, a quiet WebSocket of the oldest kind every 30 s.
		Late: 45 * time.Second, Expect: 90 * time.Second, Silence: 90 * time.Second,
		DialTimeout: 45 * time.Second,
	}
}

// Host names the server, for people.
func (s *Server) Host() string { return s.base.Host }

// String names the server, so that nothing else of it is ever printed.
func (s *Server) String() string { return s.base.Host }

// Feed names the server's feed. Hosts hold no underscores, so different hosts have different feeds.
func (s *Server) Feed() reaction.Feed {
	name := strings.NewReplacer(".", "_", ":", "__", "[", "", "]", "").Replace(s.base.Host)
	return reaction.Feed("live/mastodon/" + name[:min(len(name), 64)])
}

var (
	_ collectors.Source    = (*Server)(nil)
	_ collectors.Filler    = (*Server)(nil)
	_ collectors.Selective = (*Server)(nil)
)
