package mastodon

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// parseServer reads a host or an address that people give. What they gave stands in the error only
// where it cannot hold a password.
func parseServer(s string) (*url.URL, error) {
	s = strings.TrimRight(strings.TrimSpace(s), "/")
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Hostname() == "" || strings.ContainsAny(u.Host, "_ ") || strings.HasSuffix(u.Host, ":"):
		return nil, fmt.Errorf("a Mastodon server cannot be read: write its host, as mastodon.social")
	case u.User != nil:
		return nil, fmt.Errorf("the Mastodon server %s is given with a user: write its host alone, the token has a place of its own", u.Hostname())
	case u.Path != "" || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("the Mastodon server %s is given with more than its host", u.Hostname())
	case u.Scheme == "wss":
		u.Scheme = "https"
	case u.Scheme == "ws":
		u.Scheme = "http"
	}
	u.Host = strings.ToLower(u.Host)
	switch {
	case u.Scheme == "https":
	case u.Scheme != "http":
		return nil, fmt.Errorf("the Mastodon server %s is given with another scheme than https", u.Hostname())
	case !loopback(u.Hostname()):
		return nil, fmt.Errorf("the Mastodon server %s must be reached by https: a token would travel openly", u.Hostname())
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// belongs reports whether a place for streaming is the server's own: its host, or one below it.
func belongs(place, server *url.URL) bool {
	if place.Host == server.Host && place.Scheme == server.Scheme {
		return true
	}
	return place.Scheme == "https" && server.Port() == "" && place.Port() == "" &&
		strings.HasSuffix(place.Host, "."+server.Host)
}
