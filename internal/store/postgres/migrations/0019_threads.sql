-- +goose Up

-- Who belongs to a unit, for giving a letter to a colleague.
CREATE INDEX user_units_unit ON user_units(unit, "user");

-- The number of a course of care (ForløbsNr) as it is compared, by which a letter that comes
-- in joins the thread of those before it.
ALTER TABLE letters ADD COLUMN course TEXT NOT NULL DEFAULT '';
CREATE INDEX letters_course ON letters(unit, course, id) WHERE course <> '';
