-- +goose Up

-- Subjects outside the agreement are counted over a period, not letter by letter.
CREATE INDEX events_outside ON events(at) WHERE what = 'subject-reason';
