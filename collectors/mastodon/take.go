package mastodon

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"outcry/collectors"
	"outcry/collectors/wire"
	"outcry/internal/match"
	"outcry/internal/reaction"
)

// status is what paging needs to know of a post of a timeline.
type status struct {
	raw   []byte
	local string
	at    time.Time // when it was made; zero where it does not say
	edit  bool      // it was edited since
}

func (s *status) read(raw []byte) {
	var v struct {
		ID        wire.LooseID `json:"id"`
		CreatedAt string       `json:"created_at"`
		EditedAt  string       `json:"edited_at"`
	}
	s.raw = raw
	if json.Unmarshal(raw, &v) == nil && len(v.ID) <= wire.MaxNames {
		s.local, s.edit = string(v.ID), v.EditedAt != ""
		s.at, _ = wire.ParseTime(v.CreatedAt)
	}
}

// take makes items of one message of a stream: event names a server-sent event, "" what came by
// WebSocket. from is the stream it came by, "" where the message says so itself. What was handed
// on already gives no items, by whatever stream it comes.
func (s *Server) take(event string, data []byte, from stream, now time.Time) []collectors.Item {
	return safely(len(data), func() []collectors.Item { return s.read(event, data, from, now) })
}

// safely reads one message, which alone is refused where the program fails at it.
func safely(size int, read func() []collectors.Item) (items []collectors.Item) {
	if failed := collectors.Safely(size, func() { items = read() }); failed != nil {
		return []collectors.Item{failed.Item()}
	}
	return items
}

