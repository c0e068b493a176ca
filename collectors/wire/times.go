package wire

import (
	"strconv"
	"strings"
	"time"
)

// Clock reads times as platforms and people's files write them.
type Clock struct {
	Zone     *time.Location // of times that name none
	DayFirst bool           // 3/4/2015 is the third of April
}

// Parse reads one time, rounded down to microseconds.
func (c *Clock) Parse(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
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
func (c *Clock) parseNumber(s string) (time.Time, bool) {
	if strings.ContainsAny(s, "eE") { // 1.668988761e+09, as spreadsheets write
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || f < 1e8 || f > 1e17 {
			return time.Time{}, false
		}
		return unix(int64(f))
	}
	whole, frac, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	switch {
	case len(whole) == 8 && strings.Trim(frac, "0") == "":
		return civil(int(n/1e4), int(n/100%100), int(n%100), 0, 0, 0, 0, c.Zone)
	case len(whole) == 14 && frac == "":
		day, clock := n/1e6, int(n%1e6)
		return civil(int(day/1e4), int(day/100%100), int(day%100), clock/1e4, clock/100%100, clock%100, 0, c.Zone)
	case len(whole) < 9:
		return time.Time{}, false
	}
	t, ok := unix(n)
	if n < maxSeconds && frac != "" {
		us, good := micros(frac)
		return t.Add(time.Duration(us) * time.Microsecond), good
	}
	return t, ok && (frac == "" || Digits(frac))
}

// maxSeconds is in the year 5138.
const maxSeconds = 1e11

// unix tells the unit by the size; numbers that would be odd in any unit are no times.
func unix(n int64) (time.Time, bool) {
	switch {
	case n < maxSeconds:
		return time.Unix(n, 0).UTC(), true
	case n < 1e14:
		return time.UnixMilli(n).UTC(), true
	case n < 1e16:
		return time.UnixMicro(n).UTC(), true
	case n < 1e18:
		return time.Time{}, false
	}
	return time.UnixMicro(n / 1000).UTC(), true
}

// parseDate reads dates in figures, with or without a time of day and a zone:
// 2022-11-20T23:59:21.123Z, 2022-11-20 23:59:21+00:00, 2/24/2015 11:35, 24.2.2015, 2/24/15 9:05 PM.
func (c *Clock) parseDate(s string) (time.Time, bool) {
	a, b, y, sep, rest, ok := DateParts(s)
	if !ok {
		return time.Time{}, false
	}
	month, day := a, b // y/a/b, or a/b/y
	if sep != 'y' && (sep == '.' || c.DayFirst) {
		month, day = b, a
	}
	if rest == "" {
		return civil(y, month, day, 0, 0, 0, 0, c.Zone)
	}
	h, m, sec, us, rest, ok := ClockParts(strings.TrimLeft(rest, "T ,"))
	if !ok {
		return time.Time{}, false
	}
	zone, ok := zoneOf(rest, c.Zone)
	if !ok {
		return time.Time{}, false
	}
	return civil(y, month, day, h, m, sec, us, zone)
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

func (c *Clock) parseWords(s string) (time.Time, bool) {
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

func (c *Clock) zoneFor(layout string) *time.Location {
	if strings.Contains(layout, "GMT") || strings.Contains(layout, "UTC") {
		return time.UTC
	}
	return c.Zone
}
