package mastodon

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"outcry/collectors"
)

// software is what a server says of itself.
type software struct {
	asked     time.Time // zero for never
	mastodon  bool      // Mastodon itself or a fork of it, whose hashtag streams deliver
	streaming *url.URL  // where it streams
}

// asksAgain is how long what a server says of itself is taken for true.
const asksAgain = 24 * time.Hour

type instance struct {
	Version       string `json:"version"`
	SourceURL     string `json:"source_url"`
	Configuration struct {
		URLs struct {
			Streaming string `json:"streaming"`
		} `json:"urls"`
	} `json:"configuration"`
	URLs struct {
		Streaming string `json:"streaming_api"`
	} `json:"urls"`
}

var mastodonVersion = regexp.MustCompile(`^([3-9]|\d\d)\.\d+\.\d+`)

// about asks the server what it is, by the present form of that call and else by the old one. A
// server that says nothing is taken for one of unknown kind that streams at its own host.
func (s *Server) about(ctx context.Context, now time.Time) (software, error) {
	s.mu.Lock()
	known := s.software
	s.mu.Unlock()
	if !known.asked.IsZero() && now.Sub(known.asked) < asksAgain {
		return known, nil
	}
	var in instance
	err := s.get(ctx, "/api/v2/instance", false, &in)
	if errors.Is(err, errUnsupported) {
		err = s.get(ctx, "/api/v1/instance", false, &in)
	}
	if err != nil && !errors.Is(err, errUnsupported) && !private(err) {
		return software{}, err
	}
	known = software{asked: now, streaming: s.base}
	known.mastodon = mastodonVersion.MatchString(in.Version) && !strings.Contains(in.Version, "ompatible") &&
		(in.SourceURL == "" || strings.Contains(strings.ToLower(in.SourceURL), "mastodon"))
	if where := cmp.Or(in.Configuration.URLs.Streaming, in.URLs.Streaming); s.streaming != nil {
		known.streaming = s.streaming
	} else if where != "" {
		known.streaming, err = s.place(where)
	}
	if known.streaming == nil {
		return software{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.software = known
	if known.mastodon && s.tags == tagsUnproven {
		s.tags = tagsDeliver
	}
	return known, nil
}

// private reports whether a server keeps to itself what it is; whether it lets us read is another
// question.
func private(err error) bool {
	_, ok := errors.AsType[*refusalError](err)
	return ok
}

// place checks where the server says that it streams: a token goes to nobody else.
func (s *Server) place(where string) (*url.URL, error) {
	u, err := url.Parse(where)
	if err == nil {
		u, err = parseServer(u.Scheme + "://" + u.Host)
	}
	if err != nil || !belongs(u, s.base) {
		return nil, &collectors.Fault{
			Kind: collectors.Refused,
			Err:  fmt.Errorf("%s says that it streams at a place that is neither its own host nor below it, and its token is not sent there", s.base.Host),
			Mend: "if you know that the place belongs to the server, name it as the server's streaming host",
		}
	}
	return u, nil
}

// get asks for one JSON value, with the token or without: what a server is it tells everybody.
func (s *Server) get(ctx context.Context, path string, signed bool, into any) error {
	ctx, cancel := context.WithTimeout(ctx, restTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base.String()+path, nil)
	if err != nil {
		return err
	}
	r.Header.Set("User-Agent", userAgent)
	if signed {
		s.sign(r.Header)
	}
	resp, err := s.api.Do(r)
	if err != nil {
		return s.broken(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body) // bounded by the guard
	if err != nil {
		return err
	}
	if json.Unmarshal(body, into) != nil {
		return &collectors.Fault{Kind: collectors.Server, Err: fmt.Errorf("%w: %s answers with something else than JSON", errUnsupported, s.base.Host)}
	}
	return nil
}
