package collectors

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"outcry/internal/reaction"
)

// replays is a source that goes on from a cursor, and always has something to say.
var replays = Traits{Replays: true, Words: true, Expect: 10 * time.Second, Late: 5 * time.Second, Silence: 30 * time.Second, Jump: 20 * time.Second}

var busy = &Fault{Kind: Server, Err: errors.New("it answers 503")}

func TestAnOutageThatIsReplayed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform(replays)
		l := started(t, p, p, nil, StationOptions{})
		l.words(10, "")
		l.draws("LLLLLLLLLL")
		p.down(busy)
		l.until(15)
		l.draws("LLLLLLLLLL.....") // not known yet
		l.is(reaction.FeedConnecting, "it answers 503")
		l.until(30)
		l.draws("LLLLLLLLLLgggggggggggggggggggg")
		l.is(reaction.FeedBlind, "it answers 503")
		if clock := l.told().clock; clock.Before(l.at(29)) {
			t.Errorf("a blind source holds the clock at %s", clock.Sub(l.begin))
		}
		p.down(nil)
		for n, _ := p.dialled(); ; {
			l.until(time.Since(l.begin).Seconds() + 1)
			if m, last := p.dialled(); m > n {
				if last != "10" {
					t.Fatalf("it goes on after %q", last)
				}
				break
			}
		}
		l.word(11, "", "a")
		l.word(25, "", "b")
		if now := time.Since(l.begin).Seconds(); now < 30 || now > 60 {
			t.Fatalf("it dialled after %v s", now)
		}
		got := l.drawn(30)
		if got != "LLLLLLLLLLfffffffffffffffggggg" {
			t.Errorf("half replayed: %s", got)
		}
		now := time.Since(l.begin).Seconds()
		l.word(now, "", "c")
		l.is(reaction.FeedLive, "")
		if got := l.drawn(int(now)); got[10:] != string(slices.Repeat([]byte("f"), int(now)-10)) {
			t.Errorf("replayed: %s", got)
		}
		if posts := l.told().posts; !slices.Equal(posts, []string{"a", "b", "c"}) {
			t.Errorf("posts %v", posts)
		}
		if err := l.stop(); err != nil {
			t.Error(err)
		}
	})
}

// A source that is not there from the start is missed from the start.
func TestASourceThatWasNeverThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform(replays)
		p.refuse = busy
		l := started(t, p, p, nil, StationOptions{})
		l.until(9)
		l.is(reaction.FeedConnecting, "it answers 503")
		l.until(20.5)
		l.is(reaction.FeedBlind, "it answers 503")
		l.draws("gggggggggggggggggggg")
		p.down(nil)
		l.until(60)
		l.word(60, "")
		l.is(reaction.FeedLive, "")
		n, after := p.dialled()
		if n < 2 || after != "" {
			t.Errorf("it dialled %d times, the last one after %q", n, after)
		}
		if got := l.drawn(30); got != "gggggggggggggggggggggggggggggg" {
			t.Errorf("what was never heard is drawn as %s", got)
		}
	})
}

// A short interruption that is replayed in time was no gap at all.
func TestAShortInterruption(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform(replays)
		l := started(t, p, p, nil, StationOptions{})
		l.words(10, "")
		p.down(busy)
		l.until(11)
		p.down(nil)
		l.until(17)
		l.word(11, "")
		l.word(16, "")
		l.draws("LLLLLLLLLLfLLLLL")
		l.is(reaction.FeedLive, "")
	})
}

// What the source no longer has is a gap, and not filled by what comes after it.
func TestAReplayThatBeginsTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform(replays)
		l := started(t, p, p, nil, StationOptions{})
		l.words(5, "")
		p.down(busy)
		l.until(100)
		p.down(nil)
		l.until(200)
		l.word(60, "")
		l.word(200, "")
		if got := l.drawn(200); got[:5] != "LLLLL" || got[5:60] != string(slices.Repeat([]byte("g"), 55)) || got[61:199] != string(slices.Repeat([]byte("f"), 138)) {
			t.Errorf("heard as %s", got)
		}
	})
}

