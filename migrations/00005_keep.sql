-- +goose Up

-- What is kept for how long. last_arrival is when posts of the event came last, to ten minutes; posts
-- from before posts_from are not kept any more (where emptied, none are), and were removed at swept_at.
-- The key of an endless event is that of the month key_month, counted from January 1970; those of
-- later months follow from it, and those of earlier ones are gone.
ALTER TABLE events
    ADD last_arrival timestamptz,
    ADD posts_from   timestamptz,
    ADD emptied      boolean NOT NULL DEFAULT false,
    ADD swept_at     timestamptz,
    ADD key_month    integer NOT NULL DEFAULT 0;
UPDATE events SET last_arrival = now();

-- Posts known to be gone at their source, by a digest of source and id: most of them were never ours,
-- and their ids name their authors. event_id is the event whose replay said so, 0 where a live source
-- said it of every event. met says that the post was stored here, so that the mark is kept for long.
CREATE TABLE gone_posts (
    digest     bytea       NOT NULL, -- SHA-256 of source, a zero byte and id, cut to 128 bits
    event_id   integer     NOT NULL,
    deleted_at timestamptz NOT NULL,
    heard_at   timestamptz NOT NULL,
    met        boolean     NOT NULL,
    PRIMARY KEY (digest, event_id)
);
INSERT INTO gone_posts (digest, event_id, deleted_at, heard_at, met)
SELECT substr(sha256(convert_to(source, 'UTF8') || '\x00'::bytea || convert_to(id, 'UTF8')), 1, 16), event_id, deleted_at, now(), true
FROM tombstones;
DROP TABLE tombstones;
CREATE INDEX gone_posts_heard ON gone_posts (heard_at) WHERE event_id = 0 AND NOT met;

ALTER TABLE gone_authors ADD heard_at timestamptz NOT NULL DEFAULT now();

-- Where the posts that live feeds brought are: what a live source says is gone is looked for here,
-- and not in the partitions of every event. digest is the first 64 bits of the digest above: two posts
-- may share one, which costs a look-up in vain. What recordings brought is not here; their events
-- are few, and loading an archive shall not pay for it.
CREATE TABLE places (
    digest   bigint  NOT NULL,
    event_id integer NOT NULL,
    day      date    NOT NULL, -- of the post
    PRIMARY KEY (digest, event_id)
);
INSERT INTO places (digest, event_id, day)
SELECT ('x' || encode(substr(sha256(convert_to(source, 'UTF8') || '\x00'::bytea || convert_to(id, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint,
    event_id, (at AT TIME ZONE 'UTC')::date
FROM posts ON CONFLICT DO NOTHING;

-- Posts of sources that do not tell what is deleted: when each was last seen to be there still.
CREATE TABLE rechecks (
    source     text        NOT NULL,
    id         text        NOT NULL,
    event_id   integer     NOT NULL,
    day        date        NOT NULL, -- of the post
    checked_at timestamptz NOT NULL, -- at first, when it was stored
    PRIMARY KEY (source, id, event_id)
);
CREATE INDEX rechecks_due ON rechecks (source, checked_at, id);

-- Events that come with the program and were made, or decided against, once and for all.
CREATE TABLE ready_made (
    slug    text PRIMARY KEY,
    made_at timestamptz NOT NULL
);
