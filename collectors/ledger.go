package collectors

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"outcry/internal/reaction"
)

// position is the cursor of a Station: the source's own, how far it was heard, and what is missing
// and may yet be had.
type position struct {
	Heard  time.Time `json:"heard,omitzero"`
	Source Cursor    `json:"source,omitempty"`
	Gaps   []Gap     `json:"gaps,omitempty"`
}

// ledger keeps what is known of how well a source was heard, and says it as coverage. heard is the
// frontier: all before it was heard, or is told as missing. Where nothing comes, time is told as a
// gap from there on, and told runs ahead of heard; what is heard of that time later is filled.
//
// Its methods return what is to be told. It is pure: time is passed in.
type ledger struct {
	source reaction.Source
	traits Traits
	position
	told  time.Time // up to here something was said
	word  time.Time // wall clock of the last word
	begun time.Time // when the connection was made, of a source that replays
	fresh bool      // the connection has not said a word yet
	deaf  string    // why what comes is not all: a canary is dead
	cause string    // why time that was told as not heard was not
	fair  bool      // whose turn it is next: see turn
}

// resume goes on from a cursor of a Station.
func (l *ledger) resume(after Cursor) error {
	if len(after) == 0 {
		return nil
	}
	if err := json.Unmarshal(after, &l.position); err != nil {
		return err
	}
	l.told = l.Heard
	return nil
}

func (l *ledger) cursor() Cursor {
	b, err := json.Marshal(&l.position)
	if err != nil { // a source's cursor that is no JSON
		return nil
	}
	return b
}

func (l *ledger) span(from, to time.Time, s reaction.CoverageState, reason string) []reaction.Coverage {
	if !from.Before(to) {
		return nil
	}
	return []reaction.Coverage{{Source: l.source, From: from.UTC(), To: to.UTC(), State: s, Reason: reason}}
}

// start begins to listen, where nothing was ever heard: what is not heard from here on is missed,
// also before there is a first connection.
func (l *ledger) start(now time.Time) {
	if l.Heard.IsZero() {
		l.Heard, l.told, l.word = now, now, now
	}
}

// connected begins a connection. What a source that does not replay said since it was last heard
// is missing, and may be filled.
func (l *ledger) connected(now time.Time, reason string, state reaction.CoverageState) []reaction.Coverage {
	l.fresh, l.word = true, now
	if l.traits.Replays { // its first word tells from when on it is heard
		l.begun = now
		return nil
	}
	return l.miss(now, cmp.Or(reason, "not connected"), state)
}

// miss moves the frontier to a time and says that what lies before it was not heard.
func (l *ledger) miss(to time.Time, reason string, state reaction.CoverageState) []reaction.Coverage {
	if !to.After(l.Heard) {
		return nil
	}
	if state == reaction.CoverageCapped && !l.traits.Replays {
		return l.leave(to, reason)
	}
	state = cmp.Or(state, reaction.CoverageGap)
	out := l.span(l.told, to, state, reason)
	if state == reaction.CoverageGap {
		l.owe(Gap{From: l.Heard, To: to, Reason: reason, After: slices.Clone(l.Source)})
	}
	l.Heard, l.told = to, latest(l.told, to)
	return out
}

// leave moves the frontier to a time since when somebody chose not to listen. Nothing of that is
// fetched afterwards, whatever comes to it next; what was told as missed before it may be.
func (l *ledger) leave(to time.Time, reason string) []reaction.Coverage {
	if l.told.After(l.Heard) {
		l.owe(Gap{From: l.Heard, To: earliest(l.told, to), Reason: l.cause, After: slices.Clone(l.Source)})
	}
	out := l.span(latest(l.Heard, l.told), to, reaction.CoverageCapped, reason)
	l.Heard, l.told = to, latest(l.told, to)
	return out
}

// hear takes a word of the source: everything before upto was heard.
func (l *ledger) hear(upto time.Time, cursor Cursor, now time.Time) (out []reaction.Coverage) {
	if upto.IsZero() || upto.After(now) { // a source whose clock is ahead does not move ours
		upto = now
	}
	if l.fresh && l.traits.Replays && len(l.Source) == 0 { // there was no cursor to go on from
		out = l.miss(earliest(l.begun, upto), "not connected yet", "")
		l.Gaps = nil
	}
	if len(cursor) > 0 {
		l.Source = append(l.Source[:0], cursor...)
	}
	if jump := l.traits.Jump; l.fresh && l.traits.Replays && jump > 0 && upto.Sub(l.Heard) > jump {
		out = append(out, l.miss(upto, "the source no longer had what was said meanwhile", "")...)
		l.Gaps = nil // it replays by itself: nobody can fetch this
	}
	l.fresh, l.word = false, now
	if !upto.After(l.Heard) {
		return out
	}
	state := reaction.CoverageLive
	if now.Sub(upto) > l.traits.Late {
		state = reaction.CoverageFilled
	}
	out = append(out, l.span(l.Heard, earliest(l.told, upto), reaction.CoverageFilled, "")...)
	out = append(out, l.span(latest(l.Heard, l.told), upto, state, "")...)
	l.Heard, l.told = upto, latest(l.told, upto)
	return out
}

// pass lets time go by: where the frontier is older than may be, the time until now is told as not
// heard, or as heard late where words come. reason says why nothing comes.
func (l *ledger) pass(now time.Time, connected bool, reason string, state reaction.CoverageState) []reaction.Coverage {
	if state == reaction.CoverageCapped && !l.traits.Replays && !l.Heard.IsZero() && now.After(l.Heard) {
		return l.leave(now, reason)
	}
	if l.Heard.IsZero() || now.Sub(l.Heard) <= l.traits.Expect || !now.After(l.told) {
		return nil
	}
	said := cmp.Or(state, reaction.CoverageGap)
	if connected && l.deaf == "" && now.Sub(l.word) <= l.traits.Expect {
		said, reason = reaction.CoverageLate, "behind the present"
	}
	out := l.span(l.told, now, said, reason)
	l.told, l.cause = now, reason
	return out
}

// state is how the feed is.
func (l *ledger) state(now time.Time, connected bool) reaction.ListeningState {
	behind, silent := now.Sub(l.Heard), now.Sub(l.word)
	switch {
	case l.deaf != "":
		return reaction.FeedBlind
	case behind > l.traits.Expect && (!connected || silent > l.traits.Expect):
		return reaction.FeedBlind
	case !connected:
		return reaction.FeedConnecting
	case behind > max(l.traits.Late, l.traits.Expect):
		return reaction.FeedLate
	}
	return reaction.FeedLive
}

// mute takes back what was heard since a part of the source was heard last: all of it must come
// again, or count as missed.
func (l *ledger) mute(reason string, heard time.Time, cursor Cursor) []reaction.Coverage {
	l.deaf = reason
	if !heard.Before(l.Heard) {
		return nil
	}
	l.Heard, l.Source = heard, slices.Clone(cursor)
	return l.span(heard, l.told, reaction.CoverageGap, reason)
}

// unmute is told that the part of the source that was silent has spoken.
func (l *ledger) unmute() { l.deaf, l.fresh = "", true }

// clock is the feed's event time: nothing older is expected. While it is blind time goes on without
// it, so that it holds nobody back; what is fetched afterwards is late.
func (l *ledger) clock() time.Time { return latest(l.Heard, l.told) }

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
