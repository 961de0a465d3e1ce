-- +goose Up

-- What the writing side keeps about a letter and never sends; who has taken it,
-- and the team it was routed to.
ALTER TABLE letters ADD COLUMN record TEXT NOT NULL DEFAULT '';
ALTER TABLE letters ADD COLUMN team TEXT NOT NULL DEFAULT '';
ALTER TABLE letters ADD COLUMN assigned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE letters ADD COLUMN assigned_name TEXT NOT NULL DEFAULT '';
CREATE INDEX letters_citizen ON letters(unit, cpr, id);
CREATE INDEX letters_period ON letters(arrived, id) WHERE direction = 'in' AND status <> 'refused';

ALTER TABLE users ADD COLUMN secretariat INTEGER NOT NULL DEFAULT 0;

CREATE TABLE tasks (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    unit    TEXT NOT NULL,
    letter  INTEGER NOT NULL REFERENCES letters(id),
    kind    TEXT NOT NULL,
    due     INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    done_at INTEGER NOT NULL,
    done_by TEXT NOT NULL,
    note    TEXT NOT NULL
);
CREATE INDEX tasks_open ON tasks(unit, due, id) WHERE done_at = 0;
CREATE INDEX tasks_letter ON tasks(letter);

CREATE TABLE closed (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    unit     TEXT NOT NULL,
    first    TEXT NOT NULL,
    last     TEXT NOT NULL,
    text     TEXT NOT NULL,
    contact  TEXT NOT NULL,
    notice   INTEGER NOT NULL,
    by       TEXT NOT NULL,
    at       INTEGER NOT NULL
);
CREATE INDEX closed_unit ON closed(unit, last, id);

CREATE TABLE notices (
    unit   TEXT NOT NULL,
    thread INTEGER NOT NULL,
    date   TEXT NOT NULL,
    PRIMARY KEY (unit, thread, date)
) WITHOUT ROWID;

CREATE TABLE citizen_services (
    unit    TEXT NOT NULL,
    citizen TEXT NOT NULL,
    value   TEXT NOT NULL,
    by      TEXT NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (unit, citizen)
) WITHOUT ROWID;

CREATE TABLE routes (
    unit   TEXT PRIMARY KEY,
    routes TEXT NOT NULL -- JSON
) WITHOUT ROWID;

CREATE TABLE arrangements (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    unit     TEXT NOT NULL,
    other    TEXT NOT NULL,
    citizen  TEXT NOT NULL,
    text     TEXT NOT NULL,
    until    TEXT NOT NULL,
    by       TEXT NOT NULL,
    at       INTEGER NOT NULL,
    ended_at INTEGER NOT NULL
);
CREATE INDEX arrangements_unit ON arrangements(unit, id) WHERE ended_at = 0;

CREATE TABLE subject_receivers (
    municipality TEXT NOT NULL,
    subject      TEXT NOT NULL,
    gln          TEXT NOT NULL,
    by           TEXT NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (municipality, subject)
) WITHOUT ROWID;

CREATE TABLE agreements (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    agreement   TEXT NOT NULL,
    version     TEXT NOT NULL,
    sha         TEXT NOT NULL,
    content     BLOB NOT NULL,
    state       TEXT NOT NULL,
    valid_from  TEXT NOT NULL,
    imported_by TEXT NOT NULL,
    imported_at INTEGER NOT NULL,
    proposed_by INTEGER NOT NULL,
    proposed_at INTEGER NOT NULL,
    approved_by INTEGER NOT NULL,
    approved_at INTEGER NOT NULL,
    UNIQUE (agreement, version)
);
