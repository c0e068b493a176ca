package collectors

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Window is the rate budget of one endpoint: so many requests in a stretch of time, as documented,
// until the platform's own headers say better. Whoever is about to ask calls Wait, and gives Told
// what the answer says. It is safe for concurrent use.
type Window struct {
	limit int
	per   time.Duration
	now   func() time.Time

	mu    sync.Mutex
	left  int
	until time.Time // when the budget is whole again
	told  chan struct{}
}

// NewWindow makes the budget of limit requests in each stretch of per. now is the wall clock; nil is
// time.Now.
func NewWindow(limit int, per time.Duration, now func() time.Time) *Window {
	if now == nil {
		now = time.Now
	}
	return &Window{limit: limit, per: per, now: now, told: make(chan struct{})}
}

// Take takes one request from the budget, or says when there is one again.
func (w *Window) Take() (ok bool, again time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	if !now.Before(w.until) {
		w.left, w.until = w.limit, now.Add(w.per)
	}
	if w.left <= 0 {
		return false, w.until
	}
	w.left--
	return true, now
}

// Wait takes one request from the budget as soon as there is one. It fails when ctx ends before.
func (w *Window) Wait(ctx context.Context) error {
	for {
		w.mu.Lock()
		told := w.told
		w.mu.Unlock()
		ok, again := w.Take()
		if ok {
			return ctx.Err()
		}
		t := time.NewTimer(again.Sub(w.now()))
		select {
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		case <-told:
			t.Stop()
		case <-t.C:
		}
	}
}

// Spare is how many requests are left until the budget is whole again, and when that is.
func (w *Window) Spare() (left int, until time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if now := w.now(); !now.Before(w.until) {
		return w.limit, now.Add(w.per)
	}
	return w.left, w.until
}

// Told takes what an answer's headers say of the budget: x-rate-limit-limit, -remaining and -reset
// in seconds since 1970 as X writes them, or x-ratelimit-… as Mastodon does, with a time of RFC 3339. An answer with status 429 leaves
// nothing until the reset, or for Retry-After; where it says neither, for the whole stretch. Headers
// that cannot be meant are ignored.
func (w *Window) Told(status int, h http.Header) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	reset := readReset(h, now)
	if !reset.After(now) || reset.Sub(now) > 2*w.per+time.Hour {
		reset = time.Time{}
	}
	remaining, err := strconv.Atoi(rateHeader(h, "remaining"))
	known := err == nil && remaining >= 0 && !reset.IsZero()
	switch {
	case status == http.StatusTooManyRequests:
		if w.left = 0; !reset.IsZero() {
			w.until = reset
		} else {
			w.until = now.Add(w.per)
		}
	case known && reset.Sub(w.until).Abs() > time.Second: // another stretch than the one we reckoned
		w.left, w.until = remaining, reset
	case known: // answers overtake each other: of one stretch the least word is the newest
		w.left = min(w.left, remaining)
	default:
		return
	}
	if limit, err := strconv.Atoi(rateHeader(h, "limit")); err == nil && limit > 0 && known {
		w.limit = limit
	}
	close(w.told)
	w.told = make(chan struct{})
}

func rateHeader(h http.Header, what string) string {
	if v := h.Get("x-rate-limit-" + what); v != "" {
		return v
	}
	return h.Get("x-ratelimit-" + what)
}

func readReset(h http.Header, now time.Time) time.Time {
	if v := rateHeader(h, "reset"); v != "" {
		if s, err := strconv.ParseInt(v, 10, 64); err == nil {
			return time.Unix(s, 0)
		}
		if t, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return t
		}
	}
	if s, err := strconv.ParseInt(h.Get("Retry-After"), 10, 32); err == nil && s > 0 {
		return now.Add(time.Duration(s) * time.Second)
	}
	return time.Time{}
}
