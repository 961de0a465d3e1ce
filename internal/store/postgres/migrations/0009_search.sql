-- +goose Up

-- What each letter is found by: words that a program has cut out and marked with the
-- unit and the place they stand in (store/sqlstore, search.go); so the database has
-- nothing to decide, and a search reads a unit's words only. What waits to be put into
-- the index is kept short, as each search reads all of it.
CREATE TABLE letter_words (
    letter BIGINT PRIMARY KEY,
    words  TSVECTOR NOT NULL
);
CREATE INDEX letter_words_words ON letter_words USING gin (words) WITH (gin_pending_list_limit = 256);

-- The few letters that wait for a receipt or were refused.
CREATE INDEX letters_open ON letters(unit, id) WHERE status IN ('queued', 'sent', 'unconfirmed', 'rejected');

-- Letters that are here already become searchable one after another, while the program
-- is at work (store.Letters.Index): they may be many.
INSERT INTO settings (key, value) SELECT 'search.indexed', '0 all' WHERE NOT EXISTS (SELECT 1 FROM letters);
