package mastodon

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"outcry/collectors"
)

// errUnsupported marks the answer of a server that does not have what was asked for.
var errUnsupported = errors.New("not offered")

const (
	later    = 10 * time.Minute // when to look again whether a server that sends us away has us
	tooMuch  = 5 * time.Minute  // the span that servers count requests in
	mostWait = time.Hour        // the longest wait that a server can ask for
	noAccess = time.Hour        // when to look again whether a stream is open
)

// refusal is what is wrong with a token, for a verdict.
type refusal uint8

const (
	badToken refusal = iota + 1
	revokedToken
	expiredToken
	noScope
	noPerson
	noEntry
)

type refusalError struct {
	refusal
	host string
}

func (r *refusalError) Error() string {
	switch r.refusal {
	case revokedToken:
		return r.host + " says that the token was revoked"
	case expiredToken:
		return r.host + " says that the token has expired"
	case noScope:
		return r.host + " says that the token may not read posts"
	case noPerson:
		return "the token for " + r.host + " belongs to an application and to no account, and streams are for accounts"
	case noEntry:
		return r.host + " does not let the token's account read this"
	}
	return r.host + " does not know the token"
}

const (
	mendOld   = "sign in there, make a token with the scope read under Preferences, Development, and give it in place of the old one"
	mendReach = "make a token with the scope read (or read:statuses and read:accounts) under Preferences, Development on the server"
)

func (r *refusalError) mend() string {
	switch r.refusal {
	case noScope:
		return mendReach
	case noEntry:
		return "ask those who run the server, or leave it out of mastodon_servers"
	}
	return mendOld
}

// answerFault is what an answer other than the wanted one means. Words of the other side decide,
// and are never repeated.
func (s *Server) answerFault(status int, h http.Header, body []byte, now time.Time) *collectors.Fault {
	fault := func(k collectors.Kind, format string, a ...any) *collectors.Fault {
		return &collectors.Fault{Kind: k, Err: fmt.Errorf("%s %s", s.base.Host, fmt.Sprintf(format, a...))}
	}
	switch {
	case status == http.StatusTooManyRequests:
		f := fault(collectors.Limited, "says that we ask too often")
		f.RetryAt = retryAt(h, now)
		return f
	case status >= 300 && status < 400:
		f := fault(collectors.Refused, "sends us to another address")
		f.RetryAt, f.Mend = now.Add(later), "write the host that the server's pages have in mastodon_servers"
		return f
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusUnprocessableEntity:
		r := s.refused(status, h, body)
		if r == nil {
			return fault(collectors.Server, "or something before it refuses us (status %d)", status)
		}
		f := &collectors.Fault{Kind: collectors.Refused, Err: r, Mend: r.mend()}
		if r.refusal == noEntry {
			f.RetryAt = now.Add(noAccess)
		}
		return f
	case status == http.StatusServiceUnavailable:
		f := fault(collectors.Server, "is not available (status %d)", status)
		if h.Get("Retry-After") != "" {
			f.RetryAt = retryAt(h, now)
		}
		return f
	case status >= 500:
		return fault(collectors.Server, "fails (status %d)", status)
	}
	f := fault(collectors.Server, "answers with status %d", status)
	f.Err = fmt.Errorf("%w: %w", errUnsupported, f.Err)
	return f
}

// refused reads why the server refuses a token; nil where the answer is none of Mastodon's.
func (s *Server) refused(status int, h http.Header, body []byte) *refusalError {
	var e struct {
		Error string `json:"error"`
	}
	kind, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	words := h.Get("X-Error-Message") // as streaming servers answer
	if words == "" && (json.Unmarshal(body, &e) != nil || kind == "text/html") && status != http.StatusUnauthorized {
		return nil
	}
	words = strings.ToLower(words + " " + e.Error)
	has := func(s ...string) bool {
		for _, s := range s {
			if strings.Contains(words, s) {
				return true
			}
		}
		return false
	}
	r := &refusalError{host: s.base.Host}
	switch {
	case has("scope"):
		r.refusal = noScope
	case has("revoked"):
		r.refusal = revokedToken
	case has("expired"):
		r.refusal = expiredToken
	case status == http.StatusUnprocessableEntity, has("authenticated user"):
		r.refusal = noPerson
	case status == http.StatusUnauthorized:
		r.refusal = badToken
	default:
		r.refusal = noEntry
	}
	return r
}

// broken puts an error of the network in words of ours: its own may hold those of the other side.
func (s *Server) broken(err error) error {
	var dns *net.DNSError
	var op *net.OpError
	var cert *tls.CertificateVerificationError
	if _, ok := errors.AsType[*collectors.Fault](err); ok || err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	words := "the connection to " + s.base.Host + " broke"
	switch {
	case errors.Is(err, errSilent):
		words = "nothing came from " + s.base.Host + " for too long"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		words = s.base.Host + " closed the connection"
	case errors.As(err, &cert):
		words = "the certificate of " + s.base.Host + " is not accepted"
	case errors.As(err, &dns) && dns.IsNotFound:
		words = "there is no host " + s.base.Host
	case errors.As(err, &op) && op.Op == "dial":
		words = s.base.Host + " cannot be reached"
	case errors.Is(err, context.DeadlineExceeded), os.IsTimeout(err):
		words = s.base.Host + " does not answer in time"
	}
	return &collectors.Fault{Kind: collectors.Network, Err: errors.New(words)}
}

// errSilent ends a connection on which nothing comes.
var errSilent = errors.New("nothing came for too long")

// retryAt is when a server lets us ask again, in its headers' words.
func retryAt(h http.Header, now time.Time) time.Time {
	at := now.Add(tooMuch)
	if t, err := time.Parse(time.RFC3339, h.Get("X-RateLimit-Reset")); err == nil {
		at = t
	}
	if after := h.Get("Retry-After"); after != "" {
		if n, err := strconv.Atoi(after); err == nil {
			at = now.Add(time.Duration(min(max(n, 0), int(mostWait/time.Second))) * time.Second)
		} else if t, err := http.ParseTime(after); err == nil {
			at = t
		}
	}
	switch {
	case at.Before(now.Add(time.Second)):
		return now.Add(time.Second)
	case at.After(now.Add(mostWait)):
		return now.Add(mostWait)
	}
	return at
}
