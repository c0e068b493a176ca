package archive

import (
	"slices"
	"strings"

	"outcry/collectors/wire"
	"outcry/internal/reaction"
)

// columns says which column, from 0, holds a role; -1 for none.
type columns [roles]int

func noColumns() (c columns) {
	for i := range c {
		c[i] = -1
	}
	return c
}

func (c *columns) has(r role) bool { return c[r] >= 0 }

// dropIf forgets the roles that are of a kind.
func (c *columns) dropIf(of func(role) bool) {
	for r := range c {
		if of(role(r)) {
			c[r] = -1
		}
	}
}

// guessColumns finds roles by a header and a sample of the rows. A column has one role, the first
// of the list that it suits.
func guessColumns(header []string, sample [][]string) columns {
	c := noColumns()
	taken := map[int]bool{}
	for r := range roles {
		for _, i := range candidates(header, r) {
			if !taken[i] {
				c[r] = i
				break
			}
		}
		if r == roleTime {
			c[r] = bestTime(candidates(header, r), sample)
		}
		if c[r] >= 0 {
			taken[c[r]] = true
		}
	}
	if c.has(roleClock) && !clockBesideDate(sample, c[roleTime], c[roleClock]) {
		c[roleClock] = -1
	}
	if c.has(roleSource) && !platforms(sample, c[roleSource], fold(header[c[roleSource]]) == "source") {
		c[roleSource] = -1
	}
	return c
}

// bestTime is the first column in which times can be read, or the first of all.
func bestTime(list []int, sample [][]string) int {
	read := clock{zone: dayZone}
	for _, i := range list {
		good, bad := 0, 0
		for _, cell := range cells(sample, i) {
			if _, ok := read.parse(cell); ok || dayFirstEvidence(cell) {
				good++
			} else {
				bad++
			}
		}
		if good > bad {
			return i
		}
	}
	if len(list) == 0 {
		return -1
	}
	return list[0]
}

// clockBesideDate reports whether one column mostly has bare dates and the other times of day.
func clockBesideDate(sample [][]string, date, clock int) bool {
	if date < 0 || date == clock {
		return false
	}
	good, bad := 0, 0
	for _, row := range sample {
		if date >= len(row) || clock >= len(row) || row[date] == "" {
			continue
		}
		_, _, _, _, rest, ok := wire.DateParts(row[date])
		_, _, _, _, _, hour := wire.ClockParts(row[clock])
		if (ok && rest == "" || len(row[date]) == 8 && wire.Digits(row[date])) && hour {
			good++
		} else {
			bad++
		}
	}
	return good > bad
}

// wellKnown are platforms that a column called "source" may name; elsewhere it names the programs
// that people posted with.
var wellKnown = []reaction.Source{reaction.X, reaction.Bluesky, reaction.Mastodon, "threads", "facebook", "instagram",
	"reddit", "youtube", "telegram", "tiktok", "nostr", "misskey", "hackernews", "naver", "kakao", "weibo"}

// platforms reports whether a column mostly names platforms.
func platforms(sample [][]string, i int, strict bool) bool {
	good, bad := 0, 0
	for _, cell := range cells(sample, i) {
		if s, ok := platform(cell); ok && (!strict || slices.Contains(wellKnown, s)) {
			good++
		} else {
			bad++
		}
	}
	return good > bad
}

// cells are the values of a column that are not empty.
func cells(sample [][]string, i int) []string {
	var out []string
	for _, row := range sample {
		if i < len(row) && strings.TrimSpace(row[i]) != "" {
			out = append(out, row[i])
		}
	}
	return out
}
