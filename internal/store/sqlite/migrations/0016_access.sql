-- +goose Up

-- What a person may in a unit: 'reader', 'writer', or 'lead' as everybody could before.
ALTER TABLE user_units ADD COLUMN role TEXT NOT NULL DEFAULT 'lead';

-- Letters of another unit that somebody opened in an emergency, until when, and what the
-- auditor said of it.
CREATE TABLE glass (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    "user"      INTEGER NOT NULL,
    login       TEXT NOT NULL,
    name        TEXT NOT NULL,
    letter      INTEGER NOT NULL,
    unit        TEXT NOT NULL,
    reason      TEXT NOT NULL,
    at          INTEGER NOT NULL,
    until       INTEGER NOT NULL,
    reviewed_at INTEGER NOT NULL,
    reviewed_by TEXT NOT NULL,
    review      TEXT NOT NULL
);
CREATE INDEX glass_user ON glass("user", until);
CREATE INDEX glass_review ON glass(reviewed_at, id);
CREATE INDEX glass_letter ON glass(letter);
