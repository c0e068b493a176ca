package play

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"outcry/internal/reaction"
)

// losing is a server that, at one call, does what it is asked, loses its answer, and is started
// again: it then knows no run.
type losing struct {
	Line
	restart func() Line
	at      string // the call that is lost, once
	begun   int
}

func (l *losing) lose(call string, p reaction.RunProgress, err error) (reaction.RunProgress, error) {
	if l.at != call || err != nil {
		return p, err
	}
	l.at = ""
	l.Line = l.restart()
	return reaction.RunProgress{}, fmt.Errorf("the connection broke: %w", reaction.ErrAway)
}

func (l *losing) Begin(ctx context.Context, e *reaction.Event, run reaction.Run) (reaction.RunProgress, error) {
	l.begun++
	p, err := l.Line.Begin(ctx, e, run)
	return l.lose("begin", p, err)
}

func (l *losing) Send(ctx context.Context, e *reaction.Event, run string, after int64, records []reaction.Record) (reaction.RunProgress, error) {
	p, err := l.Line.Send(ctx, e, run, after, records)
	return l.lose("send", p, err)
}

func (l *losing) Finish(ctx context.Context, e *reaction.Event, run string) (reaction.RunProgress, error) {
	p, err := l.Line.Finish(ctx, e, run)
	return l.lose("finish", p, err)
}

func (l *losing) Progress(ctx context.Context, e *reaction.Event, run string) (reaction.RunProgress, error) {
	p, err := l.Line.Progress(ctx, e, run)
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
	h := newHouse(t)
	restart := func() Line { return h.runs() }
	for i, call := range []string{"begin", "send", "finish", "progress", "none"} {
		t.Run(call, func(t *testing.T) {
			at := t0.Add(time.Duration(i) * time.Minute)
			var records some
			for j := range 20 {
				records = append(records, reaction.Record{At: at, Post: &reaction.Post{
					Source: reaction.X, ID: fmt.Sprint(call, j), At: at, Text: "the stream is dead"}})
			}
			s := Sender{
				To: &losing{Line: restart(), restart: restart, at: call}, Event: h.event, From: records,
				Run: reaction.Run{Name: "run-" + call, Records: int64(len(records))},
			}
			p, err := s.Send(t.Context())
			if err != nil || p.Stored != 20 || p.Duplicates != 0 || !p.Done {
				t.Errorf("%+v, %v", p, err)
			}
		})
	}
}
