package archive

import (
	"math"
	"strconv"
	"strings"

	"outcry/collectors/wire"
	"outcry/internal/reaction"
)

// noNaN is "" for the words that tables have for nothing.
func noNaN(s string) string {
	switch strings.ToLower(s) {
	case "nan", "null", "none", "na", "n/a", "-":
		return ""
	}
	return s
}

// wholeNumber reads 600000, 600000.0 and 6e5.
func wholeNumber(s string) (int64, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int64(f), true
}

// rowID is an id as a table has it: "848.0" is 848, and 5.7e17 has lost its last digits and is
// no id.
func rowID(s string) string {
	if s = noNaN(s); s == "" || s[0] < '0' || s[0] > '9' {
		return s
	}
	whole, frac := wire.Number(s)
	switch {
	case frac == "":
		return s
	case frac[0] == '.' && strings.Trim(frac[1:], "0") == "":
		return whole
	case strings.ContainsAny(frac, "eE"):
		if _, err := strconv.ParseFloat(s, 64); err == nil {
			return ""
		}
	}
	return s
}

// platform is the source that people mean by a platform's name.
func platform(s string) (reaction.Source, bool) {
	switch s = strings.ToLower(strings.TrimSpace(s)); s {
	case "twitter", "x", "x.com", "twitter.com":
		return reaction.X, true
	case "bluesky", "bsky", "bsky.app":
		return reaction.Bluesky, true
	}
	src, err := reaction.ParseSource(s)
	return src, err == nil
}

// counts reports whether values are 0, 1, 2, 3, ... or 1, 2, 3, ...
func counts(values []string) bool {
	first, err := strconv.Atoi(strings.Join(values[:min(len(values), 1)], ""))
	if err != nil || first > 1 || first < 0 {
		return false
	}
	for i, v := range values {
		if v != strconv.Itoa(first+i) {
			return false
		}
	}
	return len(values) > 1
}
