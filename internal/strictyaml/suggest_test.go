package strictyaml_test

import (
	"testing"

	"outcry/internal/strictyaml"
)

func TestSuggest(t *testing.T) {
	known := []string{"starts_at", "ends_at", "match", "any", "url"}
	for typed, want := range map[string]string{
		"start_at": "starts_at", "Ends_at": "ends_at", "mathc": "match", "matchh": "match",
		"anny": "any", "amy": "any", "xyz": "", "u": "", "matching": "", "": "",
	} {
		if got := strictyaml.Suggest(typed, known); got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}
