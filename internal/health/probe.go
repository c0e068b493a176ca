package health

import (
	"cmp"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Service is something that carries an event and can fail.
type Service struct {
	Name   string  `json:"name" yaml:"name"`
	Probes []Probe `json:"probes,omitempty" yaml:"probes,omitempty"`
}

// Probe says how a service is to be watched. It is stored with the event.
type Probe struct {
	Kind    string         `json:"kind" yaml:"kind"`                           // http, hls, tcp, dns, audience, ...
	URL     string         `json:"url,omitempty" yaml:"url,omitempty"`         // for kinds that fetch
	Space   string         `json:"space,omitempty" yaml:"space,omitempty"`     // the X Space of an audience probe
	Every   string         `json:"every,omitempty" yaml:"every,omitempty"`     // a Go duration, 1s to 10m; default 10s
	Timeout string         `json:"timeout,omitempty" yaml:"timeout,omitempty"` // a Go duration, 100ms to 60s; default 10s
	Expect  map[string]any `json:"expect,omitempty" yaml:"expect,omitempty"`   // what a good answer looks like
}

// Kinds of probe that are built.
const (
	ProbeHTTP     = "http"     // asks a URL
	ProbeAudience = "audience" // asks X how many people listen to a Space; the collector of X runs it
	ProbePush     = "push"     // is brought by someone else: nothing runs
)

// ProbeKinds are the kinds of probe an event may name.
var ProbeKinds = []string{ProbeHTTP, "hls", "tcp", "dns", "prometheus", "status", ProbeAudience, ProbePush}

// Limits of a probe.
const (
	DefaultEvery   = 10 * time.Second
	MinEvery       = time.Second
	MaxEvery       = 10 * time.Minute // a sample is in force for MaxHold at most
	DefaultTimeout = 10 * time.Second
	MinTimeout     = 100 * time.Millisecond
	MaxTimeout     = time.Minute
	MaxURLBytes    = 2048
	MaxProbes      = 20 // of one service
)

// Flaw is a mistake in a probe: in which of its fields, and what to do about it. Its text never
// quotes a URL, which may hold what is secret.
type Flaw struct{ Field, Text string }

// Note says why nothing is measured by a probe although it is well written; "" where it is.
func (p *Probe) Note() string {
	switch p.Kind {
	case ProbeHTTP:
		return ""
	case ProbeAudience:
		return "audience probes are run by the collector of X: they need its token, and a limit for the event in spend.x.usd"
	case ProbePush:
		return "push probes bring nothing by themselves: send samples to the service's address"
	}
	return p.Kind + " probes are not built yet: nothing is measured by this one"
}

// Runs reports whether the probe is one that asks the service itself.
func (p *Probe) Runs() bool { return p.Kind == ProbeHTTP }

// Measures reports whether anything that is built measures by the probe, where it has what it needs.
func (p *Probe) Measures() bool { return p.Runs() || p.Kind == ProbeAudience }

// Interval is how often the probe is to measure.
func (p *Probe) Interval() time.Duration {
	d, _ := p.every()
	return d
}

var spacePattern = regexp.MustCompile(`^[A-Za-z0-9]{1,32}$`)

// IsSpace reports whether a text can be the id of a Space.
func IsSpace(id string) bool { return spacePattern.MatchString(id) }

// HTTPProbe is a Probe of kind http, read.
type HTTPProbe struct {
	URL     *url.URL
	Every   time.Duration
	Timeout time.Duration
	Expect  Expectation
}

// Check lists every mistake in a probe. What it says of kinds that are not built concerns only
// what all kinds share.
func (p *Probe) Check() []Flaw {
	if p.Kind == ProbeHTTP {
		_, flaws := p.HTTP()
		return flaws
	}
	var flaws []Flaw
	if !slices.Contains(ProbeKinds, p.Kind) {
		flaws = append(flaws, Flaw{"kind", fmt.Sprintf("%q is none of %s", clip(p.Kind), strings.Join(ProbeKinds, ", "))})
	}
	if p.Kind == ProbeAudience && !IsSpace(p.Space) {
		flaws = append(flaws, Flaw{"space", "give the id of the Space, as it stands at the end of its address: https://x.com/i/spaces/1eaKbrPAqbwKX"})
	}
	if _, bad := p.every(); bad != "" {
		flaws = append(flaws, Flaw{"every", bad})
	}
	if _, bad := p.timeout(); bad != "" {
		flaws = append(flaws, Flaw{"timeout", bad})
	}
	return flaws
}

// HTTP reads a probe of kind http, or lists what is wrong with it.
func (p *Probe) HTTP() (h HTTPProbe, flaws []Flaw) {
	bad := func(field, text string) {
		if text != "" {
			flaws = append(flaws, Flaw{field, text})
		}
	}
	var text string
	h.URL, text = readURL(p.URL)
	bad("url", text)
	if p.Space != "" {
		bad("space", "an http probe has no use for it")
	}
	h.Every, text = p.every()
	bad("every", text)
	h.Timeout, text = p.timeout()
	bad("timeout", text)
	var more []Flaw
	h.Expect, more = readExpectation(p.Expect)
	for _, f := range more {
		bad(strings.TrimSuffix("expect."+f.Field, "."), f.Text)
	}
	if h.Expect.MaxLatency >= h.Timeout && text == "" && h.Expect.MaxLatency > 0 {
		bad("expect.max_latency", fmt.Sprintf("%s is not less than the timeout of %s: no answer could be slow", h.Expect.MaxLatency, h.Timeout))
	}
	return h, flaws
}

func (p *Probe) every() (time.Duration, string) {
	return readDuration(p.Every, DefaultEvery, MinEvery, MaxEvery)
}

func (p *Probe) timeout() (time.Duration, string) {
	return readDuration(p.Timeout, DefaultTimeout, MinTimeout, MaxTimeout)
}

func readDuration(s string, otherwise, least, most time.Duration) (d time.Duration, bad string) {
	if s == "" {
		return otherwise, ""
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < least || d > most {
		return otherwise, fmt.Sprintf("%q is not a duration from %s to %s, like %s", clip(s), short(least), short(most), short(otherwise))
	}
	return d, ""
}

// short writes a duration without the zeros at its end.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// readURL reads the address of a probe. What is wrong is said without quoting it.
func readURL(s string) (u *url.URL, bad string) {
	if s == "" {
		return nil, "give the address to ask, like https://example.org/health"
	}
	u, err := url.Parse(s)
	switch {
	case len(s) > MaxURLBytes:
		return nil, fmt.Sprintf("it is longer than %d bytes", MaxURLBytes)
	case err != nil || !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return nil, "this is not an address like https://example.org/health"
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, "the address begins with neither http:// nor https://"
	case u.User != nil:
		return nil, "leave the name and password out of the address: whoever may read the event could read them"
	case u.Hostname() == "" || u.Opaque != "":
		return nil, "the address names no host"
	case odd(u.Hostname()):
		return nil, "the host is a number in a form that programs read differently: write it as 192.0.2.1 or [2001:db8::1]"
	}
	if port := u.Port(); port == "0" || len(port) > 5 || len(port) == 5 && cmp.Compare(port, "65535") > 0 {
		return nil, "the port is not a number from 1 to 65535"
	}
	u.Fragment, u.RawFragment = "", ""
	return u, ""
}

// odd reports whether a host would be an IPv4 address to some programs and a name to others:
// 127.1, 0177.0.0.1, 2130706433, 0x7f000001.
func odd(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return false
	}
	last := strings.TrimSuffix(host, ".")
	last = last[strings.LastIndex(last, ".")+1:]
	hex := strings.HasPrefix(last, "0x") || strings.HasPrefix(last, "0X")
	return last != "" && (hex || strings.Trim(last, "0123456789") == "")
}

// clip bounds a text that quotes somebody.
func clip(s string) string {
	if len(s) > 60 {
		return strings.ToValidUTF8(s[:60], "") + "…"
	}
	return s
}
