package strictyaml

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// plainJSON rewrites what the YAML parser reads otherwise than JSON means it: the escape \/ and
// pairs of surrogates become the characters they stand for, and characters that break a line or
// are refused in YAML become escapes. Lines stay where they are. What is not JSON is returned as
// it is.
func plainJSON(data []byte) []byte {
	if !bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{")) || !json.Valid(data) {
		return data
	}
	out := make([]byte, 0, len(data))
	for i := 0; i < len(data); {
		switch {
		case data[i] != '\\':
			r, n := utf8.DecodeRune(data[i:])
			out = appendPlain(out, r, data[i:i+n])
			i += n
		case data[i+1] == '/':
			out = append(out, '/')
			i += 2
		case data[i+1] != 'u':
			out = append(out, data[i], data[i+1])
			i += 2
		default: // \uXXXX, as the text is valid
			r, n := escaped(data[i:]), 6
			if utf16.IsSurrogate(r) {
				r = utf16.DecodeRune(r, escaped(data[i+n:])) // alone it is U+FFFD, as in encoding/json
				if r != utf8.RuneError {
					n = 12
				}
				out = utf8.AppendRune(out, r)
			} else {
				out = append(out, data[i:i+n]...)
			}
			i += n
		}
	}
	return out
}

// appendPlain adds the character r, written as it is in raw unless YAML would not take it so.
func appendPlain(out []byte, r rune, raw []byte) []byte {
	switch {
	case r >= 0x7f && r <= 0x9f, r == 0x2028, r == 0x2029, r == 0xfeff, r == 0xfffe, r == 0xffff:
		return fmt.Appendf(out, `\u%04x`, r)
	}
	return append(out, raw...)
}

// escaped reads \uXXXX at the start of b, U+FFFD where there is none.
func escaped(b []byte) rune {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return utf8.RuneError
	}
	v, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	if err != nil {
		return utf8.RuneError
	}
	return rune(v)
}
