package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strings"
)

// MinSecret is the least length of the server's secret, in bytes.
const MinSecret = 32

// sealer makes what is kept of tokens: their HMAC-SHA-256 under the server's secret, which is not
// in the database. Whoever reads the database can neither use a token nor try out guesses.
type sealer struct{ secret []byte }

// What a token is for is part of its MAC, so that none passes for another kind.
const (
	forKey     = "key"
	forSession = "session"
	forLink    = "link"
	forCheck   = "check"
)

func newSealer(secret []byte) (sealer, error) {
	if len(secret) < MinSecret {
		return sealer{}, errors.New("the server's secret is shorter than 32 bytes")
	}
	return sealer{secret}, nil
}

func (s sealer) seal(purpose, token string) []byte {
	h := hmac.New(sha256.New, s.secret)
	h.Write([]byte(purpose))
	h.Write([]byte{0})
	h.Write([]byte(token))
	return h.Sum(nil)
}

// keyStart begins every key, so that people and scanners for leaked secrets recognise one.
const keyStart = "outcry_"

// maxToken bounds what is looked at of a token, in bytes.
const maxToken = 200

const keyIDLen = 8

// newKey makes a key's secret and the id in it. 26 characters of base 32 are 130 bits.
func newKey() (token, id string) {
	id = strings.ToLower(rand.Text()[:keyIDLen])
	return keyStart + id + "_" + strings.ToLower(rand.Text()), id
}

// keyID is the id in a key's secret; ok is false for what cannot be one.
func keyID(token string) (id string, ok bool) {
	rest, ok := strings.CutPrefix(token, keyStart)
	if !ok || len(token) > maxToken {
		return "", false
	}
	id, secret, ok := strings.Cut(rest, "_")
	if !ok || len(id) != keyIDLen || secret == "" || strings.Trim(id, "abcdefghijklmnopqrstuvwxyz234567") != "" {
		return "", false
	}
	return id, true
}

// newToken makes the token of a session or a link.
func newToken() string { return rand.Text() }
