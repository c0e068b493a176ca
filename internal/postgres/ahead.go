package postgres

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
)

const (
	sqlAheadAdd = `INSERT INTO feed_ahead (epoch, feed, seq, prev, clock, cursor, done, events, coverage, state, made, restart)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
	sqlAheadList = `SELECT seq, prev, clock, cursor, done, events, coverage, state, made, restart FROM feed_ahead
		WHERE epoch = $1 AND feed = $2 ORDER BY seq`
	sqlAheadDrop = `DELETE FROM feed_ahead WHERE epoch = $1 AND feed = $2 AND seq <= $3`
)

// telltale is what an envelope tells of its feed itself. It counts in the order of the feed: a word
// about coverage may take back an earlier one, so whoever commits first must not have the last word.
type telltale struct {
	seq, prev uint64
	clock     time.Time
	cursor    json.RawMessage
	done      bool
	events    []int64 // that its coverage and state are about
	coverage  []reaction.Coverage
	state     *reaction.FeedState
	made      time.Time
	restart   bool
}

func telltaleOf(c *Commit) telltale {
	e := c.Envelope
	return telltale{c.Seq, c.Prev, e.Clock, e.Cursor, e.Done, e.Concerns(), e.Coverage, e.State, e.Made, e.Restart}
}

// inTurn takes what this envelope tells of its feed, and what those tell that were committed ahead
// of it and whose turn it is now.
func (a *appending) inTurn(ctx context.Context, tx pgx.Tx) error {
	a.told = []telltale{telltaleOf(&a.commit)}
	found, err := tx.Query(ctx, sqlAheadList, a.commit.Epoch, a.env.Feed)
	if err != nil {
		return err
	}
	waiting, err := pgx.CollectRows(found, scanTelltale)
	if err != nil {
		return err
	}
	last := a.commit.Seq
	for _, t := range waiting {
		if t.prev > last {
			break
		}
		a.told, last = append(a.told, t), t.seq
	}
	return nil
}

func scanTelltale(row pgx.CollectableRow) (t telltale, err error) {
	var clock, made *time.Time
	var coverage, state []byte
	if err := row.Scan(&t.seq, &t.prev, &clock, &t.cursor, &t.done, &t.events, &coverage, &state, &made, &t.restart); err != nil {
		return t, err
	}
	t.clock, t.made = utc(clock), utc(made)
	if len(coverage) > 0 {
		if err := json.Unmarshal(coverage, &t.coverage); err != nil {
			return t, err
		}
	}
	if len(state) > 0 {
		err = json.Unmarshal(state, &t.state)
	}
	return t, err
}

// advanceFeed moves the feed's contiguous committed sequence, and with it clock and cursor, over
// this envelope and those that were committed ahead of it; an envelope that is itself ahead is
// noted and moves nothing.
func (a *appending) advanceFeed(ctx context.Context, tx pgx.Tx) error {
	c := &a.commit
	if len(a.told) == 0 {
		if err := a.noteAhead(ctx, tx); err != nil {
			return err
		}
		return a.moveFeed(ctx, tx)
	}
	for i := range a.told {
		a.feed.take(&a.told[i])
	}
	if len(a.told) > 1 {
		if _, err := tx.Exec(ctx, sqlAheadDrop, c.Epoch, a.env.Feed, a.feed.seq); err != nil {
			return err
		}
	}
	return a.moveFeed(ctx, tx)
}

func (a *appending) noteAhead(ctx context.Context, tx pgx.Tx) error {
	t := telltaleOf(&a.commit)
	var clock *time.Time
	if !t.clock.IsZero() {
		clock = &t.clock
	}
	var coverage, state []byte
	var err error
	if len(t.coverage) > 0 {
		if coverage, err = json.Marshal(t.coverage); err != nil {
			return err
		}
	}
	if t.state != nil {
		if state, err = json.Marshal(t.state); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, sqlAheadAdd, a.commit.Epoch, a.env.Feed, t.seq, t.prev, clock, t.cursor, t.done, t.events, coverage, state, t.made, t.restart)
	return err
}

func (f *feedState) take(t *telltale) {
	f.seq, f.done = t.seq, t.done
	if t.restart {
		f.clock = time.Time{}
	}
	if t.clock.After(f.clock) {
		f.clock = t.clock
	}
	if len(t.cursor) > 0 {
		f.cursor = t.cursor
	}
}
