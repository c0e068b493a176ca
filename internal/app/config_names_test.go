package app

import (
	"strings"
	"testing"
)

func TestNamesAreAcceptedByARuleThatIsOff(t *testing.T) {
	load := func(value string) (*Config, error) {
		return LoadConfig(ConfigSources{Flags: map[string]string{"data": t.TempDir(), "names_accept": value}})
	}
	if c, err := LoadConfig(ConfigSources{Flags: map[string]string{"data": t.TempDir()}}); err != nil || c.NamesAccept != 0 {
		t.Errorf("by default: %v, %v", c, err)
	}
	for value, want := range map[string]NamesAccept{"off": 0, "20 posts": 20, "20": 20, " 5posts ": 5} {
		if c, err := load(value); err != nil || c.NamesAccept != want {
			t.Errorf("%q: %v", value, err)
		}
	}
	for _, value := range []string{"", "on", "4 posts", "0", "-20 posts", "20 authors", "1e9 posts", "99999999 posts"} {
		if _, err := load(value); err == nil || !strings.Contains(err.Error(), "like 20 posts") {
			t.Errorf("%q: %v", value, err)
		}
	}
}
