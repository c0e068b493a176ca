package cli

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

const launch = `slug: launch
title: A launch
starts_at: 2023-05-24T18:00:00-04:00
ends_at: 2023-05-24T20:00:00-04:00
match: {any: [desantis]}
entities:
  - {name: DeSantis, kind: person, aliases: [디샌티스]}
services: [{name: Jio}]
`

func blendOf(t *testing.T, in string, args ...string) (lines []blendLine, code int, complaint string) {
	t.Helper()
	var out, errOut bytes.Buffer
	code = Run(t.Context(), append([]string{"blend"}, args...), strings.NewReader(in), &out, &errOut)
	for l := range strings.Lines(out.String()) {
		var b blendLine
		if err := json.Unmarshal([]byte(l), &b); err != nil {
			t.Fatalf("%q: %v", l, err)
		}
		lines = append(lines, b)
	}
	return lines, code, errOut.String()
}

func TestBlend(t *testing.T) {
	names := write(t, "names.txt", "# those of the launch\nDeSantis, 디샌티스\n\nJio\n")
	for _, file := range []string{names, write(t, "launch.yaml", launch)} {
		lines, code, complaint := blendOf(t, "#DeSaster\n\n디재스터\n#jiodown\n#WorldCup\n", "--entities", file)
		if code != exitDone || len(lines) != 4 {
			t.Fatalf("%s: exit %d, %d lines: %s", file, code, len(lines), complaint)
		}
		for i, want := range []string{"DeSantis+disaster", "DeSantis+disaster", "Jio+down", ""} {
			l, got := lines[i], ""
			if l.Coined {
				got = l.Blends[0].Entity + "+" + l.Blends[0].Word
			}
			if got != want {
				t.Errorf("%s: %q, not %q: %+v", l.Text, got, want, l)
			}
		}
		if got := strings.Join(lines[3].Words, " "); got != "World Cup" {
			t.Errorf("#WorldCup has the words %q", got)
		}
	}
}

func TestBlendMistakes(t *testing.T) {
	names := write(t, "names.txt", "DeSantis\n")
	for name, c := range map[string]struct {
		in   string
		args []string
		code int
		want string
	}{
		"no names":        {"", nil, exitUsage, "--entities"},
		"an empty list":   {"", []string{"--entities", write(t, "none.txt", "\n# none\n")}, exitFailed, "names nothing"},
		"no such list":    {"", []string{"--entities", filepath.Join(t.TempDir(), "gone.txt")}, exitFailed, "gone.txt"},
		"a broken event":  {"", []string{"--entities", write(t, "bad.yaml", "slug: [\n")}, exitFailed, "bad.yaml"},
		"a long list":     {"", []string{"--entities", write(t, "long.txt", strings.Repeat("name\n", 250_000))}, exitFailed, "more than"},
		"too many names":  {"", []string{"--entities", write(t, "many.txt", strings.Repeat("name\n", 1001))}, exitFailed, "at most 1000"},
		"a long line":     {"#a\n" + strings.Repeat("x", 5000), []string{"--entities", names}, exitFailed, "line 2: more than 4096 bytes"},
		"no such file":    {"", []string{"gone.txt", "--entities", names}, exitFailed, "gone.txt"},
		"no confidence":   {"", []string{"--least", "2", "--entities", names}, exitUsage, "--least"},
		"two many inputs": {"", []string{"a", "b", "--entities", names}, exitUsage, "accepts"},
	} {
		_, code, complaint := blendOf(t, c.in, c.args...)
		if code != c.code || !strings.Contains(complaint, c.want) {
			t.Errorf("%s: exit %d, %q; not exit %d with %q", name, code, complaint, c.code, c.want)
		}
	}
}
