package collectors

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"outcry/internal/reaction"
)

// patient is a platform with what answers when a gap is to be filled.
type patient struct {
	*platform
	answer func(ctx context.Context, g Gap, emit Emit) (time.Time, error)
}

func (p patient) Fill(ctx context.Context, g Gap, emit Emit) (time.Time, error) {
	return p.answer(ctx, g, emit)
}

// notes are what a source was asked for.
type notes struct {
	mu   sync.Mutex
	said []string
}

// add gives how many there are now.
func (n *notes) add(s string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.said = append(n.said, s)
	return len(n.said)
}

func (n *notes) all() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.said)
}

// quiet does not replay, and may say nothing for long.
var quiet = Traits{Silence: 24 * time.Hour, Expect: 24 * time.Hour, Late: 24 * time.Hour}

// owing is a cursor with gaps of a minute each, the last of which ended a minute ago.
func owing(n int) Cursor {
	now := time.Now().UTC()
	var gaps []string
	for i := n; i > 0; i-- {
		from, to := now.Add(-time.Duration(2*i)*time.Minute), now.Add(-time.Duration(2*i-1)*time.Minute)
		gaps = append(gaps, fmt.Sprintf(`{"from":%q,"to":%q,"reason":"of old"}`, from.Format(time.RFC3339), to.Format(time.RFC3339)))
	}
	return fmt.Appendf(nil, `{"heard":%q,"gaps":[%s]}`, now.Format(time.RFC3339), strings.Join(gaps, ","))
}

// A gap that cannot be filled holds back no other one, and is tried less and less often.
func TestEveryGapHasItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		stubborn := begin.Add(-time.Minute).UTC() // the newest ends here
		var notes notes
		p := newPlatform(quiet)
		l := started(t, p, patient{p, func(_ context.Context, g Gap, _ Emit) (time.Time, error) {
			notes.add(fmt.Sprint(int(begin.Sub(g.To) / time.Minute)))
			if g.To.Equal(stubborn) {
				return g.From, busy
			}
			return g.To, nil
		}}, owing(4), StationOptions{})
		l.until(30)
		asked := notes.all()
		if len(asked) < 4 || asked[0] != "1" {
			t.Fatalf("asked for were %v", asked)
		}
		for _, gap := range []string{"3", "5", "7"} {
			if !slices.Contains(asked, gap) {
				t.Errorf("the gap of %s minutes ago had no turn: %v", gap, asked)
			}
		}
		tries := func() int { return len(notes.all()) - 3 }
		if n := tries(); n > 3 {
			t.Errorf("the stubborn gap was tried %d times within half a minute", n)
		}
		l.until(2 * 3600)
		if n := tries(); n != fillTries {
			t.Errorf("the stubborn gap was tried %d times", n)
		}
		if cursor := string(l.told().cursor); strings.Contains(cursor, "gaps") {
			t.Errorf("after all of it there is still %s", cursor)
		}
	})
}

// Gaps that keep coming do not keep an older one from being filled, nor those that keep failing the
// new ones.
func TestTurnsAreFair(t *testing.T) {
	now := time.Now()
	l := ledger{traits: plain}
	add := func(i int) {
		l.owe(Gap{From: now.Add(time.Duration(2*i) * time.Second), To: now.Add(time.Duration(2*i+1) * time.Second), Reason: fmt.Sprint(i)})
	}
	for i := range 3 {
		add(i)
	}
	var got []string
	for i := range 8 {
		at := now.Add(time.Duration(100+i) * time.Second)
		g, _ := l.turn(at)
		got = append(got, g.Reason)
		l.unfilled(*g, g.From, at, at, false, "it fails")
		add(10 + i) // a new one each time
	}
	if want := []string{"2", "0", "11", "1", "13", "10", "15", "12"}; !slices.Equal(got, want) {
		t.Errorf("the turns are %v, want %v", got, want)
	}
	for range 2 * maxGaps {
		add(99)
	}
	if len(l.Gaps) != maxGaps {
		t.Errorf("%d gaps are kept", len(l.Gaps))
	}
}

// What the source itself says can never be filled is told as not heard, once, and not asked for
// again. What somebody can mend is.
func TestAGapThatIsTooOld(t *testing.T) {
	for name, c := range map[string]struct {
		fault *Fault
		asked int
	}{
		"too old": {&Fault{Kind: Refused, Err: errors.New("it goes back seven days")}, 1},
		"a token": {&Fault{Kind: Refused, Err: errors.New("it refuses the token"), Mend: "make a new one"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var asked notes
				p := newPlatform(quiet)
				l := started(t, p, patient{p, func(_ context.Context, g Gap, _ Emit) (time.Time, error) {
					if asked.add("") == 1 {
						return g.From.Add(10 * time.Second), c.fault
					}
					return g.To, nil
				}}, owing(1), StationOptions{})
				l.until(3600)
				if n := len(asked.all()); n != c.asked {
					t.Errorf("it was asked for %d times", n)
				}
				var got []string
				for _, c := range l.told().coverage {
					got = append(got, fmt.Sprintf("%s %s: %s", c.State, c.To.Sub(c.From), c.Reason))
				}
				want := []string{"filled 10s: of old", "gap 50s: of old, and it was not fetched afterwards: it goes back seven days"}
				if c.asked > 1 {
					want[1] = "filled 50s: of old"
				}
				if !slices.Equal(got, want) {
					t.Errorf("told is %q, want %q", got, want)
				}
			})
		})
	}
}

