package training

import (
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
	compare(t, "segment.bin", b)
	if len(b) > 1_200_000 {
		t.Errorf("segment.bin has %d bytes, more than 1.2 MB", len(b))
	}
}
