package api

import (
	"net/http"
	"sync"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/httprate"

	"outcry/internal/auth"
)

// How much one client may ask for in a minute. A key and a person count by themselves, anyone else
// by their address; a command on the server's own machine is not limited.
const (
	limitWindow    = time.Minute
	limitKnown     = 3000 // units a minute
	limitStranger  = 600
	limitSignIn    = 10  // tries to sign in
	limitFailures  = 60  // requests with bad credentials, or none where they are needed
	limitRefusals  = 30  // refusals of one address noted in the audit log
	limitNoted     = 300 // refusals of all: whoever has a network has many addresses
	costPicture    = 10  // units: a PNG takes some 200 ms of a core
	costBulk       = 3
	costAnythingOf = 1
)

// costs are what operations cost that cost more than one unit.
var costs = map[string]int{"get-trend-png": costPicture, "get-trend-svg": costBulk, "get-trend-csv": costBulk, "list-posts": costBulk, "try-terms": costPicture, "check-draft": costBulk, "push-posts": costBulk}

// limits hold clients to what they may ask for.
type limits struct {
	requests, signIns, failures, refusals *httprate.RateLimiter

	homes homes
}

func newLimits() *limits {
	quiet := httprate.WithResponseHeaders(httprate.ResponseHeaders{RetryAfter: "Retry-After"})
	return &limits{
		requests: httprate.NewRateLimiter(limitStranger, limitWindow, httprate.WithResponseHeaders(httprate.ResponseHeaders{
			Limit: "RateLimit-Limit", Remaining: "RateLimit-Remaining", Reset: "", RetryAfter: "Retry-After",
		})),
		signIns:  httprate.NewRateLimiter(limitSignIn, limitWindow, quiet),
		failures: httprate.NewRateLimiter(limitFailures, limitWindow, quiet),
		refusals: httprate.NewRateLimiter(limitRefusals, limitWindow, httprate.WithResponseHeaders(httprate.ResponseHeaders{})),
		homes:    homes{of: map[home]bool{}},
	}
}

// addressOf is the client's address, of an IPv6 client its /64.
func addressOf(r *http.Request) string {
	return httprate.CanonicalizeIP(middleware.GetClientIP(r.Context()))
}

// busy counts a request, and reports whether it is one too many.
func (l *limits) busy(w http.ResponseWriter, r *http.Request, p auth.Principal, operation string) bool {
	ctx, key := r.Context(), "address "+addressOf(r)
	switch p.Kind {
	case auth.Local:
		return false
	case auth.APIKey:
		ctx, key = httprate.WithRequestLimit(ctx, limitKnown), "key "+p.KeyID
	case auth.Session:
		ctx, key = httprate.WithRequestLimit(ctx, limitKnown), "person "+p.Name
	}
	cost := costAnythingOf
	if c, ok := costs[operation]; ok {
		cost = c
	}
	return l.requests.OnLimit(w, r.WithContext(httprate.WithIncrement(ctx, cost)), key)
}

// failing reports whether this address has failed to show good credentials too often.
func (l *limits) failing(r *http.Request) bool {
	_, rate, err := l.failures.Status(addressOf(r))
	return err == nil && rate >= limitFailures
}

// trying counts a try to sign in, and reports whether it is one too many. A person is guessed at
// from many addresses, so that their tries are counted together; those from where they have signed
// in before are not, or any stranger could lock them out.
func (l *limits) trying(w http.ResponseWriter, r *http.Request, name string) bool {
	address := addressOf(r)
	return l.signIns.OnLimit(w, r, "address "+address) ||
		name != "" && !l.homes.has(name, address) && l.signIns.OnLimit(w, r, "person "+name)
}

// confirming counts a try of somebody who has signed in to show their password again.
func (l *limits) confirming(w http.ResponseWriter, r *http.Request, name string) bool {
	return l.signIns.OnLimit(w, r, "session "+name)
}

// homes are the addresses from which people have signed in, as far as is remembered.
type homes struct {
	mu sync.Mutex
	of map[home]bool
}

type home struct{ name, address string }

// maxHomes bounds how many are remembered.
const maxHomes = 10_000

func (h *homes) has(name, address string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.of[home{name, address}]
}

func (h *homes) add(name, address string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.of) >= maxHomes {
		clear(h.of)
	}
	h.of[home{name, address}] = true
}

// noting counts a refusal, and reports whether it is to be noted, and what is not for a while where
// it is the last.
func (l *limits) noting(r *http.Request) (note bool, last string) {
	l.failures.OnLimit(blind{}, r, addressOf(r))
	all := r.WithContext(httprate.WithRequestLimit(r.Context(), limitNoted))
	if l.refusals.OnLimit(blind{}, r, addressOf(r)) || l.refusals.OnLimit(blind{}, all, everybody) {
		return false, ""
	}
	if _, rate, err := l.refusals.Status(everybody); err == nil && rate >= limitNoted {
		return true, "more refusals"
	}
	if _, rate, err := l.refusals.Status(addressOf(r)); err == nil && rate >= limitRefusals {
		return true, "more refusals of this address"
	}
	return true, ""
}

// everybody is what all addresses are counted under together.
const everybody = "everybody"

// blind takes the headers of a limiter whose answers nobody sees.
type blind struct{}

func (blind) Header() http.Header         { return http.Header{} }
func (blind) Write(b []byte) (int, error) { return len(b), nil }
func (blind) WriteHeader(int)             {}

func tooMany() *Problem {
	return problem(http.StatusTooManyRequests, "Too many requests came from here in the last minute. Wait, and ask for less.").retryAfter(limitWindow)
}
