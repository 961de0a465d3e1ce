-- +goose Up

-- A letter that was handed over to the record: when, by whom, and the case it went to.
-- Older nodes know none of it, and what they take in waits to be handed over.
ALTER TABLE letters ADD COLUMN journal_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE letters ADD COLUMN journal_by TEXT NOT NULL DEFAULT '';
ALTER TABLE letters ADD COLUMN journal_case TEXT NOT NULL DEFAULT '';
CREATE INDEX letters_journal ON letters(unit, id) WHERE journal_at = 0;

-- Files that go with a letter of ours, and the one message that carries them.
CREATE TABLE enclosures (
    letter    INTEGER NOT NULL REFERENCES letters(id),
    n         INTEGER NOT NULL, -- place among the letter's attachments, from 0
    object_id TEXT NOT NULL,
    code      TEXT NOT NULL,
    extension TEXT NOT NULL,
    size      INTEGER NOT NULL,
    sha       TEXT NOT NULL REFERENCES originals(sha),
    PRIMARY KEY (letter, n)
);
CREATE TABLE file_messages (
    letter      INTEGER NOT NULL PRIMARY KEY REFERENCES letters(id),
    message     TEXT NOT NULL, -- BrevNr
    envelope    TEXT NOT NULL, -- KuvertNr
    kind        TEXT NOT NULL,
    sha         TEXT NOT NULL REFERENCES originals(sha),
    at          INTEGER NOT NULL,
    handed_at   INTEGER NOT NULL,
    outcome     TEXT NOT NULL,
    answered_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX file_messages_envelope ON file_messages(envelope);
