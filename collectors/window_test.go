package collectors_test

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"outcry/collectors"
)

func TestAWindowIsNotOverdrawn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := collectors.NewWindow(300, 15*time.Minute, time.Now)
		began := time.Now()
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				for range 90 {
					if err := w.Wait(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if took := time.Since(began); took != 30*time.Minute {
			t.Errorf("900 requests took %s, want the beginning of the third stretch", took)
		}
	})
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := collectors.NewWindow(0, time.Hour, time.Now)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		if err := w.Wait(ctx); err == nil || time.Since(began) != time.Minute {
			t.Errorf("the wait ended with %v after %s", err, time.Since(began))
		}
	})
}

func headers(kv ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(kv); i += 2 {
		h.Set(kv[i], kv[i+1])
	}
	return h
}

func TestHeadersHaveTheLastWord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := func(d time.Duration) string { return strconv.FormatInt(time.Now().Add(d).Unix(), 10) }
		for name, c := range map[string]struct {
			status int
			h      http.Header
			left   int
			until  time.Duration
		}{
			"what others used too": {200, headers("X-Rate-Limit-Limit", "300", "X-Rate-Limit-Remaining", "7", "X-Rate-Limit-Reset", in(5*time.Minute)), 7, 5 * time.Minute},
			"RFC 3339":             {200, headers("X-RateLimit-Limit", "300", "X-RateLimit-Remaining", "9", "X-RateLimit-Reset", time.Now().Add(time.Minute).Format(time.RFC3339)), 9, time.Minute},
			"recorded 429":         {429, headers("X-Rate-Limit-Limit", "15", "X-Rate-Limit-Remaining", "14", "X-Rate-Limit-Reset", in(15*time.Minute)), 0, 15 * time.Minute},
			"429 with retry-after": {429, headers("Retry-After", "60"), 0, time.Minute},
			"429 without a word":   {429, nil, 0, 15 * time.Minute},
			"429 of yesterday":     {429, headers("X-Rate-Limit-Reset", in(-24*time.Hour)), 0, 15 * time.Minute},
			"no headers":           {200, nil, 299, 15 * time.Minute},
			"a reset never":        {200, headers("X-Rate-Limit-Remaining", "0", "X-Rate-Limit-Reset", in(1000*time.Hour)), 299, 15 * time.Minute},
			"less than nothing":    {200, headers("X-Rate-Limit-Remaining", "-1", "X-Rate-Limit-Reset", in(time.Minute)), 299, 15 * time.Minute},
			"not a number":         {200, headers("X-Rate-Limit-Remaining", "many", "X-Rate-Limit-Reset", "soon"), 299, 15 * time.Minute},
		} {
			w := collectors.NewWindow(300, 15*time.Minute, time.Now)
			w.Take()
			w.Told(c.status, c.h)
			if left, until := w.Spare(); left != c.left || time.Until(until).Round(time.Second) != c.until {
				t.Errorf("%s: %d left for %s, want %d for %s", name, left, time.Until(until), c.left, c.until)
			}
		}
	})
}

// Who waits for a budget that turns out to be better than thought goes on at once.
func TestGoodNewsWakesWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := collectors.NewWindow(1, time.Hour, time.Now)
		w.Take()
		began := time.Now()
		done := make(chan error)
		go func() { done <- w.Wait(t.Context()) }()
		synctest.Wait()
		w.Told(200, headers("X-Rate-Limit-Remaining", "5", "X-Rate-Limit-Reset", strconv.FormatInt(time.Now().Add(time.Minute).Unix(), 10)))
		if err := <-done; err != nil || time.Since(began) != 0 {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
}
