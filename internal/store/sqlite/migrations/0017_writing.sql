-- +goose Up

-- Files that are to go with a letter that is being written; they leave with their draft.
CREATE TABLE draft_files (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    draft     INTEGER NOT NULL REFERENCES drafts(id),
    name      TEXT NOT NULL,
    code      TEXT NOT NULL,
    extension TEXT NOT NULL,
    size      INTEGER NOT NULL,
    sha       TEXT NOT NULL REFERENCES originals(sha),
    by_name   TEXT NOT NULL,
    at        INTEGER NOT NULL
);
CREATE INDEX draft_files_draft ON draft_files(draft, id);

-- Whether bytes are a file that is needed is asked before they are erased.
CREATE INDEX draft_files_sha ON draft_files(sha);
CREATE INDEX enclosures_sha ON enclosures(sha);

-- Texts a unit writes again and again, with fields that the form of a letter fills.
CREATE TABLE phrases (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    unit    TEXT NOT NULL,
    name    TEXT NOT NULL,
    text    TEXT NOT NULL,
    by_name TEXT NOT NULL,
    at      INTEGER NOT NULL
);
CREATE INDEX phrases_unit ON phrases(unit, name, id);
