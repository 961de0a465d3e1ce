-- +goose Up

-- Instants are milliseconds since 1970 in UTC; 0 means absent.

CREATE TABLE originals (
    sha     TEXT PRIMARY KEY,
    data    BLOB NOT NULL,
    at      INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE arrivals (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    sha      TEXT NOT NULL REFERENCES originals(sha),
    network  TEXT NOT NULL,
    at       INTEGER NOT NULL,
    state    TEXT NOT NULL,
    format   TEXT NOT NULL,
    kind     TEXT NOT NULL,
    envelope TEXT NOT NULL,
    sender   TEXT NOT NULL,
    receiver TEXT NOT NULL,
    vans_id  TEXT NOT NULL,
    reason   TEXT NOT NULL,
    findings TEXT NOT NULL
);
CREATE INDEX arrivals_vans ON arrivals(vans_id) WHERE vans_id <> '';
CREATE INDEX arrivals_state ON arrivals(state, id) WHERE state <> 'opened';

CREATE TABLE letters (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    direction    TEXT NOT NULL,
    unit         TEXT NOT NULL,
    status       TEXT NOT NULL,
    arrival      INTEGER NOT NULL,
    original     TEXT NOT NULL,
    format       TEXT NOT NULL,
    kind         TEXT NOT NULL,
    envelope     TEXT NOT NULL, -- JSON
    body         TEXT NOT NULL, -- JSON, the canonical letter
    duty         TEXT NOT NULL, -- JSON or empty
    findings     TEXT NOT NULL, -- JSON
    letter_id    TEXT NOT NULL, -- BrevNr
    sender       TEXT NOT NULL,
    receiver     TEXT NOT NULL,
    subject_group TEXT NOT NULL,
    group_order  INTEGER NOT NULL,
    category     TEXT NOT NULL,
    subject      TEXT NOT NULL,
    patient      TEXT NOT NULL,
    cpr          TEXT NOT NULL,
    other        TEXT NOT NULL, -- name of the other party
    first_line   TEXT NOT NULL,
    attachments  INTEGER NOT NULL,
    priority     TEXT NOT NULL,
    due          INTEGER NOT NULL,
    expected     INTEGER NOT NULL,
    soft         INTEGER NOT NULL,
    sentence     TEXT NOT NULL,
    sentence_en  TEXT NOT NULL,
    sent         INTEGER NOT NULL,
    arrived      INTEGER NOT NULL,
    read_at      INTEGER NOT NULL,
    read_by      TEXT NOT NULL,
    answered_at  INTEGER NOT NULL,
    thread       INTEGER NOT NULL,
    reply_to     INTEGER NOT NULL,
    author       INTEGER NOT NULL,
    note         TEXT NOT NULL
);
CREATE INDEX letters_incoming ON letters(sender, letter_id) WHERE direction = 'in';
CREATE UNIQUE INDEX letters_outgoing ON letters(letter_id) WHERE direction = 'out';
CREATE INDEX letters_arrival ON letters(arrival) WHERE arrival <> 0;
CREATE INDEX letters_thread ON letters(thread, unit);
CREATE INDEX letters_refused ON letters(id) WHERE status = 'refused';
-- The inbox, and what is unread in it, in the order of the page: a page is a walk
-- along the index, and the columns a view filters by are in it.
CREATE INDEX letters_inbox ON letters(unit, group_order, read_at > 0, due = 0, due, arrived, id, read_at)
    WHERE direction = 'in' AND status IN ('unread', 'read', 'answered');
CREATE INDEX letters_unread ON letters(unit, group_order, due = 0, due, arrived, id)
    WHERE direction = 'in' AND status = 'unread';
CREATE INDEX letters_counts ON letters(unit, status) WHERE direction = 'in';
CREATE INDEX letters_sent ON letters(unit, id) WHERE direction = 'out';

CREATE TABLE events (
    id     INTEGER PRIMARY KEY,
    letter INTEGER NOT NULL REFERENCES letters(id),
    at     INTEGER NOT NULL,
    what   TEXT NOT NULL,
    who    TEXT NOT NULL,
    detail TEXT NOT NULL,
    sha    TEXT NOT NULL
);
CREATE INDEX events_letter ON events(letter, id);

CREATE TABLE readers (
    id     INTEGER PRIMARY KEY,
    letter INTEGER NOT NULL REFERENCES letters(id),
    user   INTEGER NOT NULL,
    name   TEXT NOT NULL,
    at     INTEGER NOT NULL
);
CREATE INDEX readers_letter ON readers(letter, id);

CREATE TABLE receipts (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    direction TEXT NOT NULL,
    outcome   TEXT NOT NULL,
    kind      TEXT NOT NULL,
    envelope  TEXT NOT NULL,
    other     TEXT NOT NULL,
    original  TEXT NOT NULL,
    sha       TEXT NOT NULL REFERENCES originals(sha),
    arrival   INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    handed_at INTEGER NOT NULL
);
CREATE INDEX receipts_answer ON receipts(other, original) WHERE direction = 'out';
CREATE INDEX receipts_arrival ON receipts(arrival);

CREATE TABLE receipt_letters (
    receipt INTEGER NOT NULL REFERENCES receipts(id),
    letter  INTEGER NOT NULL REFERENCES letters(id),
    PRIMARY KEY (letter, receipt)
) WITHOUT ROWID;

CREATE TABLE attempts (
    letter    INTEGER NOT NULL REFERENCES letters(id),
    n         INTEGER NOT NULL,
    envelope  TEXT NOT NULL,
    sha       TEXT NOT NULL REFERENCES originals(sha),
    at        INTEGER NOT NULL,
    handed_at INTEGER NOT NULL,
    PRIMARY KEY (letter, n)
) WITHOUT ROWID;
CREATE UNIQUE INDEX attempts_envelope ON attempts(envelope);

CREATE TABLE jobs (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL,
    key         TEXT NOT NULL,
    subject     INTEGER NOT NULL,
    state       TEXT NOT NULL,
    run_at      INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    attempts    INTEGER NOT NULL,
    last_error  TEXT NOT NULL,
    created     INTEGER NOT NULL
);
CREATE UNIQUE INDEX jobs_key ON jobs(key) WHERE key <> '';
CREATE INDEX jobs_due ON jobs(state, run_at, id);
CREATE INDEX jobs_lease ON jobs(lease_until) WHERE state = 'running';

CREATE TABLE units (
    gln          TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    name         TEXT NOT NULL,
    record       TEXT NOT NULL -- JSON of the whole unit
) WITHOUT ROWID;

CREATE TABLE users (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    login    TEXT NOT NULL UNIQUE,
    name     TEXT NOT NULL,
    title    TEXT NOT NULL,
    hash     TEXT NOT NULL,
    operator INTEGER NOT NULL,
    lang     TEXT NOT NULL,
    disabled INTEGER NOT NULL,
    created  INTEGER NOT NULL
);

CREATE TABLE user_units (
    user INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    unit TEXT NOT NULL,
    PRIMARY KEY (user, unit)
) WITHOUT ROWID;

CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    user       INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    created    INTEGER NOT NULL,
    last_seen  INTEGER NOT NULL,
    expires    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions(user);

CREATE TABLE failures (
    id  INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    at  INTEGER NOT NULL
);
CREATE INDEX failures_key ON failures(key, at);

CREATE TABLE audit (
    seq    INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    actor  TEXT NOT NULL,
    action TEXT NOT NULL,
    unit   TEXT NOT NULL,
    letter INTEGER NOT NULL,
    detail TEXT NOT NULL,
    prev   TEXT NOT NULL,
    hash   TEXT NOT NULL
);
CREATE INDEX audit_letter ON audit(letter, seq) WHERE letter <> 0;

CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE series (
    name TEXT PRIMARY KEY,
    last INTEGER NOT NULL
) WITHOUT ROWID;
