package archive

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"outcry/collectors/wire"
)

// checkColumns says which keys of Options.Columns are no roles.
func checkColumns(given map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(roleNames[:], name) {
			return fmt.Errorf("--columns: %q is none of %s", name, strings.Join(roleNames[:], ", "))
		}
	}
	return nil
}

// override puts the columns a person named in place of those guessed, as far as they concern
// files of this kind. "-" leaves a role out.
func (c *columns) override(given map[string]string, header []string, width int, samples bool) error {
	for r, name := range roleNames {
		want, ok := given[name]
		if !ok || samples && role(r).ofPosts() || !samples && role(r).ofSamples() {
			continue
		}
		i := -1
		if n, numbered := strings.CutPrefix(want, "#"); numbered {
			k, err := strconv.Atoi(n)
			if err != nil || k < 1 || k > width {
				return fmt.Errorf("--columns %s=%s: the table has the columns #1 to #%d", name, want, width)
			}
			i = k - 1
		} else if want != "-" {
			if i = slices.Index(header, want); i < 0 {
				i = slices.IndexFunc(header, func(h string) bool { return fold(h) == fold(want) })
			}
			if i < 0 {
				return fmt.Errorf("--columns %s=%s: there is no such column; the header is %s", name, want, quoteList(header))
			}
		}
		for other := range c { // the column's guessed role gives way
			if i >= 0 && c[other] == i {
				c[other] = -1
			}
		}
		c[r] = i
		if role(r) == roleTime {
			c[roleClock] = -1
		}
	}
	return nil
}

// quoteList shows cells to a person: the first few, shortened.
func quoteList(list []string) string {
	const most = 12
	out := make([]string, 0, most)
	for i, s := range list {
		if i == most {
			out = append(out, "…")
			break
		}
		out = append(out, strconv.Quote(wire.Shorten(s)))
	}
	return strings.Join(out, ", ")
}
