package api_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"outcry/api"
	"outcry/internal/reaction"
)

// playing is the plays and recordings of a memory. A play runs until it is stopped.
type playing struct {
	*memory
	plays      map[string]api.Play
	recordings map[string]api.Recording
	how        api.HowToRead // of the recording that came last
}

func newPlaying(m *memory) *playing {
	return &playing{memory: m, plays: map[string]api.Play{}, recordings: map[string]api.Recording{}}
}

func (s *playing) Scenarios() []api.Scenario {
	return []api.Scenario{{Scenario: "launch", About: "A launch fails.", Start: noon}, {Scenario: "calm", About: "Nothing fails.", Start: noon}}
}

// begin begins a play. The caller holds the lock.
func (s *playing) begin(p api.Play) (api.Play, error) {
	if len(s.plays) == 4 {
		return p, fmt.Errorf("4 plays are running: %w", reaction.ErrBusy)
	}
	p.ID, p.State, p.StartedAt = fmt.Sprint("play", len(s.plays)+1), "running", noon.Add(time.Duration(len(s.plays))*time.Second)
	s.plays[p.ID] = p
	return p, nil
}

func (s *playing) PlayDrill(ctx context.Context, d api.Drill, by string) (api.Play, error) {
	defer s.mu.Unlock()
	if err := s.hold(ctx); err != nil {
		return api.Play{}, err
	}
	if d.Speed == "fast" {
		return api.Play{}, fmt.Errorf("speed: \"fast\" is no factor: %w", reaction.ErrUnusable)
	}
	if d.Event == "" {
		d.Event = "drill-" + d.Scenario
	}
	if e, ok := s.events[d.Event]; ok && !e.Simulated {
		return api.Play{}, fmt.Errorf("event %q is real: %w", d.Event, reaction.ErrConflict)
	}
	return s.begin(api.Play{Kind: "drill", Name: d.Scenario, Event: d.Event, Speed: d.Speed, Start: d.Start, Seed: d.Seed, By: by})
}

func (s *playing) PlayRecording(ctx context.Context, recording, event, speed, by string) (api.Play, error) {
	defer s.mu.Unlock()
	if err := s.hold(ctx); err != nil {
		return api.Play{}, err
	}
	if _, ok := s.events[event]; !ok {
		return api.Play{}, fmt.Errorf("there is no event %q: %w", event, reaction.ErrUnusable)
	}
	r, ok := s.recordings[recording]
	if !ok {
		return api.Play{}, reaction.ErrNotFound
	}
	return s.begin(api.Play{Kind: "recording", Name: r.Name, Event: event, Speed: speed, Recording: recording, By: by})
}

func (s *playing) Plays(ctx context.Context) ([]api.Play, error) {
	defer s.mu.Unlock()
	if err := s.hold(ctx); err != nil {
		return nil, err
	}
	return slices.Collect(maps.Values(s.plays)), nil
}

func (s *playing) Play(ctx context.Context, id string) (api.Play, error) {
	defer s.mu.Unlock()
	if err := s.hold(ctx); err != nil {
		return api.Play{}, err
	}
	p, ok := s.plays[id]
	if !ok {
		return p, reaction.ErrNotFound
	}
	return p, nil
}

func (s *playing) StopPlay(ctx context.Context, id string) error {
	defer s.mu.Unlock()
	if err := s.hold(ctx); err != nil {
		return err
	}
	p, ok := s.plays[id]
	if !ok {
		return reaction.ErrNotFound
	}
	p.State, p.EndedAt = "stopped", noon
	s.plays[id] = p
	return nil
}

func (s *playing) KeepRecording(ctx context.Context, name string, how api.HowToRead, body io.Reader) (api.Recording, error) {
	data, err := io.ReadAll(body)
	if err != nil {
		return api.Recording{}, errors.New("the body broke off, in internal words")
	}
	defer s.mu.Unlock()
	if err := s.hold(ctx); err != nil {
		return api.Recording{}, err
	}
	s.how = how
	switch text := string(data); {
	case strings.HasPrefix(text, "\x89PNG"):
		return api.Recording{}, fmt.Errorf("%s: it is a PNG image: %w", name, reaction.ErrUnusable)
	case text == "full":
		return api.Recording{}, fmt.Errorf("the server's disk is full: %w", reaction.ErrFull)
	}
	r := api.Recording{ID: fmt.Sprint("recording", len(s.recordings)+1), Name: name, Bytes: int64(len(data)), ExpiresAt: noon, Format: "csv",
		Rows: 2, Accepted: 1, From: noon, To: noon, Sources: []reaction.Source{"x"}, Notes: []string{},
		Rejected: []api.Rejected{{Reason: "blank", Rows: 1}}, Hashtags: []api.HashtagUse{{Display: "DeSaster", Posts: 1}}}
	s.recordings[r.ID] = r
	return r, nil
}

func (s *playing) Recordings(ctx context.Context) ([]api.Recording, error) {
	defer s.mu.Unlock()
	if err := s.hold(ctx); err != nil {
		return nil, err
	}
	return slices.Collect(maps.Values(s.recordings)), nil
}

func (s *playing) Recording(ctx context.Context, id string) (api.Recording, error) {
	defer s.mu.Unlock()
	if err := s.hold(ctx); err != nil {
		return api.Recording{}, err
	}
	r, ok := s.recordings[id]
	if !ok {
		return r, reaction.ErrNotFound
	}
	return r, nil
}

func (s *playing) DropRecording(ctx context.Context, id string) error {
	defer s.mu.Unlock()
	if err := s.hold(ctx); err != nil {
		return err
	}
	if _, ok := s.recordings[id]; !ok {
		return reaction.ErrNotFound
	}
	delete(s.recordings, id)
	return nil
}
