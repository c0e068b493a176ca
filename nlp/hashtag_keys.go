package nlp

import "outcry/internal/reaction"

// HashtagKeys lists the keys of a post's hashtags, each once, without tagging the rest of it. What
// is too long to be a hashtag is left out.
func HashtagKeys(p *reaction.Post) []string {
	var tags reaction.Tags
	collect(entities(p, nil), &tags)
	keys := make([]string, 0, len(tags.Hashtags))
	for _, h := range tags.Hashtags {
		if len(h.Key) <= reaction.MaxTagBytes {
			keys = append(keys, h.Key)
		}
	}
	return keys
}
