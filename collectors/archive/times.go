package archive

import (
	"strconv"
	"strings"
	"time"
)

// clock reads times as people's files write them.
type clock struct {
	zone     *time.Location // of times that name none
	layout   string         // where given, the only form
	dayFirst bool           // 3/4/2015 is the third of April
}

// parse reads one time, rounded down to microseconds.
func (c *clock) parse(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if c.layout != "" {
		t, err := time.ParseInLocation(c.layout, s, c.zone)
		return t.UTC().Truncate(time.Microsecond), err == nil
	}
	if s == "" {
		return time.Time{}, false
	}
	if s[0] < '0' || s[0] > '9' {
		return c.parseWords(s)
	}
	if t, ok := c.parseNumber(s); ok {
		return t, true
	}
	if t, ok := c.parseDate(s); ok {
		return t, true
	}
	return c.parseWords(s)
}

// parseNumber reads 20220601, 20220601233000, and Unix seconds, milliseconds, microseconds and
// nanoseconds, told apart by their size.
func (c *clock) parseNumber(s string) (time.Time, bool) {
	if strings.ContainsAny(s, "eE") { // 1.668988761e+09, as spreadsheets write
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || f < 1e8 || f > 1e17 {
			return time.Time{}, false
		}
		return unix(int64(f)), true
	}
	whole, frac, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	switch {
	case len(whole) == 8 && strings.Trim(frac, "0") == "":
		return civil(int(n/1e4), int(n/100%100), int(n%100), 0, 0, 0, 0, c.zone)
	case len(whole) == 14 && frac == "":
		day, clock := n/1e6, int(n%1e6)
		return civil(int(day/1e4), int(day/100%100), int(day%100), clock/1e4, clock/100%100, clock%100, 0, c.zone)
	case len(whole) < 9:
		return time.Time{}, false
	}
	t := unix(n)
	if len(whole) <= 11 && frac != "" {
		us, ok := micros(frac)
		return t.Add(time.Duration(us) * time.Microsecond), ok
	}
	return t, strings.Trim(frac, "0") == "" || len(whole) > 11 && digits(frac)
}

func unix(n int64) time.Time {
	switch {
	case n < 1e11: // seconds, to the year 5138
		return time.Unix(n, 0).UTC()
	case n < 1e14:
		return time.UnixMilli(n).UTC()
	case n < 1e17:
		return time.UnixMicro(n).UTC()
	}
	return time.UnixMicro(n / 1000).UTC()
}

// parseDate reads dates in figures, with or without a time of day and a zone:
// 2022-11-20T23:59:21.123Z, 2022-11-20 23:59:21+00:00, 2/24/2015 11:35, 24.2.2015, 2/24/15 9:05 PM.
func (c *clock) parseDate(s string) (time.Time, bool) {
	a, b, y, sep, rest, ok := dateParts(s)
	if !ok {
		return time.Time{}, false
	}
	month, day := a, b // y/a/b, or a/b/y
	if sep != 'y' && (sep == '.' || c.dayFirst) {
		month, day = b, a
	}
	if rest == "" {
		return civil(y, month, day, 0, 0, 0, 0, c.zone)
	}
	h, m, sec, us, rest, ok := clockParts(strings.TrimLeft(rest, "T ,"))
	if !ok {
		return time.Time{}, false
	}
	zone, ok := zoneOf(rest, c.zone)
	if !ok {
		return time.Time{}, false
	}
	return civil(y, month, day, h, m, sec, us, zone)
}

// dateParts takes a date in figures apart. sep is 'y' where the year comes first, otherwise the
// character between its parts.
func dateParts(s string) (a, b, y int, sep byte, rest string, ok bool) {
	first, rest := number(s)
	if len(rest) == 0 || !strings.ContainsRune("-/.", rune(rest[0])) {
		return 0, 0, 0, 0, "", false
	}
	sep = rest[0]
	second, rest := number(strings.TrimLeft(rest[1:], " "))
	if len(second) == 0 || len(second) > 2 || len(rest) == 0 || rest[0] != sep {
		return 0, 0, 0, 0, "", false
	}
	third, rest := number(strings.TrimLeft(rest[1:], " "))
	x, z := atoi(first), atoi(third)
	switch {
	case len(first) == 4 && len(third) >= 1 && len(third) <= 2:
		return atoi(second), z, x, 'y', strings.TrimPrefix(rest, "."), true
	case len(first) <= 2 && len(third) == 4:
		return x, atoi(second), z, sep, rest, true
	case len(first) <= 2 && len(third) == 2 && z < 70:
		return x, atoi(second), 2000 + z, sep, rest, true
	}
	return 0, 0, 0, 0, "", false
}