// One part of the source falls silent while another goes on.
func TestADeadCanary(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		traits := replays
		traits.Canaries = map[string]time.Duration{"posts": 8 * time.Second, "reposts": 8 * time.Second}
		p := newPlatform(traits)
		l := started(t, p, p, nil, StationOptions{})
		for i := 1; i <= 5; i++ {
			l.until(float64(i))
			l.word(float64(i)-0.1, "posts")
			l.word(float64(i), "reposts")
		}
		l.words(13, "reposts")
		l.until(14)
		l.is(reaction.FeedBlind, "nothing of posts came for more than 8s")
		n, last := p.dialled()
		if n != 2 || last != "4.9" {
			t.Fatalf("it dialled %d times, the last one after %q: want again from where posts were heard", n, last)
		}
		l.words(20, "reposts")
		l.is(reaction.FeedBlind, "nothing of posts came for more than 8s")
		l.draws("LLLLLLLLLLLLLggggggg"[:19] + "g")
		l.word(5, "posts", "late")
		l.word(20, "posts")
		l.is(reaction.FeedLive, "")
		l.draws("LLLLLLLLLLLLLfffffff")
	})
}

func TestAWatchdogBites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		traits := replays
		traits.Silence, traits.Expect = 5*time.Second, time.Minute
		p := newPlatform(traits)
		l := started(t, p, p, nil, StationOptions{})
		l.words(3, "")
		l.until(8.5)
		if n, _ := p.dialled(); n != 2 {
			t.Errorf("it dialled %d times", n)
		}
		for i := range 40 { // beats keep it quiet, and say nothing of posts
			l.until(9 + float64(i)*2)
			p.say <- Heard{Beat: true}
		}
		if n, _ := p.dialled(); n != 2 {
			t.Errorf("with beats it dialled %d times", n)
		}
		l.until(90)
		l.is(reaction.FeedBlind, "nothing comes")
	})
}

// plain is a source that does not replay: what comes is live, and beats are words.
var plain = Traits{Expect: 40 * time.Second, Silence: 30 * time.Second, Late: 10 * time.Second}

// filler is a platform that can be asked for what was missed.
type filler struct {
	*platform
	answers chan fillAnswer
	asked   chan Gap
}

type fillAnswer struct {
	posts []string
	upto  time.Time
	err   error
}

func (f *filler) Fill(ctx context.Context, gap Gap, emit Emit) (time.Time, error) {
	select {
	case f.asked <- gap:
	case <-ctx.Done():
		return gap.From, ctx.Err()
	}
	a := <-f.answers
	for _, id := range a.posts {
		if err := emit(ctx, Item{Record: reaction.Record{Post: &reaction.Post{Source: reaction.X, ID: id}}}); err != nil {
			return gap.From, err
		}
	}
	return a.upto, a.err
}

func TestAGapThatIsFetchedAfterwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &filler{newPlatform(plain), make(chan fillAnswer), make(chan Gap)}
		l := started(t, f.platform, f, nil, StationOptions{})
		beat := func(upto int) {
			for i := int(time.Since(l.begin)/time.Second) + 1; i <= upto; i++ {
				l.until(float64(i))
				f.say <- Heard{Beat: true, Cursor: Cursor(`"c"`)}
				synctest.Wait()
			}
		}
		beat(5)
		f.down(busy)
		l.until(6)
		f.down(nil)
		l.until(20)
		gap := <-f.asked
		if gap.Reason != "it answers 503" || !gap.From.Equal(l.at(5)) || string(gap.After) != `"c"` {
			t.Fatalf("the gap is %+v", gap)
		}
		f.answers <- fillAnswer{err: &Fault{Kind: Limited, Err: errors.New("too much is asked"), RetryAt: time.Now().Add(30 * time.Second)}}
		end := gap.To.Sub(l.begin).Seconds()
		beat(30)
		if got := l.drawn(30); got[5] != 'g' || got[4] != 'L' || got[29] != 'L' {
			t.Errorf("before it is filled: %s", got)
		}
		// Restarted before that: the gap is in the cursor.
		cursor := l.told().cursor
		if err := l.stop(); err != nil {
			t.Fatal(err)
		}
		f.platform = newPlatform(plain)
		began := time.Now()
		m := started(t, f.platform, f, cursor, StationOptions{})
		last := <-f.asked // the time between the two runs is none: no gap of its own
		if !last.From.Equal(gap.From) || !last.To.Equal(gap.To) || last.Tries != 1 {
			t.Fatalf("after a restart the gap is %+v", last)
		}
		f.answers <- fillAnswer{posts: []string{"missed"}, upto: gap.From.Add(time.Second)}
		again := <-f.asked
		if !again.From.Equal(gap.From.Add(time.Second)) {
			t.Errorf("it goes on with %+v", again)
		}
		f.answers <- fillAnswer{upto: again.To}
		synctest.Wait()
		m.begin = began.Add(-time.Duration(30 * float64(time.Second)))
		if got := m.drawn(int(end)); got[5] != 'f' {
			t.Errorf("filled: %s", got)
		}
		if posts := m.told().posts; !slices.Equal(posts, []string{"missed"}) {
			t.Errorf("posts %v", posts)
		}
	})
}

