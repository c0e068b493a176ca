package mastodon

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	gomastodon "github.com/mattn/go-mastodon"

	"outcry/collectors"
)

// Bounds of every exchange but a stream.
const (
	maxBody     = 8 << 20 // a page of 40 posts is below 1 MiB
	maxRefusal  = 8 << 10
	restTimeout = 30 * time.Second
	pageSize    = 40 // the most that servers give
)

const userAgent = "Outcry (what audiences of live events say; reads public posts)"

// quota is what the server's headers say we may still ask.
type quota struct {
	known bool
	left  int
	reset time.Time
}

// guard is what go-mastodon's requests pass through, since that client follows redirects, reads
// answers of any size, repeats the other side's words, and waits for up to an hour by itself where
// it is limited. Behind the guard it meets answers with status 200 and a bounded body only; all
// else is a *collectors.Fault. A page of posts is kept for our own decoder, since the client's
// types drop what authors wish, and it is given an empty page.
type guard struct {
	s  *Server
	by http.RoundTripper
}

// pageKey is where a context carries the *[]byte that a page is kept in.
type pageKey struct{}

// RoundTrip makes one request.
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	s := g.s
	if r.URL.Scheme != s.base.Scheme || r.URL.Host != s.base.Host {
		return nil, &collectors.Fault{Kind: collectors.Ours, Err: fmt.Errorf("a request for %s was about to leave it", s.base.Host)}
	}
	if f := s.mayAsk(time.Now()); f != nil {
		return nil, f
	}
	if r.Header.Get("Authorization") != "" { // the token as it is now
		r = r.Clone(r.Context())
		s.sign(r.Header)
	}
	resp, err := g.by.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	now := time.Now()
	s.count(resp.Header, now)
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
		return nil, s.answerFault(resp.StatusCode, resp.Header, body, now)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxBody {
		return nil, &collectors.Fault{Kind: collectors.Server, Err: fmt.Errorf("%s answers with more than %d bytes", s.base.Host, maxBody)}
	}
	if page, ok := r.Context().Value(pageKey{}).(*[]byte); ok {
		*page, body = body, []byte("[]")
	}
	resp.Header.Del("Link") // we page by ids
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}

// mayAsk is why the server is not to be asked now, nil where it is.
func (s *Server) mayAsk(now time.Time) *collectors.Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q := s.quota; q.known && q.left <= 0 && now.Before(q.reset) {
		return &collectors.Fault{Kind: collectors.Limited, Err: fmt.Errorf("what %s lets us ask is used up", s.base.Host), RetryAt: q.reset}
	}
	return nil
}

// count takes note of what the server lets us ask.
func (s *Server) count(h http.Header, now time.Time) {
	left, err := strconv.Atoi(h.Get("X-RateLimit-Remaining"))
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quota = quota{known: true, left: left, reset: retryAt(h, now)}
}

// client makes the REST client behind the guard.
func (s *Server) client() *gomastodon.Client {
	by := s.http.Transport
	if by == nil {
		by = http.DefaultTransport
	}
	c := gomastodon.NewClient(&gomastodon.Config{Server: s.base.String(), AccessToken: "(see guard)"})
	c.Client = http.Client{Transport: &guard{s, by}, CheckRedirect: s.http.CheckRedirect}
	c.UserAgent = userAgent
	return c
}

// page asks for one page of a stream's timeline, newest first.
func (s *Server) page(ctx context.Context, from stream, pg gomastodon.Pagination) ([]status, error) {
	ctx, cancel := context.WithTimeout(ctx, restTimeout)
	defer cancel()
	var body []byte
	ctx = context.WithValue(ctx, pageKey{}, &body)
	var err error
	if tag := from.tag(); tag != "" {
		_, err = s.api.GetTimelineHashtag(ctx, tag, false, &pg)
	} else {
		_, err = s.api.GetTimelinePublic(ctx, false, &pg)
	}
	if err != nil {
		return nil, s.broken(err)
	}
	var raw []json.RawMessage
	if json.Unmarshal(body, &raw) != nil || len(raw) > 2*pageSize {
		return nil, &collectors.Fault{Kind: collectors.Server, Err: fmt.Errorf("%s answers with something else than a page of posts", s.base.Host)}
	}
	out := make([]status, len(raw))
	for i, r := range raw {
		out[i].read(r)
	}
	return out, nil
}
