-- +goose Up

-- What an envelope tells of its feed counts in the order of the feed: of one that was committed ahead
-- it waits here, with clock and cursor. events are those that its coverage is about.
ALTER TABLE feed_ahead
    ADD COLUMN events   integer[],
    ADD COLUMN coverage jsonb,
    ADD COLUMN state    jsonb,
    ADD COLUMN made     timestamptz;

-- own: said of this event in particular, which what is said of all events does not change.
ALTER TABLE coverage ADD COLUMN own boolean NOT NULL DEFAULT false;
CREATE INDEX coverage_recent ON coverage (event_id, to_at);

-- How each live feed is, as its collector told last.
CREATE TABLE feed_states (
    feed      text PRIMARY KEY,
    source    text        NOT NULL,
    state     text        NOT NULL, -- reaction.ListeningState
    since     timestamptz NOT NULL, -- wall clock
    last_word timestamptz,          -- of the source; NULL where it never said any
    reason    text        NOT NULL,
    mend      text        NOT NULL,
    host      text        NOT NULL,
    told_at   timestamptz NOT NULL, -- when the envelope was made that told it
    turn      bigint      NOT NULL  -- of feed_turns, the last
);
CREATE INDEX feeds_feed ON feeds (feed);

-- Every change of a feed's state, the newest thousand of each feed: turn counts from 1 without gaps.
CREATE TABLE feed_turns (
    feed      text        NOT NULL,
    turn      bigint      NOT NULL,
    source    text        NOT NULL,
    state     text        NOT NULL,
    since     timestamptz NOT NULL,
    last_word timestamptz,
    reason    text        NOT NULL,
    mend      text        NOT NULL,
    host      text        NOT NULL,
    PRIMARY KEY (feed, turn)
);
CREATE INDEX feed_turns_since ON feed_turns (since);
