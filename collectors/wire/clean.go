package wire

import (
	"strings"
	"unicode/utf8"
)

// Clean makes valid UTF-8 without NUL of s: what is broken becomes U+FFFD.
func Clean(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	return s
}

// Short is a clean name, cut where it is far too long for one.
func Short(s string) string { return Cut(Clean(s), MaxNames) }

// Cut shortens a text to a number of bytes, at a rune's edge.
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// Shorten is s as it may stand in a message.
func Shorten(s string) string {
	const most = 60
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	return s
}

// Language keeps what may be a BCP 47 tag, without the codes that mean no language.
func Language(s string) string {
	switch s = strings.TrimSpace(s); s {
	case "in":
		return "id" // X keeps some withdrawn codes
	case "iw":
		return "he"
	case "und", "zxx", "qam", "qct", "qht", "qme", "qst": // X: undetermined, or no words
		return ""
	}
	if len(s) < 2 || len(s) > 35 {
		return ""
	}
	for _, c := range []byte(s) {
		if c != '-' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return ""
		}
	}
	return s
}

// Link keeps an address that people can open.
func Link(s string) string {
	if len(s) > MaxURL || !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "http://") {
		return ""
	}
	return Clean(s)
}
