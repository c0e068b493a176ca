-- +goose Up

-- What sources that cost money have taken, in millionths of a US dollar. Money is added here before
-- it is spent and what was not spent is given back afterwards, so that what a dead process held stays
-- spent. A row is locked while its limit is looked at: no two can take the same money.
CREATE TABLE spend_events (
    event_id integer NOT NULL,
    source   text    NOT NULL,
    micros   bigint  NOT NULL DEFAULT 0 CHECK (micros >= 0), -- in all the event's life
    PRIMARY KEY (event_id, source)
);
CREATE TABLE spend_months (
    source text   NOT NULL,
    month  date   NOT NULL, -- its first day, UTC
    micros bigint NOT NULL DEFAULT 0 CHECK (micros >= 0),
    PRIMARY KEY (source, month)
);

-- What is set aside and not settled.
CREATE TABLE spend_holds (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id integer     NOT NULL, -- 0: no event's
    source   text        NOT NULL,
    month    date        NOT NULL,
    micros   bigint      NOT NULL CHECK (micros >= 0),
    made_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX spend_holds_event ON spend_holds (event_id, source);

-- How many posts a source says there were of what an event's terms ask for. Counts of a minute are a
-- series of their own; wider ones, from before the event was listened to, are what a forecast is made
-- of. A source revises its counts: the last word stands.
CREATE TABLE platform_counts (
    event_id integer     NOT NULL,
    source   text        NOT NULL,
    from_at  timestamptz NOT NULL,
    to_at    timestamptz NOT NULL,
    posts    bigint      NOT NULL CHECK (posts >= 0),
    PRIMARY KEY (event_id, source, from_at, to_at),
    CHECK (from_at < to_at)
);