func TestASourceThatWillNotHaveUs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &credentials{changed: make(chan struct{})}
		p := newPlatform(plain)
		p.refuse = &Fault{Kind: Refused, Err: errors.New("it refuses the token"), Mend: "make a new one"}
		l := started(t, p, p, Cursor(`{"heard":"`+time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)+`"}`), StationOptions{Mended: c.get})
		l.until(3600)
		if n, _ := p.dialled(); n != 1 {
			t.Errorf("it dialled %d times", n)
		}
		l.is(reaction.FeedStopped, "it refuses the token")
		if l.told().mend != "make a new one" {
			t.Error("nobody is told what to do")
		}
		if got := l.drawn(3600); got[0] != 'g' || got[3598] != 'g' {
			t.Error("an hour without it is not told as a gap")
		}
		p.down(nil)
		c.change()
		synctest.Wait()
		if n, _ := p.dialled(); n != 2 {
			t.Errorf("once mended it dialled %d times", n)
		}
		p.say <- Heard{}
		synctest.Wait()
		l.is(reaction.FeedLive, "")
	})
}

// What a fault waits for may come before its time.
func TestAFaultThatIsOverSooner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		again := make(chan struct{})
		p := newPlatform(plain)
		p.refuse = &Fault{Kind: Limited, Err: errors.New("no money"), Again: again}
		l := started(t, p, p, nil, StationOptions{})
		l.until(5)
		if n, _ := p.dialled(); n != 1 {
			t.Errorf("it dialled %d times", n)
		}
		p.down(nil)
		close(again)
		synctest.Wait()
		if n, _ := p.dialled(); n != 2 {
			t.Errorf("once it was over it dialled %d times", n)
		}
	})
}

// A line that is full for long is no silence of the source's.
func TestAFullLineIsNoSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		traits := plain
		traits.Silence = 5 * time.Second
		p := newPlatform(traits)
		full := make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		end := make(chan error, 1)
		n := 0
		go func() {
			end <- NewStation(reaction.X, p, StationOptions{}).Collect(ctx, nil, func(context.Context, ...Item) error {
				if n++; n == 3 {
					<-full
				}
				return nil
			})
		}()
		synctest.Wait()
		p.say <- Heard{}
		p.say <- Heard{}
		<-time.After(time.Minute)
		close(full)
		synctest.Wait()
		if d, _ := p.dialled(); d != 1 {
			t.Errorf("it dialled %d times", d)
		}
		cancel()
		if err := <-end; err != nil {
			t.Error(err)
		}
	})
}

// Errors of the line end the collector and are returned as they are.
func TestALineThatIsTakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over := errors.New("another process has it")
		p := newPlatform(plain)
		end := make(chan error, 1)
		go func() {
			end <- NewStation(reaction.X, p, StationOptions{}).Collect(t.Context(), nil, func(context.Context, ...Item) error { return over })
		}()
		if err := <-end; !errors.Is(err, over) {
			t.Errorf("it ends with %v", err)
		}
	})
}

func TestBackoffIsCountedByKind(t *testing.T) {
	p := newPatience(Backoff{})
	p.random = func() float64 { return 0 }
	now := time.Now()
	for i, want := range []time.Duration{0, 250 * time.Millisecond, 500 * time.Millisecond} {
		if got := p.wait(&Fault{Kind: Network}, now); got != want {
			t.Errorf("network %d: %s, want %s", i, got, want)
		}
	}
	for i, want := range []time.Duration{5, 10, 20, 40, 80, 160, 320, 320} {
		if got := p.wait(&Fault{Kind: Server}, now); got != want*time.Second {
			t.Errorf("server %d: %s, want %ds", i, got, want)
		}
	}
	if got := p.wait(&Fault{Kind: Limited, RetryAt: now.Add(7 * time.Minute)}, now); got != 7*time.Minute {
		t.Errorf("its own word counts as %s", got)
	}
	p.held(time.Second)
	if got := p.wait(&Fault{Kind: Network}, now); got != 750*time.Millisecond {
		t.Errorf("a connection that held for a second: %s", got)
	}
	p.held(2 * time.Minute)
	if got := p.wait(&Fault{Kind: Server}, now); got != 5*time.Second {
		t.Errorf("a connection that held: %s", got)
	}
	for range 200 {
		if got := p.wait(&Fault{Kind: Network}, now); got > 16*time.Second {
			t.Fatalf("%s is more than most", got)
		}
	}
}

