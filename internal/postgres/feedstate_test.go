package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"outcry/internal/postgres"
	"outcry/internal/reaction"
)

func feedState(state reaction.ListeningState, minute int, reason string) *reaction.FeedState {
	at := t0.Add(time.Duration(minute) * time.Minute)
	return &reaction.FeedState{Source: reaction.X, State: state, Since: at, LastWord: at, Reason: reason, Host: "api.x.com"}
}

func turnsOf(t *testing.T, s *postgres.Store, q reaction.FeedTurnQuery) (out []string) {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	turns, err := s.FeedTurns(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range turns {
		out = append(out, fmt.Sprintf("%s %d %s %s %s", x.Feed, x.Turn, x.State, x.Since.Format("15:04"), x.Reason))
	}
	return out
}

func TestStatesOfFeedsAreKeptWithTheirHistory(t *testing.T) {
	s, _ := open(t)
	e := newEvent(t, s, "e")
	ch := newChain("live/x/0")
	say := func(st *reaction.FeedState) []reaction.Change {
		return appendAll(t, s, ch.commit(reaction.Envelope{Listening: []int64{e.ID}, State: st, Made: t0, Clock: t0})).Changes
	}
	say(feedState(reaction.FeedLive, 0, ""))
	if c := say(feedState(reaction.FeedLive, 1, "")); len(c) != 0 {
		t.Errorf("a state that is as it was is announced: %v", tell(c))
	}
	if c := say(feedState(reaction.FeedBlind, 2, "no answer")); len(c) != 1 || c[0].Event != e.ID || !c[0].Kinds.Has(reaction.ChangedCoverage) || len(c[0].Spans) != 0 {
		t.Errorf("a feed that became blind is announced as %v", tell(c))
	}
	if c := say(feedState(reaction.FeedBlind, 4, "HTTP 503")); len(c) != 1 {
		t.Errorf("another reason is announced as %v", tell(c))
	}
	say(nil)
	third := ch.commit(reaction.Envelope{Listening: []int64{e.ID}, State: feedState(reaction.FeedLive, 5, ""), Made: t0.Add(5 * time.Minute)})
	fourth := ch.commit(reaction.Envelope{Listening: []int64{e.ID}, State: feedState(reaction.FeedLate, 6, "behind"), Made: t0.Add(6 * time.Minute)})
	appendAll(t, s, fourth)
	reports, err := s.FeedReports(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(reports) != 1 || reports[0].State != reaction.FeedBlind || reports[0].Reason != "HTTP 503" || !reports[0].Since.Equal(t0.Add(2*time.Minute)) {
		t.Errorf("with one still to come: %+v", reports)
	}
	appendAll(t, s, third)
	want(t, "turns", turnsOf(t, s, reaction.FeedTurnQuery{}),
		[]string{"live/x/0 4 late 18:06 behind", "live/x/0 3 live 18:05 ", "live/x/0 2 blind 18:02 no answer", "live/x/0 1 live 18:00 "})
	want(t, "of another source", turnsOf(t, s, reaction.FeedTurnQuery{Source: reaction.Bluesky}), []string(nil))
	want(t, "in a window", turnsOf(t, s, reaction.FeedTurnQuery{Feed: "live/x/0", From: t0.Add(2 * time.Minute), To: t0.Add(6 * time.Minute), Limit: 1}),
		[]string{"live/x/0 3 live 18:05 "})
	if reports, err = s.FeedReports(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := reports[0]
	if r.Feed != "live/x/0" || r.Source != reaction.X || r.State != reaction.FeedLate || r.Host != "api.x.com" || !r.LastWord.Equal(t0.Add(6*time.Minute)) ||
		!r.ToldAt.Equal(t0.Add(6*time.Minute)) || r.Committed.IsZero() || !r.Clock.Equal(t0) || r.Done {
		t.Errorf("%+v", r)
	}

	// Another life of the log goes on with the same feed; a word that is not told does not unsay one.
	next := newChain("live/x/0").commit(reaction.Envelope{State: &reaction.FeedState{Source: reaction.X, State: reaction.FeedConnecting}, Made: t0.Add(time.Hour)})
	next.Epoch = "e2"
	appendAll(t, s, next)
	if reports, err = s.FeedReports(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(reports) != 1 || reports[0].State != reaction.FeedConnecting || !reports[0].Since.Equal(t0.Add(time.Hour)) || reports[0].LastWord.IsZero() {
		t.Errorf("in another life of the log: %+v", reports)
	}
}

func TestOldTurnsGo(t *testing.T) {
	s, url := open(t)
	c := connect(t, url)
	ch := newChain("live/x/0")
	appendAll(t, s, ch.commit(reaction.Envelope{State: feedState(reaction.FeedLive, 0, "")}))
	if _, err := c.Exec(t.Context(), `INSERT INTO feed_turns SELECT feed, n, source, state, since, last_word, reason, mend, host
		FROM feed_turns, generate_series(2, 1000) n; UPDATE feed_states SET turn = 1000`); err != nil {
		t.Fatal(err)
	}
	appendAll(t, s, ch.commit(reaction.Envelope{State: feedState(reaction.FeedBlind, 1, "")}))
	want(t, "kept", count(t, url, `SELECT count(*) FROM feed_turns`), 1000)
	want(t, "from", count(t, url, `SELECT min(turn) FROM feed_turns`), 2)
}
