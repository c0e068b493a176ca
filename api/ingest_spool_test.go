package api

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"outcry/internal/reaction"
)

// results keeps n results and gives how many are told, and after which line the rest was cut; 0 for
// none.
func results(t *testing.T, s *spool, n int64) (told, after int64) {
	t.Helper()
	for i := range n {
		var err error
		if i%2 == 0 {
			err = s.fate(i+1, reaction.Accepted)
		} else {
			err = s.refused(PushRefusal{i + 1, reasonValue, "post.id", strings.Repeat("why ", 20)})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := s.copyTo(&out); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		var x struct {
			Line int64
			Cut  *struct{ After int64 }
		}
		if err := json.Unmarshal([]byte(line), &x); err != nil || after > 0 {
			t.Fatalf("%v: %s after a cut at %d", err, line, after)
		}
		if x.Cut != nil {
			after = x.Cut.After
			continue
		}
		if told++; x.Line != told {
			t.Fatalf("line %d at the place of %d", x.Line, told)
		}
	}
	return told, after
}

// Results take no more of the disk than their share, say where they end, and give it back.
func TestResultsTakeTheirShareOfTheDisk(t *testing.T) {
	dir := t.TempDir()
	var all atomic.Int64
	with := func(most, mostOfAll int64) *spool {
		return &spool{dir: dir, most: most, all: &all, mostOfAll: mostOfAll}
	}
	const n = 40_000 // about three megabytes
	whole := with(8<<20, 8<<20)
	if told, after := results(t, whole, n); told != n || after != 0 {
		t.Errorf("%d are told, cut after %d", told, after)
	}
	taken := all.Load()
	if taken < 2<<20 {
		t.Errorf("they took %d bytes", taken)
	}
	small := with(1<<20, 8<<20)
	if told, after := results(t, small, n); told != after || after < 5000 || after >= n || all.Load() > taken+1<<20 {
		t.Errorf("of a small share %d are told, cut after %d, at %d bytes", told, after, all.Load())
	}
	late := with(8<<20, all.Load()+1<<20)
	if told, after := results(t, late, n); told != after || after < 5000 || after >= n {
		t.Errorf("of what others left %d are told, cut after %d", told, after)
	}
	for _, s := range []*spool{whole, small, late, nil} {
		s.close()
		s.close()
	}
	if left := all.Load(); left != 0 {
		t.Errorf("%d bytes are not given back", left)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Errorf("%d files are left, %v", len(files), err)
	}
	if s := (&spool{dir: dir + "/none", most: 1 << 20, all: &all, mostOfAll: 1 << 20}); s.fate(1, reaction.Accepted) == nil {
		s.head = make([]byte, spoolMemory)
		if err := s.fate(2, reaction.Accepted); err == nil {
			t.Error("a directory that is not there takes results")
		}
		s.close()
	}
	if left := all.Load(); left != 0 {
		t.Errorf("%d bytes are not given back after a fault", left)
	}
}

// What one push is told never stands in another's answer.
func TestAProblemOfPushesIsEachOnesOwn(t *testing.T) {
	for _, shared := range []*Problem{errUnpacked, errLines, errLong, errRevoked, errStopping} {
		p := &pushing{}
		p.report.Accepted = 7
		if own := p.broken(shared); own == shared || own.Push != &p.report || own.Status != shared.Status {
			t.Errorf("%+v", own)
		}
		if shared.Push != nil {
			t.Errorf("%q keeps a report", shared.Detail)
		}
	}
}
