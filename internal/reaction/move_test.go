package reaction_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"outcry/internal/reaction"
)

// Which status may follow which, said half an hour after the start and by whom the last was said.
// What is asked for brings what it needs: a note, and a new start where there must be one.
func TestWhichStatusMayFollowWhich(t *testing.T) {
	ask := map[reaction.Status]reaction.Move{
		reaction.Scheduled: {StartsAt: at(24 * hour)}, reaction.Live: {Note: "goes on"},
		reaction.Postponed: {StartsAt: at(24 * hour)}, reaction.Cancelled: {Note: "no"}, reaction.Ended: {Note: "over"},
	}
	refused := map[string]string{ // from, to and by; all else is allowed
		"cancelled ended ann":      "did not take place",
		"cancelled ended the plan": "did not take place",
		"ended postponed ann":      "schedule it anew",
		"ended cancelled ann":      "it took place",
	}
	for _, by := range []string{"ann", reaction.ByPlan} {
		for _, from := range reaction.Statuses {
			for to, m := range ask {
				e := evening(from)
				last := reaction.Turn{Seq: 1, Status: from, At: start, By: by, SaidAt: start, StartsAt: start}
				m.Status, m.By, m.Now = to, "bob", at(30*minute)
				c, err := e.Move(m, last)
				want := refused[string(from)+" "+string(to)+" "+by]
				switch {
				case want == "" && (err != nil || e.Status != to || c.Status != to || c.By != "bob"):
					t.Errorf("%s -> %s after %s: %v", from, to, by, err)
				case want != "" && (!errors.Is(err, reaction.ErrConflict) || !strings.Contains(err.Error(), want) || e.Status != from):
					t.Errorf("%s -> %s after %s: %v, want %q", from, to, by, err, want)
				}
			}
		}
	}
}

