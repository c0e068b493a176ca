package strictyaml

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// plainJSON rewrites the two escapes of JSON that the YAML parser does not read, \/ and pairs of
// surrogates, as the characters they stand for. Lines stay where they are. What is not JSON is
// returned as it is.
func plainJSON(data []byte) []byte {
	if !bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{")) || !json.Valid(data) {
		return data
	}
	out := make([]byte, 0, len(data))
	for i := 0; i < len(data); {
		switch {
		case data[i] != '\\':
			out = append(out, data[i])
			i++
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
