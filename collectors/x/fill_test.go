package x

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"outcry/collectors"
	"outcry/internal/reaction"
)

// fillingOf makes a source whose Fill is run by itself. What it emits is kept, with times since begin.
func fillingOf(t *testing.T, x *fakeX, p collectors.Purse, begin time.Time) *listener {
	l := &listener{t: t, x: x, wanted: listOf(p.Events()...), begin: begin, byID: map[string]reaction.Post{}}
	l.from = NewSource(SourceOptions{Client: clientOf(t, x), Wanted: l.wanted, Purse: p})
	return l
}

// filled runs Fill over a gap, and gives what it emitted.
func filled(t *testing.T, x *fakeX, p *purse, gap collectors.Gap) (*listener, time.Time, error) {
	l := fillingOf(t, x, p, gap.From)
	upto, err := l.from.Fill(t.Context(), gap, l.emit)
	return l, upto, err
}

func (x *fakeX) had(n int, text string, from time.Time, every time.Duration) (ids []string) {
	for i := range n {
		id, _ := x.post(text, func(p *fakePost) { p.At = from.Add(time.Duration(i) * every) })
		ids = append(ids, id)
	}
	return ids
}

func TestAGapOfManyPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		gap := collectors.Gap{From: time.Now().Add(-time.Hour), To: time.Now()}
		x.had(20, "launch", gap.From.Add(-2*time.Minute), time.Second) // before
		want := x.had(950, "launch", gap.From, 3*time.Second)
		x.had(20, "nothing", gap.From, time.Second)
		l, upto, err := filled(t, x, purseOf(event(1, "launch")), gap)
		if err != nil || !upto.Equal(gap.From) {
			t.Fatalf("%s, %v", upto, err)
		}
		l.same(want)
		if n := x.searched(); n != 10 {
			t.Errorf("%d pages", n)
		}
		if state, reason := l.is(1, 30*time.Minute); state != reaction.CoverageFilled || reason != reasonFilled {
			t.Errorf("it is %s, %q", state, reason)
		}
	})
}

// What money does not reach to is left out; what was read is filled.
func TestMoneyEndsInTheMiddleOfAGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		gap := collectors.Gap{From: time.Now().Add(-time.Hour), To: time.Now()}
		x.had(360, "launch", gap.From, 10*time.Second)
		second := x.had(5, "concert", gap.From, time.Minute)
		p := purseOf(event(1, "launch"), event(2, "concert"))
		p.pays(1, 150)
		l, upto, err := filled(t, x, p, gap)
		if err != nil || !upto.Equal(gap.From) {
			t.Fatalf("%s, %v", upto, err)
		}
		if n := len(l.posts); n != 150+len(second) {
			t.Errorf("%d posts", n)
		}
		for at, want := range map[time.Duration]reaction.CoverageState{time.Minute: reaction.CoverageCapped, 30 * time.Minute: reaction.CoverageCapped, 36 * time.Minute: reaction.CoverageFilled, 59 * time.Minute: reaction.CoverageFilled} {
			if state, _ := l.is(1, at); state != want {
				t.Errorf("after %s it is %s, want %s", at, state, want)
			}
		}
		if state, _ := l.is(2, time.Minute); state != reaction.CoverageFilled {
			t.Errorf("the other event is %s", state)
		}
	})
}