func TestSeen(t *testing.T) {
	s := NewSeen(100)
	for i := range 100 {
		if s.Add("did", string(rune('a'+i))) {
			t.Fatalf("%d is known before it came", i)
		}
	}
	for i := range 100 {
		if !s.Add("did", string(rune('a'+i))) {
			t.Fatalf("%d is not known", i)
		}
	}
	if s.Add("di", "da") {
		t.Error("parts run together")
	}
	for i := range 100_000 {
		s.Add(string(rune(i)), "x")
	}
	if n := len(s.now) + len(s.old); n > 200 {
		t.Errorf("%d names are kept", n)
	}
}

// A message that came as its connection was ended is not taken for heard and then left out: it
// comes again on the next one.
func TestAWordOfAConnectionThatIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewStation(reaction.X, newPlatform(replays), StationOptions{})
		var posts int
		s.emit = func(ctx context.Context, items ...Item) error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			posts += len(items) - 1
			return nil
		}
		s.ledger.start(time.Now())
		s.ledger.Source = Cursor(`"1"`)
		over, end := context.WithCancelCause(t.Context())
		end(errSilent)
		h := &Heard{Upto: time.Now(), Cursor: Cursor(`"2"`), Items: []Item{{}}}
		if err := s.hear(t.Context(), over, h); !errors.Is(err, errSilent) || string(s.ledger.Source) != `"1"` || posts != 0 {
			t.Errorf("it comes to %v, goes on after %s with %d posts", err, s.ledger.Source, posts)
		}
		s.traits.Replays = false
		if err := s.hear(t.Context(), over, h); err != nil || posts != 1 {
			t.Errorf("of a source that does not replay: %v, %d posts", err, posts)
		}
	})
}

// slow is a platform that needs longer to fill a gap than it may.
type slow struct{ *platform }

func (slow) Fill(ctx context.Context, gap Gap, emit Emit) (time.Time, error) {
	<-ctx.Done()
	return gap.From, emit(ctx, Item{})
}

// A gap that takes too long to fill is tried again, and ends nothing else.
func TestAGapThatTakesTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		traits := plain
		traits.Silence = 24 * time.Hour
		p := newPlatform(traits)
		ctx, cancel := context.WithCancel(t.Context())
		end := make(chan error, 1)
		go func() {
			after := Cursor(`{"heard":"` + time.Now().Add(-time.Hour).UTC().Format(time.RFC3339) + `"}`)
			end <- NewStation(reaction.X, slow{p}, StationOptions{}).Collect(ctx, after, func(ctx context.Context, _ ...Item) error { return ctx.Err() })
		}()
		<-time.After(2 * fillTimeout)
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

// Where a part of the source was heard last stays what it was while other parts go on.
func TestACanaryKeepsItsOwnCursor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		traits := replays
		traits.Canaries = map[string]time.Duration{"posts": 8 * time.Second}
		s := NewStation(reaction.X, newPlatform(traits), StationOptions{})
		s.emit = func(context.Context, ...Item) error { return nil }
		if err := s.ledger.resume(Cursor(`{"heard":"` + time.Now().UTC().Format(time.RFC3339Nano) + `","source":"10"}`)); err != nil {
			t.Fatal(err)
		}
		if err := s.begin(t.Context(), func(error) {}); err != nil {
			t.Fatal(err)
		}
		if err := s.hear(t.Context(), t.Context(), &Heard{Topic: "reposts", Upto: time.Now(), Cursor: Cursor(`"20"`)}); err != nil {
			t.Fatal(err)
		}
		if got := string(s.canaries["posts"].cursor); got != `"10"` {
			t.Errorf("posts were last heard at %s", got)
		}
	})
}
