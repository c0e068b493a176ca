package bluesky

import (
	"bytes"
	"context"
	_ "embed" // for the dictionary
	"errors"
	"fmt"
	"io"

	"github.com/coder/websocket"
	"github.com/klauspost/compress/zstd"
)

// dictionary is the one that Jetstream packs its messages with, out of its repository
// (github.com/bluesky-social/jetstream, pkg/models/zstd_dictionary at d17bd81a945e). Its licence,
// the MIT License, is beside it in zstd_dictionary.LICENSE.
//
//go:embed zstd_dictionary
var dictionary []byte

const (
	// maxMessage is the longest message that is read. A post is at most a few kilobytes.
	maxMessage = 2 << 20
	// endless is the longest message that is let go by without ending the connection.
	endless = 16 << 20
)

// What may be wrong with a message, while the connection is good.
var (
	errTooLarge = fmt.Errorf("a message has more than %d bytes", maxMessage)
	errPacked   = errors.New("a compressed message cannot be unpacked")
)

// newUnpacker keeps nothing between messages, and is safe for concurrent use.
func newUnpacker() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderDicts(dictionary), zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(maxMessage))
}

// socket reads the messages of a WebSocket.
type socket struct {
	ws     *websocket.Conn
	packed bool          // compressed messages were asked for
	beat   chan struct{} // receives when the other side is alive
	unpack *zstd.Decoder

	raw  bytes.Buffer
	text []byte
}

// alive takes note of a ping or a pong.
func (k *socket) alive() {
	select {
	case k.beat <- struct{}{}:
	default:
	}
}

// read is the next message, which is good until the one after it. errTooLarge and errPacked are of
// the message; any other error ends the connection.
func (k *socket) read(ctx context.Context) ([]byte, error) {
	kind, r, err := k.ws.Reader(ctx)
	if err != nil {
		return nil, err
	}
	k.raw.Reset()
	n, err := k.raw.ReadFrom(io.LimitReader(r, maxMessage+1))
	if err != nil {
		return nil, err
	}
	if n > maxMessage {
		if _, err := io.Copy(io.Discard, r); err != nil {
			return nil, err
		}
		k.raw = bytes.Buffer{} // one great message is not kept room for
		return nil, errTooLarge
	}
	if kind == websocket.MessageText {
		return k.raw.Bytes(), nil
	}
	text, err := k.unpack.DecodeAll(k.raw.Bytes(), k.text[:0])
	switch {
	case errors.Is(err, zstd.ErrDecoderSizeExceeded), errors.Is(err, zstd.ErrWindowSizeExceeded):
		return nil, errTooLarge
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errPacked, err)
	}
	k.text = text
	return text, nil
}
