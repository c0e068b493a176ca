package stream

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"

	"outcry/internal/reaction"
)

const (
	// maxPayload is the largest message, headers included, that a server must take. It is the
	// most that NATS does not advise against.
	maxPayload = 8 << 20
	// headerRoom is kept free in a message for its headers.
	headerRoom = 4 << 10

	// MaxEnvelopeBytes is the largest encoded envelope that the log takes. Whoever fills
	// envelopes closes them well before.
	MaxEnvelopeBytes = maxPayload - headerRoom
	// MaxDecodedBytes is the largest envelope before compression.
	MaxDecodedBytes = 64 << 20
)

// ErrTooLarge means that an envelope is over MaxEnvelopeBytes or MaxDecodedBytes and must be
// split.
var ErrTooLarge = errors.New("the envelope is too large")

// formatJSON is the first byte of an encoded envelope: the rest is JSON in one zstd frame.
// A reader ignores fields it does not know, so a new optional field needs no new format.
const formatJSON = 1

// Encode makes the bytes that the log carries for e: a byte for the format, then compressed JSON.
// It is safe for concurrent use.
func Encode(e *reaction.Envelope) ([]byte, error) {
	w := encoders.Get().(*encoder)
	defer w.release()
	if err := w.json.Encode(e); err != nil {
		return nil, fmt.Errorf("encode envelope of feed %s: %w", e.Feed, err)
	}
	if n := w.plain.Len(); n > MaxDecodedBytes {
		return nil, fmt.Errorf("encode envelope of feed %s: %w: %d bytes before compression are more than %d",
			e.Feed, ErrTooLarge, n, MaxDecodedBytes)
	}
	out := append(make([]byte, 0, 1+w.plain.Len()/3), formatJSON)
	out = w.zstd.EncodeAll(w.plain.Bytes(), out)
	if len(out) > MaxEnvelopeBytes {
		return nil, fmt.Errorf("encode envelope of feed %s: %w: %d bytes are more than %d",
			e.Feed, ErrTooLarge, len(out), MaxEnvelopeBytes)
	}
	return out, nil
}

// Decode reads what Encode made. It is safe for concurrent use, and for input from anywhere: no
// more than MaxDecodedBytes are ever unpacked.
func Decode(b []byte) (*reaction.Envelope, error) {
	if len(b) == 0 {
		return nil, errors.New("decode envelope: it is empty")
	}
	if b[0] != formatJSON {
		return nil, fmt.Errorf("decode envelope: format %d is not known to this version", b[0])
	}
	r := decoders.Get().(*decoder)
	defer r.release()
	var err error
	if r.plain, err = r.zstd.DecodeAll(b[1:], r.plain[:0]); err != nil {
		return nil, fmt.Errorf("decode envelope: unpack: %w", err)
	}
	e := new(reaction.Envelope)
	if err := json.Unmarshal(r.plain, e); err != nil { // copies what it keeps of r.plain
		return nil, fmt.Errorf("decode envelope: %w", err)
	}
	return e, nil
}

// maxPooled is the largest buffer that is kept for the next envelope.
const maxPooled = 4 << 20

// The pools only save allocations; what is in them carries nothing from one call to the next.
var (
	encoders = sync.Pool{New: func() any { return newEncoder() }}
	decoders = sync.Pool{New: func() any { return newDecoder() }}
)

type encoder struct {
	plain bytes.Buffer
	json  *json.Encoder // into plain
	zstd  *zstd.Encoder
}

func newEncoder() *encoder {
	w := new(encoder)
	w.json = json.NewEncoder(&w.plain)
	w.json.SetEscapeHTML(false)
	var err error
	w.zstd, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
	if err != nil {
		panic(err) // the options are constants
	}
	return w
}

func (w *encoder) release() {
	if w.plain.Cap() > maxPooled {
		return
	}
	w.plain.Reset()
	encoders.Put(w)
}

type decoder struct {
	plain []byte
	zstd  *zstd.Decoder
}

func newDecoder() *decoder {
	r := new(decoder)
	var err error
	r.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(MaxDecodedBytes))
	if err != nil {
		panic(err) // the options are constants
	}
	return r
}

func (r *decoder) release() {
	if cap(r.plain) <= maxPooled {
		decoders.Put(r)
	}
}
