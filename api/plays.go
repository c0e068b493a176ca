package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Plays sends drills and recordings into events, in the server itself. See stores.go for what
// holds of all such interfaces.
type Plays interface {
	// Scenarios lists what can be drilled, in an order that does not change.
	Scenarios() []Scenario

	// PlayDrill begins a drill, and makes its event where that is missing. reaction.ErrConflict
	// where the event is real or the same drill is being played into it, reaction.ErrBusy where
	// too much is being played.
	PlayDrill(ctx context.Context, d Drill, by string) (Play, error)

	// PlayRecording begins to play a recording that is kept. reaction.ErrNotFound where it is not,
	// reaction.ErrUnusable where there is no such event, and what PlayDrill answers.
	PlayRecording(ctx context.Context, recording, event, speed, by string) (Play, error)

	// Plays lists what is and was played, in any order.
	Plays(ctx context.Context) ([]Play, error)

	// Play finds one. reaction.ErrNotFound when there is none.
	Play(ctx context.Context, id string) (Play, error)

	// StopPlay ends one and returns when it has ended. One that has ended already stays as it is.
	// reaction.ErrNotFound when there is none.
	StopPlay(ctx context.Context, id string) error
}

// Play is a drill or a recording on its way into an event, or what came of it.
type Play struct {
	ID         string    `json:"id" doc:"Names the play."`
	Event      string    `json:"event" doc:"The event's slug." example:"drill-launch"`
	Kind       string    `json:"kind" enum:"drill,recording"`
	Name       string    `json:"name" doc:"The drill's scenario, or what the recording's sender called it." example:"launch"`
	Speed      string    `json:"speed" doc:"max, or a factor of the event's own time." example:"60x"`
	State      string    `json:"state" enum:"running,done,failed,stopped" doc:"done: everything is stored. failed and stopped: error says why, unless somebody stopped it."`
	Records    int64     `json:"records" doc:"Records it has."`
	Sent       int64     `json:"sent" doc:"Of these, how many are durable in the log."`
	Committed  int64     `json:"committed" doc:"Of these, how many are stored and counted."`
	Stored     int64     `json:"stored" doc:"Posts that were new."`
	Duplicates int64     `json:"duplicates" doc:"Posts that were stored before."`
	Unmatched  int64     `json:"unmatched" doc:"Posts that the event's terms do not match."`
	Samples    int64     `json:"samples" doc:"Health samples."`
	StartedAt  time.Time `json:"started_at"`
	EndedAt    time.Time `json:"ended_at,omitzero" doc:"Absent while it is running."`
	By         string    `json:"by,omitempty" doc:"Who started it."`
	Error      string    `json:"error,omitempty" doc:"Why it failed or was stopped, in a sentence for people."`
	Start      time.Time `json:"start,omitzero" doc:"Of a drill: the planned start. With the same scenario, start and seed it is the same drill, and goes on where it was."`
	Seed       uint64    `json:"seed,omitempty" doc:"Of a drill: what it was made from."`
	Recording  string    `json:"recording,omitempty" doc:"Of a recording: the id it was kept under."`
}

const (
	playsPath = "/v1/plays"
	playPath  = playsPath + "/{id}"

	maxOrderBytes = 16 << 10 // of the body that begins a play
)

type playsInput struct{ PageInput }

type playsOutput struct {
	Link string `header:"Link" doc:"The next page (RFC 8288)."`
	Body struct {
		Plays []Play `json:"plays" doc:"Newest first. Those of this server; it remembers the last hundred."`
	}
}

type playInput struct {
	ID string `path:"id" maxLength:"64" doc:"The play's id."`
}

type playOutput struct {
	Location string `header:"Location" doc:"The address of a play that was begun."`
	Body     struct {
		Play Play `json:"play"`
	}
}

type playRequest struct {
	Recording string `json:"recording" doc:"The id of a recording that was sent." maxLength:"64"`
	Event     string `json:"event" doc:"The slug of the event it goes into: one that is there and is not simulated." maxLength:"64"`
	Speed     string `json:"speed,omitempty" doc:"max, which is the default, or a factor of the recording's own time: 1x, 60x." maxLength:"20"`
}

type playRecordingInput struct{ upload }

