// Package probe measures the health of services from outside. At present it asks URLs; every
// connection goes through internal/netguard.
//
// A measurement is one of three things: the service answered and is judged by what was expected;
// the service failed, in a way that its audience would meet too; or the measuring itself failed,
// which says nothing of the service and is told as unknown.
package probe

import (
	"context"
	"io"
	"net/http"
	"time"

	"outcry/internal/health"
	"outcry/internal/netguard"
)

// MaxBody bounds what is read of an answer in search of a text, in bytes.
const MaxBody = 1 << 20

// Prober runs probes. It is safe for concurrent use.
type Prober struct {
	client *http.Client
	agent  string
	now    func() time.Time
}

// New makes a Prober whose connections the guard checks. version is Outcry's, for the User-Agent.
func New(guard *netguard.Guard, version string) *Prober {
	return &Prober{client: guard.Client(), agent: "Outcry/" + version + " (health probe)", now: time.Now}
}

// Probe measures once and says what it found: State, LatencyMS, Detail, and At, which is when it
// began to ask. It takes no longer than the probe's timeout. A context that ends early gives an
// unknown state. Which service it is and from where are the caller's to fill in.
func (p *Prober) Probe(ctx context.Context, def health.Probe) health.Sample {
	s := health.Sample{At: p.now().UTC()}
	h, flaws := def.HTTP()
	switch {
	case !def.Runs():
		s.Detail = def.Note()
		return s
	case len(flaws) > 0: // stored before its checks were as strict as they are
		s.Detail = "the probe is not well written: " + flaws[0].Field + ": " + flaws[0].Text
		return s
	}
	ctx, cancel := context.WithTimeout(ctx, h.Timeout)
	defer cancel()
	a, err := p.ask(ctx, &h)
	if err != nil {
		s.State, s.Detail = fault(err, h.Timeout)
		return s
	}
	ms := float64(a.Latency.Microseconds()) / 1000
	s.LatencyMS = &ms
	s.State, s.Detail = h.Expect.Judge(a)
	if s.State == health.Unknown {
		s.LatencyMS = nil // how fast one is turned away is no figure of the service
	}
	return s
}

// ask sends the request and reads the answer as far as it must to be judged. Latency is the time
// until then: to the head of the answer, or to the text that is looked for.
func (p *Prober) ask(ctx context.Context, h *health.HTTPProbe) (a health.Answer, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.URL.String(), nil)
	if err != nil {
		return a, err
	}
	req.Header.Set("User-Agent", p.agent)
	req.Header.Set("Accept", "*/*")
	req.Header.Set("Accept-Encoding", "identity") // a text is looked for in the bytes as they come
	req.Header.Set("Cache-Control", "no-cache")   // what a cache between us still has is not the service
	began := time.Now()
	res, err := p.client.Do(req)
	if err != nil {
		return a, err
	}
	defer res.Body.Close()
	a = health.Answer{Status: res.StatusCode, Latency: time.Since(began), Found: true}
	if want := h.Expect.Body; want != "" && h.Expect.Wants(a.Status) {
		if a.Found, err = holds(io.LimitReader(res.Body, MaxBody), want); err != nil {
			return a, err
		}
		a.Latency = time.Since(began)
	}
	return a, nil
}
