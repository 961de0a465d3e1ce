-- +goose Up

-- How far the work on a letter is, beside whether it was read: 'working', 'waiting' for an
-- answer, or nothing.
ALTER TABLE letters ADD COLUMN stage TEXT NOT NULL DEFAULT '';

-- The inbox by deadline and by sender, what somebody has taken, and what was put away.
CREATE INDEX letters_bydue ON letters(unit, read_at > 0, due = 0, due, arrived, id)
    WHERE direction = 'in' AND status IN ('unread', 'read', 'answered');
CREATE INDEX letters_bysender ON letters(unit, other, read_at > 0, due = 0, due, arrived, id)
    WHERE direction = 'in' AND status IN ('unread', 'read', 'answered');
CREATE INDEX letters_assigned ON letters(unit, assigned)
    WHERE direction = 'in' AND status IN ('unread', 'read', 'answered') AND assigned <> 0;
CREATE INDEX letters_filed ON letters(unit, id) WHERE direction = 'in' AND status = 'filed';

-- What people of a unit say to each other about a letter. It never leaves.
CREATE TABLE notes (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    letter INTEGER NOT NULL REFERENCES letters(id),
    "user" INTEGER NOT NULL,
    name   TEXT NOT NULL,
    at     INTEGER NOT NULL,
    text   TEXT NOT NULL
);
CREATE INDEX notes_letter ON notes(letter, id);

-- Who is named in a note, until they have seen it.
CREATE TABLE mentions (
    note    INTEGER NOT NULL REFERENCES notes(id),
    "user"  INTEGER NOT NULL,
    letter  INTEGER NOT NULL REFERENCES letters(id),
    unit    TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (note, "user")
) WITHOUT ROWID;
CREATE INDEX mentions_letter ON mentions(letter);
CREATE INDEX mentions_new ON mentions("user", note) WHERE seen_at = 0;

-- Who has a letter open now, on whatever node; a row that is old is somebody who has gone.
CREATE TABLE presence (
    letter INTEGER NOT NULL,
    "user" INTEGER NOT NULL,
    unit   TEXT NOT NULL,
    name   TEXT NOT NULL,
    doing  TEXT NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (letter, "user", doing)
) WITHOUT ROWID;
CREATE INDEX presence_unit ON presence(unit, at);
CREATE INDEX presence_at ON presence(at);

-- What a person has chosen about the pages.
CREATE TABLE choices (
    "user" INTEGER NOT NULL,
    name   TEXT NOT NULL,
    value  TEXT NOT NULL,
    PRIMARY KEY ("user", name)
) WITHOUT ROWID;
