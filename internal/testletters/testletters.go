// Package testletters holds the corpus: synthetic letters, receipts and
// envelopes, each named after what it breaks, and beside each what Brevdue
// makes of it.
//
// Specification: none of its own; every case is about a statement of std:xdis91.
// All persons are MedCom's official test persons, all organisations invented.
//
// What surprises: the files are the bytes a sender would send, so many are in
// ISO-8859-1 and some are broken on purpose. The .want files are written by the
// tests of medcom, receipt and vans (flag -update), and judged by people.
package testletters

import (
	"embed"
	"io/fs"
	"path"
	"strings"

	"brevdue"
)

//go:embed edifact oioxml vans
var files embed.FS

// Case is one message of the corpus.
type Case struct {
	Name   string         // file name without ending, e.g. "dis91_unt_count"
	Format brevdue.Format // the folder it lies in
	Data   []byte         // as sent
	Want   []byte         // findings and what was read, nil when not yet written
}

// All returns the whole corpus, sorted by format and name. It panics when the
// corpus was not built into the program rightly, which no input can cause.
func All() []Case {
	var cases []Case
	for _, folder := range []brevdue.Format{brevdue.EDIFACT, brevdue.OIOXML, brevdue.VANS} {
		entries, err := fs.ReadDir(files, string(folder))
		if err != nil {
			panic(err)
		}
		for _, e := range entries {
			file := path.Join(string(folder), e.Name())
			ending := path.Ext(file)
			if ending != ".edi" && ending != ".xml" {
				continue
			}
			data, err := files.ReadFile(file)
			if err != nil {
				panic(err)
			}
			want, _ := files.ReadFile(strings.TrimSuffix(file, ending) + ".want")
			cases = append(cases, Case{Name: strings.TrimSuffix(e.Name(), ending), Format: folder, Data: data, Want: want})
		}
	}
	return cases
}

// Get returns one case by format and name; false when there is none.
func Get(format brevdue.Format, name string) (Case, bool) {
	for _, c := range All() {
		if c.Format == format && c.Name == name {
			return c, true
		}
	}
	return Case{}, false
}
