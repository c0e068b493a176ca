-- +goose Up

-- Who wrote what a repost passes on, as author is hashed; NULL where the source does not tell, and of
-- reposts that are older than this column. A repost's words are that person's, and go with them.
ALTER TABLE posts ADD passed bytea;

-- Every partition that holds rows finds its reposts by the post and by the person they pass on. Those
-- that are made from now on are made with these indexes.
-- +goose StatementBegin
DO $$
DECLARE leaf regclass;
BEGIN
    FOR leaf IN SELECT relid FROM pg_partition_tree('posts') t JOIN pg_class c ON c.oid = t.relid WHERE c.relkind = 'r' LOOP
        EXECUTE format('CREATE INDEX ON %s (source, repeats) WHERE kind = 3', leaf);
        EXECUTE format('CREATE INDEX ON %s (source, passed) WHERE passed IS NOT NULL', leaf);
    END LOOP;
END $$;
-- +goose StatementEnd

-- Places lead from now on also from a post to the events that hold reposts of it, and from the hash of
-- a person in an event, its first 64 bits, to that event: to partitions that are worth a look. Such a
-- hash is of the event's own key and names nobody without it. day is that of the latest post.
INSERT INTO places (digest, event_id, day)
SELECT digest, event_id, max((at AT TIME ZONE 'UTC')::date) FROM (
    SELECT ('x' || encode(substr(sha256(convert_to(source, 'UTF8') || '\x00'::bytea || convert_to(repeats, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint, event_id, at
    FROM posts WHERE kind = 3 AND repeats IS NOT NULL
    UNION ALL
    SELECT ('x' || encode(substr(author, 1, 8), 'hex'))::bit(64)::bigint, event_id, at FROM posts WHERE author IS NOT NULL
) p (digest, event_id, at) GROUP BY digest, event_id
ON CONFLICT (digest, event_id) DO UPDATE SET day = GREATEST(places.day, EXCLUDED.day);

-- The words of reposts whose original is known to be gone go now; figures stay as they were told.
UPDATE posts r SET body = NULL, url = NULL, tags = NULL
FROM gone_posts g
WHERE r.kind = 3 AND r.repeats IS NOT NULL AND r.deleted_at IS NULL AND (g.event_id = 0 OR g.event_id = r.event_id)
    AND g.digest = substr(sha256(convert_to(r.source, 'UTF8') || '\x00'::bytea || convert_to(r.repeats, 'UTF8')), 1, 16);

-- A pass of a replay that begins anew begins its clock anew, in its turn.
ALTER TABLE feed_ahead ADD restart boolean NOT NULL DEFAULT false;
