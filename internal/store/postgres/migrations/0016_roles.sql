-- +goose Up

-- What a person may in a unit: 'reader', 'writer', or 'lead' as everybody could before.
ALTER TABLE user_units ADD COLUMN role TEXT NOT NULL DEFAULT 'lead';
