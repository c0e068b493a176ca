package api_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// contract is the OpenAPI document that the server itself serves; every answer of the tests is
// held against it.
type contract struct{ doc map[string]any }

// operation finds what the document says of a request; nil where it says nothing.
func (c contract) operation(method, path string) map[string]any {
	for template, item := range c.doc["paths"].(map[string]any) {
		pattern := "^" + regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllString(regexp.QuoteMeta(template), "[^/]+") + "$"
		if ok, _ := regexp.MatchString(pattern, path); ok {
			op, _ := item.(map[string]any)[strings.ToLower(method)].(map[string]any)
			return op
		}
	}
	return nil
}

// check holds an answer against the document.
func (c contract) check(t testing.TB, method, path string, resp *http.Response, body []byte) {
	t.Helper()
	if method == http.MethodHead {
		method = http.MethodGet
	}
	op := c.operation(method, path)
	if op == nil {
		return
	}
	responses := op["responses"].(map[string]any)
	r, ok := responses[fmt.Sprint(resp.StatusCode)].(map[string]any)
	if !ok {
		if r, ok = responses["default"].(map[string]any); !ok || resp.StatusCode < 400 {
			t.Fatalf("%s %s: the document does not know status %d", method, path, resp.StatusCode)
		}
	}
	for name, h := range headersOf(r) {
		if resp.Header.Get(name) == "" {
			continue
		}
		kind := h.(map[string]any)["schema"].(map[string]any)["type"]
		if v := resp.Header.Get(name); kind == "boolean" && v != "true" && v != "false" {
			t.Errorf("%s %s: header %s is %q", method, path, name, v)
		}
	}
	content, ok := r["content"].(map[string]any)
	if !ok || resp.Request.Method == http.MethodHead {
		return
	}
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	media, ok := content[kind].(map[string]any)
	if !ok {
		t.Fatalf("%s %s: the document does not know %q answers", method, path, kind)
	}
	if !strings.HasSuffix(kind, "json") {
		return
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatalf("%s %s: %v in %s", method, path, err, body)
	}
	for _, wrong := range c.validate(media["schema"].(map[string]any), v, "") {
		t.Errorf("%s %s: the answer is not what the document says: %s", method, path, wrong)
	}
}

func headersOf(response map[string]any) map[string]any {
	h, _ := response["headers"].(map[string]any)
	return h
}

// known are the words of JSON Schema that validate understands. Others are an error, so that a
// schema is never half checked.
var known = []string{
	"$ref", "type", "properties", "required", "additionalProperties", "items", "enum", "minimum", "maximum", "maxLength",
	"format", "description", "examples", "default", "contentEncoding",
}

// validate lists where v is not what the schema says.
func (c contract) validate(schema map[string]any, v any, at string) (wrong []string) {
	bad := func(format string, a ...any) { wrong = append(wrong, at+": "+fmt.Sprintf(format, a...)) }
	for word := range schema {
		if !slices.Contains(known, word) {
			bad("the validator does not know %q", word)
		}
	}
	if ref, ok := schema["$ref"].(string); ok {
		name := strings.TrimPrefix(ref, "#/components/schemas/")
		to, ok := c.doc["components"].(map[string]any)["schemas"].(map[string]any)[name].(map[string]any)
		if !ok {
			return append(wrong, at+": there is no schema "+ref)
		}
		return append(wrong, c.validate(to, v, at)...)
	}
	if types := typesOf(schema); len(types) > 0 && !slices.ContainsFunc(types, func(t string) bool { return is(v, t) }) {
		bad("%v is none of %v", v, types)
		return wrong
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, v) {
		bad("%v is none of %v", v, enum)
	}
	switch x := v.(type) {
	case float64:
		if low, ok := schema["minimum"].(float64); ok && x < low {
			bad("%v < %v", x, low)
		}
		if high, ok := schema["maximum"].(float64); ok && x > high {
			bad("%v > %v", x, high)
		}
	case string:
		if most, ok := schema["maxLength"].(float64); ok && utf8.RuneCountInString(x) > int(most) {
			bad("%q is longer than %v", x, most)
		}
		if schema["format"] == "date-time" {
			if _, err := time.Parse(time.RFC3339Nano, x); err != nil {
				bad("%q is no time", x)
			}
		}
	case []any:
		for i, item := range x {
			wrong = append(wrong, c.validate(schema["items"].(map[string]any), item, fmt.Sprintf("%s[%d]", at, i))...)
		}
	case map[string]any:
		wrong = append(wrong, c.validateObject(schema, x, at)...)
	}
	return wrong
}

func (c contract) validateObject(schema, x map[string]any, at string) (wrong []string) {
	props, _ := schema["properties"].(map[string]any)
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, ok := x[name.(string)]; !ok {
			wrong = append(wrong, fmt.Sprintf("%s.%s is missing", at, name))
		}
	}
	for name, value := range x {
		sub, ok := props[name].(map[string]any)
		if !ok {
			switch more := schema["additionalProperties"].(type) {
			case map[string]any:
				sub = more
			case bool:
				if !more {
					wrong = append(wrong, fmt.Sprintf("%s.%s is not described", at, name))
				}
				continue
			default:
				continue
			}
		}
		wrong = append(wrong, c.validate(sub, value, at+"."+name)...)
	}
	return wrong
}

func typesOf(schema map[string]any) []string {
	switch t := schema["type"].(type) {
	case string:
		return []string{t}
	case []any:
		var out []string
		for _, x := range t {
			out = append(out, x.(string))
		}
		return out
	}
	return nil
}

func is(v any, kind string) bool {
	switch x := v.(type) {
	case nil:
		return kind == "null"
	case bool:
		return kind == "boolean"
	case string:
		return kind == "string"
	case float64:
		return kind == "number" || kind == "integer" && x == math.Trunc(x)
	case []any:
		return kind == "array"
	}
	return kind == "object"
}
