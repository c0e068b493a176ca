package strictyaml_test

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"outcry/internal/strictyaml"
)

type letter struct {
	Text string `yaml:"text"`
}

func TestJSONEscapesAreRead(t *testing.T) {
	for _, text := range []string{
		`{"text": "a\/b"}`, `{"text": "\ud83d\ude00 \u00e9 \"\\\n\t\b\f\r"}`, "{\n\t\"text\":\t\"tabs\"\n}",
		`{"text": "\\/ \\ud83d"}`, `{"text": "lone \ud83d and \ude00\u0041"}`, `{"text": "\u2028\u007f"}`,
	} {
		var want letter
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		var got letter
		if err := strictyaml.Decode([]byte(text), "l.json", &got); err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func FuzzJSONStringsAreReadAsJSONReadsThem(f *testing.F) {
	f.Add("plain")
	f.Add("\\/ \x00 \u2029 😀 é '\": {} # -")
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			t.Skip()
		}
		text, err := json.Marshal(map[string]string{"text": s})
		if err != nil {
			t.Fatal(err)
		}
		var got letter
		if err := strictyaml.Decode(text, "l.json", &got); err != nil || got.Text != s {
			t.Errorf("%s: got %q, want %q (%v)", text, got.Text, s, err)
		}
	})
}
