package training

import (
	"bytes"
	"os"
	"testing"
)

// The committed list is what VADER gives, to the byte.
func TestNegative(t *testing.T) {
	if _, err := os.Stat(sharedData); err != nil {
		t.Skip("VADER is in ../shared/data, which is not here")
	}
	b, err := Negative(sharedData)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "negative.txt", b)
}

func compare(t *testing.T, name string, b []byte) {
	t.Helper()
	path := "../models/" + name
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
		t.Errorf("%s is not what its lists give now: go test ./nlp/training -update", path)
	}
}
