-- +goose Up

-- Letters whose content has gone before notes, files that go along and the index of words
-- were known to the rules about keeping: what they left behind goes, too.
DELETE FROM mentions WHERE letter IN (SELECT letter FROM cleared);
DELETE FROM notes WHERE letter IN (SELECT letter FROM cleared);
INSERT INTO marked (sha)
    SELECT DISTINCT f.sha FROM (SELECT letter, sha FROM enclosures UNION ALL SELECT letter, sha FROM file_messages) f
    WHERE f.letter IN (SELECT letter FROM cleared) AND NOT EXISTS (SELECT 1 FROM objects o WHERE o.sha = f.sha AND o.patient <> '')
    ON CONFLICT DO NOTHING;
DELETE FROM enclosures WHERE letter IN (SELECT letter FROM cleared);
DELETE FROM letter_words WHERE rowid IN (SELECT letter FROM cleared);
INSERT INTO settings (key, value) SELECT 'search.merge', 'begin' WHERE EXISTS (SELECT 1 FROM cleared);
