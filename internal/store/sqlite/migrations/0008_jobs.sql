-- +goose Up

-- Each lane of the queue looks for the next job of its own kinds; it must not walk past
-- those of the others: every letter with a deadline leaves a job that waits for days.
-- What is rare has an index of its own, so that a job on its way through touches few.
CREATE INDEX jobs_next ON jobs(kind, run_at, id) WHERE state = 'waiting';
CREATE INDEX jobs_retried ON jobs(run_at, id) WHERE state = 'waiting' AND attempts > 0;
CREATE INDEX jobs_dead ON jobs(run_at, id) WHERE state = 'dead';
CREATE INDEX jobs_held ON jobs(run_at, id) WHERE state = 'held';
DROP INDEX jobs_due;
CREATE INDEX jobs_due ON jobs(run_at, id) WHERE state = 'waiting';
