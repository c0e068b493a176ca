package x

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// maxMessage bounds a message of the stream: far more than a post with everything beside it takes.
const maxMessage = 1 << 20

// errLong is what next returns for a message that is too long. The next one can be read.
var errLong = errors.New("a message of the stream is too long")

// lines takes the bytes of a stream apart. Messages end with CR LF, or LF as some servers have it;
// an empty one is a sign of life.
type lines struct {
	from *bufio.Reader
	buf  []byte
	most int
}

func newLines(r io.Reader) *lines {
	return &lines{from: bufio.NewReaderSize(r, 64<<10), most: maxMessage}
}

// next is the next message, valid until the one after it. At the end of the stream it is io.EOF, or
// io.ErrUnexpectedEOF where that came in the middle of a message.
func (l *lines) next() ([]byte, error) {
	l.buf = l.buf[:0]
	long := false
	for {
		part, err := l.from.ReadSlice('\n')
		if len(l.buf)+len(part) > l.most+len("\r\n") {
			long = true
		}
		if !long {
			l.buf = append(l.buf, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil:
			return l.end(long, err)
		case long:
			return nil, errLong
		}
		return bytes.TrimSpace(l.buf), nil
	}
}

// end is what is left of a stream that ended: a message that is whole lacks its line's end alone.
func (l *lines) end(long bool, err error) ([]byte, error) {
	rest := bytes.TrimSpace(l.buf)
	switch {
	case len(rest) == 0 && !long || !errors.Is(err, io.EOF):
		return nil, err
	case long || !json.Valid(rest):
		return nil, io.ErrUnexpectedEOF
	}
	return rest, nil
}
