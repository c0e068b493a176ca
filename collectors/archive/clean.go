package archive

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"

	"outcry/internal/reaction"
)

// hashBytes is how much of a content's SHA-256 makes an id.
const hashBytes = 16

// hash is over what makes a post without an id the same post: source, time, author, text.
func (e *emitter) hash(p *reaction.Post) []byte {
	b := appendString(e.text[:0], string(p.Source))
	b = binary.AppendVarint(b, p.At.UnixMicro())
	b = appendString(b, p.Author.ID)
	e.text = append(b, p.Text...)
	sum := sha256.Sum256(e.text)
	return sum[:hashBytes]
}

// contentID names the nth post with the same content in a file, counted from 0.
func contentID(hash string, n int) string {
	id := append(make([]byte, 0, 48), "sha256:"...)
	id = append(hex.AppendEncode(id, []byte(hash)), ':')
	return string(strconv.AppendInt(id, int64(n), 10))
}

// clean makes valid UTF-8 without NUL of s: what is broken becomes U+FFFD.
func clean(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	return s
}

// short is a clean name, cut where it is far too long for one.
func short(s string) string { return cut(clean(s), maxNames) }

// cut shortens a text to a number of bytes, at a rune's edge.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// language keeps what may be a BCP 47 tag, without the codes that mean no language.
func language(s string) string {
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

// link keeps an address that people can open.
func link(s string) string {
	if len(s) > maxURL || !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "http://") {
		return ""
	}
	return clean(s)
}
