package nlp

import "outcry/internal/reaction"

// Hashtags lists a post's hashtags, each once, without tagging the rest of it. What is too long to
// be a hashtag is left out.
func Hashtags(p *reaction.Post) []reaction.Hashtag {
	s := search{entities: entities(p, nil), keys: map[string]string{}}
	tags := reaction.Tags{Hashtags: []reaction.Hashtag{}}
	s.collect(&tags)
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
