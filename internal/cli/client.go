package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"outcry/internal/reaction"
)

// client talks to a running server. A server that cannot be reached, or says that it cannot work
// now, is reaction.ErrAway.
type client struct {
	base string // without a slash at the end
	key  string
	// renew finds the key of a server that was started again on this machine; nil for other servers.
	renew func() string
	http  *http.Client
	stop  func() error // ends what was started for this client alone; nil for nothing
}

// newClient talks to a server with a key. cert is the SHA-256 of the one certificate it must have,
// in hexadecimal; "" for any that is good.
func newClient(server, key, cert string) (*client, error) {
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, usagef("--server %q is not an address like http://127.0.0.1:8080", server)
	}
	if key != "" && u.Scheme == "http" && !loopback(u.Hostname()) {
		return nil, usagef("--server %q: a key is not sent in the clear: use https", server)
	}
	c := &client{base: strings.TrimSuffix(server, "/"), key: key, http: &http.Client{Timeout: time.Minute, CheckRedirect: noRedirect}}
	if cert != "" {
		c.http.Transport = pinned(cert)
	}
	return c, nil
}

// noRedirect keeps keys from being sent elsewhere.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// pinned takes one certificate and no other, whatever names it has.
func pinned(cert string) http.RoundTripper {
	return &http.Transport{TLSClientConfig: &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // the certificate itself is compared, below
		VerifyConnection: func(s tls.ConnectionState) error {
			if sum := sha256.Sum256(s.PeerCertificates[0].Raw); hex.EncodeToString(sum[:]) != cert {
				return errors.New("the server has another certificate than the one it told of")
			}
			return nil
		},
	}}
}

// Close releases idle connections.
func (c *client) Close() error {
	c.http.CloseIdleConnections()
	if c.stop != nil {
		return c.stop()
	}
	return nil
}

// maxAnswer bounds what is read of one answer.
const maxAnswer = 32 << 20

// do sends one request and reads the answer into out, unless it is nil.
func (c *client) do(ctx context.Context, method, path string, header http.Header, body []byte, out any) error {
	_, err := c.ask(ctx, method, path, header, body, out)
	return err
}

var nextPage = regexp.MustCompile(`<([^>]*)>;\s*rel="next"`)

// page reads one page of a list and finds the path of the next, "" after the last.
func (c *client) page(ctx context.Context, path string, out any) (next string, err error) {
	header, err := c.ask(ctx, http.MethodGet, path, nil, nil, out)
	if err != nil {
		return "", err
	}
	if m := nextPage.FindStringSubmatch(strings.Join(header.Values("Link"), ", ")); m != nil {
		return strings.TrimPrefix(m[1], c.base), nil
	}
	return "", nil
}

func (c *client) ask(ctx context.Context, method, path string, header http.Header, body []byte, out any) (http.Header, error) {
	a, err := c.send(ctx, method, path, header, body)
	if err != nil {
		return nil, err
	}
	if a.code >= 300 {
		return nil, c.problem(a)
	}
	if out == nil {
		return a.header, nil
	}
	if err := json.Unmarshal(a.body, out); err != nil {
		return nil, fmt.Errorf("server %s: an answer that cannot be read: %w", c.base, err)
	}
	return a.header, nil
}

// answer is what a server answered.
type answer struct {
	code   int
	status string // with its code
	header http.Header
	body   []byte
}

// send sends one request and reads the whole answer, whatever its status.
func (c *client) send(ctx context.Context, method, path string, header http.Header, body []byte) (a answer, err error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	maps.Copy(req.Header, header)
	if c.key != "" {
		req.Header.Set("Authorization", "Bearer "+c.key)
	}
	res, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return a, ctx.Err()
		}
		return a, fmt.Errorf("%w: server %s: %w", reaction.ErrAway, c.base, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return a, fmt.Errorf("%w: server %s: its answer broke off: %w", reaction.ErrAway, c.base, err)
	}
	if res.StatusCode == http.StatusUnauthorized && c.renew != nil {
		if key := c.renew(); key != "" && key != c.key {
			c.key = key
			return a, fmt.Errorf("%w: server %s was started again", reaction.ErrAway, c.base)
		}
	}
	return answer{res.StatusCode, res.Status, res.Header, b}, nil
}

// problem turns an RFC 9457 answer into an error of one sentence.
func (c *client) problem(a answer) error {
	var p struct {
		Title, Detail string
		Errors        []struct{ Message, Location string }
	}
	text := a.status
	if json.Unmarshal(a.body, &p) == nil && (p.Detail != "" || p.Title != "") {
		text = p.Title
		if p.Detail != "" {
			text = p.Detail
		}
		for _, e := range p.Errors {
			text += "; " + strings.TrimPrefix(e.Location+": "+e.Message, ": ")
		}
	}
	err := errors.New("server " + c.base + ": " + text)
	switch a.code {
	case http.StatusNotFound:
		return fmt.Errorf("%w (%w)", err, reaction.ErrNotFound)
	case http.StatusConflict:
		return fmt.Errorf("%w (%w)", err, reaction.ErrConflict)
	case http.StatusServiceUnavailable, http.StatusTooManyRequests, http.StatusBadGateway, http.StatusGatewayTimeout:
		return fmt.Errorf("%w (%w)", err, reaction.ErrAway)
	}
	return err
}

func jsonHeader() http.Header { return http.Header{"Content-Type": {"application/json"}} }