func (s *Server) read(event string, data []byte, from stream, now time.Time) []collectors.Item {
	c := wire.Catch{Now: now}
	ev := wire.Mastodon(event, data, &c)
	if key := streamOf(ev.Stream); key != "" {
		from = key
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch ev.Event {
	case "delete":
		return s.takeDelete(ev.Local, &c, now)
	case "update", "status.update":
		if ev.Event == "update" {
			s.reach(from, ev.Local, now)
		}
		return s.takePost(&ev, &c)
	}
	return refusals(&c)
}

// fetched makes items of a post of a timeline. Nobody heard it when it was made.
func (s *Server) fetched(p *status, from stream, now time.Time) []collectors.Item {
	return safely(len(p.raw), func() []collectors.Item { return s.readFetched(p, from, now) })
}

func (s *Server) readFetched(p *status, from stream, now time.Time) []collectors.Item {
	c := wire.Catch{Now: now}
	ev := wire.Mastodon("update", p.raw, &c)
	s.mu.Lock()
	defer s.mu.Unlock()
	items := s.takePost(&ev, &c)
	if len(items) == 0 && p.edit { // its edit may have been missed
		c.Found = c.Found[:0]
		ev = wire.Mastodon("status.update", p.raw, &c)
		items = s.takePost(&ev, &c)
	}
	for i := range items {
		if post := items[i].Record.Post; post != nil {
			post.Received = time.Time{}
		}
	}
	s.raise(from, p.local, now)
	return items
}

func (s *Server) takePost(ev *wire.FediEvent, c *wire.Catch) []collectors.Item {
	edit := ev.Event == "status.update"
	var version string // of the post
	for i := range c.Found {
		if f := &c.Found[i]; f.Record.Post != nil {
			if edit {
				version = f.Record.At.Format(time.RFC3339Nano)
			}
			if ev.TagsOnly && !s.findable(ev.Tags) && (!edit || s.names.find(ev.Local) == "") {
				*f = wire.Found{Refused: wire.ReasonOptedOut, Detail: "indexable is false"}
			}
		}
	}
	if ev.Local != "" && s.seen.Add(ev.Event, ev.Local, version) {
		return nil
	}
	var out []collectors.Item
	for i := range c.Found {
		f := &c.Found[i]
		switch p := f.Record.Post; {
		case p != nil:
			out = append(out, collectors.Item{Record: f.Record})
			if f.Local == "" {
				continue
			}
			if s.terms == nil || len(s.terms.Match(p, nil)) > 0 || s.names.find(f.Local) != "" {
				s.names.remember(f.Local, p.ID)
			}
			if at := s.gone.find(f.Local); at != "" { // its deletion came first
				out = append(out, deleted(p.ID, c.Now.UTC()))
			}
		case edit && hidden(f.Refused) && s.names.find(ev.Local) != "":
			// its author has taken it back from everybody, or from us
			out = append(out, collectors.Item{Refused: f.Refused}, deleted(s.names.find(ev.Local), c.Now.UTC()))
		default:
			out = append(out, collectors.Item{Refused: f.Refused})
		}
	}
	return out
}

// hidden reports whether a post was refused since its author does not want it read.
func hidden(reason string) bool {
	return reason == wire.ReasonOptedOut || reason == wire.ReasonNotPublic
}

func (s *Server) takeDelete(local string, c *wire.Catch, now time.Time) []collectors.Item {
	if local == "" {
		return refusals(c)
	}
	if s.seen.Add("delete", local) {
		return nil
	}
	if uri := s.names.find(local); uri != "" {
		return []collectors.Item{deleted(uri, now.UTC())}
	}
	s.gone.remember(local, "gone")
	if len(s.marks) > 0 && s.marks[public] != nil {
		return nil // most posts of the public stream belong to no event, and nobody has them
	}
	return []collectors.Item{{Refused: wire.ReasonUnknown}}
}

func deleted(uri string, at time.Time) collectors.Item {
	at = at.Truncate(time.Microsecond)
	return collectors.Item{Record: reaction.Record{At: at, Delete: &reaction.Delete{Source: reaction.Mastodon, ID: uri, At: at}}}
}

func refusals(c *wire.Catch) (out []collectors.Item) {
	for i := range c.Found {
		if reason := c.Found[i].Refused; reason != "" && reason != wire.ReasonNotice {
			out = append(out, collectors.Item{Refused: reason})
		}
	}
	return out
}

// findable reports whether a post with these hashtags may be found by one of them: its author
// made it so, whatever they wish of searches.
func (s *Server) findable(tags []string) bool {
	return slices.ContainsFunc(tags, func(t string) bool {
		_, ok := slices.BinarySearch(s.tagged, stream("#"+match.Fold(t)))
		return ok
	})
}

// streamOf is the stream that a WebSocket message names.
func streamOf(names []string) stream {
	switch {
	case len(names) == 0:
		return ""
	case len(names) > 1 && names[0] == "hashtag":
		return stream("#" + match.Fold(string(bytes.TrimPrefix([]byte(names[1]), []byte("#")))))
	}
	return stream(names[0])
}

// serverSays reads what a server says over WebSocket of a subscription that it refuses.
func serverSays(data []byte) (status int, ok bool) {
	var v struct {
		Error  *string `json:"error"`
		Event  string  `json:"event"`
		Status int     `json:"status"`
	}
	if !bytes.Contains(data[:min(len(data), 1<<10)], []byte(`"error"`)) || json.Unmarshal(data, &v) != nil || v.Error == nil || v.Event != "" {
		return 0, false
	}
	return v.Status, true
}

// listen takes the events that are listened for, for what only they decide.
func (s *Server) listen(events []reaction.Event) {
	terms, err := match.Compile(events)
	if err != nil {
		terms = nil // every post is remembered, which costs room alone
	}
	tags, _ := asked(events)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.terms, s.tagged = terms, tags
}

// known remembers a post that was handed on by an earlier process.
func (s *Server) known(p *status) {
	var c wire.Catch
	wire.Mastodon("update", p.raw, &c)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range c.Found {
		if f := &c.Found[i]; f.Record.Post != nil && f.Local != "" && (s.terms == nil || len(s.terms.Match(f.Record.Post, nil)) > 0) {
			s.names.remember(f.Local, f.Record.Post.ID)
		}
	}
}
