-- +goose Up

-- Who may sign in. A password is argon2id in the PHC string format; NULL where there is none yet.
CREATE TABLE people (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text        NOT NULL UNIQUE,
    role       text        NOT NULL,
    password   text,
    disabled   boolean     NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    last_seen  timestamptz
);

-- Sessions, one-time links and keys are kept as HMACs of their tokens, under a secret that is not
-- in the database.
CREATE TABLE sessions (
    mac       bytea PRIMARY KEY,
    person_id bigint      NOT NULL REFERENCES people ON DELETE CASCADE,
    by_link   boolean     NOT NULL,
    began_at  timestamptz NOT NULL,
    expires   timestamptz NOT NULL,
    used_at   timestamptz NOT NULL
);
CREATE INDEX sessions_person ON sessions (person_id);

CREATE TABLE links (
    person_id bigint PRIMARY KEY REFERENCES people ON DELETE CASCADE,
    mac       bytea       NOT NULL UNIQUE,
    expires   timestamptz NOT NULL
);

CREATE TABLE api_keys (
    id         text PRIMARY KEY,
    mac        bytea       NOT NULL,
    name       text        NOT NULL,
    scopes     text[]      NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text        NOT NULL,
    expires    timestamptz,
    used_at    timestamptz,
    revoked_at timestamptz
);

-- By what the nodes of one database see that they have the same secret.
CREATE TABLE secret_check (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    value  bytea NOT NULL
);

-- Who did what. Only ever appended to.
CREATE TABLE audit (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL,
    actor      text        NOT NULL,
    action     text        NOT NULL,
    target     text        NOT NULL,
    outcome    text        NOT NULL,
    reason     text        NOT NULL,
    address    text        NOT NULL,
    request_id text        NOT NULL
);
