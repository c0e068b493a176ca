package x

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
)

// maxAnswer bounds the answers to single requests: a page of a hundred long posts is far smaller.
const maxAnswer = 8 << 20

// exchange is one request and what it was answered with, as it came: the library drops much of it.
type exchange struct {
	stream bool       // the answer goes on, and is ours to read
	want   int        // the status that the library waits for: it takes other good ones for errors
	query  url.Values // what the library has no option for

	status int // 0 where no answer came
	header http.Header
	body   []byte        // of an answer that is no stream
	source io.ReadCloser // of a stream: to be read and closed
}

type exchangeKey struct{}

// authorizer leaves the token to the transport, which knows where a request goes.
type authorizer struct{}

func (authorizer) Add(*http.Request) {}

// transport carries the library's requests. It sends the token to one host alone, bounds what comes
// back, and takes the bytes of a stream out of the library's hands: what that reads instead is
// empty, so that its reader, which drops posts and can spin for ever, ends before it begins.
type transport struct {
	next  http.RoundTripper
	base  *url.URL
	token func() string
}

var errNoToken = errors.New("there is no token")

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	ex, ok := r.Context().Value(exchangeKey{}).(*exchange)
	if !ok || r.URL.Scheme != t.base.Scheme || r.URL.Host != t.base.Host {
		return nil, fmt.Errorf("a request to %s that was not asked for", r.URL.Host)
	}
	token := strings.TrimSpace(t.token())
	if token == "" {
		return nil, errNoToken
	}
	if strings.ContainsFunc(token, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return nil, errNoToken
	}
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("User-Agent", "outcry")
	if len(ex.query) > 0 {
		q := r.URL.Query()
		maps.Copy(q, ex.query)
		r.URL.RawQuery = q.Encode()
	}
	if ex.stream { // packed, a keep-alive might wait for what comes after it
		r.Header.Set("Accept-Encoding", "identity")
	}
	resp, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if err := ex.take(resp); err != nil {
		return nil, err
	}
	return resp, nil
}

// take keeps an answer and leaves the library what it can be trusted with.
func (ex *exchange) take(resp *http.Response) error {
	ex.status, ex.header = resp.StatusCode, resp.Header
	if ex.stream && resp.StatusCode == http.StatusOK {
		ex.source, resp.Body = resp.Body, http.NoBody
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if closing := resp.Body.Close(); err == nil {
		err = closing
	}
	if err == nil && len(body) > maxAnswer {
		err = fmt.Errorf("the answer has more than %d bytes", maxAnswer)
	}
	if err != nil {
		ex.status = 0
		return err
	}
	ex.body, resp.Body = body, io.NopCloser(bytes.NewReader(body))
	if ex.want != 0 && resp.StatusCode/100 == 2 {
		resp.StatusCode = ex.want
	}
	return nil
}
