-- +goose Up

-- The operator's page looks arrivals up by any state; a partial index is not used
-- for a state that is a parameter.
DROP INDEX arrivals_state;
CREATE INDEX arrivals_state ON arrivals(state, id);

-- Old failures and sessions that ran out are swept at every sign-in.
CREATE INDEX failures_at ON failures(at);
CREATE INDEX sessions_expires ON sessions(expires);
