package netguard

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"syscall"
	"time"
)

// Bounds of every exchange that a caller does not bound closer.
const (
	// MaxHeaderBytes bounds the head of an answer.
	MaxHeaderBytes = 64 << 10
	// MaxWait bounds one whole exchange, from the name's look-up to the end of the answer's body.
	MaxWait = 2 * time.Minute
)

// resolver asks DNS the same way on every machine: the C library's would also read forms of
// addresses that no URL should have (017700000001), and takes its failures for missing names.
var resolver = &net.Resolver{PreferGo: true}

// Client makes an HTTP client all of whose connections the guard has checked.
//
// It knows no proxy, since a proxy would connect in its stead and unchecked. It follows no
// redirect: the answer is returned as it is, with its Location. Each hop would be checked like the
// first, but a probe measures the address that it was given, and not what that sends others to;
// and a webhook's signed message is for the one who was entered as its receiver. It offers no
// compression, so that a body is never larger than what came over the wire, and keeps no
// connection, so that every exchange is measured, and its address checked, from the start.
// Certificates are verified.
//
// Callers bound the body they read; the exchange ends with the request's context.
func (g *Guard) Client() *http.Client { return g.client(resolver, nil) }

// client lets tests answer for DNS, and see what would be connected to.
func (g *Guard) client(r *net.Resolver, passed func(address string) error) *http.Client {
	d := &net.Dialer{Resolver: r, KeepAlive: -1}
	d.ControlContext = func(_ context.Context, network, address string, c syscall.RawConn) error {
		if err := g.Control(network, address, c); err != nil {
			return err
		}
		if passed != nil {
			return passed(address)
		}
		return nil
	}
	plainHTTP := new(http.Protocols)
	plainHTTP.SetHTTP1(true) // HTTP/2 would only add what a hostile server can play with
	return &http.Client{
		Timeout:       MaxWait,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                  nil,
			DialContext:            d.DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			Protocols:              plainHTTP,
			DisableKeepAlives:      true,
			DisableCompression:     true,
			MaxResponseHeaderBytes: MaxHeaderBytes,
		},
	}
}
