-- +goose Up

-- The life of events: one row for each change of status or of the planned times, oldest first by
-- seq. The last row's status is the definition's, which changes in the same transaction.
CREATE TABLE life (
    event_id  integer     NOT NULL,
    seq       integer     NOT NULL, -- from 1, without gaps: what fences two writers
    status    text        NOT NULL,
    at        timestamptz NOT NULL, -- when it became so
    said_by   text        NOT NULL,
    said_at   timestamptz NOT NULL,
    note      text        NOT NULL,
    starts_at timestamptz,          -- the planned times then; NULL: postponed until further notice
    ends_at   timestamptz,          -- NULL also where the event has no planned end
    PRIMARY KEY (event_id, seq)
);

-- Of events that are older than this table it is known how they stand, and since when at the latest.
INSERT INTO life (event_id, seq, status, at, said_by, said_at, note, starts_at, ends_at)
SELECT id, 1, definition->>'status', updated_at, 'unknown', updated_at, '',
    (definition->>'starts_at')::timestamptz, (definition->>'ends_at')::timestamptz
FROM events;