// clockParts reads 11:35, 11:35:07, 11:35:07.123 and each of them with AM or PM.
func clockParts(s string) (h, m, sec, us int, rest string, ok bool) {
	hs, rest := number(s)
	if len(hs) == 0 || len(hs) > 2 || len(rest) == 0 || rest[0] != ':' {
		return 0, 0, 0, 0, "", false
	}
	ms, rest := number(rest[1:])
	if len(ms) != 2 {
		return 0, 0, 0, 0, "", false
	}
	h, m = atoi(hs), atoi(ms)
	if len(rest) > 0 && rest[0] == ':' {
		var ss, fs string
		if ss, rest = number(rest[1:]); len(ss) != 2 {
			return 0, 0, 0, 0, "", false
		}
		sec = atoi(ss)
		if len(rest) > 1 && (rest[0] == '.' || rest[0] == ',') {
			fs, rest = number(rest[1:])
			if us, ok = micros(fs); !ok {
				return 0, 0, 0, 0, "", false
			}
		}
	}
	rest = strings.TrimLeft(rest, " ")
	if len(rest) >= 2 && (rest[1] == 'M' || rest[1] == 'm') {
		half := rest[0] | 0x20
		if h < 1 || h > 12 || half != 'a' && half != 'p' {
			return 0, 0, 0, 0, "", false
		}
		if h %= 12; half == 'p' {
			h += 12
		}
		rest = strings.TrimLeft(rest[2:], " ")
	}
	return h, m, sec, us, rest, h < 24 && m < 60 && sec <= 60
}

// zoneOf reads what follows a time of day. Names other than UTC are not read: they do not say
// which of several zones is meant.
func zoneOf(s string, def *time.Location) (*time.Location, bool) {
	switch s {
	case "":
		return def, true
	case "Z", "z", "UTC", "GMT", "+00:00", "+0000", "+00", "-00:00":
		return time.UTC, true
	}
	if s[0] != '+' && s[0] != '-' {
		return nil, false
	}
	hs, rest := number(s[1:])
	ms := strings.TrimPrefix(rest, ":")
	if len(hs) == 4 && rest == "" {
		hs, ms = hs[:2], hs[2:]
	}
	if len(hs) != 2 || ms != "" && (len(ms) != 2 || !digits(ms)) || atoi(hs) > 14 || atoi(ms) > 59 {
		return nil, false
	}
	seconds := atoi(hs)*3600 + atoi(ms)*60
	if s[0] == '-' {
		seconds = -seconds
	}
	return time.FixedZone("", seconds), true
}

// wordLayouts are the forms with names of months and days.
var wordLayouts = []string{
	time.RubyDate, // X API v1.1
	time.RFC1123Z,
	"Mon, 02 Jan 2006 15:04:05 GMT",
	time.ANSIC,
	"Mon Jan _2 15:04:05 UTC 2006",
	"Jan 2, 2006 · 3:04 PM UTC",
	"3:04 PM · Jan 2, 2006",
	"Jan 2, 2006 3:04:05 PM",
	"Jan 2, 2006 3:04 PM",
	"Jan 2, 2006, 3:04:05 PM",
	"Jan 2, 2006 15:04:05",
	"Jan 2, 2006",
	"January 2, 2006 3:04 PM",
	"January 2, 2006 15:04:05",
	"January 2, 2006",
	"2 Jan 2006 15:04:05 -0700",
	"2 Jan 2006 15:04:05",
	"2 Jan 2006",
	"02-Jan-2006 15:04:05",
	"02-Jan-2006",
}

func (c *clock) parseWords(s string) (time.Time, bool) {
	if len(s) < 8 || len(s) > 40 {
		return time.Time{}, false
	}
	for _, layout := range wordLayouts {
		if t, err := time.ParseInLocation(layout, s, c.zoneFor(layout)); err == nil {
			return t.UTC().Truncate(time.Microsecond), true
		}
	}
	return time.Time{}, false
}

func (c *clock) zoneFor(layout string) *time.Location {
	if strings.Contains(layout, "GMT") || strings.Contains(layout, "UTC") {
		return time.UTC
	}
	return c.zone
}

// civil makes a moment of a date and time of day that exist.
func civil(y, month, d, h, m, s, us int, zone *time.Location) (time.Time, bool) {
	if month < 1 || month > 12 || d < 1 || d > 31 || h > 23 || m > 59 || s > 60 {
		return time.Time{}, false
	}
	t := time.Date(y, time.Month(month), d, h, m, s, us*1000, zone)
	if d > 28 && time.Date(y, time.Month(month), d, 0, 0, 0, 0, time.UTC).Day() != d {
		return time.Time{}, false
	}
	return t.UTC(), true
}

// number splits the digits off the beginning of s.
func number(s string) (digits, rest string) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return s[:i], s[i:]
}

func digits(s string) bool {
	d, rest := number(s)
	return len(d) > 0 && rest == ""
}

// atoi reads a short run of digits.
func atoi(s string) (n int) {
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// micros reads the digits behind a decimal point as millionths.
func micros(s string) (int, bool) {
	if !digits(s) {
		return 0, s == ""
	}
	return atoi((s + "000000")[:6]), true
}
