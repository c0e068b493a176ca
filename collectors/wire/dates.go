package wire

import (
	"strings"
	"time"
)

// DateParts takes a date in figures apart. sep is 'y' where the year comes first, otherwise the
// character between its parts.
func DateParts(s string) (a, b, y int, sep byte, rest string, ok bool) {
	first, rest := Number(s)
	if len(rest) == 0 || !strings.ContainsRune("-/.", rune(rest[0])) {
		return 0, 0, 0, 0, "", false
	}
	sep = rest[0]
	second, rest := Number(strings.TrimLeft(rest[1:], " "))
	if len(second) == 0 || len(second) > 2 || len(rest) == 0 || rest[0] != sep {
		return 0, 0, 0, 0, "", false
	}
	third, rest := Number(strings.TrimLeft(rest[1:], " "))
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

// ClockParts reads 11:35, 11:35:07, 11:35:07.123 and each of them with AM or PM.
func ClockParts(s string) (h, m, sec, us int, rest string, ok bool) {
	hs, rest := Number(s)
	if len(hs) == 0 || len(hs) > 2 || len(rest) == 0 || rest[0] != ':' {
		return 0, 0, 0, 0, "", false
	}
	ms, rest := Number(rest[1:])
	if len(ms) != 2 {
		return 0, 0, 0, 0, "", false
	}
	h, m = atoi(hs), atoi(ms)
	if len(rest) > 0 && rest[0] == ':' {
		var ss, fs string
		if ss, rest = Number(rest[1:]); len(ss) != 2 {
			return 0, 0, 0, 0, "", false
		}
		sec = atoi(ss)
		if len(rest) > 1 && (rest[0] == '.' || rest[0] == ',') {
			fs, rest = Number(rest[1:])
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
	hs, rest := Number(s[1:])
	ms := strings.TrimPrefix(rest, ":")
	if len(hs) == 4 && rest == "" {
		hs, ms = hs[:2], hs[2:]
	}
	if len(hs) != 2 || ms != "" && (len(ms) != 2 || !Digits(ms)) || atoi(hs) > 14 || atoi(ms) > 59 {
		return nil, false
	}
	seconds := atoi(hs)*3600 + atoi(ms)*60
	if s[0] == '-' {
		seconds = -seconds
	}
	return time.FixedZone("", seconds), true
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

// Number splits the digits off the beginning of s.
func Number(s string) (digits, rest string) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return s[:i], s[i:]
}

// Digits reports whether s is digits and nothing else.
func Digits(s string) bool {
	d, rest := Number(s)
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
	if !Digits(s) {
		return 0, s == ""
	}
	return atoi((s + "000000")[:6]), true
}
