package extsort

import (
	"fmt"
	"os"
	"testing"

	"pgregory.net/rapid"
)

// TestSortedWhateverTheMemory holds the sorter against a plain sort, with buffers so small that
// runs of runs are merged, and looks for files left behind.
func TestSortedWhateverTheMemory(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		s := New(dir, int64(rapid.SampledFrom([]int{1, 200, 4 << 10, 1 << 20}).Draw(t, "memory")))
		defer s.Close()
		n := rapid.IntRange(0, 300).Draw(t, "entries")
		want := map[Key]string{}
		for i := range n {
			k := Key{At: rapid.Int64Range(-3, 3).Draw(t, "at"), Hash: rapid.Uint64Range(0, 2).Draw(t, "hash"), Seq: uint64(i)}
			want[k] = fmt.Sprint("payload ", i)
			if err := s.Add(k, []byte(want[k])); err != nil {
				t.Fatal(err)
			}
		}
		s.Finish()
		for range 2 { // reading twice gives the same
			var last *Key
			got := 0
			for e, err := range s.Entries() {
				if err != nil {
					t.Fatal(err)
				}
				if last != nil && last.Compare(e.Key) >= 0 {
					t.Fatalf("%v comes after %v", e.Key, *last)
				}
				if string(e.Payload) != want[e.Key] {
					t.Fatalf("%v carries %q, want %q", e.Key, e.Payload, want[e.Key])
				}
				last, got = &e.Key, got+1
			}
			if got != n || s.Len() != int64(n) {
				t.Fatalf("%d entries of %d, Len %d", got, n, s.Len())
			}
		}
	})
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Fatalf("left behind: %v, %v", left, err)
	}
}

func TestManyRuns(t *testing.T) {
	s := New(t.TempDir(), 1) // a run for every entry but the last
	defer s.Close()
	const n = fanIn*fanIn + fanIn + 2
	for i := range n {
		if err := s.Add(Key{At: int64(n - i), Seq: uint64(i)}, []byte{byte(i)}); err != nil {
			t.Fatal(err)
		}
	}
	s.Finish()
	if len(s.levels) != 3 {
		t.Fatalf("%d levels of runs, want 3", len(s.levels))
	}
	i := 0
	for e, err := range s.Entries() {
		if i++; err != nil || e.At != int64(i) {
			t.Fatalf("entry %d is at %d, %v", i, e.At, err)
		}
	}
	if i != n {
		t.Fatalf("%d entries of %d", i, n)
	}
}

func TestNoRoomOnDisk(t *testing.T) {
	s := New(t.TempDir()+"/absent", 1)
	defer s.Close()
	_ = s.Add(Key{At: 1}, nil)
	if err := s.Add(Key{At: 2}, nil); err == nil {
		t.Fatal("a sorter without its directory took an entry")
	}
}
