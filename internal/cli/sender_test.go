package cli

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"outcry/internal/app"
	"outcry/internal/pipeline"
	"outcry/internal/reaction"
	"outcry/nlp"
)

// losing is a server that, at one call, does what it is asked, loses its answer, and is started
// again: it then knows no run.
type losing struct {
	runs
	restart func() runs
	at      string // the call that is lost, once
	begun   int
}

func (l *losing) lose(call string, p reaction.RunProgress, err error) (reaction.RunProgress, error) {
	if l.at != call || err != nil {
		return p, err
	}
	l.at = ""
	l.runs = l.restart()
	return reaction.RunProgress{}, fmt.Errorf("the connection broke: %w", reaction.ErrAway)
}

func (l *losing) Begin(ctx context.Context, e *reaction.Event, run reaction.Run) (reaction.RunProgress, error) {
	l.begun++
	p, err := l.runs.Begin(ctx, e, run)
	return l.lose("begin", p, err)
}

func (l *losing) Send(ctx context.Context, e *reaction.Event, run string, after int64, records []reaction.Record) (reaction.RunProgress, error) {
	p, err := l.runs.Send(ctx, e, run, after, records)
	return l.lose("send", p, err)
}

func (l *losing) Finish(ctx context.Context, e *reaction.Event, run string) (reaction.RunProgress, error) {
	p, err := l.runs.Finish(ctx, e, run)
	return l.lose("finish", p, err)
}

func (l *losing) Progress(ctx context.Context, e *reaction.Event, run string) (reaction.RunProgress, error) {
	p, err := l.runs.Progress(ctx, e, run)
	return l.lose("progress", p, err)
}

// some is a recording of a few posts.
type some []reaction.Record

func (s some) Records(after int64) iter.Seq2[reaction.Record, error] {
	return func(yield func(reaction.Record, error) bool) {
		for _, r := range s[after:] {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func TestALostAnswerLosesAndDoublesNothing(t *testing.T) {
	dir := dataDir(t)
	must(t, "event", "apply", "-f", eventFile(t, drillInto), "--data", dir)
	c, err := app.LoadConfig(app.ConfigSources{Flags: map[string]string{"data": dir}})
	if err != nil {
		t.Fatal(err)
	}
	node, err := openLocal(t.Context(), *c, newLogger(t.Output(), app.LogConfig{Level: app.LogWarn}))
	if err != nil {
		t.Fatal(err)
	}
	defer node.Close()
	e, err := node.Event(t.Context(), "replayed")
	if err != nil {
		t.Fatal(err)
	}
	restart := func() runs {
		return pipeline.NewRuns(node.node.Log, node.Store, pipeline.NewRecent(time.Now), nlp.HashtagKeys)
	}
	for i, call := range []string{"begin", "send", "finish", "progress", "none"} {
		t.Run(call, func(t *testing.T) {
			at := e.StartsAt.Add(time.Duration(i) * time.Minute)
			var records some
			for j := range 20 {
				records = append(records, reaction.Record{At: at, Post: &reaction.Post{
					Source: reaction.X, ID: fmt.Sprint(call, j), At: at, Text: "the stream is dead"}})
			}
			s := sender{
				to: &losing{runs: restart(), restart: restart, at: call}, event: e, from: records, report: func(reaction.RunProgress) {},
				run: reaction.Run{Name: "run-" + call, Records: int64(len(records))},
			}
			p, err := s.send(t.Context())
			if err != nil || p.Stored != 20 || p.Duplicates != 0 || !p.Done {
				t.Errorf("%+v, %v", p, err)
			}
		})
	}
}
