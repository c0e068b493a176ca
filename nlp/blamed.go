package nlp

import (
	"slices"

	"outcry/internal/reaction"
	"outcry/nlp/entity"
)

// accuse says which of the named services the complaint is about: the one named nearest to the strongest complaint, and
// all that are as near. Where only the model found a complaint, it is the nearest to the words that weighed most.
func (s *search) accuse(tags *reaction.Tags) {
	start, end := s.heart(tags)
	best := 0
	for _, h := range s.hits {
		if s.rules.all[h.rule].label != blame {
			continue
		}
		far := max(h.start-end, start-h.end, 0)
		service := s.rules.blamed[h.rule]
		switch {
		case tags.Blamed == "" || far < best:
			tags.Blamed, best = service, far
			tags.Accused = append(tags.Accused[:0], service)
		case far == best && !slices.Contains(tags.Accused, service):
			tags.Accused = append(tags.Accused, service)
		}
	}
}

// heart is where in the folded text the complaint is.
func (s *search) heart(tags *reaction.Tags) (start, end int) {
	if len(s.complaints) > 0 {
		return s.complaints[0].start, s.complaints[0].end
	}
	var top *reaction.Reason
	for i := range tags.Reasons {
		if r := &tags.Reasons[i]; r.Tag == "complaint" && (top == nil || r.Weight > top.Weight) {
			top = r
		}
	}
	if top == nil {
		return 0, len(s.text.Text())
	}
	return s.text.At(top.Start), s.text.At(top.End)
}

// name lists the services that the post names, in the order of the text. What an address holds, as that
// of a song, is not the writer's word for the service.
func (s *search) name(tags *reaction.Tags) {
	for _, h := range s.hits {
		if s.rules.all[h.rule].label != blame || s.inAddress(h) {
			continue
		}
		name := s.rules.blamed[h.rule]
		if len(tags.Services) < reaction.MaxNamed && !slices.Contains(tags.Services, name) {
			tags.Services = append(tags.Services, name)
		}
	}
}

// inAddress reports whether h lies inside a web address.
func (s *search) inAddress(h hit) bool {
	start, end := s.text.Source(h.start, h.end)
	for i := range s.entities {
		if e := &s.entities[i]; e.Kind == entity.URL && e.Start <= start && end <= e.End {
			return true
		}
	}
	return false
}
