package app

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"outcry/api"
	"outcry/collectors/archive"
	"outcry/internal/drill"
	"outcry/internal/play"
	"outcry/internal/reaction"
	"outcry/nlp"
)

// playsDir is the part of the data directory that plays and recordings have.
const playsDir = "plays"

// openTheatre opens what plays drills and recordings. It is closed before the line it plays into.
func (n *Node) openTheatre() (*play.Theatre, error) {
	t, err := play.Open(play.Options{
		Dir: filepath.Join(n.config.Data, playsDir), Line: n.Runs, Events: n.Store, Hashtags: nlp.Hashtags, Log: n.logger,
	})
	if err != nil {
		return nil, err
	}
	n.onClose(t.Close)
	return t, nil
}

// stage shows the API a theatre.
type stage struct{ theatre *play.Theatre }

func (s stage) Scenarios() (out []api.Scenario) {
	for _, x := range drill.Scenarios() {
		out = append(out, api.Scenario{Scenario: string(x.Scenario), About: x.About, Start: x.Start})
	}
	return out
}

func (s stage) PlayDrill(ctx context.Context, d api.Drill, by string) (api.Play, error) {
	pace, err := speed(d.Speed)
	if err != nil {
		return api.Play{}, err
	}
	o := drill.Defaults(drill.Scenario(d.Scenario))
	o.Start, o.Slug = d.Start, d.Event
	if d.Seed != 0 {
		o.Seed = d.Seed
	}
	p, err := s.theatre.Drill(ctx, o, pace, by)
	return api.Play(p), err
}

func (s stage) PlayRecording(ctx context.Context, recording, event, factor, by string) (api.Play, error) {
	pace, err := speed(factor)
	if err != nil {
		return api.Play{}, err
	}
	p, err := s.theatre.Recording(ctx, recording, event, pace, by)
	return api.Play(p), err
}

func speed(s string) (play.Pace, error) {
	pace, err := play.ParseSpeed(s)
	if err != nil {
		return pace, fmt.Errorf("speed: %w: %w", err, reaction.ErrUnusable)
	}
	return pace, nil
}

func (s stage) Plays(context.Context) (out []api.Play, _ error) {
	for _, p := range s.theatre.List() {
		out = append(out, api.Play(p))
	}
	return out, nil
}

func (s stage) Play(_ context.Context, id string) (api.Play, error) {
	p, err := s.theatre.Find(id)
	return api.Play(p), err
}

func (s stage) StopPlay(ctx context.Context, id string) error { return s.theatre.Stop(ctx, id) }

func (s stage) KeepRecording(ctx context.Context, name string, how api.HowToRead, body io.Reader) (api.Recording, error) {
	o, err := options(how)
	if err != nil {
		return api.Recording{}, fmt.Errorf("%w: %w", err, reaction.ErrUnusable)
	}
	r, err := s.theatre.Shelf().Keep(ctx, name, o, body)
	if err != nil {
		return api.Recording{}, err
	}
	return recordingAnswer(r), nil
}

func options(how api.HowToRead) (o archive.Options, err error) {
	o.Columns, o.TimeLayout = how.Columns, how.TimeLayout
	if o.Format, err = archive.ParseFormat(how.Format); err != nil {
		return o, err
	}
	if how.Source != "" {
		if o.Source, err = reaction.ParseSource(how.Source); err != nil {
			return o, err
		}
	}
	if how.Zone != "" {
		if o.Zone, err = time.LoadLocation(how.Zone); err != nil || how.Zone == "Local" {
			return o, fmt.Errorf("zone %q is not the name of a time zone, like Asia/Seoul", how.Zone)
		}
	}
	return o, nil
}

func (s stage) Recordings(context.Context) (out []api.Recording, _ error) {
	for _, r := range s.theatre.Shelf().List() {
		out = append(out, recordingAnswer(r))
	}
	return out, nil
}

func (s stage) Recording(_ context.Context, id string) (api.Recording, error) {
	r, err := s.theatre.Shelf().Find(id)
	return recordingAnswer(r), err
}

func (s stage) DropRecording(_ context.Context, id string) error { return s.theatre.Shelf().Drop(id) }

func recordingAnswer(r play.Recording) api.Recording {
	out := api.Recording{
		ID: r.ID, Name: r.Name, Bytes: r.Bytes, ExpiresAt: r.ExpiresAt, Format: r.Format, Rows: r.Rows, Accepted: r.Accepted,
		From: r.From, To: r.To, Columns: r.Columns, Sources: append([]reaction.Source{}, r.Sources...),
		Notes: append([]string{}, r.Notes...), Rejected: []api.Rejected{}, Hashtags: []api.HashtagUse{},
	}
	for _, x := range r.Rejected {
		out.Rejected = append(out.Rejected, api.Rejected(x))
	}
	for _, h := range r.Hashtags {
		out.Hashtags = append(out.Hashtags, api.HashtagUse(h))
	}
	return out
}
