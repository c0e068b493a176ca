package nlp

import "outcry/internal/reaction"

// Hashtags lists a post's hashtags, each once, without tagging the rest of it. What is too long to
// be a hashtag is left out.
func Hashtags(p *reaction.Post) []reaction.Hashtag {
	var tags reaction.Tags
	collect(entities(p, nil), &tags)
	list := tags.Hashtags[:0]
	for _, h := range tags.Hashtags {
		if len(h.Key) <= reaction.MaxTagBytes {
			list = append(list, h)
		}
	}
	return list
}

// HashtagKeys lists the keys of a post's hashtags, as Hashtags does.
func HashtagKeys(p *reaction.Post) []string {
	list := Hashtags(p)
	keys := make([]string, len(list))
	for i, h := range list {
		keys[i] = h.Key
	}
	return keys
}
