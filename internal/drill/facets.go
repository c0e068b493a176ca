package drill

import (
	"strings"
	"unicode"

	"outcry/internal/reaction"
)

// facets marks hashtags and addresses as Bluesky does, by bytes. It knows only how drills write:
// a sign or an address begins a word and ends with it.
func facets(text string) []reaction.Facet {
	var out []reaction.Facet
	at := 0
	for at < len(text) {
		end := at + strings.IndexFunc(text[at:], unicode.IsSpace)
		if end < at {
			end = len(text)
		}
		word := text[at:end]
		switch {
		case strings.HasPrefix(word, "#"):
			tag := strings.TrimRightFunc(word[1:], func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
			if tag != "" {
				out = append(out, reaction.Facet{Kind: reaction.FacetHashtag, Start: at, End: at + 1 + len(tag), Value: tag})
			}
		case strings.HasPrefix(word, "https://"):
			out = append(out, reaction.Facet{Kind: reaction.FacetURL, Start: at, End: end, Value: word})
		}
		at = end + 1
	}
	return out
}
