-- +goose Up

-- Letters that are being written: the form as it stands, shared by the unit. The token is
-- the hash of the form's own; the version tells whether somebody else has changed it.
CREATE TABLE drafts (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    unit         TEXT NOT NULL,
    token        TEXT NOT NULL,
    reply_to     INTEGER NOT NULL,
    form         TEXT NOT NULL,
    subject      TEXT NOT NULL,
    receiver     TEXT NOT NULL,
    patient      TEXT NOT NULL,
    author       INTEGER NOT NULL,
    author_name  TEXT NOT NULL,
    changed_by   INTEGER NOT NULL,
    changed_name TEXT NOT NULL,
    at           INTEGER NOT NULL,
    version      INTEGER NOT NULL
);
CREATE UNIQUE INDEX drafts_token ON drafts(token);
CREATE INDEX drafts_unit ON drafts(unit, at, id);
