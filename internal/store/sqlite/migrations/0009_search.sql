-- +goose Up

-- What each letter is found by: words that a program has cut out and marked with the
-- unit and the place they stand in (store/sqlstore, search.go), 10 characters before
-- each; so the index has nothing to decide, and a search reads a unit's words only. The
-- letter is not kept a second time. Beginnings of three characters have lists of their
-- own: more would cost each letter that comes as much again.
CREATE VIRTUAL TABLE letter_words USING fts5(words, content='', contentless_delete=1, detail=none, tokenize='ascii', prefix='13');
-- Merging eight small parts at a time and not four costs a letter a fifth less.
INSERT INTO letter_words (letter_words, rank) VALUES ('automerge', 8);

-- The few letters that wait for a receipt or were refused.
CREATE INDEX letters_open ON letters(unit, id) WHERE status IN ('queued', 'sent', 'unconfirmed', 'rejected');

-- Letters that are here already become searchable one after another, while the program
-- is at work (store.Letters.Index): they may be many.
INSERT INTO settings (key, value) SELECT 'search.indexed', '0 all' WHERE NOT EXISTS (SELECT 1 FROM letters);
