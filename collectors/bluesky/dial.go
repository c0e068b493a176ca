package bluesky

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/coder/websocket"

	"outcry/collectors"
)

const (
	dialTimeout = 40 * time.Second // for all hosts together
	hostTimeout = 10 * time.Second
	maxWait     = 15 * time.Minute // the longest that a host may ask us to stay away
	plainFor    = 10 * time.Minute // how long to ask for plain messages when packed ones could not be read
)

// Dial tries the hosts in turn, beginning with the one that was listened to last, unless it was
// found wanting.
func (s *Source) Dial(ctx context.Context, after collectors.Cursor) (collectors.Conn, error) {
	at := parseCursor(after)
	if s.began.IsZero() {
		s.began = s.o.Now()
	}
	var fault *collectors.Fault
	for _, h := range s.order() {
		now := s.o.Now()
		if h.not.After(now) {
			fault = worse(fault, &collectors.Fault{Kind: collectors.Limited, Err: fmt.Errorf("%s asks us to wait", h.name), RetryAt: h.not})
			continue
		}
		begin := at.from(h)
		if s.dialled && begin == 0 { // nothing came yet: what was said since is wanted all the same
			begin = s.began.Add(-rewind).UnixMicro()
		}
		sock, err := s.open(ctx, h, begin)
		if err == nil {
			s.dialled = true
			s.prefer(h)
			s.host.Store(h)
			return newConn(s, h, sock, begin), nil
		}
		f := collectors.AsFault(err)
		h.not = f.RetryAt
		fault = worse(fault, f)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, fault
}

// worse is of two faults the one to tell when no host can be had: the one that goes away soonest
// decides when to try again.
func worse(a, b *collectors.Fault) *collectors.Fault {
	switch {
	case a == nil:
		return b
	case b.RetryAt.Before(a.RetryAt): // also where b does not say
		return b
	case a.RetryAt.Equal(b.RetryAt) && a.Kind == collectors.Limited:
		return b
	}
	return a
}

// open connects to a host; begin is where to go on, 0 for the present.
func (s *Source) open(ctx context.Context, h *host, begin int64) (*socket, error) {
	ctx, cancel := context.WithTimeout(ctx, hostTimeout)
	defer cancel()
	k := &socket{packed: s.packed(), beat: make(chan struct{}, 1), unpack: s.unpack}
	ask := url.Values{"wantedCollections": s.collections()}
	if k.packed {
		ask.Set("compress", "true")
	}
	if begin > 0 {
		ask.Set("cursor", strconv.FormatInt(begin, 10))
	}
	u := h.url
	u.RawQuery = ask.Encode()
	ws, answer, err := websocket.Dial(ctx, u.String(), &websocket.DialOptions{ //nolint:bodyclose // Dial has read and closed it
		HTTPClient:     s.o.Client,
		HTTPHeader:     http.Header{"User-Agent": {s.o.UserAgent}},
		OnPingReceived: func(context.Context, []byte) bool { k.alive(); return true },
		OnPongReceived: func(context.Context, []byte) { k.alive() },
	})
	if err != nil {
		return nil, s.refused(h, answer, err)
	}
	ws.SetReadLimit(endless)
	k.ws = ws
	return k, nil
}

// packed reports whether to ask for compressed messages.
func (s *Source) packed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.o.Plain && !s.plain.After(s.o.Now())
}

// unpackable takes note that a compressed message could not be read.
func (s *Source) unpackable() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plain = s.o.Now().Add(plainFor)
}

// refused puts a failed connection in words.
func (s *Source) refused(h *host, answer *http.Response, err error) *collectors.Fault {
	f := &collectors.Fault{Kind: collectors.Network}
	if answer == nil {
		var inner *url.Error // its own text has the whole address
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			err = errors.New("no answer in time")
		case errors.As(err, &inner):
			err = inner.Err
		}
		f.Err = fmt.Errorf("%s cannot be reached: %w", h.name, err)
		return f
	}
	f.Kind, f.Err = collectors.Server, fmt.Errorf("%s answers %d", h.name, answer.StatusCode)
	switch code := answer.StatusCode; {
	case code == http.StatusTooManyRequests:
		f.Kind = collectors.Limited
	case code/100 == 4 || code/100 == 3 || code == http.StatusOK:
		f.Mend = "check that bluesky_hosts names servers of Jetstream"
	}
	f.RetryAt = s.retryAfter(answer.Header.Get("Retry-After"))
	return f
}

// retryAfter reads when a host wants to be asked again, in seconds or as a date; zero where it does
// not say.
func (s *Source) retryAfter(v string) time.Time {
	now := s.o.Now()
	var at time.Time
	if n, err := strconv.ParseUint(v, 10, 32); err == nil {
		at = now.Add(time.Duration(n) * time.Second)
	} else if t, err := http.ParseTime(v); err == nil {
		at = t
	}
	if most := now.Add(maxWait); at.After(most) {
		return most
	}
	return at
}
