package mastodon

import (
	"encoding/json"
	"time"

	gomastodon "github.com/mattn/go-mastodon"

	"outcry/collectors"
)

// A timeline is read again from before what was heard last, since posts of other servers arrive
// late and have ids of the time they were made: from slack to twice as much, or, where there are
// many, from slackPosts to twice as many.
const (
	slack      = 2 * time.Minute
	slackPosts = 80 // two pages
)

// mark is how far a stream was heard: the highest id, and two that were the highest before, of
// which the lower is where a timeline is read from.
type mark struct {
	low, mid, high string
	since          time.Time // when mid was set
	posts          int       // since then
	brought        string    // the highest id that the stream itself brought
}

// reach takes note of a post that came by a stream. The caller holds s.mu.
func (s *Server) reach(from stream, local string, now time.Time) {
	if from.tag() != "" && s.tags == tagsUnproven {
		s.tags, s.tagsAt = tagsDeliver, now
	}
	if m := s.marks[from]; m != nil && higher(local, m.brought) {
		m.brought = local
	}
	s.raise(from, local, now)
}

// raise moves a stream's mark. The caller holds s.mu.
func (s *Server) raise(from stream, local string, now time.Time) {
	m := s.marks[from]
	if m == nil || !higher(local, m.high) {
		return
	}
	if m.low == "" {
		m.low, m.mid, m.high, m.since = local, local, local, now
	}
	if m.posts++; now.Sub(m.since) > slack || m.posts > slackPosts {
		m.low, m.mid, m.since, m.posts = m.mid, m.high, now, 0
	}
	m.high = local
}

// higher compares ids as servers order them.
func higher(a, b string) bool { return gomastodon.ID(a).Compare(gomastodon.ID(b)) > 0 }

// cursor is where to go on, nil where nothing is known of that. The caller holds s.mu.
func (s *Server) cursor() collectors.Cursor {
	ids := map[stream]string{}
	for k, m := range s.marks {
		if m.low != "" {
			ids[k] = m.low
		}
	}
	if len(ids) == 0 {
		return nil
	}
	b, err := json.Marshal(ids)
	if err != nil {
		return nil
	}
	return b
}

// readCursor is the ids in a cursor; one that cannot be read has none.
func readCursor(c collectors.Cursor) map[stream]string {
	var ids map[stream]string
	if json.Unmarshal(c, &ids) != nil {
		return nil
	}
	return ids
}

// follow keeps marks for the streams that are held, and no others.
func (s *Server) follow(streams []stream, after collectors.Cursor) {
	ids, now := readCursor(after), time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	marks := map[stream]*mark{}
	for _, k := range streams {
		if marks[k] = s.marks[k]; marks[k] == nil {
			marks[k] = &mark{low: ids[k], mid: ids[k], high: ids[k], since: now}
		}
	}
	s.marks = marks
}
