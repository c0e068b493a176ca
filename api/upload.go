package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
)

// upload is the body of a request. It is embedded in the input of operations that read one
// themselves, since huma's own way echoes bodies in errors and knows JSON only.
type upload struct {
	w http.ResponseWriter
	r *http.Request
}

// Resolve is how huma hands over the request.
func (u *upload) Resolve(ctx huma.Context) []error {
	u.r, u.w = humachi.Unwrap(ctx)
	return nil
}

// kind is the media type of the body, without parameters; "" where the client does not say.
func (u *upload) kind() (string, error) {
	h := u.r.Header.Get("Content-Type")
	if h == "" {
		return "", nil
	}
	t, params, err := mime.ParseMediaType(h)
	if err != nil {
		return "", problem(http.StatusUnsupportedMediaType, "The Content-Type header cannot be read.")
	}
	if c := params["charset"]; c != "" && !strings.EqualFold(c, "utf-8") {
		return "", problem(http.StatusUnsupportedMediaType, "Send the body in UTF-8.")
	}
	return t, nil
}

// expect refuses bodies of other media types. A body whose type is not given is taken for the
// first, and so is what curl -d says of any body.
func (u *upload) expect(kinds ...string) (string, error) {
	got, err := u.kind()
	if err != nil {
		return "", err
	}
	if got == "" || got == "application/x-www-form-urlencoded" {
		return kinds[0], nil
	}
	for _, k := range kinds {
		if got == k {
			return k, nil
		}
	}
	return "", problem(http.StatusUnsupportedMediaType, "The body is of type %q; send %s.", clip(got), strings.Join(kinds, " or "))
}

// read reads a plain body of at most limit bytes.
func (u *upload) read(limit int64) ([]byte, error) {
	if e := u.r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return nil, problem(http.StatusUnsupportedMediaType, "This body may not be compressed.")
	}
	data, err := io.ReadAll(u.bounded(limit))
	if err != nil {
		return nil, unread(err, limit)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, problem(http.StatusBadRequest, "The request has no body.")
	}
	return data, nil
}

func (u *upload) bounded(limit int64) io.Reader { return http.MaxBytesReader(u.w, u.r.Body, limit) }

// unread says why a body could not be read to its end.
func unread(err error, limit int64) error {
	var large *http.MaxBytesError
	var n net.Error
	switch {
	case errors.As(err, &large):
		return tooLarge(limit)
	case errors.As(err, &n) && n.Timeout():
		return problem(http.StatusRequestTimeout, "The body did not arrive within %s.", bodyTimeout)
	}
	return problem(http.StatusBadRequest, "The body broke off or is not what its headers say.")
}

func tooLarge(limit int64) error {
	return problem(http.StatusRequestEntityTooLarge, "The body is larger than %d KiB.", limit>>10)
}

// decode reads exactly one JSON value without unknown names into v. at is where the value stands
// in the request, for mistakes.
func decode(data []byte, at string, v any) error {
	if hasNUL(data) {
		return mistake(at, "a text holds the character U+0000, which cannot be kept")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return misread(err, at)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return mistake(at, "more follows after the JSON value")
	}
	return nil
}

// readJSON reads a body that is one JSON value.
func readJSON[T any](u *upload, limit int64) (v T, err error) {
	if _, err := u.expect(typeJSON); err != nil {
		return v, err
	}
	data, err := u.read(limit)
	if err != nil {
		return v, err
	}
	return v, decode(data, "body", &v)
}

// misread says in our own words why JSON could not be read.
func misread(err error, at string) error {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind):
		if kind.Field != "" {
			at += "." + kind.Field
		}
		return mistake(at, "a JSON %s does not belong here", kind.Value)
	case errors.As(err, &syntax):
		return mistake(at, "it is not JSON: something is wrong near byte %d", syntax.Offset)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return mistake(at, "the JSON breaks off")
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return mistake(at, "there is no field %s here", clip(name))
	}
	// What is left comes from the types' own readers of text, and speaks of the client's value.
	return mistake(at, "%s", clip(strings.TrimPrefix(err.Error(), "json: ")))
}

var escapedNUL = []byte(`\u0000`)

// hasNUL reports whether a text in the JSON holds U+0000, which PostgreSQL cannot keep. It is
// looked for only where the bytes could mean it.
func hasNUL(data []byte) bool {
	if !bytes.Contains(data, escapedNUL) {
		return false
	}
	d := json.NewDecoder(bytes.NewReader(data))
	for {
		t, err := d.Token()
		if err != nil {
			return false
		}
		if s, ok := t.(string); ok && strings.ContainsRune(s, 0) {
			return true
		}
	}
}

// indexed is the place of an item in a body that is a list.
func indexed(i int) string { return fmt.Sprintf("body[%d]", i) }
