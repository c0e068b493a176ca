package chart

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image/png"
	"strings"
	"testing"
)

// chunks reads the chunks of a PNG and checks their sums.
func chunks(t *testing.T, b []byte) (out [][2]string) {
	t.Helper()
	for b = b[8:]; len(b) > 0; {
		n := binary.BigEndian.Uint32(b)
		kind, data := string(b[4:8]), b[8:8+n]
		if got := binary.BigEndian.Uint32(b[8+n:]); got != crc32.ChecksumIEEE(b[4:8+n]) {
			t.Fatalf("the sum of the chunk %s is wrong", kind)
		}
		out, b = append(out, [2]string{kind, string(data)}), b[12+n:]
	}
	return out
}

func TestPNGCarriesItsWords(t *testing.T) {
	fonts := fallback(t)
	for _, s := range samples() {
		if s.name != "gap" && s.name != "hostile" {
			continue
		}
		c := drawn(t, s, fonts)
		var b bytes.Buffer
		if err := c.PNG(&b); err != nil {
			t.Fatal(err)
		}
		if _, err := png.Decode(bytes.NewReader(b.Bytes())); err != nil {
			t.Fatal(err)
		}
		var texts []string
		for i, k := range chunks(t, b.Bytes()) {
			if k[0] == "iTXt" {
				texts = append(texts, k[1])
			}
			if i == 0 && k[0] != "IHDR" {
				t.Errorf("the first chunk is %s", k[0])
			}
		}
		want := []string{"Title\x00\x00\x00en\x00\x00" + c.title, "Description\x00\x00\x00en\x00\x00" + c.Alt()}
		if strings.Join(texts, "|") != strings.Join(want, "|") {
			t.Errorf("%s: got %q, want %q", s.name, texts, want)
		}
	}
}
