package nlp

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"outcry/internal/reaction"
)

// shared finds a file of the shared data folder, which lies beside the repository, or skips.
func shared(t testing.TB, path string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		file := filepath.Join(dir, "shared", "data", path)
		if _, err := os.Stat(file); err == nil {
			return file
		}
	}
	t.Skipf("the shared data folder is absent: no ../shared/data/%s above here", path)
	return ""
}

// conformanceFloor is how many of the 238 extraction cases of twitter-text hold. The others speak
// of cashtags and lists, which the tagger has no use for, and of rare forms of addresses.
const conformanceFloor = 212

func TestTwitterConformance(t *testing.T) {
	raw, err := os.ReadFile(shared(t, "twitter-text/conformance/extract.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Tests map[string][]struct {
			Description, Text string
			Expected          any
		}
	}
	if err := yaml.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]struct {
		kind reaction.FacetKind
		key  string
	}{"mention": {reaction.FacetMention, "screen_name"}, "hashtag": {reaction.FacetHashtag, "hashtag"}, "url": {reaction.FacetURL, "url"}, "tco_url": {reaction.FacetURL, "url"}}
	passed, all := 0, 0
	for section, cases := range file.Tests {
		name, _, _ := strings.Cut(section, "s_")
		k, known := kinds[strings.TrimSuffix(name, "s")]
		for _, c := range cases {
			all++
			if !known {
				continue
			}
			var want, got []string
			list, _ := c.Expected.([]any)
			for _, w := range list {
				if m, ok := w.(map[string]any); ok {
					w = m[k.key]
				}
				want = append(want, w.(string))
			}
			for _, e := range scan(c.Text, reaction.X, nil) {
				if e.kind == k.kind {
					got = append(got, e.value)
				}
			}
			if slices.Equal(got, want) {
				passed++
			} else {
				t.Logf("%s: %s\n\t%.150q\n\tgot  %.150q\n\twant %.150q", section, c.Description, c.Text, got, want)
			}
		}
	}
	t.Logf("%d of %d cases hold", passed, all)
	if passed < conformanceFloor {
		t.Errorf("%d of %d cases hold, fewer than %d", passed, all, conformanceFloor)
	}
}
