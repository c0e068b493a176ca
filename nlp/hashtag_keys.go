package nlp

import "outcry/internal/reaction"

// HashtagKeys lists the keys of a post's hashtags, each once, without tagging the rest of it.
func HashtagKeys(p *reaction.Post) []string {
	var tags reaction.Tags
	collect(entities(p, nil), &tags)
	keys := make([]string, len(tags.Hashtags))
	for i, h := range tags.Hashtags {
		keys[i] = h.Key
	}
	return keys
}
