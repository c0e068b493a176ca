package collectors

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// Bounds of every exchange with a platform.
const (
	MaxHeaderBytes = 64 << 10
	dialTimeout    = 10 * time.Second
	headTimeout    = 20 * time.Second // until an answer begins
)

// Client makes an HTTP client for a platform's servers. It follows no redirect, so that a token
// goes to the host it belongs to and nowhere else; the answer is returned as it is. It has no
// timeout for whole exchanges, since streams have no end: callers bound theirs by their contexts,
// and bound the bodies they read. A proxy is taken from the environment, as people expect.
func Client() *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            (&net.Dialer{Timeout: dialTimeout, KeepAlive: 15 * time.Second}).DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    dialTimeout,
			ResponseHeaderTimeout:  headTimeout,
			MaxResponseHeaderBytes: MaxHeaderBytes,
			MaxIdleConnsPerHost:    4,
			IdleConnTimeout:        time.Minute,
		},
	}
}
