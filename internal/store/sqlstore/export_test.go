package sqlstore

import (
	"maps"
	"slices"

	"brevdue/internal/store"
)

// Waiting is how many updates wait for the writer, and Room how many can.
func (s *Store) Waiting() int { return len(s.requests) }

// Room is how many updates can wait for the writer.
func (s *Store) Room() int { return cap(s.requests) }

// Closing is closed when Close has begun.
func (s *Store) Closing() <-chan struct{} { return s.closing }

// Statements returns every statement that was asked and is still known.
func (s *Store) Statements() (queries []string) {
	sessions := []*session{s.writer}
	for range cap(s.readers) {
		sessions = append(sessions, <-s.readers)
	}
	for i, c := range sessions {
		queries = append(queries, slices.Concat(slices.Collect(maps.Keys(c.stmts)), slices.Collect(maps.Keys(c.texts)))...)
		if i > 0 {
			s.readers <- c
		}
	}
	return queries
}

// Run runs a statement in a transaction of the store.
func Run(t store.Tx, query string, args ...any) error { return t.(*tx).Run(query, args...) }

// TableNames are the tables that Move carries over.
func TableNames() (names []string) {
	for _, t := range tables() {
		names = append(names, t.name)
	}
	return names
}
