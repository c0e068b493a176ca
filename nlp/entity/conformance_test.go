package entity

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"outcry/internal/reaction"
)

// suite reads a file of the conformance suite of twitter-text from the shared data folder, which lies beside
// the repository, or skips.
func suite[T any](t *testing.T, name string) map[string][]T {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		raw, err := os.ReadFile(filepath.Join(dir, "shared", "data", "twitter-text", "conformance", name))
		if err != nil {
			continue
		}
		var file struct{ Tests map[string][]T }
		if err := yaml.Unmarshal(raw, &file); err != nil {
			t.Fatal(err)
		}
		return file.Tests
	}
	t.Skip("the shared data folder is absent: no ../shared/data/twitter-text above here")
	return nil
}

type extraction struct {
	Description, Text string
	Expected          any
}

// TestExtractionConforms holds all 238 cases of extraction: what is found, and at which characters.
func TestExtractionConforms(t *testing.T) {
	all := 0
	for section, cases := range suite[extraction](t, "extract.yml") {
		for _, c := range cases {
			all++
			if got := extract(section, c.Text); !reflect.DeepEqual(got, c.Expected) {
				t.Errorf("%s: %s\n\t%.150q\n\tgot  %v\n\twant %v", section, c.Description, c.Text, got, c.Expected)
			}
		}
	}
	if all != 238 {
		t.Errorf("the suite has %d cases, not 238", all)
	}
}

// extract gives what the suite expects of a section, in its shapes.
func extract(section, text string) any {
	kinds := map[string]Kind{"mentions": Mention, "mentions_with_indices": Mention, "mentions_or_lists_with_indices": Mention, "urls": URL, "urls_with_indices": URL,
		"urls_with_directional_markers": URL, "tco_urls_with_params": URL, "hashtags": Hashtag, "hashtags_from_astral": Hashtag, "hashtags_with_indices": Hashtag,
		"cashtags": Cashtag, "cashtags_with_indices": Cashtag}
	names := map[string]string{"mentions_with_indices": "screen_name", "mentions_or_lists_with_indices": "screen_name", "urls_with_indices": "url",
		"urls_with_directional_markers": "url", "hashtags_with_indices": "hashtag", "cashtags_with_indices": "cashtag"}
	if section == "replies" {
		if r := Reply(text); r != "" {
			return r
		}
		return nil
	}
	kind, known := kinds[section]
	if !known {
		return fmt.Sprintf("the section %q is not known to this test", section)
	}
	out := []any{}
	for _, e := range Scan(text, reaction.X, nil) {
		if e.Kind != kind {
			continue
		}
		name, indices := names[section]
		if !indices {
			out = append(out, e.Value)
			continue
		}
		one := map[string]any{name: e.Value}
		if section == "mentions_or_lists_with_indices" {
			list := List(text, e)
			one["list_slug"], e.End = list, e.End+len(list)
		}
		one["indices"] = []any{utf8.RuneCountInString(text[:e.Start]), utf8.RuneCountInString(text[:e.End])}
		out = append(out, one)
	}
	return out
}

type validation struct {
	Description, Text string
	Expected          any
}

// TestValidationConforms holds all 97 cases of validation.
func TestValidationConforms(t *testing.T) {
	checks := map[string]func(string) any{
		"tweets":                    func(s string) any { return Rule1.Measure(s).Valid },
		"usernames":                 func(s string) any { return ValidHandle(s) },
		"lists":                     func(s string) any { return ValidList(s) },
		"hashtags":                  func(s string) any { return ValidHashtag(s) },
		"urls":                      func(s string) any { return ValidURL(s, true) },
		"urls_without_protocol":     func(s string) any { return ValidURL(s, false) },
		"WeightedTweetsCounterTest": func(s string) any { return measured(Rule2.Measure(s)) },
		"WeightedTweetsWithDiscountedEmojiCounterTest": func(s string) any { return measured(Rule3.Measure(s)) },
		"UnicodeDirectionalMarkerCounterTest":          func(s string) any { return measured(Rule3.Measure(s)) },
	}
	all := 0
	for section, cases := range suite[validation](t, "validate.yml") {
		for _, c := range cases {
			all++
			check := checks[section]
			if check == nil {
				t.Errorf("the section %q is not known to this test", section)
				break
			}
			if got := check(c.Text); !reflect.DeepEqual(got, c.Expected) {
				t.Errorf("%s: %s\n\t%.150q\n\tgot  %v\n\twant %v", section, c.Description, c.Text, got, c.Expected)
			}
		}
	}
	if all != 97 {
		t.Errorf("the suite has %d cases, not 97", all)
	}
}

func measured(m Measure) any {
	return map[string]any{"weightedLength": m.Length, "valid": m.Valid, "permillage": m.Permillage,
		"displayRangeStart": 0, "displayRangeEnd": m.Last, "validRangeStart": 0, "validRangeEnd": m.LastValid}
}
