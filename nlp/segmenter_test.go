package nlp

import (
	"testing"

	"outcry/nlp/blend"
)

// The shipped models are read, and work.
func TestBlendWords(t *testing.T) {
	f, err := blend.New(BlendWords(), []blend.Entity{{Name: "DeSantis"}})
	if err != nil {
		t.Fatal(err)
	}
	if found := f.Find("#DeSaster", blend.Fires); len(found) == 0 || found[0].Word != "disaster" {
		t.Errorf("#DeSaster: %v", found)
	}
}
