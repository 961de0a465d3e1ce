-- +goose Up

-- Files that came in attachment messages, and the letters that refer to them.
CREATE TABLE objects (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    arrival   INTEGER NOT NULL REFERENCES arrivals(id),
    unit      TEXT NOT NULL,
    sender    TEXT NOT NULL,
    message   TEXT NOT NULL,
    key       TEXT NOT NULL,
    code      TEXT NOT NULL,
    extension TEXT NOT NULL,
    size      INTEGER NOT NULL,
    odd       INTEGER NOT NULL,
    sha       TEXT NOT NULL REFERENCES originals(sha),
    patient   TEXT NOT NULL,
    at        INTEGER NOT NULL
);
CREATE INDEX objects_key ON objects(key, unit, sender);
CREATE INDEX objects_message ON objects(sender, message);

CREATE TABLE object_letters (
    key    TEXT NOT NULL,
    unit   TEXT NOT NULL,
    sender TEXT NOT NULL,
    letter INTEGER NOT NULL REFERENCES letters(id),
    PRIMARY KEY (key, unit, sender, letter)
) WITHOUT ROWID;
