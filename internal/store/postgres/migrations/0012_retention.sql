-- +goose Up

-- Who may see the audit log.
ALTER TABLE users ADD COLUMN auditor BOOLEAN NOT NULL DEFAULT FALSE;

-- The log is looked through by time, by person and by act, the newest first. What the
-- machine does is most of it and is not asked for by who did it.
CREATE INDEX audit_at ON audit(at, seq);
CREATE INDEX audit_actor ON audit(actor, at, seq) WHERE actor <> 'system';
CREATE INDEX audit_action ON audit(action, at, seq);

-- Letters whose content has gone, by which rule, and what a late copy is known by.
CREATE TABLE cleared (
    letter BIGINT PRIMARY KEY REFERENCES letters(id),
    at     BIGINT NOT NULL,
    days   BIGINT NOT NULL,
    print  TEXT NOT NULL
);

-- Letters of which nothing may be deleted.
CREATE TABLE holds (
    letter BIGINT PRIMARY KEY REFERENCES letters(id),
    reason TEXT NOT NULL,
    by     TEXT NOT NULL,
    at     BIGINT NOT NULL
);
CREATE INDEX holds_at ON holds(at, letter);

-- Bytes that are to go when no letter needs them. Whoever keeps the same bytes anew takes
-- the mark away.
CREATE TABLE marked (
    sha TEXT PRIMARY KEY
);

CREATE INDEX objects_sha ON objects(sha);
CREATE INDEX objects_arrival ON objects(arrival);
CREATE INDEX object_letters_letter ON object_letters(letter);
CREATE INDEX arrangements_citizen ON arrangements(unit, citizen) WHERE ended_at > 0;
