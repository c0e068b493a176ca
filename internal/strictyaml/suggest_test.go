package strictyaml

import "testing"

func TestSuggest(t *testing.T) {
	known := []string{"starts_at", "ends_at", "match", "any", "url"}
	for typed, want := range map[string]string{
		"start_at": "starts_at", "Ends_at": "ends_at", "mathc": "match", "matchh": "match",
		"anny": "any", "amy": "any", "xyz": "", "u": "", "matching": "", "": "",
	} {
		if got := suggest(typed, known); got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}
