package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-chi/chi/v5/middleware"
)

// How long things may take. Slow clients are bounded by the server's own timeouts as well: see
// the package comment.
const (
	bodyTimeout  = time.Minute      // for a body to arrive
	readTimeout  = 30 * time.Second // for an answer that changes nothing
	writeTimeout = 2 * time.Minute  // for one that does
)

// hostOnly refuses requests whose Host is neither this machine's own nor the one the server is
// known by: a page elsewhere that lets its own name resolve to this server (DNS rebinding) must not
// reach it from a browser.
func hostOnly(public *url.URL) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !loopback(r.Host) && (public == nil || !strings.EqualFold(r.Host, public.Host)) {
				problem(http.StatusMisdirectedRequest, "This server answers to its own names only: use localhost, 127.0.0.1, [::1] or what public_url names.").write(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// loopback reports whether a Host header names this machine by its loopback name or address.
func loopback(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	} else if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		name = host[1 : len(host)-1]
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && addr.Zone() == "" && addr.Unmap().IsLoopback()
}

// sameOrigin refuses requests that change something and come from another site's page. Behind a
// proxy the Host may be another than the page's own, which is the public one.
func sameOrigin(public *url.URL) func(http.Handler) http.Handler {
	c := http.NewCrossOriginProtection()
	if public != nil {
		// It is an origin: New has checked that.
		if err := c.AddTrustedOrigin(public.Scheme + "://" + public.Host); err != nil {
			panic(err)
		}
	}
	c.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		problem(http.StatusForbidden, "A page of another site asked for this: cross-origin requests may only read.").write(w, r)
	}))
	return c.Handler
}

// clientAddress finds out a client's address: its connection's, or what a proxy that is trusted
// says of it.
func clientAddress(trusted []string) func(http.Handler) http.Handler {
	if len(trusted) == 0 {
		return middleware.ClientIPFromRemoteAddr
	}
	return middleware.ClientIPFromXFF(trusted...)
}

// strictTransport tells browsers to come by TLS alone.
func strictTransport(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		next.ServeHTTP(w, r)
	})
}

// headers sets what every answer carries. Handlers that need another policy or cache rule
// replace it.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// deadlines bounds how long a request is worked on, and how long its body may take to arrive. What
// lasts as long as somebody listens finds its context without the bound by lasting.
func deadlines(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limit := writeTimeout
		switch {
		case r.Method == http.MethodGet || r.Method == http.MethodHead:
			limit = readTimeout
		case r.Method == http.MethodPost && r.URL.Path == recordingsPath:
			limit = keepTimeout
		case r.Method == http.MethodPost && r.URL.Path == ingestPath:
			limit = pushTimeout + writeTimeout
		}
		ctx, cancel := context.WithTimeout(context.WithValue(r.Context(), lastingKey{}, r.Context()), limit)
		defer cancel()
		if r.ContentLength != 0 {
			// Not every writer can (httptest's cannot); the server's own always does.
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTimeout))
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// recovered answers 500 when a handler panics, or cuts the connection when the answer has begun,
// so that half an answer is never taken for a whole one.
func (s *server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(http.ErrAbortHandler)
			}
			s.log.LogAttrs(r.Context(), slog.LevelError, "request panicked", slog.String("request_id", requestID(r.Context())),
				slog.String("panic", fmt.Sprint(v)), slog.String("stack", string(debug.Stack())))
			if ww, ok := w.(middleware.WrapResponseWriter); !ok || ww.Status() != 0 {
				panic(http.ErrAbortHandler)
			}
			internal().write(w, r)
		}()
		next.ServeHTTP(w, r)
	})
}
