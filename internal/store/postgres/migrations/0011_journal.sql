-- +goose Up

-- A letter that was handed over to the record: when, by whom, and the case it went to.
-- Older nodes know none of it, and what they take in waits to be handed over.
ALTER TABLE letters ADD COLUMN journal_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE letters ADD COLUMN journal_by TEXT NOT NULL DEFAULT '';
ALTER TABLE letters ADD COLUMN journal_case TEXT NOT NULL DEFAULT '';
CREATE INDEX letters_journal ON letters(unit, id) WHERE journal_at = 0;
