-- +goose Up

-- Who may see the audit log.
ALTER TABLE users ADD COLUMN auditor INTEGER NOT NULL DEFAULT 0;

-- The log is looked through by time, by person and by act, the newest first. What the
-- machine does is most of it and is not asked for by who did it.
CREATE INDEX audit_at ON audit(at, seq);
CREATE INDEX audit_actor ON audit(actor, at, seq) WHERE actor <> 'system';
CREATE INDEX audit_action ON audit(action, at, seq);
