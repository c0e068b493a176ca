package play

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"outcry/internal/reaction"
)

func TestParseSpeed(t *testing.T) {
	for in, want := range map[string]string{"max": "max", "1x": "1x", "60x": "60x", "0.5x": "0.5x", "60": "60x", "1e3x": "1000x"} {
		if p, err := ParseSpeed(in); err != nil || p.String() != want {
			t.Errorf("%s: %s, %v", in, p, err)
		}
	}
	for _, in := range []string{"", "fast", "0x", "-1x", "NaNx", "Infx", "1e7x", "x", "1xx"} {
		if _, err := ParseSpeed(in); err == nil {
			t.Errorf("%q is a speed", in)
		}
	}
}

// clocked is a line that takes everything at once and remembers when.
type clocked struct {
	sent  int64
	at    []time.Duration
	began time.Time
	asked int
}

func (c *clocked) progress() reaction.RunProgress {
	return reaction.RunProgress{Sent: c.sent, Committed: c.sent}
}

func (c *clocked) Begin(context.Context, *reaction.Event, reaction.Run) (reaction.RunProgress, error) {
	return c.progress(), nil
}

func (c *clocked) Send(_ context.Context, _ *reaction.Event, _ string, _ int64, r []reaction.Record) (reaction.RunProgress, error) {
	c.sent += int64(len(r))
	c.at = append(c.at, time.Since(c.began))
	return c.progress(), nil
}

func (c *clocked) Finish(context.Context, *reaction.Event, string) (reaction.RunProgress, error) {
	p := c.progress()
	p.Done = true
	return p, nil
}

func (c *clocked) Progress(context.Context, *reaction.Event, string) (reaction.RunProgress, error) {
	c.asked++
	if c.asked == 1 {
		return reaction.RunProgress{}, fmt.Errorf("a line that is away while nothing is due: %w", reaction.ErrAway)
	}
	return c.progress(), nil
}

// Records are sent when they are due, those close to each other together, and while nothing is
// due the sender says how far the run has come.
func TestRecordsAreSentWhenTheyAreDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var records some
		for _, after := range []time.Duration{0, 5 * time.Second, 6 * time.Second, 10 * time.Minute, 20 * time.Minute} {
			records = append(records, reaction.Record{At: t0.Add(after)})
		}
		line, reports := &clocked{began: time.Now()}, 0
		s := Sender{To: line, From: records, Pace: pace(t, "60x"), Run: reaction.Run{Records: 5},
			Report: func(reaction.RunProgress) { reports++ }}
		if _, err := s.Send(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, want := fmt.Sprint(line.at), "[0s 10s 20s]"; got != want {
			t.Errorf("sent at %s, want %s", got, want)
		}
		if line.asked < 15 || reports < 15 {
			t.Errorf("in 20 silent seconds it asked %d times and reported %d times", line.asked, reports)
		}
	})
}

// listening is a line that is told the time.
type listening struct {
	clocked
	clocks []time.Time
}

func (l *listening) Advance(_ context.Context, _ *reaction.Event, _ string, clock time.Time) (reaction.RunProgress, error) {
	l.clocks = append(l.clocks, clock)
	return l.progress(), nil
}

// While nothing is due the line is told how the time of the recording passes.
func TestTheTimeOfASilentRecordingPasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := some{{At: t0}, {At: t0.Add(10 * time.Minute)}}
		line := &listening{clocked: clocked{began: time.Now()}}
		s := Sender{To: line, From: records, Pace: pace(t, "60x"), Run: reaction.Run{Records: 2}}
		if _, err := s.Send(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(line.clocks) < 8 {
			t.Fatalf("it was told %v", line.clocks)
		}
		for i, c := range line.clocks {
			if want := t0.Add(time.Duration(i+1) * time.Minute); !c.Equal(want) {
				t.Errorf("after %d seconds the time is %s, want %s", i+1, c, want)
			}
		}
	})
}
