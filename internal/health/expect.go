package health

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Expectation is what a good answer to an HTTP probe looks like.
type Expectation struct {
	// Statuses are the first and last of ranges of HTTP statuses.
	Statuses [][2]int
	// Body is a text that must be there; "" for none.
	Body string
	// MaxLatency is how long an answer may take before the service is degraded; 0 for as long as
	// the timeout allows.
	MaxLatency time.Duration
}

// Limits of an expectation.
const (
	MaxBodyText = 1000 // bytes
	maxStatuses = 20
)

// Answer is what an HTTP probe got.
type Answer struct {
	Status  int
	Latency time.Duration
	Found   bool // the text that must be there is, or none was asked for
}

// Wants reports whether an HTTP status is among those expected.
func (x *Expectation) Wants(status int) bool {
	return slices.ContainsFunc(x.Statuses, func(r [2]int) bool { return r[0] <= status && status <= r[1] })
}

// Judge is the rule by which one answer states a service's state. detail is a short reason, ""
// where the service is up. An answer that is not as expected means down, one that comes too late
// degraded. Being told to ask less often is about who asks, and says nothing of the service.
func (x *Expectation) Judge(a Answer) (state State, detail string) {
	wanted := x.Wants(a.Status)
	switch {
	case !wanted && a.Status == 429:
		return Unknown, "the service asks to be probed less often (status 429): give the probe a longer every"
	case !wanted && a.Status >= 300 && a.Status < 400:
		return Down, fmt.Sprintf("status %d: it redirects, which probes do not follow", a.Status)
	case !wanted:
		return Down, fmt.Sprintf("status %d", a.Status)
	case !a.Found:
		return Down, "the answer does not hold the text that is expected"
	case x.MaxLatency > 0 && a.Latency > x.MaxLatency:
		return Degraded, fmt.Sprintf("answered after %s, more than %s", a.Latency.Round(time.Millisecond), x.MaxLatency)
	}
	return Up, ""
}

// readExpectation reads the expect of an http probe. Its flaws' fields are within expect.
func readExpectation(m map[string]any) (x Expectation, flaws []Flaw) {
	x.Statuses = [][2]int{{200, 299}}
	bad := func(field, format string, a ...any) { flaws = append(flaws, Flaw{field, fmt.Sprintf(format, a...)}) }
	for _, key := range slices.Sorted(maps.Keys(m)) {
		switch v := m[key]; key {
		case "status":
			list, ok := v.([]any)
			if !ok {
				list = []any{v}
			}
			if len(list) == 0 || len(list) > maxStatuses {
				bad(key, "give 1 to %d statuses", maxStatuses)
				continue
			}
			x.Statuses = nil
			for i, one := range list {
				at := key
				if ok {
					at = fmt.Sprintf("%s[%d]", key, i)
				}
				r, ok := statusRange(one)
				if !ok {
					bad(at, "%s is not a status like 200, or a class of them like 2xx", show(one))
				}
				x.Statuses = append(x.Statuses, r)
			}
		case "body":
			s, ok := v.(string)
			if !ok || s == "" || !plain(s, MaxBodyText) {
				bad(key, "give a text of at most %d bytes that must be in the answer", MaxBodyText)
			}
			x.Body = s
		case "max_latency":
			s, _ := v.(string)
			d, err := time.ParseDuration(s)
			if err != nil || d < time.Millisecond || d > MaxTimeout {
				bad(key, "%s is not a duration from 1ms to %s, like 2s", show(v), short(MaxTimeout))
				continue
			}
			x.MaxLatency = d
		default:
			bad(clip(key), "this key is not known; known are body, max_latency, status")
		}
	}
	return x, flaws
}

// statusRange reads 200, "200" or "2xx".
func statusRange(v any) (r [2]int, ok bool) {
	n := 0
	switch v := v.(type) {
	case int:
		n = v
	case float64: // of JSON
		if v != math.Trunc(v) || v < 0 || v > 999 {
			return r, false
		}
		n = int(v)
	case string:
		s := strings.ToLower(v)
		if len(s) == 3 && s[0] >= '1' && s[0] <= '5' && s[1:] == "xx" {
			class := int(s[0]-'0') * 100
			return [2]int{class, class + 99}, true
		}
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			return r, false
		}
	}
	return [2]int{n, n}, n >= 100 && n <= 599
}

// show quotes a value of free form.
func show(v any) string {
	if s, ok := v.(string); ok {
		return strconv.Quote(clip(s))
	}
	return clip(fmt.Sprint(v))
}
