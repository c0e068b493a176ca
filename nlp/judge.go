package nlp

import (
	"cmp"
	"slices"

	"outcry/internal/reaction"
)

// judge turns what was found into tags: scores, symptoms and reasons.
func (s *search) judge(p *reaction.Post, tags *reaction.Tags) {
	tags.Reasons = []reaction.Reason{}
	if len(s.hits) == 0 {
		return
	}
	s.void(p)
	complaints, context := s.weigh(tags)
	var isReported, isPersonal bool
	for _, h := range s.hits {
		switch r := &s.rules.all[h.rule]; r.label {
		case recovery:
			tags.Recovery = true
			s.reason(p, tags, "recovery", h)
		case reported:
			isReported = true
		case personal:
			isPersonal = true
		case complaint:
			isPersonal = isPersonal || r.first
		}
	}
	for i, h := range complaints {
		r := &s.rules.all[h.rule]
		if s.outdone(h, complaints[:i]) {
			continue
		}
		if r.symptom == 0 {
			s.reason(p, tags, "complaint", h)
		}
		for _, name := range r.symptom.Names() {
			s.reason(p, tags, reaction.SymptomPrefix+name, h)
		}
		tags.Symptoms |= r.symptom
	}
	if tags.IsComplaint = tags.Complaint >= Threshold; tags.IsComplaint {
		tags.FirstHand = p.Kind != reaction.Repost && (isPersonal || !isReported && len(tags.URLs) == 0)
		tags.Blamed, tags.Accused = s.blamed(complaints[0])
		if context != nil {
			s.reason(p, tags, "context", *context)
		}
		s.explainFirstHand(p, tags)
	}
	slices.SortStableFunc(tags.Reasons, func(a, b reaction.Reason) int { return cmp.Compare(a.Start, b.Start) })
}

// void drops complaints and recoveries that a guard overlaps or that lie in an address or
// mention, and complaints that a recovery overlaps.
func (s *search) void(p *reaction.Post) {
	is := func(l label) func(hit) bool { return func(h hit) bool { return s.rules.all[h.rule].label == l } }
	over := func(h hit, l label) bool {
		return slices.ContainsFunc(s.hits, func(o hit) bool { return is(l)(o) && o.start < h.end && h.start < o.end })
	}
	kept := s.order[:0]
	for i, h := range s.hits {
		switch s.rules.all[h.rule].label {
		case complaint:
			if over(h, guard) || over(h, recovery) || s.inEntity(h) {
				continue
			}
		case recovery:
			if over(h, guard) || s.inEntity(h) {
				continue
			}
		}
		kept = append(kept, i)
	}
	for i, k := range kept {
		s.hits[i] = s.hits[k]
	}
	s.hits, s.order = s.hits[:len(kept)], kept
}

// inEntity reports whether h lies inside an address or mention: words its writer did not choose.
func (s *search) inEntity(h hit) bool {
	start, end := s.text.Source(h.start, h.end)
	return slices.ContainsFunc(s.entities, func(e entity) bool {
		return e.kind != reaction.FacetHashtag && e.start <= start && end <= e.end
	})
}

// weigh sets the score: complaints in separate places, each rule once, and one context, taken as
// independent pieces of evidence. It returns the complaints, the strongest first, and the context,
// nil where there is none.
func (s *search) weigh(tags *reaction.Tags) (found []hit, context *hit) {
	var counted []hit
	not := float32(1)
	for i, h := range s.hits {
		switch r := &s.rules.all[h.rule]; r.label {
		case complaint:
			found = append(found, h)
		case contextual:
			if 1-r.weight < not {
				not, context = 1-r.weight, &s.hits[i]
			}
		}
	}
	if len(found) == 0 {
		return nil, nil
	}
	slices.SortStableFunc(found, func(a, b hit) int {
		return cmp.Or(cmp.Compare(s.rules.all[b.rule].weight, s.rules.all[a.rule].weight), cmp.Compare(b.end-b.start, a.end-a.start))
	})
	for _, h := range found {
		if !slices.ContainsFunc(counted, func(o hit) bool { return o.rule == h.rule || o.start < h.end && h.start < o.end }) {
			counted = append(counted, h)
			not *= 1 - s.rules.all[h.rule].weight
		}
	}
	tags.Complaint = 1 - not
	s.lang = s.rules.all[found[0].rule].lang
	return found, context
}

// outdone reports whether a stronger complaint reads the same words as another symptom: in "audio
// keeps cutting out" the sound is gone, not the picture.
func (s *search) outdone(h hit, stronger []hit) bool {
	mine := s.rules.all[h.rule].symptom
	return slices.ContainsFunc(stronger, func(o hit) bool {
		theirs := s.rules.all[o.rule].symptom
		return theirs != 0 && theirs != mine && o.start < h.end && h.start < o.end
	})
}

// blamed is the service named nearest to the strongest complaint, and all that are as near.
func (s *search) blamed(strongest hit) (name string, all []string) {
	best := 0
	for _, h := range s.hits {
		if s.rules.all[h.rule].label != blame {
			continue
		}
		far := max(h.start-strongest.end, strongest.start-h.end, 0)
		service := s.rules.blamed[h.rule]
		switch {
		case name == "" || far < best:
			name, all, best = service, []string{service}, far
		case far == best && !slices.Contains(all, service):
			all = append(all, service)
		}
	}
	return name, all
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
	return slices.ContainsFunc(s.entities, func(e entity) bool {
		return e.kind == reaction.FacetURL && e.start <= start && end <= e.end
	})
}

// maxReasons bounds what is kept to show.
const maxReasons = 24

func (s *search) reason(p *reaction.Post, tags *reaction.Tags, tag string, h hit) {
	start, end := s.text.Source(h.start, h.end)
	r := reaction.Reason{Tag: tag, Match: p.Text[start:end], Start: start, End: end, Rule: s.rules.all[h.rule].name}
	if len(tags.Reasons) < maxReasons && !slices.Contains(tags.Reasons, r) {
		tags.Reasons = append(tags.Reasons, r)
	}
}

// explainFirstHand gives the words that made the complaint first-hand or reported.
func (s *search) explainFirstHand(p *reaction.Post, tags *reaction.Tags) {
	for _, h := range s.hits {
		switch l := s.rules.all[h.rule].label; {
		case l == personal && tags.FirstHand:
			s.reason(p, tags, "first_hand", h)
		case l == reported && !tags.FirstHand:
			s.reason(p, tags, "reported", h)
		}
	}
}
