-- +goose Up

-- Live events. The definition is the event's file as JSON; author_key makes author hashes and is
-- set to NULL when the event's retention ends, after which nobody can make them again.
CREATE TABLE events (
    id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug       text        NOT NULL UNIQUE,
    definition jsonb       NOT NULL,
    revision   bigint      NOT NULL DEFAULT 1,
    daily      boolean     NOT NULL, -- an endless event: its posts are partitioned by day
    author_key bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- Posts: one row an event, source and id. Each event has a partition posts_<id>, with a unique
-- index on (source, id); that of an endless event is partitioned again by the day of the post.
CREATE TABLE posts (
    event_id     integer     NOT NULL,
    source       text        NOT NULL,
    id           text        NOT NULL,
    at           timestamptz NOT NULL,
    received_at  timestamptz,              -- NULL where a recording does not tell
    retimed      boolean     NOT NULL,     -- the claimed time was not believed
    kind         smallint    NOT NULL,     -- reaction.Kind
    author       bytea,                    -- keyed hash; NULL where unknown
    lang         text        NOT NULL,     -- as tagged
    body         text,                     -- NULL once deleted at the source
    url          text,
    repeats      text,                     -- the post that a repost or quote passes on
    tagger       integer     NOT NULL,     -- version of the tagger
    complaint    real        NOT NULL,     -- 0 to 1
    sentiment    real        NOT NULL,     -- -1 to 1
    labels       text[]      NOT NULL,     -- what it is counted under, besides posts
    hashtags     text[]      NOT NULL,     -- folded
    blamed       text,                     -- the service a complaint is about
    fingerprint  bigint      NOT NULL,     -- near-equal for near-copies; 0: none
    tags         jsonb,                    -- what else the tagger said, with its reasons
    deleted_at   timestamptz,
    edited_at    timestamptz
) PARTITION BY LIST (event_id);

-- Counts a bucket of ten seconds. label is reaction.Labels' form, so that new kinds of label need
-- no new column. late is the part of gross that came after the bucket had closed.
CREATE TABLE rollups (
    event_id integer     NOT NULL,
    label    text        NOT NULL,
    bucket   timestamptz NOT NULL,
    source   text        NOT NULL,
    lang     text        NOT NULL,
    gross    integer     NOT NULL,
    net      integer     NOT NULL,
    late     integer     NOT NULL,
    PRIMARY KEY (event_id, label, bucket, source, lang)
) WITH (fillfactor = 80);

-- Distinct authors a minute, as seen: sketches cannot forget.
CREATE TABLE crowds (
    event_id integer     NOT NULL,
    label    text        NOT NULL,
    minute   timestamptz NOT NULL,
    source   text        NOT NULL,
    sketch   bytea,                    -- NULL where no author was known
    unknown  integer     NOT NULL,     -- posts whose author was not known
    PRIMARY KEY (event_id, label, minute, source)
);

CREATE TABLE tag_counts (
    event_id integer     NOT NULL,
    tag      text        NOT NULL,
    bucket   timestamptz NOT NULL,
    source   text        NOT NULL,
    gross    integer     NOT NULL,
    net      integer     NOT NULL,
    PRIMARY KEY (event_id, tag, bucket, source)
) WITH (fillfactor = 80);

CREATE TABLE tags (
    event_id     integer     NOT NULL,
    tag          text        NOT NULL,
    display      text        NOT NULL, -- as the first post wrote it
    first_at     timestamptz NOT NULL,
    first_source text        NOT NULL,
    first_id     text        NOT NULL,
    sketch       bytea,
    unknown      integer     NOT NULL,
    PRIMARY KEY (event_id, tag)
);

-- How well each source was listened to.
CREATE TABLE coverage (
    event_id integer     NOT NULL,
    source   text        NOT NULL,
    feed     text        NOT NULL,
    from_at  timestamptz NOT NULL,
    to_at    timestamptz NOT NULL,
    state    text        NOT NULL,
    reason   text        NOT NULL,
    PRIMARY KEY (event_id, source, feed, state, from_at),
    CHECK (from_at < to_at)
);

-- Posts and authors known to be gone at their source: they win over posts that come later.
-- event_id is the event whose replay said so, 0 where a live source said it of every event.
CREATE TABLE tombstones (
    event_id   integer     NOT NULL,
    source     text        NOT NULL,
    id         text        NOT NULL,
    deleted_at timestamptz NOT NULL,
    PRIMARY KEY (source, id, event_id)
);
CREATE TABLE gone_authors (
    event_id   integer     NOT NULL, -- of the author's hash
    source     text        NOT NULL,
    author     bytea       NOT NULL,
    deleted_at timestamptz NOT NULL,
    PRIMARY KEY (event_id, source, author)
);

-- Health samples. event_id is 0 for the real service, which all events that name it share, and
-- the event's own id for what a replay or a drill brought.
CREATE TABLE samples (
    event_id   integer          NOT NULL,
    service    text             NOT NULL,
    at         timestamptz      NOT NULL,
    vantage    text             NOT NULL,
    state      smallint         NOT NULL, -- health.State
    latency_ms double precision,
    audience   bigint,
    detail     text             NOT NULL,
    PRIMARY KEY (event_id, service, at, vantage)
);

-- Feeds: the contiguous committed sequence of each, its clock and cursor there, and what it has
-- brought. epoch names one life of the log: sequences of another life mean nothing.
CREATE TABLE feeds (
    epoch        text        NOT NULL,
    feed         text        NOT NULL,
    event_id     integer,               -- a replay's event
    last_seq     bigint      NOT NULL DEFAULT 0,
    clock        timestamptz,
    cursor       jsonb,
    done         boolean     NOT NULL DEFAULT false,
    committed_at timestamptz,
    stored       bigint      NOT NULL DEFAULT 0,
    duplicates   bigint      NOT NULL DEFAULT 0,
    unmatched    bigint      NOT NULL DEFAULT 0,
    edits        bigint      NOT NULL DEFAULT 0,
    deletes      bigint      NOT NULL DEFAULT 0,
    samples      bigint      NOT NULL DEFAULT 0,
    PRIMARY KEY (epoch, feed)
);
CREATE INDEX feeds_event ON feeds (event_id);

-- Which events a feed has listened for.
CREATE TABLE feed_events (
    epoch    text    NOT NULL,
    feed     text    NOT NULL,
    event_id integer NOT NULL,
    PRIMARY KEY (event_id, epoch, feed)
);

-- Envelopes committed before an earlier one of their feed.
CREATE TABLE feed_ahead (
    epoch  text        NOT NULL,
    feed   text        NOT NULL,
    seq    bigint      NOT NULL,
    prev   bigint      NOT NULL,
    clock  timestamptz,
    cursor jsonb,
    done   boolean     NOT NULL,
    PRIMARY KEY (epoch, feed, seq)
);

-- Posts that belong to no event, by minute; the hashtags they used, by hour, without authors; and
-- what was refused, by reason. A replay that begins anew forgets its own earlier counts.
CREATE TABLE unmatched (
    feed   text        NOT NULL,
    source text        NOT NULL,
    minute timestamptz NOT NULL,
    posts  integer     NOT NULL,
    PRIMARY KEY (feed, minute, source)
);
CREATE TABLE baseline (
    tag    text        NOT NULL,
    hour   timestamptz NOT NULL,
    source text        NOT NULL,
    feed   text        NOT NULL,
    uses   integer     NOT NULL,
    PRIMARY KEY (tag, hour, source, feed)
);
CREATE INDEX baseline_feed ON baseline (feed);
CREATE TABLE rejected (
    feed   text   NOT NULL,
    source text   NOT NULL,
    reason text   NOT NULL,
    posts  bigint NOT NULL,
    PRIMARY KEY (feed, source, reason)
);

-- The identity of this database. The log keeps what is on its way to one database apart from what
-- is on its way to another.
CREATE TABLE line (
    id text NOT NULL
);
INSERT INTO line (id) VALUES (replace(gen_random_uuid()::text, '-', ''));
