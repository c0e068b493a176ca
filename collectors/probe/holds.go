package probe

import (
	"bytes"
	"errors"
	"io"
)

// holds reports whether a text is in what r gives, reading no further than it must and keeping no
// more than a window of it.
func holds(r io.Reader, text string) (bool, error) {
	const step = 32 << 10
	buf := make([]byte, 0, step+len(text))
	for {
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		switch {
		case bytes.Contains(buf, []byte(text)):
			return true, nil
		case errors.Is(err, io.EOF):
			return false, nil
		case err != nil:
			return false, err
		}
		if keep := len(text) - 1; len(buf) > keep { // it may begin at the end of what was read
			copy(buf, buf[len(buf)-keep:])
			buf = buf[:keep]
		}
	}
}