// A gap at which the program fails is one that could not be filled, and ends nothing.
func TestAGapAtWhichTheProgramFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked notes
		p := newPlatform(quiet)
		l := started(t, p, patient{p, func(context.Context, Gap, Emit) (time.Time, error) {
			asked.add("")
			panic("at a post")
		}}, owing(1), StationOptions{})
		l.until(4 * 3600)
		if n := len(asked.all()); n != fillTries {
			t.Errorf("it was tried %d times", n)
		}
		if err := l.stop(); err != nil {
			t.Error(err)
		}
	})
}

// What a source has fetched when its time is over is heard: it may take it for told.
func TestWhatWasFetchedAtTheLastMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform(quiet)
		var asked notes
		l := started(t, p, patient{p, func(ctx context.Context, g Gap, emit Emit) (time.Time, error) {
			if asked.add("") > 1 {
				return g.To, nil
			}
			<-ctx.Done()
			err := emit(ctx, Item{Record: reaction.Record{Post: &reaction.Post{ID: "missed"}}})
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("it may go on: %v", err)
			}
			return g.From, err
		}}, owing(1), StationOptions{})
		l.until(2 * fillTimeout.Seconds())
		if got, n := l.told().posts, len(asked.all()); n != 2 || !slices.Equal(got, []string{"missed"}) {
			t.Errorf("asked %d times, posts %v", n, got)
		}
	})
}

// A line that is full for longer than filling may take is not one that has ended.
func TestAFullLineWhileAGapIsFilled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform(quiet)
		full, filled := make(chan struct{}), make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		end := make(chan error, 1)
		from := patient{p, func(ctx context.Context, g Gap, emit Emit) (time.Time, error) {
			defer close(filled)
			return g.To, emit(ctx, Item{Record: reaction.Record{Post: &reaction.Post{ID: "missed"}}})
		}}
		go func() {
			end <- NewStation(reaction.X, from, StationOptions{}).Collect(ctx, owing(1), func(ctx context.Context, items ...Item) error {
				if items[0].Record.Post == nil {
					return nil
				}
				select {
				case <-full:
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
		}()
		<-time.After(2 * fillTimeout)
		close(full)
		<-filled
		synctest.Wait()
		select {
		case err := <-end:
			t.Fatalf("the collector ends with %v", err)
		default:
		}
		cancel()
		if err := <-end; err != nil {
			t.Error(err)
		}
	})
}

// poor is what a source says that nobody pays for.
func poor(again <-chan struct{}) *Fault {
	return &Fault{Kind: Limited, Err: errors.New("no money"), Coverage: reaction.CoverageCapped, RetryAt: time.Now().Add(24 * time.Hour), Again: again}
}

// What was left out on purpose is not fetched afterwards, also where the next try to connect failed
// for another reason; what was missed before that is.
func TestWhatWasLeftOutIsNotFetched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		traits := plain
		traits.Expect, traits.Silence = 10*time.Second, 24*time.Hour
		p := newPlatform(traits)
		var fetched notes
		begin := time.Now()
		l := started(t, p, patient{p, func(_ context.Context, g Gap, _ Emit) (time.Time, error) {
			fetched.add(fmt.Sprintf("%.0f to %.0f: %s", g.From.Sub(begin).Seconds(), g.To.Sub(begin).Seconds(), g.Reason))
			return g.From, nil
		}}, nil, StationOptions{})
		for i := range 5 {
			l.until(float64(i + 1))
			p.say <- Heard{Beat: true}
		}
		again := make(chan struct{})
		p.down(busy)
		l.until(27)
		p.down(nil)
		p.mu.Lock()
		p.refuse = poor(again) // it dials at about 5, 10, 20 and 40 seconds
		p.mu.Unlock()
		l.until(200)
		l.is(reaction.FeedIdle, "no money")
		p.mu.Lock()
		p.refuse = busy
		p.mu.Unlock()
		close(again)
		l.until(210)
		l.is(reaction.FeedConnecting, "it answers 503")
		p.down(nil)
		l.until(700)
		got := l.drawn(230)
		if g, c := strings.Count(got[:100], "g"), strings.Count(got[100:199], "c"); g < 10 || c != 99 || strings.Contains(got[201:], "c") {
			t.Errorf("heard as %s", got)
		}
		gaps := fetched.all()
		if len(gaps) != 2 || !strings.HasPrefix(gaps[0], "200 to ") || !strings.HasPrefix(gaps[1], "5 to ") || !strings.HasSuffix(gaps[1], ": it answers 503") {
			t.Errorf("fetched is %q", gaps)
		}
	})
}
