package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Scenario is something that can be drilled.
type Scenario struct {
	Scenario string    `json:"scenario" example:"launch"`
	About    string    `json:"about" doc:"What happens in it, in a sentence."`
	Start    time.Time `json:"start" doc:"The planned start where none is given: that of the public record it follows."`
}

// Drill says which drill is to be played.
type Drill struct {
	Scenario string
	Speed    string    // "max" or a factor
	Start    time.Time // zero: that of the public record
	Event    string    // slug; "" for the scenario's own
	Seed     uint64    // 0 for the usual one
}

const (
	drillsPath = "/v1/drills"
	speedMax   = "max"
	startNow   = "now"
)

type scenariosOutput struct {
	Body struct {
		Scenarios []Scenario `json:"scenarios"`
	}
}

type drillRequest struct {
	Scenario string `json:"scenario" doc:"One that GET /v1/drills lists." example:"launch"`
	Speed    string `json:"speed,omitempty" maxLength:"20" doc:"max, which is the default, or a factor of the event's own time: 1x, 60x." example:"60x"`
	Start    string `json:"start,omitempty" maxLength:"40" doc:"Planned start of the simulated event: now, or RFC 3339. Default: that of the public record."`
	Event    string `json:"event,omitempty" maxLength:"64" doc:"Slug of the simulated event, which is made where it is missing. Default drill- and the scenario."`
	Seed     uint64 `json:"seed,omitempty" minimum:"1" maximum:"9007199254740991" doc:"The same scenario, start and seed give the same drill. Default 1."`
}

// maxSeed is the largest number that every reader of JSON keeps exact.
const maxSeed = 1<<53 - 1

type playDrillInput struct{ upload }

func (s *server) drillOperations() {
	register(s, reads, huma.Operation{
		OperationID: "list-drills", Method: http.MethodGet, Path: drillsPath, Tags: []string{tagPlays},
		Summary: "Scenarios that can be drilled",
	}, func(context.Context, *struct{}) (*scenariosOutput, error) {
		out := &scenariosOutput{}
		out.Body.Scenarios = orEmpty(s.Plays.Scenarios())
		return out, nil
	})
	register(s, ingests, huma.Operation{
		OperationID: "play-drill", Method: http.MethodPost, Path: drillsPath, Tags: []string{tagPlays},
		Summary: "Play a simulated failing event",
		Description: "Nothing in it happened, and all that comes of it is marked simulated. It goes into an event of its own, never into a real one. " +
			"The same drill played again after it was stopped goes on from where it was. At most four plays run at once.",
		DefaultStatus: http.StatusAccepted,
	}, s.playDrill)
	s.body(http.MethodPost, drillsPath, "Which drill.", map[string]*huma.Schema{typeJSON: schema[drillRequest](s)})
}

func (s *server) playDrill(ctx context.Context, in *playDrillInput) (*playOutput, error) {
	var r drillRequest
	if err := in.readJSON(&r); err != nil {
		return nil, err
	}
	d, list := s.readDrill(&r)
	if len(list) > 0 {
		return nil, wrong(list...)
	}
	p, err := s.Plays.PlayDrill(ctx, d, s.actor(ctx))
	if err != nil {
		return nil, err
	}
	s.audit(ctx, "play.start", p.ID+" "+p.Event+" drill "+p.Name)
	return begun(p), nil
}

func (s *server) readDrill(r *drillRequest) (d Drill, list []Mistake) {
	d = Drill{Scenario: r.Scenario, Speed: cmp.Or(r.Speed, speedMax), Event: r.Event, Seed: r.Seed}
	var names []string
	for _, x := range s.Plays.Scenarios() {
		names = append(names, x.Scenario)
	}
	if !slices.Contains(names, r.Scenario) {
		list = append(list, Mistake{"body.scenario", "it is none of " + strings.Join(names, ", ")})
	}
	if r.Seed > maxSeed {
		list = append(list, Mistake{"body.seed", "it is more than 9007199254740991"})
	}
	switch r.Start {
	case "":
	case startNow:
		d.Start = s.Now()
	default:
		t, err := time.Parse(time.RFC3339, r.Start)
		if err != nil || t.Before(earliest) || t.After(latest) {
			list = append(list, Mistake{"body.start", "it is neither now nor a time like 2026-03-01T18:00:00Z"})
		}
		d.Start = t
	}
	return d, list
}