func (c *client) Events(ctx context.Context) ([]reaction.Event, error) {
	var all []reaction.Event
	for path := "/v1/events?limit=500"; path != ""; {
		var page struct{ Events []reaction.Event }
		next, err := c.page(ctx, path, &page)
		if err != nil {
			return nil, err
		}
		all, path = append(all, page.Events...), next
	}
	return all, nil
}

func (c *client) Event(ctx context.Context, slug string) (*reaction.Event, error) {
	var e reaction.Event
	if err := c.do(ctx, http.MethodGet, eventPath(slug), nil, nil, &e); err != nil {
		return nil, err
	}
	return &e, nil
}

func (c *client) CreateEvent(ctx context.Context, e *reaction.Event) error {
	return c.putEvent(ctx, http.MethodPost, "/v1/events", e)
}

func (c *client) ReplaceEvent(ctx context.Context, e *reaction.Event) error {
	return c.putEvent(ctx, http.MethodPut, eventPath(e.Slug), e)
}

func (c *client) putEvent(ctx context.Context, method, path string, e *reaction.Event) error {
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return c.do(ctx, method, path, jsonHeader(), body, nil)
}

func (c *client) DeleteEvent(ctx context.Context, slug string) error {
	return c.do(ctx, http.MethodDelete, eventPath(slug), nil, nil, nil)
}

func (c *client) Life(ctx context.Context, e *reaction.Event) ([]reaction.Turn, error) {
	var out struct{ Life []reaction.Turn }
	err := c.do(ctx, http.MethodGet, eventPath(e.Slug)+"/life", nil, nil, &out)
	return out.Life, err
}

func (c *client) MoveEvent(ctx context.Context, slug string, m reaction.Move) (*reaction.Event, error) {
	body, err := json.Marshal(struct {
		Status             reaction.Status `json:"status"`
		At                 time.Time       `json:"at,omitzero"`
		StartsAt           time.Time       `json:"starts_at,omitzero"`
		EndsAt             time.Time       `json:"ends_at,omitzero"`
		Note               string          `json:"note,omitempty"`
		UntilFurtherNotice bool            `json:"until_further_notice,omitempty"`
	}{m.Status, m.At, m.StartsAt, m.EndsAt, m.Note, m.UntilFurtherNotice})
	if err != nil {
		return nil, err
	}
	var e reaction.Event
	return &e, c.do(ctx, http.MethodPost, eventPath(slug)+"/status", jsonHeader(), body, &e)
}

func eventPath(slug string) string { return "/v1/events/" + url.PathEscape(slug) }

func (c *client) Begin(ctx context.Context, e *reaction.Event, run reaction.Run) (p reaction.RunProgress, err error) {
	body, err := json.Marshal(run)
	if err != nil {
		return p, err
	}
	err = c.do(ctx, http.MethodPost, eventPath(e.Slug)+"/runs", jsonHeader(), body, &p)
	return p, err
}

func (c *client) Send(ctx context.Context, e *reaction.Event, run string, after int64, records []reaction.Record) (p reaction.RunProgress, err error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		return p, err
	}
	enc := json.NewEncoder(z)
	for i := range records {
		if err := enc.Encode(&records[i]); err != nil {
			return p, err
		}
	}
	if err := z.Close(); err != nil {
		return p, err
	}
	h := http.Header{"Content-Type": {"application/x-ndjson"}, "Content-Encoding": {"gzip"}}
	path := eventPath(e.Slug) + "/runs/" + run + "/records?after=" + strconv.FormatInt(after, 10)
	err = c.do(ctx, http.MethodPost, path, h, b.Bytes(), &p)
	if errors.Is(err, reaction.ErrConflict) { // perhaps the run stands elsewhere: its progress says where to go on
		if at, atErr := c.Progress(ctx, e, run); atErr == nil && at.Sent != after {
			return at, nil
		}
	}
	return p, err
}

func (c *client) Finish(ctx context.Context, e *reaction.Event, run string) (p reaction.RunProgress, err error) {
	err = c.do(ctx, http.MethodPost, eventPath(e.Slug)+"/runs/"+run+"/finish", nil, nil, &p)
	return p, err
}

func (c *client) Progress(ctx context.Context, e *reaction.Event, run string) (p reaction.RunProgress, err error) {
	err = c.do(ctx, http.MethodGet, eventPath(e.Slug)+"/runs/"+run, nil, nil, &p)
	return p, err
}

// URL is the server's address.
func (c *client) URL() string { return c.base }

func (c *client) createKey(ctx context.Context, q newAPIKey) (k apiKey, secret string, err error) {
	body, err := json.Marshal(q)
	if err != nil {
		return k, "", err
	}
	var out struct {
		Key    apiKey
		Secret string
	}
	err = c.do(ctx, http.MethodPost, "/v1/keys", jsonHeader(), body, &out)
	return out.Key, out.Secret, err
}

func (c *client) keys(ctx context.Context) ([]apiKey, error) {
	var out struct{ Keys []apiKey }
	err := c.do(ctx, http.MethodGet, "/v1/keys", nil, nil, &out)
	return out.Keys, err
}

func (c *client) revokeKey(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, "/v1/keys/"+url.PathEscape(id), nil, nil, nil)
}

// signInLink makes a one-time link for a person.
func (c *client) signInLink(ctx context.Context, name string) (string, error) {
	var out struct{ Link string }
	err := c.do(ctx, http.MethodPost, "/v1/people/"+url.PathEscape(name)+"/link", nil, nil, &out)
	return out.Link, err
}
