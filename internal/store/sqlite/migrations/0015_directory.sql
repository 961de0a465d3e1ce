-- +goose Up

-- Names that are shown in place of the register's, once a second person has agreed; and
-- all that were before.
CREATE TABLE display_names (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    gln           TEXT NOT NULL,
    name          TEXT NOT NULL,
    official      TEXT NOT NULL,
    state         TEXT NOT NULL,
    proposed_by   INTEGER NOT NULL,
    proposed_name TEXT NOT NULL,
    proposed_at   INTEGER NOT NULL,
    decided_by    INTEGER NOT NULL,
    decided_name  TEXT NOT NULL,
    decided_at    INTEGER NOT NULL
);
CREATE UNIQUE INDEX display_names_waiting ON display_names(gln) WHERE state = 'proposed';
CREATE INDEX display_names_gln ON display_names(gln, id);
CREATE INDEX display_names_state ON display_names(state, id);

-- What a unit and another party wrote to each other.
CREATE INDEX letters_to ON letters(unit, receiver, id) WHERE direction = 'out';
CREATE INDEX letters_from ON letters(unit, sender, id) WHERE direction = 'in';
