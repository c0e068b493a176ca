package bluesky

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

// host is one server of Jetstream.
type host struct {
	name string // host and port, for people and for cursors
	url  url.URL
	not  time.Time // it asked not to be dialled before
}

func parseHosts(names []string) ([]*host, error) {
	var out []*host
	for _, name := range names {
		h, err := parseHost(name)
		if err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, nil
}

func parseHost(name string) (*host, error) {
	address := strings.TrimSpace(name)
	if !strings.Contains(address, "://") {
		address = "wss://" + address
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "":
		return nil, fmt.Errorf("bluesky: %q is not the address of a host", name)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("bluesky: the address of %s has more than a host and a path", u.Host)
	case u.Scheme == "ws" && !loopback(u.Hostname()):
		return nil, fmt.Errorf("bluesky: %s must be spoken to by wss, for it is not this machine", u.Host)
	case u.Scheme != "ws" && u.Scheme != "wss":
		return nil, fmt.Errorf("bluesky: %s is spoken to by wss, not by %s", u.Host, u.Scheme)
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/subscribe"
	}
	return &host{name: u.Host, url: *u}, nil
}

func loopback(name string) bool {
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

// order is the hosts as they are to be tried now.
func (s *Source) order() []*host {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append(append([]*host(nil), s.hosts[s.at:]...), s.hosts[:s.at]...)
}

// prefer makes h the host to try first, and next the one after it.
func (s *Source) prefer(h *host) { s.first(h, 0) }
func (s *Source) avoid(h *host)  { s.first(h, 1) }

func (s *Source) first(h *host, after int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, other := range s.hosts {
		if other == h {
			s.at = (i + after) % len(s.hosts)
		}
	}
}
