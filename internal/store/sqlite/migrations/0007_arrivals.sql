-- +goose Up

-- What an operator said about a received file, and the name a network that pushes gave
-- its delivery. Older nodes know neither.
ALTER TABLE arrivals ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE arrivals ADD COLUMN name TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX arrivals_name ON arrivals(network, name) WHERE name <> '';