func TestWhatAMoveNeeds(t *testing.T) {
	now := at(-2 * hour)
	for name, c := range map[string]struct {
		from reaction.Status
		move reaction.Move
		want string // "": allowed
	}{
		"postponed, until when?":          {reaction.Scheduled, reaction.Move{Status: reaction.Postponed}, "until when"},
		"postponed until further notice":  {reaction.Scheduled, reaction.Move{Status: reaction.Postponed, UntilFurtherNotice: true}, ""},
		"the same in words":               {reaction.Scheduled, reaction.Move{Status: reaction.Postponed, Note: "Postponed Until Further Notice, sorry"}, ""},
		"the same in Korean":              {reaction.Scheduled, reaction.Move{Status: reaction.Postponed, Note: "추후 공지"}, ""},
		"postponed to the same time":      {reaction.Scheduled, reaction.Move{Status: reaction.Postponed, StartsAt: start}, "until when"},
		"postponed to the past":           {reaction.Scheduled, reaction.Move{Status: reaction.Postponed, StartsAt: at(-3 * hour)}, "past"},
		"scheduled anew without a time":   {reaction.Cancelled, reaction.Move{Status: reaction.Scheduled}, "starts_at"},
		"scheduled anew in the past":      {reaction.Cancelled, reaction.Move{Status: reaction.Scheduled, StartsAt: at(-3 * hour)}, "past"},
		"goes on without a note":          {reaction.Ended, reaction.Move{Status: reaction.Live}, "note"},
		"ended before it began":           {reaction.Scheduled, reaction.Move{Status: reaction.Ended}, "has not begun"},
		"begun before the plan":           {reaction.Scheduled, reaction.Move{Status: reaction.Live}, ""},
		"nothing new":                     {reaction.Live, reaction.Move{Status: reaction.Live}, "live already"},
		"a note is something new":         {reaction.Live, reaction.Move{Status: reaction.Live, Note: "still"}, ""},
		"so before it was last otherwise": {reaction.Live, reaction.Move{Status: reaction.Ended, At: at(-30 * hour)}, "cannot have been so before"},
		"an end before the start":         {reaction.Live, reaction.Move{Status: reaction.Live, EndsAt: at(-hour)}, "not after starts_at"},
	} {
		e := evening(c.from)
		last := reaction.Turn{Seq: 1, Status: c.from, At: at(-20 * hour), By: "ann", SaidAt: at(-20 * hour), StartsAt: start}
		c.move.Now = now
		if p := c.move.Validate(); len(p) > 0 {
			t.Fatalf("%s: %v", name, p)
		}
		_, err := e.Move(c.move, last)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (!errors.Is(err, reaction.ErrConflict) || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	e := evening(reaction.Live)
	if _, err := e.Move(reaction.Move{Status: reaction.Ended, Now: at(hour)}, reaction.Turn{Seq: reaction.MaxChanges, Status: reaction.Live}); !errors.Is(err, reaction.ErrConflict) {
		t.Errorf("a life without end: %v", err)
	}
}

func TestMistakesInAMove(t *testing.T) {
	for want, m := range map[string]reaction.Move{
		"status":               {Status: "paused"},
		"at":                   {Status: reaction.Live, At: at(hour)},
		"starts_at":            {Status: reaction.Live, StartsAt: at(hour)},
		"ends_at":              {Status: reaction.Ended, EndsAt: at(hour)},
		"until_further_notice": {Status: reaction.Live, UntilFurtherNotice: true},
		"note":                 {Status: reaction.Live, Note: "a\x1b[31mb"},
	} {
		m.Now = start
		if p := m.Validate(); len(p) != 1 || p[0].Path != want {
			t.Errorf("%s: %v", want, p)
		}
	}
	long := reaction.Move{Status: reaction.Live, Note: strings.Repeat("x", reaction.MaxNoteBytes+1)}
	if len(long.Validate()) != 1 {
		t.Error("a note without end is taken")
	}
}

// What belongs to a start moves along with it, except listening that has begun.
func TestAPostponedEventMovesWithItsStart(t *testing.T) {
	for _, c := range []struct{ said, listen time.Duration }{{-5 * hour, 3 * hour}, {-30 * minute, -hour}} {
		e := evening(reaction.Scheduled)
		c0, err := e.Move(reaction.Move{Status: reaction.Postponed, StartsAt: at(4 * hour), Now: at(c.said), By: "ann"}, e.Begin(at(-9*hour)))
		if err != nil {
			t.Fatal(err)
		}
		if !e.StartsAt.Equal(at(4*hour)) || !e.EndsAt.Equal(at(6*hour)) || !e.ListenFrom.Equal(at(c.listen)) || !c0.StartsAt.Equal(e.StartsAt) {
			t.Errorf("said %s: %s to %s, listened to from %s", c.said, e.StartsAt, e.EndsAt, e.ListenFrom)
		}
	}
}

func TestUntilFurtherNoticeLastsUntilThereIsATime(t *testing.T) {
	e := evening(reaction.Scheduled)
	last := e.Begin(at(-9 * hour))
	step := func(m reaction.Move) reaction.Turn {
		t.Helper()
		c, err := e.Move(m, last)
		if err != nil {
			t.Fatal(err)
		}
		c.Seq = last.Seq + 1
		last = c
		return c
	}
	first := step(reaction.Move{Status: reaction.Postponed, UntilFurtherNotice: true, Now: at(-hour)})
	if !first.StartsAt.IsZero() || first.Note != "until further notice" {
		t.Errorf("%+v", first)
	}
	if again := step(reaction.Move{Status: reaction.Postponed, Note: "we are looking into it", Now: at(-hour)}); !again.StartsAt.IsZero() {
		t.Errorf("a note gave it a start: %+v", again)
	}
	// A new definition that does not speak of the start does not either.
	next := e
	next.EndsAt = at(3 * hour)
	c, changed, err := next.Succeed(&e, last, at(-hour))
	if err != nil || !changed || !c.StartsAt.IsZero() || next.Status != reaction.Postponed {
		t.Errorf("%+v, %v, %v", c, changed, err)
	}
	// It takes place as it was planned at first, after all.
	if c := step(reaction.Move{Status: reaction.Scheduled, StartsAt: start, Now: at(-30 * minute)}); !c.StartsAt.Equal(start) {
		t.Errorf("%+v", c)
	}
}

func TestANewDefinitionLeavesTheStatusWhereItIs(t *testing.T) {
	now := at(30 * minute)
	for name, c := range map[string]struct {
		from    reaction.Status
		change  func(*reaction.Event)
		status  reaction.Status
		changed bool
		want    string
	}{
		"nothing of its life":          {reaction.Live, func(e *reaction.Event) { e.Title = "Other"; e.Status = reaction.Scheduled }, reaction.Live, false, ""},
		"an ended event stays ended":   {reaction.Ended, func(e *reaction.Event) { e.Status = reaction.Scheduled }, reaction.Ended, false, ""},
		"a longer plan":                {reaction.Live, func(e *reaction.Event) { e.Status = reaction.Scheduled; e.EndsAt = at(5 * hour) }, reaction.Live, true, ""},
		"a new start to come":          {reaction.Cancelled, func(e *reaction.Event) { e.Status = reaction.Scheduled; e.StartsAt, e.EndsAt = at(8*hour), at(9*hour) }, reaction.Scheduled, true, ""},
		"a new start that is past":     {reaction.Ended, func(e *reaction.Event) { e.Status = reaction.Scheduled; e.StartsAt = at(-minute) }, reaction.Ended, true, ""},
		"a status it may take":         {reaction.Scheduled, func(e *reaction.Event) { e.Status = reaction.Cancelled }, reaction.Cancelled, true, ""},
		"a postponement with its time": {reaction.Scheduled, func(e *reaction.Event) { e.Status = reaction.Postponed; e.StartsAt = at(hour) }, reaction.Postponed, true, ""},
		"a postponement without":       {reaction.Scheduled, func(e *reaction.Event) { e.Status = reaction.Postponed }, "", false, "until when"},
		"a status it may not take":     {reaction.Cancelled, func(e *reaction.Event) { e.Status = reaction.Ended }, "", false, "did not take place"},
	} {
		old := evening(c.from)
		next := old
		c.change(&next)
		last := reaction.Turn{Seq: 1, Status: c.from, At: at(-9 * hour), By: "ann", SaidAt: at(-9 * hour), StartsAt: start}
		got, changed, err := next.Succeed(&old, last, now)
		switch {
		case c.want != "":
			if !errors.Is(err, reaction.ErrConflict) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %q", name, err, c.want)
			}
		case err != nil || next.Status != c.status || changed != c.changed || changed && (got.Status != c.status || !got.StartsAt.Equal(next.StartsAt)):
			t.Errorf("%s: %s, %+v, %v, %v", name, next.Status, got, changed, err)
		}
	}
}

func TestPlaceholdersMustBeFilled(t *testing.T) {
	e := evening(reaction.Scheduled)
	e.Match.Any = append(e.Match.Any, "<SERVICE> down", "<3 this", "a < B > c")
	e.Entities = []reaction.Entity{{Name: "<HOST KO>", Kind: "person"}}
	var paths []string
	for _, p := range e.Validate() {
		paths = append(paths, p.Path)
	}
	if got := strings.Join(paths, " "); got != "match.any[1] entities[0].name" {
		t.Errorf("refused: %s", got)
	}
}
