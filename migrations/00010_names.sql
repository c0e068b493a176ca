-- +goose Up

-- Names that recurred in a sample of an event's posts: candidates for its entities. Open ones are
-- the event's most frequent; those that somebody decided on stay, so that they do not come back.
CREATE TABLE names (
    event_id   integer     NOT NULL,
    name       text        NOT NULL, -- folded
    display    text        NOT NULL,
    kind       text        NOT NULL, -- guessed, or as it was accepted
    posts      bigint      NOT NULL, -- of the sample
    sketch     bytea,                -- of known authors; NULL where none was known
    first_at   timestamptz NOT NULL,
    last_at    timestamptz NOT NULL,
    state      text        NOT NULL, -- open, accepted, refused
    decided_by text        NOT NULL,
    decided_at timestamptz,          -- NULL while open
    PRIMARY KEY (event_id, name)
);
