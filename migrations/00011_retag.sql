-- +goose Up

-- What the figures of a post depend on and nothing else of it tells, so that they can be made again from
-- stored posts. NULL in posts that are older than these columns.
ALTER TABLE posts
    ADD late     boolean, -- it came after its bucket had closed
    ADD recorded boolean, -- a recording brought it: it was tagged with nothing but its own event in mind
    ADD claimed  text,    -- the language that its platform told, '' where it told none
    ADD once     text[];  -- what earlier versions of an edited post were counted under: 'en complaints', '#tag'

-- Events whose posts were tagged again, or are being. Progress moves in the transactions that change
-- posts and figures; turn counts them, and fences two nodes that go on with the same one.
CREATE TABLE retags (
    event_id integer     NOT NULL,
    number   integer     NOT NULL, -- of the event, from 1
    tagger   integer     NOT NULL, -- version of the tagger
    begun_at timestamptz NOT NULL,
    done_at  timestamptz,
    stage    text        NOT NULL, -- posts, people, tags, done
    turn     bigint      NOT NULL DEFAULT 0,
    total    bigint      NOT NULL, -- posts at the beginning, without deleted ones
    posts    bigint      NOT NULL DEFAULT 0, -- looked at so far
    changed  bigint      NOT NULL DEFAULT 0, -- of these, got other labels
    failed   bigint      NOT NULL DEFAULT 0, -- kept as they were, since the tagger failed at them
    deleted  bigint      NOT NULL DEFAULT 0, -- kept as they were, since their words are gone
    at       timestamptz,          -- where the stage stands
    source   text        NOT NULL DEFAULT '',
    id       text        NOT NULL DEFAULT '',
    PRIMARY KEY (event_id, number)
);
CREATE UNIQUE INDEX retags_open ON retags (event_id) WHERE done_at IS NULL;

-- Hashtags that posts gained or lost in a retag, whose rows are still to be made again.
CREATE TABLE retag_tags (
    event_id integer NOT NULL,
    tag      text    NOT NULL,
    PRIMARY KEY (event_id, tag)
);
