package health

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of a sample's texts, in bytes.
const (
	MaxServiceBytes = 100
	MaxVantageBytes = 64
	MaxDetailBytes  = 500
)

// Check says what is wrong with a sample: which field, "" for the whole, and what to do about it.
// ok is true where nothing is.
func (s *Sample) Check() (field, text string, ok bool) {
	switch {
	case s.At.Year() < 1970 || s.At.Year() > 2200:
		return "at", "the time is missing, or not between the years 1970 and 2200", false
	case s.State > Down:
		return "state", "it is none of up, degraded, down, unknown", false
	case s.State == Unknown && !s.measured() && s.Detail == "":
		return "", "it says nothing: give state, latency_ms or audience; for an unknown state, why in detail", false
	case s.LatencyMS != nil && !(*s.LatencyMS >= 0 && *s.LatencyMS <= maxLatency.Seconds()*1000):
		return "latency_ms", "it is less than nothing, or more than a day", false
	case s.Audience != nil && (*s.Audience < 0 || *s.Audience > maxAudience):
		return "audience", "it is less than nothing, or more than there are people", false
	case strings.TrimSpace(s.Service) == "" || !plain(s.Service, MaxServiceBytes):
		return "service", "give the service's name, at most 100 bytes of text", false
	case !plain(s.Vantage, MaxVantageBytes):
		return "vantage", "it is longer than 64 bytes, or not text", false
	case !plain(s.Detail, MaxDetailBytes):
		return "detail", "it is longer than 500 bytes, or not text", false
	}
	return "", "", true
}

// measured reports whether a sample carries a figure.
func (s *Sample) measured() bool { return s.LatencyMS != nil || s.Audience != nil }

// maxAudience is more people than there are.
const maxAudience = 20_000_000_000

// maxLatency is the longest response time that can be meant.
const maxLatency = 24 * time.Hour

// plain reports whether a text is short enough and can be kept: valid UTF-8 without NUL.
func plain(s string, limit int) bool {
	return len(s) <= limit && utf8.ValidString(s) && !strings.Contains(s, "\x00")
}
