package play

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"outcry/internal/drill"
	"outcry/internal/reaction"
	"outcry/internal/testdb"
	"outcry/internal/trend"
	"outcry/nlp"
)

// theatre opens a theatre as a server that has just started does.
func (h *house) theatre(t *testing.T, dir string, change ...func(*Options)) *Theatre {
	t.Helper()
	o := Options{Dir: dir, Line: h.runs(), Events: h.store, Hashtags: nlp.Hashtags}
	for _, c := range change {
		c(&o)
	}
	th, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := th.Close(); err != nil {
			t.Error(err)
		}
	})
	return th
}

// small is a drill of some hundred posts.
func small(slug string) drill.Options {
	o := drill.Defaults(drill.Launch)
	o.Scale, o.Slug = 0.05, slug
	return o
}

func pace(t *testing.T, s string) Pace {
	t.Helper()
	p, err := ParseSpeed(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// until waits for a play to be as it should.
func until(t *testing.T, th *Theatre, id string, is func(Play) bool) Play {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		p, err := th.Find(id)
		if err != nil {
			t.Fatal(err)
		}
		if is(p) {
			return p
		}
		if sleep(ctx, 5*time.Millisecond) != nil {
			t.Fatalf("the play is still %+v", p)
		}
	}
}

func ended(p Play) bool { return p.State != Running }

// figures is what was counted of a drill's event, as text.
func (h *house) figures(t *testing.T, slug string) string {
	t.Helper()
	e, err := h.store.Event(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	from, to, _, err := h.store.Window(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	q := trend.Query{Event: e, Step: 10 * time.Second, Series: []trend.Name{trend.Posts, trend.Complaints, "symptom:audio", "tag:desaster", trend.Health, trend.Audience}}
	q.From, q.To = trend.Grid(from, to, q.Step)
	r, err := h.store.Trend(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r.Series)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAPlayStoppedAndStartedAgainEndsAsIfUndisturbed(t *testing.T) {
	h := newHouse(t)
	dir := t.TempDir()
	th := h.theatre(t, dir)
	p, err := th.Drill(t.Context(), small("whole"), Pace{}, "somebody")
	if err != nil {
		t.Fatal(err)
	}
	whole := until(t, th, p.ID, ended)
	if whole.State != Done || whole.Stored == 0 || whole.Committed != whole.Records || whole.By != "somebody" || whole.EndedAt.Before(whole.StartedAt) {
		t.Fatalf("%+v", whole)
	}

	for range 2 { // stopped by a person
		if p, err = th.Drill(t.Context(), small("halves"), pace(t, "2000x"), ""); err != nil {
			t.Fatal(err)
		}
		was := p.Sent
		until(t, th, p.ID, func(p Play) bool { return p.Sent > was+100 })
		if err := th.Stop(t.Context(), p.ID); err != nil {
			t.Fatal(err)
		}
		if p, _ = th.Find(p.ID); p.State != Stopped || p.Error != "" || p.Committed != p.Sent || p.Sent >= p.Records {
			t.Fatalf("stopped: %+v", p)
		}
		if err := th.Stop(t.Context(), p.ID); err != nil {
			t.Errorf("stopped twice: %v", err)
		}
	}
	cut, err := th.Drill(t.Context(), small("halves"), pace(t, "2000x"), "")
	if err != nil {
		t.Fatal(err)
	}
	until(t, th, cut.ID, func(now Play) bool { return now.Sent > p.Sent })
	killed := t.TempDir() // what a server that is killed now leaves
	copyBook(t, dir, killed)
	if err := th.Close(); err != nil { // and one that is stopped
		t.Fatal(err)
	}
	if _, err := th.Drill(t.Context(), small("late"), Pace{}, ""); !errors.Is(err, reaction.ErrAway) {
		t.Errorf("a play after the end: %v", err)
	}

	for _, d := range []string{killed, dir} {
		th := h.theatre(t, d)
		was, err := th.Find(cut.ID)
		if err != nil || was.State != Stopped || !strings.Contains(was.Error, "the server was stopped") || was.EndedAt.IsZero() {
			t.Fatalf("after a restart: %+v, %v", was, err)
		}
	}
	th = h.theatre(t, dir)
	if p, err = th.Drill(t.Context(), small("halves"), Pace{}, ""); err != nil {
		t.Fatal(err)
	}
	p = until(t, th, p.ID, ended)
	if p.State != Done || p.Stored != whole.Stored || p.Duplicates != 0 || p.Samples != whole.Samples {
		t.Errorf("undisturbed %+v\ndisturbed %+v", whole, p)
	}
	if h.figures(t, "halves") != h.figures(t, "whole") {
		t.Error("the figures differ from those of an undisturbed play")
	}
	if list := th.List(); len(list) != 5 || list[0].ID != p.ID || list[4].ID != whole.ID {
		t.Errorf("the list is %+v", list)
	}
}

func copyBook(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(from, bookName))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(to, bookName), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestABookThatCannotBeReadStopsNothing(t *testing.T) {
	h := newHouse(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, bookName), []byte("{nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if list := h.theatre(t, dir).List(); len(list) != 0 {
		t.Errorf("%+v", list)
	}
}

func TestPlaysAreBounded(t *testing.T) {
	h := newHouse(t)
	th := h.theatre(t, t.TempDir(), func(o *Options) { o.Running, o.Kept = 2, 3 })
	var plays []Play
	for _, slug := range []string{"one", "two"} {
		p, err := th.Drill(t.Context(), small(slug), pace(t, "1x"), "")
		if err != nil {
			t.Fatal(err)
		}
		plays = append(plays, p)
	}
	if _, err := th.Drill(t.Context(), small("three"), Pace{}, ""); !errors.Is(err, reaction.ErrBusy) {
		t.Errorf("a third play: %v", err)
	}
	if _, err := h.store.Event(t.Context(), "three"); !errors.Is(err, reaction.ErrNotFound) {
		t.Errorf("the event of a play that was refused: %v", err)
	}
	if err := th.Stop(t.Context(), plays[0].ID); err != nil {
		t.Fatal(err)
	}
	_, err := th.Drill(t.Context(), small("two"), Pace{}, "")
	if !errors.Is(err, reaction.ErrConflict) || !strings.Contains(err.Error(), plays[1].ID) {
		t.Errorf("the same play at the same time: %v", err)
	}
	for range 3 {
		p, err := th.Drill(t.Context(), small("one"), Pace{}, "")
		if err != nil {
			t.Fatal(err)
		}
		until(t, th, p.ID, ended)
	}
	if _, err := th.Find(plays[0].ID); !errors.Is(err, reaction.ErrNotFound) {
		t.Errorf("the oldest: %v", err)
	}
	if _, err := th.Find(plays[1].ID); err != nil {
		t.Errorf("one that runs: %v", err)
	}
	if n := len(th.List()); n != 3 {
		t.Errorf("%d are remembered", n)
	}
}

// Two plays at once do not get into each other's way.
func TestTwoPlaysAtOnce(t *testing.T) {
	h := newHouse(t)
	th := h.theatre(t, t.TempDir())
	var plays []Play
	for _, slug := range []string{"first", "second"} {
		p, err := th.Drill(t.Context(), small(slug), pace(t, "5000x"), "")
		if err != nil {
			t.Fatal(err)
		}
		plays = append(plays, p)
	}
	a, b := until(t, th, plays[0].ID, ended), until(t, th, plays[1].ID, ended)
	if a.State != Done || a.Stored == 0 || a.Stored != b.Stored || h.figures(t, "first") != h.figures(t, "second") {
		t.Errorf("%+v\n%+v", a, b)
	}
}

func TestADrillKeepsAwayFromRealEvents(t *testing.T) {
	h := newHouse(t)
	th := h.theatre(t, t.TempDir())
	if _, err := th.Drill(t.Context(), small("night"), Pace{}, ""); !errors.Is(err, reaction.ErrConflict) || !strings.Contains(err.Error(), "is real") {
		t.Errorf("a drill into a real event: %v", err)
	}
	for _, o := range []drill.Options{{Scenario: "storm"}, small("No Slug"), {Scenario: drill.Calm, Start: time.Date(2500, 1, 1, 0, 0, 0, 0, time.UTC)}} {
		if _, err := th.Drill(t.Context(), o, Pace{}, ""); !errors.Is(err, reaction.ErrUnusable) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if list := th.List(); len(list) != 0 {
		t.Errorf("plays %+v", list)
	}
}

// An event that is changed while a play goes into it is played into as it then is, from the
// beginning; what is stored is not doubled.
func TestAnEventThatChangesDuringAPlay(t *testing.T) {
	h := newHouse(t)
	th := h.theatre(t, t.TempDir())
	p, err := th.Drill(t.Context(), small("changing"), pace(t, "2000x"), "")
	if err != nil {
		t.Fatal(err)
	}
	until(t, th, p.ID, func(p Play) bool { return p.Committed > 100 })
	e, err := h.store.Event(t.Context(), "changing")
	if err != nil {
		t.Fatal(err)
	}
	e.Match.None = []string{"stream"}
	if err := h.store.ReplaceEvent(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	p = until(t, th, p.ID, ended)
	if p.State != Done || p.Committed != p.Records || p.Unmatched == 0 || p.Duplicates == 0 {
		t.Errorf("%+v", p)
	}

	if p, err = th.Drill(t.Context(), small("leaving"), pace(t, "500x"), ""); err != nil {
		t.Fatal(err)
	}
	until(t, th, p.ID, func(p Play) bool { return p.Sent > 50 })
	if err := h.store.DeleteEvent(t.Context(), "leaving"); err != nil {
		t.Fatal(err)
	}
	if p = until(t, th, p.ID, ended); p.State != Failed || !strings.Contains(p.Error, "was deleted") {
		t.Errorf("%+v", p)
	}
}

func TestATheatreLeavesNothingRunning(t *testing.T) {
	testdb.New(t) // whose server lives as long as the process
	before := goleak.IgnoreCurrent()
	t.Run("a house", func(t *testing.T) {
		h := newHouse(t)
		th := h.theatre(t, t.TempDir())
		r := keep(t, th, "posts.csv", table(600))
		keep(t, th, "unused.csv", table(600))
		if _, err := th.Recording(t.Context(), r.ID, "night", pace(t, "10x"), ""); err != nil {
			t.Fatal(err)
		}
		p, err := th.Drill(t.Context(), small("left-alone"), pace(t, "1x"), "")
		if err != nil {
			t.Fatal(err)
		}
		until(t, th, p.ID, func(p Play) bool { return p.Sent > 0 })
	})
	goleak.VerifyNone(t, before)
}
