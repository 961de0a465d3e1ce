-- +goose Up

-- Who belongs to a unit, for giving a letter to a colleague.
CREATE INDEX user_units_unit ON user_units(unit, "user");