// A fill that is cut off goes on where it was, and pays for nothing twice.
func TestAFillGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		gap := collectors.Gap{From: time.Now().Add(-time.Hour), To: time.Now()}
		want := x.had(450, "launch", gap.From, 3*time.Second)
		l := fillingOf(t, x, purseOf(event(1, "launch")), gap.From)
		busy := 0
		x.answers["/2/tweets/search/recent"] = func(w http.ResponseWriter, r *http.Request) {
			if busy++; busy == 3 {
				w.Header().Set("x-rate-limit-reset", strconv.FormatInt(time.Now().Add(5*time.Minute).Unix(), 10))
				x.answer(w, 429, `{"title":"Too Many Requests"}`)
				return
			}
			x.search(w, r)
		}
		_, err := l.from.Fill(t.Context(), gap, l.emit)
		if f := collectors.AsFault(err); err == nil || f.Kind != collectors.Limited || time.Until(f.RetryAt) < 4*time.Minute {
			t.Fatalf("it failed with %v", err)
		}
		<-time.After(5 * time.Minute)
		if _, err = l.from.Fill(t.Context(), gap, l.emit); err != nil {
			t.Fatal(err)
		}
		l.same(want)
		if busy != 6 {
			t.Errorf("%d requests", busy)
		}
	})
}

func TestSearchGoesBackSevenDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		now := time.Now()
		l, _, err := filled(t, x, purseOf(event(1, "launch")), collectors.Gap{From: now.Add(-10 * 24 * time.Hour), To: now.Add(-8 * 24 * time.Hour)})
		if f := collectors.AsFault(err); err == nil || f.Kind != collectors.Refused || len(l.coverage) > 0 {
			t.Errorf("%v, %v", err, l.coverage)
		}
		gap := collectors.Gap{From: now.Add(-10 * 24 * time.Hour), To: now.Add(-time.Hour)}
		want := x.had(5, "launch", now.Add(-6*24*time.Hour), time.Hour)
		if _, err := l.from.Fill(t.Context(), gap, l.emit); err != nil {
			t.Fatal(err)
		}
		l.same(want)
		l.begin = gap.From
		for at, want := range map[time.Duration]reaction.CoverageState{24 * time.Hour: "", 5 * 24 * time.Hour: reaction.CoverageFilled} {
			if state, _ := l.is(1, at); state != want {
				t.Errorf("after %s it is %q, want %q", at, state, want)
			}
		}
	})
}

// What was posted before an event was listened for is not read.
func TestAFillBeginsWithTheListening(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		gap := collectors.Gap{From: time.Now().Add(-time.Hour), To: time.Now()}
		x.had(30, "launch", gap.From, time.Minute)
		want := x.had(30, "launch", gap.From.Add(30*time.Minute), time.Minute)
		e, later := event(1, "launch"), event(2, "launch")
		e.ListenFrom, later.ListenFrom = gap.From.Add(30*time.Minute), gap.To.Add(time.Minute)
		l, _, err := filled(t, x, purseOf(e, later), gap)
		if err != nil {
			t.Fatal(err)
		}
		l.same(want)
		before, _ := l.is(1, 29*time.Minute)
		after, _ := l.is(1, 31*time.Minute)
		other, _ := l.is(2, 31*time.Minute)
		if before != "" || after != reaction.CoverageFilled || other != "" {
			t.Errorf("it is %q before, %q after, and %q for an event that is to come", before, after, other)
		}
	})
}

// Where there is no money yet it is waited for, and after some time what is missing is left out.
func TestAFillWaitsForMoney(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		gap := collectors.Gap{From: time.Now().Add(-time.Hour), To: time.Now()}
		l := fillingOf(t, x, waiting{purseOf(event(1, "launch"))}, gap.From)
		_, err := l.from.Fill(t.Context(), gap, l.emit)
		if f := collectors.AsFault(err); err == nil || f.Kind != collectors.Limited {
			t.Fatalf("it failed with %v", err)
		}
		gap.Tries = patience
		if _, err := l.from.Fill(t.Context(), gap, l.emit); err != nil {
			t.Fatal(err)
		}
		if state, _ := l.is(1, time.Minute); state != reaction.CoverageCapped {
			t.Errorf("it is %q", state)
		}
	})
}

// waiting is a purse whose pace leaves nothing now.
type waiting struct{ *purse }

func (waiting) Allow(_ context.Context, _ int64, _ int) (int, func([]string), error) {
	return 0, nil, errors.New("the pace leaves nothing for it now")
}
