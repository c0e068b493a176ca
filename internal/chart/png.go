package chart

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"io"
)

// pngHead is the length of a PNG's signature and its first chunk, IHDR.
const pngHead = 8 + 4 + 4 + 13 + 4

// writePNG writes a picture with its title and its alternative text as iTXt chunks (PNG, third
// edition, 11.3.3.4), so that they travel with the file.
func writePNG(w io.Writer, picture image.Image, lang, title, description string) error {
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return fmt.Errorf("writing the PNG: %w", err)
	}
	for _, part := range [][]byte{
		b.Bytes()[:pngHead], textChunk("Title", lang, title), textChunk("Description", lang, description), b.Bytes()[pngHead:],
	} {
		if _, err := w.Write(part); err != nil {
			return fmt.Errorf("writing the PNG: %w", err)
		}
	}
	return nil
}

// textChunk is an uncompressed iTXt chunk.
func textChunk(keyword, lang, text string) []byte {
	data := "iTXt" + keyword + "\x00\x00\x00" + lang + "\x00\x00" + text
	out := binary.BigEndian.AppendUint32(nil, uint32(len(data)-4))
	out = append(out, data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE([]byte(data)))
}
