package training

import (
	"bytes"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write the models anew")

const sharedData = "../../../shared/data"

// The committed model is what its lists give, to the byte.
func TestSegment(t *testing.T) {
	if _, err := os.Stat(sharedData); err != nil {
		t.Skip("the lists are in ../shared/data, which is not here")
	}
	b, err := Segment(sharedData)
	if err != nil {
		t.Fatal(err)
	}
	const path = "../models/segment.bin"
	if *update {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b, kept) {
		t.Errorf("%s is not what its lists give now: go test ./nlp/training -run '^TestSegment$' -update", path)
	}
	if len(b) > 1_200_000 {
		t.Errorf("%s has %d bytes, more than 1.2 MB", path, len(b))
	}
}
