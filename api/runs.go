package api

import (
	"context"
	"net/http"
	"regexp"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"outcry/internal/reaction"
)

const (
	runsPath = eventPath + "/runs"
	runPath  = runsPath + "/{run}"

	maxRunBytes = 4 << 20 // of the body that begins a run
)

type beginInput struct {
	upload
	Slug string `path:"slug" maxLength:"64" doc:"The event's slug."`
}

type runInput struct {
	Slug string `path:"slug" maxLength:"64" doc:"The event's slug."`
	Run  string `path:"run" maxLength:"64" doc:"The run's name."`
}

type sendInput struct {
	upload
	Slug  string `path:"slug" maxLength:"64" doc:"The event's slug."`
	Run   string `path:"run" maxLength:"64" doc:"The run's name."`
	After int64  `query:"after" required:"true" minimum:"0" doc:"How many records of the run come before these."`
}

type runOutput struct {
	Location string `header:"Location" doc:"The address of a run that was begun."`
	Body     reaction.RunProgress
}

func (s *server) runOperations() {
	register(s, ingests, huma.Operation{
		OperationID: "begin-run", Method: http.MethodPost, Path: runsPath, Tags: []string{tagRuns},
		Summary:     "Begin a run of recorded posts, or find it again",
		Description: "The answer's sent says after how many records to go on.",
	}, s.beginRun)
	register(s, ingests, huma.Operation{
		OperationID: "send-records", Method: http.MethodPost, Path: runPath + "/records", Tags: []string{tagRuns},
		Summary: "Send records of a run",
		Description: "They are durable in the log when this answers, and counted a little later: see committed. " +
			"Records sent again after a lost answer are taken once. Where after is not what was sent, nothing is taken, and the conflict's sent says where to go on.",
		DefaultStatus: http.StatusAccepted,
	}, s.sendRecords)
	register(s, ingests, huma.Operation{
		OperationID: "finish-run", Method: http.MethodPost, Path: runPath + "/finish", Tags: []string{tagRuns},
		Summary: "Say that no more records follow",
	}, s.finishRun)
	register(s, ingests, huma.Operation{
		OperationID: "get-run", Method: http.MethodGet, Path: runPath, Tags: []string{tagRuns},
		Summary: "How far a run has come",
	}, s.getRun)

	s.body(http.MethodPost, runsPath, "The run.", map[string]*huma.Schema{typeJSON: schema[reaction.Run](s)})
	s.body(http.MethodPost, runPath+"/records",
		"One record a line, each with exactly one of post, delete and sample; at most 5,000 and 32 MiB. gzip and zstd are read.",
		map[string]*huma.Schema{typeNDJSON: textBody()})
}

func (s *server) beginRun(ctx context.Context, in *beginInput) (*runOutput, error) {
	if _, err := in.expect(typeJSON); err != nil {
		return nil, err
	}
	data, err := in.read(maxRunBytes)
	if err != nil {
		return nil, err
	}
	var run reaction.Run
	if err := decode(data, "body", &run); err != nil {
		return nil, err
	}
	if list := checkRun(&run); len(list) > 0 {
		return nil, wrong(list...)
	}
	e, err := s.event(ctx, in.Slug)
	if err != nil {
		return nil, err
	}
	if run.Simulated != e.Simulated {
		return nil, mistake("body.simulated", "what is simulated and what is real are never mixed: the event's own simulated is %t", e.Simulated)
	}
	p, err := s.Replays.Begin(ctx, e, run)
	if err != nil {
		return nil, missing(err, "There is no event %q.", clip(in.Slug))
	}
	s.audit(ctx, "run.begin", e.Slug+" "+run.Name)
	return &runOutput{Location: eventsPath + "/" + e.Slug + "/runs/" + run.Name, Body: p}, nil
}

var runName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// States that a run's coverage may have.
var coverageStates = []reaction.CoverageState{
	reaction.CoverageLive, reaction.CoverageRecorded, reaction.CoverageFilled,
	reaction.CoverageLate, reaction.CoverageCapped, reaction.CoverageGap,
}

const maxReason = 200 // bytes, of a reason in coverage or rejects

func checkRun(run *reaction.Run) []Mistake {
	var list []Mistake
	bad := func(at, text string) { list = append(list, Mistake{"body." + at, text}) }
	if !runName.MatchString(run.Name) {
		bad("name", "it is not 1 to 64 lower-case letters, digits or '-'")
	}
	if run.Records < 0 {
		bad("records", "it is less than nothing")
	}
	for i, c := range run.Coverage {
		at := "coverage" + indexed(i)[len("body"):]
		if _, err := reaction.ParseSource(string(c.Source)); err != nil {
			bad(at+".source", clipTo(err.Error(), 200))
		}
		switch {
		case !slices.Contains(coverageStates, c.State):
			bad(at+".state", "it is none of live, recorded, filled, late, capped, gap")
		case c.From.Before(earliest) || c.To.After(latest) || !c.To.After(c.From):
			bad(at, "to is not after from, or they are not between the years 1970 and 2200")
		case len(c.Reason) > maxReason:
			bad(at+".reason", "it is too long")
		}
	}
	for i, r := range run.Rejected {
		at := "rejected" + indexed(i)[len("body"):]
		if _, err := reaction.ParseSource(string(r.Source)); err != nil {
			bad(at+".source", clipTo(err.Error(), 200))
		}
		if r.Reason == "" || len(r.Reason) > maxReason || r.Posts < 0 {
			bad(at, "give a short reason and how many rows it refused")
		}
	}
	return list
}

func (s *server) sendRecords(ctx context.Context, in *sendInput) (*runOutput, error) {
	e, err := s.event(ctx, in.Slug)
	if err != nil {
		return nil, err
	}
	records, err := readRecords(&in.upload)
	if err != nil {
		return nil, err
	}
	p, err := s.Replays.Send(ctx, e, in.Run, in.After, records)
	if err != nil {
		return nil, noRun(err, in.Slug, in.Run)
	}
	if p.Sent != in.After+int64(len(records)) {
		c := problem(http.StatusConflict, "The records do not follow on: %d of the run are durable, and these come after %d.", p.Sent, in.After)
		c.Sent = &p.Sent
		return nil, c
	}
	return &runOutput{Body: p}, nil
}

func (s *server) finishRun(ctx context.Context, in *runInput) (*runOutput, error) {
	return s.progress(ctx, in, s.Replays.Finish)
}

func (s *server) getRun(ctx context.Context, in *runInput) (*runOutput, error) {
	return s.progress(ctx, in, s.Replays.Progress)
}

func (s *server) progress(ctx context.Context, in *runInput,
	of func(context.Context, *reaction.Event, string) (reaction.RunProgress, error)) (*runOutput, error) {
	e, err := s.event(ctx, in.Slug)
	if err != nil {
		return nil, err
	}
	p, err := of(ctx, e, in.Run)
	if err != nil {
		return nil, noRun(err, in.Slug, in.Run)
	}
	return &runOutput{Body: p}, nil
}

func noRun(err error, slug, run string) error {
	return missing(err, "No run %q of event %q is open: begin it, or begin it again.", clip(run), clip(slug))
}
