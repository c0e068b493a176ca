// Package x listens to X by its API, version 2: rules of the filtered stream that follow the events,
// the stream, search for what was missed, and looking up whether posts are still there.
//
// go-twitter makes the requests and reads their answers. Its reader of streams loses posts without
// a sign, so that it is never given a stream: see transport.
package x

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	twitter "github.com/g8rswimmer/go-twitter/v2"

	"outcry/collectors"
)

// DefaultURL is where X's API is.
const DefaultURL = "https://api.x.com"

// Options set a Client up.
type Options struct {
	URL string // of the API; default DefaultURL
	// Token gives the app's bearer token, "" where there is none. It is asked for every request, so
	// that a new one is taken up at once.
	Token func() string
	HTTP  *http.Client // default collectors.Client()
}

// Client makes single requests to X and keeps to its limits: https://docs.x.com/x-api/fundamentals/rate-limits.
// Its errors are *collectors.Fault. It is safe for concurrent use.
type Client struct {
	api  *twitter.Client
	base *url.URL

	connects, writes, lists, searches, lookups, others *collectors.Window
}

// window is the stretch of time that X counts requests in.
const window = 15 * time.Minute

// askTimeout bounds a request that is no stream.
const askTimeout = 30 * time.Second

// NewClient makes a Client. It fails where the address is not one that a token may be sent to.
func NewClient(o Options) (*Client, error) {
	if o.URL == "" {
		o.URL = DefaultURL
	}
	base, err := url.Parse(strings.TrimSuffix(o.URL, "/"))
	switch {
	case err != nil || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, errors.New("the address of X's API is none: write it as " + DefaultURL)
	case base.Scheme == "https", base.Scheme == "http" && loopback(base.Hostname()):
	default:
		return nil, fmt.Errorf("%s://%s is not safe to send a token to: use https", base.Scheme, base.Host)
	}
	if o.HTTP == nil {
		o.HTTP = collectors.Client()
	}
	if o.Token == nil {
		o.Token = func() string { return "" }
	}
	client := *o.HTTP
	if client.Transport == nil {
		client.Transport = http.DefaultTransport
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client.Transport = &transport{next: client.Transport, base: base, token: o.Token}
	budget := func(n int) *collectors.Window { return collectors.NewWindow(n, window, nil) }
	return &Client{
		api:  &twitter.Client{Authorizer: authorizer{}, Client: &client, Host: base.String()},
		base: base, connects: budget(50), writes: budget(100), lists: budget(450), searches: budget(450), lookups: budget(300), others: budget(50),
	}, nil
}

// Host is the server that is asked.
func (c *Client) Host() string { return c.base.Host }

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// ask makes one request by the library, within its budget, and keeps in ex what it was answered
// with. Errors are *collectors.Fault.
func (c *Client) ask(ctx context.Context, w *collectors.Window, ex *exchange, call func(ctx context.Context, api *twitter.Client) error) error {
	if ok, again := w.Take(); !ok {
		return &collectors.Fault{Kind: collectors.Limited, Err: errors.New("X allows no more of these requests for now"), RetryAt: again}
	}
	ctx = context.WithValue(ctx, exchangeKey{}, ex)
	if !ex.stream {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, askTimeout)
		defer cancel()
	}
	err := call(ctx, c.api)
	if ex.status != 0 {
		status := ex.status
		if ex.problem().crowded() { // says nothing of the budget
			status = http.StatusOK
		}
		w.Told(status, ex.header)
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && ex.status == 0:
		return ctx.Err()
	}
	return ex.fault(err, time.Now())
}

// ClearConnections ends every connection that X believes the app has.
func (c *Client) ClearConnections(ctx context.Context) error {
	return c.plain(ctx, http.MethodDelete, "2/connections/all")
}

// plain makes a request that the library has no method for, and does not look at its answer.
func (c *Client) plain(ctx context.Context, method, path string) error {
	var ex exchange
	return c.ask(ctx, c.others, &ex, func(ctx context.Context, api *twitter.Client) error {
		req, err := http.NewRequestWithContext(ctx, method, c.base.JoinPath(path).String(), nil)
		if err != nil {
			return err
		}
		resp, err := api.Client.Do(req)
		if err != nil {
			return err
		}
		if err := resp.Body.Close(); err != nil || resp.StatusCode/100 == 2 {
			return err
		}
		return errors.New(resp.Status)
	})
}
