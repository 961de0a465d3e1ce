-- +goose Up

-- When a letter would have been due had the way not eaten the time (Amb-15).
ALTER TABLE letters ADD COLUMN fair INTEGER NOT NULL DEFAULT 0;

-- What the people of a unit have set themselves; JSON or empty.
ALTER TABLE units ADD COLUMN own TEXT NOT NULL DEFAULT '';

-- A deadline that is a guide is never late: counting needs to know.
DROP INDEX letters_unread;
CREATE INDEX letters_unread ON letters(unit, group_order, due = 0, due, arrived, id, soft, fair)
    WHERE direction = 'in' AND status = 'unread';
CREATE INDEX letters_due ON letters(unit, due = 0, due, arrived, id)
    WHERE direction = 'in' AND status = 'unread';
CREATE INDEX letters_team ON letters(unit, team)
    WHERE direction = 'in' AND status IN ('unread', 'read', 'answered') AND team <> '';