func (s *server) playOperations() {
	register(s, ingests, huma.Operation{
		OperationID: "play-recording", Method: http.MethodPost, Path: playsPath, Tags: []string{tagPlays},
		Summary: "Play a recording into an event",
		Description: "Posts go the way that live posts take, matched with the event's terms. Played again after it was stopped, " +
			"it goes on from where it was; played twice, it adds nothing. At most four plays run at once.",
		DefaultStatus: http.StatusAccepted,
	}, s.playRecording)
	register(s, ingests, huma.Operation{
		OperationID: "list-plays", Method: http.MethodGet, Path: playsPath, Tags: []string{tagPlays},
		Summary: "Drills and recordings that are being played, and what came of earlier ones",
	}, s.listPlays)
	register(s, ingests, huma.Operation{
		OperationID: "get-play", Method: http.MethodGet, Path: playPath, Tags: []string{tagPlays},
		Summary: "How far a play has come",
	}, s.getPlay)
	register(s, ingests, huma.Operation{
		OperationID: "stop-play", Method: http.MethodDelete, Path: playPath, Tags: []string{tagPlays},
		Summary: "Stop a play", Description: "What was sent stays. The play stays in the list, stopped.",
	}, s.stopPlay)
	s.body(http.MethodPost, playsPath, "What to play.", map[string]*huma.Schema{typeJSON: schema[playRequest](s)})
}

func (s *server) playRecording(ctx context.Context, in *playRecordingInput) (*playOutput, error) {
	var r playRequest
	if err := in.readJSON(&r); err != nil {
		return nil, err
	}
	var list []Mistake
	if r.Recording == "" {
		list = append(list, Mistake{"body.recording", "say which recording: the id that POST " + recordingsPath + " answers with"})
	}
	if r.Event == "" {
		list = append(list, Mistake{"body.event", "say which event it goes into: its slug"})
	}
	if len(list) > 0 {
		return nil, wrong(list...)
	}
	p, err := s.Plays.PlayRecording(ctx, r.Recording, r.Event, cmp.Or(r.Speed, speedMax), s.actor(ctx))
	if err != nil {
		return nil, missing(err, "No recording %q is kept here: it was played, was deleted or has expired. Send it again.", clip(r.Recording))
	}
	s.audit(ctx, "play.start", p.ID+" "+p.Event+" recording "+p.Name)
	return begun(p), nil
}

// readJSON reads a small JSON body into v.
func (u *upload) readJSON(v any) error {
	if _, err := u.expect(typeJSON); err != nil {
		return err
	}
	data, err := u.read(maxOrderBytes)
	if err != nil {
		return err
	}
	return decode(data, "body", v)
}

func begun(p Play) *playOutput {
	out := &playOutput{Location: playsPath + "/" + p.ID}
	out.Body.Play = p
	return out
}

// playPosition is a place in the list of plays.
type playPosition struct {
	At time.Time `json:"t"`
	ID string    `json:"i"`
}

func placeOf(p Play) playPosition { return playPosition{p.StartedAt, p.ID} }

func (p playPosition) compare(o playPosition) int {
	return cmp.Or(o.At.Compare(p.At), cmp.Compare(p.ID, o.ID))
}

func (s *server) listPlays(ctx context.Context, in *playsInput) (*playsOutput, error) {
	after, err := readCursor[playPosition]("plays", in.Cursor)
	if err != nil {
		return nil, err
	}
	list, err := s.Plays.Plays(ctx)
	if err != nil {
		return nil, err
	}
	if after != nil {
		list = slices.DeleteFunc(list, func(p Play) bool { return placeOf(p).compare(*after) <= 0 })
	}
	slices.SortFunc(list, func(a, b Play) int { return placeOf(a).compare(placeOf(b)) })
	list, cursor := pageOf("plays", list, in.Limit, placeOf)
	out := &playsOutput{Link: in.next(cursor)}
	out.Body.Plays = orEmpty(list)
	return out, nil
}

func (s *server) getPlay(ctx context.Context, in *playInput) (*playOutput, error) {
	p, err := s.Plays.Play(ctx, in.ID)
	if err != nil {
		return nil, noPlay(err, in.ID)
	}
	out := &playOutput{}
	out.Body.Play = p
	return out, nil
}

func (s *server) stopPlay(ctx context.Context, in *playInput) (*struct{}, error) {
	if err := s.Plays.StopPlay(ctx, in.ID); err != nil {
		return nil, noPlay(err, in.ID)
	}
	s.audit(ctx, "play.stop", in.ID)
	return nil, nil
}

func noPlay(err error, id string) error {
	return missing(err, "There is no play %q, or it is so long ago that it was forgotten.", clip(id))
}
