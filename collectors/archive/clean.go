package archive

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"

	"outcry/collectors/wire"
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

// clean makes valid UTF-8 without NUL of s.
func clean(s string) string { return wire.Clean(s) }
