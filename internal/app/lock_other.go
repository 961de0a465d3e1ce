//go:build !unix

package app

// lock does nothing where there is no flock: SQLite's own locks still keep two
// processes from corrupting the archive.
func lock(string) (unlock func(), err error) { return func() {}, nil }
