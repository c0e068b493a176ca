package strictyaml

import "strings"

// Suggest finds the known name that a mistyped one most likely stands for, "" where none is
// close: at most two slips of the keyboard, and fewer than half the letters.
func Suggest(typed string, known []string) string {
	best, least := "", 3
	for _, k := range known {
		if abs(len(k)-len(typed)) > 2 {
			continue
		}
		if d := slips(strings.ToLower(typed), strings.ToLower(k)); d < least && 2*d < len(k) {
			best, least = k, d
		}
	}
	return best
}

// slips is the optimal string alignment distance: letters put in, left out, replaced, or two
// neighbours swapped, each counting one.
func slips(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

func abs(n int) int { return max(n, -n) }
