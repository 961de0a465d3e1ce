-- +goose Up

-- Where a browser is that signed in, so that its person knows it again, and its session at
-- the identity provider, which ends it too. Older nodes know none of them.
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN browser TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN remote TEXT NOT NULL DEFAULT '';
CREATE INDEX sessions_remote ON sessions(remote) WHERE remote <> '';

-- The identity provider an account belongs to; empty for a local one.
ALTER TABLE users ADD COLUMN issuer TEXT NOT NULL DEFAULT '';

-- What counts once and was used, until it would count no more in any case.
CREATE TABLE spent (
    key   TEXT PRIMARY KEY,
    until BIGINT NOT NULL
);
CREATE INDEX spent_until ON spent(until);
