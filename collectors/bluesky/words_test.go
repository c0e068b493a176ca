package bluesky

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"outcry/internal/reaction"
)

// Whatever is sent to be remembered, the room for it is kept to.
func TestWordsKeepToTheirRoom(t *testing.T) {
	w := newWords(200_000, time.Now)
	for i := range 100 {
		w.keep(&reaction.Post{ID: fmt.Sprint(i), Text: "x", Facets: []reaction.Facet{{Kind: reaction.FacetURL, Value: strings.Repeat("a", 4000)}}})
	}
	if n := len(w.young.posts) + len(w.old.posts); n > 60 {
		t.Errorf("%d posts of more than 4,000 bytes are remembered", n)
	}
	for i := range 10_000 {
		w.forget(&reaction.Delete{Author: reaction.Author{ID: fmt.Sprint("did:", i)}})
		w.keep(&reaction.Post{ID: "again", Text: "x"})
	}
	if n := len(w.gone) + len(w.goneTo); n > 2_000 {
		t.Errorf("%d authors who are gone are remembered", n)
	}
}
