package archive

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"outcry/internal/reaction"
)

// FileInfo is what was found in one file.
type FileInfo struct {
	Path    string
	Format  Format
	Mapping string   // of a table, for people: which column was taken for what
	Notes   []string // for people: what had to be decided
	Sources []reaction.Source
	First   time.Time // of the records taken; zero where there are none
	Last    time.Time
	// Rows is how many rows, or posts in pages, were looked at: Accepted and all of Rejected.
	Rows     int64
	Accepted int64
	Rejected map[string]int64 // by the reasons of the closed list
}

// topReasons lists the most frequent reasons of refusal.
func (f *FileInfo) topReasons() string {
	reasons := slices.SortedFunc(maps.Keys(f.Rejected), func(a, b string) int {
		return cmp.Or(cmp.Compare(f.Rejected[b], f.Rejected[a]), strings.Compare(a, b))
	})
	var out []string
	for _, r := range reasons[:min(len(reasons), 3)] {
		out = append(out, fmt.Sprintf("%d %s", f.Rejected[r], r))
	}
	return strings.Join(out, ", ")
}

// Progress says how far the reading has come.
type Progress struct {
	Path  string // the file being read
	Bytes int64  // read of all files, as they lie on disk
	Total int64  // bytes of all files; 0 where that is not known
	Rows  int64  // looked at in all files
}

// span is the first and last time of something.
type span struct{ first, last int64 }

func (s *span) add(at int64) {
	if s.first == 0 || at < s.first {
		s.first = at
	}
	s.last = max(s.last, at)
}

func moment(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
